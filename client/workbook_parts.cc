#include "client/workbook_parts.h"

#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/excel_text.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

constexpr char kPackageRelationships[] = "_rels/.rels";
constexpr size_t kMaxSheetNameCharacters = 31;  // Excel's own limit.

struct Relationship {
  std::string type;  // The last part of its address, which is the same in both editions of the standard.
  std::string part;
};
using Relationships = std::map<std::string, Relationship>;  // by id

// An element's name and those around it, outermost first: handlers look at the last few.
class ElementPath {
 public:
  void Push(absl::string_view name) { names_.emplace_back(name); }
  void Pop() { names_.pop_back(); }
  // Whether the innermost elements are these.
  bool EndsWith(absl::string_view parent, absl::string_view name) const {
    return names_.size() >= 2 && names_[names_.size() - 2] == parent && names_.back() == name;
  }
  size_t depth() const { return names_.size(); }

 private:
  std::vector<std::string> names_;
};

// For parts that are read by the attributes of their elements.
class AttributeHandler : public XmlHandler {
 public:
  absl::Status Start(absl::string_view name, const XmlAttributes& attributes) override {
    path_.Push(name);
    return Take(name, attributes);
  }
  absl::Status End(absl::string_view) override {
    path_.Pop();
    return absl::OkStatus();
  }
  absl::Status Text(absl::string_view) override { return absl::OkStatus(); }

 protected:
  virtual absl::Status Take(absl::string_view name, const XmlAttributes& attributes) = 0;
  ElementPath path_;
};

class RelationshipHandler : public AttributeHandler {
 public:
  // `folder` is that of the part whose relationships these are: "", "xl/".
  RelationshipHandler(std::string folder, Relationships* relationships)
      : folder_(std::move(folder)), relationships_(relationships) {}

 private:
  absl::Status Take(absl::string_view name, const XmlAttributes& attributes) override {
    if (name != "Relationship" || attributes.Get("TargetMode") == "External") return absl::OkStatus();
    if (relationships_->size() >= static_cast<size_t>(kMaxZipEntries)) {
      return absl::ResourceExhaustedError(absl::StrCat("it names more than ", kMaxZipEntries, " parts."));
    }
    const absl::string_view type = attributes.Get("Type");
    const absl::string_view target = attributes.Get("Target");
    const std::string path =
        absl::StartsWith(target, "/") ? std::string(target.substr(1)) : absl::StrCat(folder_, target);
    relationships_->emplace(std::string(attributes.Get("Id")),
                            Relationship{std::string(type.substr(type.rfind('/') + 1)),
                                         std::filesystem::path(path).lexically_normal().generic_string()});
    return absl::OkStatus();
  }

  const std::string folder_;
  Relationships* const relationships_;
};

class WorkbookHandler : public AttributeHandler {
 public:
  WorkbookHandler(const Relationships& relationships, WorkbookParts* parts)
      : relationships_(relationships), parts_(parts) {}

 private:
  absl::Status Take(absl::string_view name, const XmlAttributes& attributes) override {
    if (path_.depth() == 1 && name != "workbook") {
      return absl::InvalidArgumentError("The file is a document, not an Excel workbook (.xlsx).");
    }
    if (name == "workbookPr") parts_->from_1904 = attributes.IsTrue("date1904");
    if (!path_.EndsWith("sheets", "sheet")) return absl::OkStatus();
    const std::string sheet_name(FirstCharacters(FromExcelText(attributes.Get("name")), kMaxSheetNameCharacters));
    const auto found = relationships_.find(std::string(attributes.Get("id")));
    if (found == relationships_.end()) {
      return absl::DataLossError(absl::StrCat("it does not say where the sheet ", sheet_name, " lies."));
    }
    if (found->second.type != "worksheet") return absl::OkStatus();
    if (parts_->sheets.size() >= kMaxSheets) {
      return absl::ResourceExhaustedError(absl::StrCat("it has more than ", kMaxSheets, " sheets."));
    }
    const absl::string_view state = attributes.Get("state");
    parts_->sheets.push_back({sheet_name, found->second.part, state == "hidden" || state == "veryHidden"});
    return absl::OkStatus();
  }

  const Relationships& relationships_;
  WorkbookParts* const parts_;
};

class StyleHandler : public AttributeHandler {
 public:
  explicit StyleHandler(std::vector<NumberLook>* looks) : looks_(looks) {}

 private:
  absl::Status Take(absl::string_view, const XmlAttributes& attributes) override {
    const bool is_format = path_.EndsWith("numFmts", "numFmt");
    const bool is_style = path_.EndsWith("cellXfs", "xf");
    uint32_t id = 0;
    if ((!is_format && !is_style) || !absl::SimpleAtoi(attributes.Get("numFmtId"), &id)) {
      if (is_style) looks_->push_back(NumberLook::kNumber);
      return absl::OkStatus();
    }
    if (is_format) {
      custom_.emplace(id, LookOfFormatCode(attributes.Get("formatCode")));
    } else {
      const auto custom = custom_.find(id);
      looks_->push_back(custom != custom_.end() ? custom->second : LookOfBuiltInFormat(id));
    }
    if (custom_.size() <= kMaxCellStyles && looks_->size() <= kMaxCellStyles) return absl::OkStatus();
    return absl::ResourceExhaustedError(absl::StrCat("it has more than ", kMaxCellStyles, " formats of cells."));
  }

  std::map<uint32_t, NumberLook> custom_;
  std::vector<NumberLook>* const looks_;
};

