// The signatures are those that the formats themselves define.
#include "client/file_kind.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

using std::string_literals::operator""s;

struct Signature {
  std::string bytes;
  absl::string_view kind;
  absl::string_view hint;
};

constexpr absl::string_view kSaveAsCsv =
    "Open it in Excel, choose File, Save As, and the type \"CSV UTF-8 (Comma delimited)\".";

constexpr absl::string_view kSaveUnlocked =
    "Open it in Excel and save it as an Excel Workbook (.xlsx) without a password.";

const Signature* FindSignature(absl::string_view bytes) {
  static const auto& signatures = *new std::vector<Signature>{
      {"PK\x03\x04"s, "an Excel workbook (.xlsx) or another zip file", kSaveAsCsv},
      // Excel wraps a workbook with a password in the container of the old format.
      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"s, "an old Excel workbook (.xls), or one with a password", kSaveUnlocked},
      {"%PDF-"s, "a PDF document", kSaveAsCsv},
      {"\x1F\x8B"s, "a gzip-compressed file", kSaveAsCsv},
      {"{\\rtf"s, "a rich text document", kSaveAsCsv},
      {"<"s, "a web page or XML document", kSaveAsCsv},
      {"{"s, "JSON", kSaveAsCsv},
      {"SQLite format 3\0"s, "a database", kSaveAsCsv},
  };
  for (const Signature& signature : signatures) {
    if (absl::StartsWith(bytes, signature.bytes)) return &signature;
  }
  return nullptr;
}

NotCsv Utf16() {
  return {"encoding", "The file is in the encoding UTF-16 (\"Unicode text\"); it must be CSV in UTF-8.",
          std::string(kSaveAsCsv)};
}

}  // namespace

absl::optional<NotCsv> RecogniseOtherFile(absl::string_view bytes) {
  absl::string_view start = bytes.substr(0, 64);
  if (absl::StartsWith(start, "\xFF\xFE") || absl::StartsWith(start, "\xFE\xFF")) return Utf16();
  if (absl::StartsWith(start, "\xEF\xBB\xBF")) start.remove_prefix(3);
  if (const Signature* signature = FindSignature(Trim(start))) {
    return NotCsv{"not-csv", absl::StrCat("The file is ", signature->kind, ", not CSV."), std::string(signature->hint)};
  }
  const size_t null = bytes.find('\0');
  if (null == absl::string_view::npos) return absl::nullopt;
  // UTF-16 without its mark: every other byte of Western text is null.
  if (null <= 1 && bytes.size() >= 4 && bytes[null + 2] == '\0') return Utf16();
  return NotCsv{"not-csv", absl::StrCat("The file is not text: byte ", null + 1, " is a null byte."),
                std::string(kSaveAsCsv)};
}

}  // namespace quartermaster::client
