#include "client/extract_csv.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <vector>

#include "client/extract_rows.h"
#include "client/table.h"
#include "client/unfinished_file.h"

namespace quartermaster::client {
namespace {

std::string CsvText(const ExtractCell& cell) {
  if (const double* number = std::get_if<double>(&cell)) return FormatExact(*number);
  if (const std::string* text = std::get_if<std::string>(&cell)) return *text;
  return "";
}

class ExtractCsv : public ExtractWriter {
 public:
  explicit ExtractCsv(const std::string& file) : file_(file), out_(file, std::ios::binary) {
    columns_.push_back({"kind"});
    for (const ExtractKind kind : kExtractKinds) {
      for (const absl::string_view name : ExtractColumns(kind)) places_[kind].push_back(PlaceOf(name));
    }
    PrintCsvHeadings(columns_, out_);
  }

  absl::Status Write(const v1::ExtractRow& row) override {
    std::vector<std::string> line(columns_.size());
    line[0] = std::string(ExtractKindName(row.row_case()));
    const std::vector<size_t>& places = places_.at(row.row_case());
    const std::vector<ExtractCell> cells = ExtractCells(row);
    for (size_t i = 0; i < cells.size(); ++i) line[places[i]] = CsvText(cells[i]);
    PrintCsvRow(line, out_);
    return out_ ? absl::OkStatus() : WriteProblem(file_);
  }

  absl::Status Finish() override {
    out_.close();
    return out_ ? absl::OkStatus() : WriteProblem(file_);
  }

 private:
  // The place of the column, which is added if no kind before had it.
  size_t PlaceOf(absl::string_view name) {
    const auto found =
        std::find_if(columns_.begin(), columns_.end(), [name](const Column& column) { return column.heading == name; });
    const auto place = static_cast<size_t>(found - columns_.begin());
    if (found == columns_.end()) columns_.push_back({std::string(name)});
    return place;
  }

  const std::string file_;
  std::ofstream out_;
  std::vector<Column> columns_;
  std::map<ExtractKind, std::vector<size_t>> places_;  // Of the columns of each kind.
};

}  // namespace

absl::StatusOr<std::unique_ptr<ExtractWriter>> MakeExtractCsv(const std::string& file) {
  return std::make_unique<ExtractCsv>(file);
}

}  // namespace quartermaster::client