// A text may consist of runs with fonts of their own; how it is pronounced (rPh) is no part of it. Between digits of
// which one is raised, lowered or struck out and the other is not comes "^": 5 with a footnote 1 is no 51.
class SharedTextHandler : public XmlHandler {
 public:
  explicit SharedTextHandler(SharedTexts* texts) : texts_(texts) {}

  absl::Status Start(absl::string_view name, const XmlAttributes& attributes) override {
    path_.Push(name);
    if (path_.EndsWith("sst", "si")) {
      text_.clear();
      stands_apart_ = false;
    }
    if (path_.EndsWith("si", "r")) {
      stood_apart_ = std::exchange(stands_apart_, false);
      run_begins_ = true;
    }
    const absl::string_view value = attributes.Get("val");
    if (path_.EndsWith("rPr", "vertAlign")) stands_apart_ |= value != "baseline";
    if (path_.EndsWith("rPr", "strike")) stands_apart_ |= value != "0" && value != "false";
    return absl::OkStatus();
  }
  absl::Status End(absl::string_view) override {
    if (path_.EndsWith("sst", "si")) {
      if (texts_->size() >= kMaxSharedTexts) {
        return absl::ResourceExhaustedError(absl::StrCat("it has more than ", kMaxSharedTexts, " texts."));
      }
      texts_->Add(FromExcelText(text_));
    }
    path_.Pop();
    return absl::OkStatus();
  }
  absl::Status Text(absl::string_view text) override {
    if (!path_.EndsWith("si", "t") && !path_.EndsWith("r", "t")) return absl::OkStatus();
    if (text_.size() + text.size() > kMaxCellTextBytes) {
      return absl::ResourceExhaustedError("it has a text that is longer than a cell of Excel can be.");
    }
    const bool changes = std::exchange(run_begins_, false) && stands_apart_ != stood_apart_;
    if (changes && EndsInDigit(text_) && absl::ascii_isdigit(static_cast<unsigned char>(text.front()))) text_ += '^';
    text_.append(text.data(), text.size());
    return absl::OkStatus();
  }

 private:
  static bool EndsInDigit(const std::string& text) {
    return !text.empty() && absl::ascii_isdigit(static_cast<unsigned char>(text.back()));
  }

  SharedTexts* const texts_;
  ElementPath path_;
  std::string text_;
  bool run_begins_ = false;
  bool stands_apart_ = false;  // this run
  bool stood_apart_ = false;   // the one before
};

// "xl/_rels/workbook.xml.rels" of "xl/workbook.xml".
std::string RelationshipsOf(const std::string& folder, const std::string& part) {
  return absl::StrCat(folder, "_rels/", part.substr(folder.size()), ".rels");
}

absl::Status NotWorkbook(absl::string_view kind) {
  return absl::InvalidArgumentError(absl::StrCat("The file is ", kind, ", not an Excel workbook (.xlsx)."));
}

// The part that is the workbook itself.
absl::StatusOr<std::string> FindWorkbook(ZipArchive* archive) {
  if (archive->Has("mimetype")) return NotWorkbook("an OpenDocument file (.ods)");
  if (!archive->Has(kPackageRelationships)) {
    if (!archive->Has("xl/workbook.xml")) return NotWorkbook("a zip archive");
    return absl::DataLossError(absl::StrCat(kPackageRelationships, " is not there."));
  }
  Relationships package;
  RelationshipHandler handler("", &package);
  if (absl::Status status = ParsePart(kPackageRelationships, archive, &handler); !status.ok()) return status;
  for (const auto& [id, relationship] : package) {
    if (relationship.type != "officeDocument") continue;
    if (absl::EndsWith(relationship.part, ".bin")) return NotWorkbook("a binary workbook (.xlsb)");
    return relationship.part;
  }
  return NotWorkbook("a zip archive");
}

}  // namespace

absl::Status ParsePart(const std::string& part, ZipArchive* archive, XmlHandler* handler) {
  XmlParser parser(handler);
  absl::Status parsed;  // The archive names its part itself.
  absl::Status status = archive->Read(part, [&](absl::string_view piece) { return parsed = parser.Feed(piece); });
  if (status.ok()) status = parsed = parser.Finish();
  if (parsed.ok() || parsed.code() == absl::StatusCode::kInvalidArgument) return status;
  return absl::Status(parsed.code(), absl::StrCat(part, ": ", parsed.message()));
}

absl::StatusOr<WorkbookParts> ReadWorkbookParts(ZipArchive* archive) {
  const absl::StatusOr<std::string> workbook = FindWorkbook(archive);
  if (!workbook.ok()) return workbook.status();
  const std::string folder = workbook->substr(0, workbook->rfind('/') + 1);

  Relationships relationships;
  RelationshipHandler relationship_handler(folder, &relationships);
  absl::Status status = ParsePart(RelationshipsOf(folder, *workbook), archive, &relationship_handler);
  if (!status.ok()) return status;

  WorkbookParts parts;
  WorkbookHandler workbook_handler(relationships, &parts);
  if (status = ParsePart(*workbook, archive, &workbook_handler); !status.ok()) return status;

  SharedTextHandler text_handler(&parts.texts);
  StyleHandler style_handler(&parts.looks);
  bool has_texts = false;
  bool has_styles = false;
  for (const auto& [id, relationship] : relationships) {
    // A workbook without texts or styles has no such part; a second one is nobody's.
    if (relationship.type == "sharedStrings" && !std::exchange(has_texts, true)) {
      status = ParsePart(relationship.part, archive, &text_handler);
    } else if (relationship.type == "styles" && !std::exchange(has_styles, true)) {
      status = ParsePart(relationship.part, archive, &style_handler);
    }
    if (!status.ok()) return status;
  }
  return parts;
}

}  // namespace quartermaster::client
