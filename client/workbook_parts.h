// What the sheets of a workbook share: their names and where they lie, texts, and the looks of numbers. The parts of a
// workbook are those of ECMA-376-1, 12.3. Internal to reading workbooks.
#ifndef QUARTERMASTER_CLIENT_WORKBOOK_PARTS_H_
#define QUARTERMASTER_CLIENT_WORKBOOK_PARTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/number_format.h"
#include "client/xml_parser.h"
#include "client/zip_archive.h"

namespace quartermaster::client {

// A sheet a service and year is a hundred; more want several workbooks.
constexpr size_t kMaxSheets = 256;

// Excel's own limit is 32,767 characters, of at most four bytes. Escapes are longer.
constexpr size_t kMaxCellTextBytes = 4 * 32'767;

// Excel's own limit of cell formats is 65,490.
constexpr size_t kMaxCellStyles = 65'536;

// Texts that differ, of all sheets. Returns are numbers; codes, choices and notes are some thousands.
constexpr size_t kMaxSharedTexts = 4'000'000;

// Texts by their number, packed: four bytes each besides the text.
class SharedTexts {
 public:
  size_t size() const { return ends_.size() - 1; }
  // Requires index < size().
  absl::string_view Get(size_t index) const {
    return absl::string_view(text_).substr(ends_[index], ends_[index + 1] - ends_[index]);
  }
  void Add(absl::string_view text) {
    text_.append(text.data(), text.size());
    ends_.push_back(static_cast<uint32_t>(text_.size()));
  }

 private:
  std::string text_;  // An entry unpacks to less than 4 GiB.
  std::vector<uint32_t> ends_ = {0};
};

struct WorkbookParts {
  struct Sheet {
    std::string name;
    std::string part;  // "xl/worksheets/sheet1.xml"
    bool is_hidden;
  };
  std::vector<Sheet> sheets;  // in the order of their tabs; hidden ones as well, charts not
  SharedTexts texts;
  std::vector<NumberLook> looks;  // by the style of a cell
  bool from_1904 = false;
};

// Errors are those of ZipArchive and XmlParser, with the name of the part; INVALID_ARGUMENT where the archive is
// another kind of file.
absl::StatusOr<WorkbookParts> ReadWorkbookParts(ZipArchive* archive);

// Parses one part. Errors come with its name.
absl::Status ParsePart(const std::string& part, ZipArchive* archive, XmlHandler* handler);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_WORKBOOK_PARTS_H_
