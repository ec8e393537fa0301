#include "tests/client/workbook_parts.h"

#include <zlib.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace quartermaster::client {
namespace {

constexpr char kRelationshipTypes[] = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
constexpr char kMain[] = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
constexpr uint16_t kEncryptedFlag = 1;
constexpr uint16_t kDeflated = 8;

void Append(uint64_t number, size_t bytes, std::string* to) {
  for (; bytes > 0; --bytes, number >>= 8) *to += static_cast<char>(number & 0xFF);
}

std::string Deflate(const std::string& bytes) {
  z_stream stream = {};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// What the header before an entry and the directory have in common (APPNOTE.TXT 4.3.7, 4.3.12).
std::string Header(const ZipEntry& entry, size_t packed_bytes) {
  const uLong checksum =
      crc32(0, reinterpret_cast<const Bytef*>(entry.bytes.data()), static_cast<uInt>(entry.bytes.size()));
  std::string header;
  Append(20, 2, &header);  // Version needed.
  Append(entry.is_encrypted ? kEncryptedFlag : 0, 2, &header);
  Append(entry.is_packed ? kDeflated : 0, 2, &header);
  Append(0, 4, &header);  // Time and date.
  Append(entry.checksum.value_or(static_cast<uint32_t>(checksum)), 4, &header);
  Append(packed_bytes, 4, &header);
  Append(entry.declared_bytes.value_or(static_cast<uint32_t>(entry.bytes.size())), 4, &header);
  Append(entry.name.size(), 2, &header);
  Append(0, 2, &header);  // Extra field.
  return header;
}

}  // namespace

std::string MakeZip(const std::vector<ZipEntry>& entries) {
  std::string archive;
  std::string directory;
  for (const ZipEntry& entry : entries) {
    const std::string packed = entry.is_packed ? Deflate(entry.bytes) : entry.bytes;
    const std::string header = Header(entry, packed.size());
    absl::StrAppend(&directory, "PK\x01\x02", std::string("\x14\0", 2), header);
    Append(0, 10, &directory);  // Comment, disk, attributes.
    Append(archive.size(), 4, &directory);
    absl::StrAppend(&directory, entry.name);
    absl::StrAppend(&archive, "PK\x03\x04", header, entry.name, packed);
  }
  std::string end = "PK\x05\x06";
  Append(0, 4, &end);
  Append(entries.size(), 2, &end);
  Append(entries.size(), 2, &end);
  Append(directory.size(), 4, &end);
  Append(archive.size(), 4, &end);
  Append(0, 2, &end);
  return absl::StrCat(archive, directory, end);
}

std::vector<ZipEntry> WorkbookEntries(const std::vector<std::pair<std::string, std::string>>& sheets) {
  std::string relationships = absl::StrCat("<Relationships><Relationship Id='t' Type='", kRelationshipTypes,
                                           "sharedStrings' Target='sharedStrings.xml'/>", "<Relationship Id='s' Type='",
                                           kRelationshipTypes, "styles' Target='/xl/styles.xml'/>");
  std::string names;
  std::vector<ZipEntry> entries = {
      {"_rels/.rels", absl::StrCat("<Relationships><Relationship Id='w' Type='", kRelationshipTypes,
                                   "officeDocument' Target='xl/workbook.xml'/></Relationships>")},
      {"xl/sharedStrings.xml",
       absl::StrCat("<sst ", kMain,
                    "><si><t>alpha</t></si><si><r><rPr><b/></rPr><t>beta </t></r><r>"
                    "<t>gamma</t></r><rPh sb='0' eb='1'><t>said</t></rPh></si>"
                    "<si><r><t>5</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>1</t></r></si>"
                    "<si><r><rPr><strike/></rPr><t>50</t></r><r><t>45</t></r></si>"
                    "<si><r><t>1</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>st</t></r></si>"
                    "<si><r><t>5</t></r><r><rPr><strike val='0'/></rPr><t>1</t></r></si></sst>")},
      {"xl/styles.xml",
       absl::StrCat("<styleSheet ", kMain,
                    "><numFmts><numFmt numFmtId='164' formatCode='dd/mm/yyyy'/><numFmt numFmtId='165' "
                    "formatCode='[$-809]mmm\\-yy;@'/><numFmt numFmtId='166' formatCode='0.0%'/></numFmts>"
                    "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs><xf numFmtId='0'/><xf numFmtId='164'/>"
                    "<xf numFmtId='165'/><xf numFmtId='166'/><xf numFmtId='14'/></cellXfs></styleSheet>")}};
  for (size_t i = 0; i < sheets.size(); ++i) {
    absl::StrAppend(&relationships, "<Relationship Id='r", i, "' Type='", kRelationshipTypes,
                    "worksheet' Target='worksheets/../worksheets/sheet", i, ".xml'/>");
    absl::StrAppend(&names, "<sheet name='", sheets[i].first, "' sheetId='", i + 1, "' r:id='r", i, "'/>");
    entries.push_back(
        {absl::StrCat("xl/worksheets/sheet", i, ".xml"),
         absl::StrCat("<worksheet ", kMain, "><sheetData>", sheets[i].second, "</sheetData></worksheet>")});
  }
  entries.push_back({"xl/_rels/workbook.xml.rels", absl::StrCat(relationships, "</Relationships>")});
  entries.push_back(
      {"xl/workbook.xml",
       absl::StrCat("<workbook ", kMain,
                    " xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'><sheets>", names,
                    "</sheets></workbook>")});
  return entries;
}

std::string MakeWorkbook(const std::vector<std::pair<std::string, std::string>>& sheets) {
  return MakeZip(WorkbookEntries(sheets));
}

std::string MakeWorkbookWith(const std::string& part, const std::string& bytes) {
  std::vector<ZipEntry> entries =
      WorkbookEntries({{"Beds", "<row><c t='s'><v>0</v></c></row><row><c><v>1</v></c></row>"}});
  for (ZipEntry& entry : entries) {
    if (entry.name == part) entry.bytes = bytes;
  }
  return MakeZip(entries);
}

}  // namespace quartermaster::client
