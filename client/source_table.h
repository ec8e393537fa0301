// A table that returns are read from, and where in it each of their values stands, so that a finding can name the cell.
#ifndef QUARTERMASTER_CLIENT_SOURCE_TABLE_H_
#define QUARTERMASTER_CLIENT_SOURCE_TABLE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "client/cell_table.h"
#include "google/protobuf/repeated_field.h"
#include "quartermaster/v1/finding.pb.h"
#include "quartermaster/v1/submission_service.pb.h"

namespace quartermaster::client {

// A file, or a sheet of one, with its cells. Immutable once it has been built, and shared by the returns that it holds.
class SourceTable {
 public:
  // `beside` has what the returns of objects hold outside the cells (client/return_objects.h): nothing, or one for each
  // row.
  SourceTable(TablePlace place, std::shared_ptr<const CellTable> table, std::vector<v1::ReturnContent> beside = {});

  const TablePlace& place() const { return place_; }
  const CellTable& table() const { return *table_; }
  // By its heading, or by the path of its field; the heading that is folded alike if none is just that
  // (client/field_names.h).
  absl::optional<size_t> FindColumn(absl::string_view name) const;
  // Whether a row is one value (columns `field` and `value`) rather than one return.
  bool is_long() const { return is_long_; }
  // Whether a name is said at each of its values rather than once, by a heading: then one that is misspelt spoils the
  // returns that have it and no others.
  bool names_each_value() const { return is_long_ || table_->kind() == CellTable::Kind::kObjects; }
  // Null where there is nothing beside the row.
  const v1::ReturnContent* Beside(size_t row) const { return beside_.empty() ? nullptr : &beside_[row]; }

 private:
  TablePlace place_;
  std::shared_ptr<const CellTable> table_;
  std::vector<v1::ReturnContent> beside_;
  absl::flat_hash_map<std::string, size_t> columns_;         // by heading in lower case
  absl::flat_hash_map<std::string, size_t> folded_columns_;  // by folded heading, the first of each
  bool is_long_;
};

// The columns of fields whose headings are not their paths (labels, and misspelt ones), by the path of the field.
using MeantColumns = absl::flat_hash_map<std::string, size_t>;

// Where one return stands.
class Origin {
 public:
  // `meant` may be null.
  Origin(std::shared_ptr<const SourceTable> source, size_t row, std::shared_ptr<const MeantColumns> meant = nullptr)
      : source_(std::move(source)), row_(row), meant_(std::move(meant)) {}
  // The one that stands in a row whose cells do not fit the heading, ragged_rows()[ragged_row] of the table.
  static Origin OfRaggedRow(std::shared_ptr<const SourceTable> source, size_t ragged_row);

  // A long table gives each value a row of its own.
  void AddFieldRow(absl::string_view field, size_t row) { field_rows_.emplace(std::string(field), row); }
  bool HasField(absl::string_view field) const { return field_rows_.contains(std::string(field)); }

  const SourceTable& source() const { return *source_; }
  uint32_t row_number() const;
  // "FILE row 7", "FILE sheet Beds row 7".
  std::string Describe() const;

  // Sets where the return of the verdict stands, and its findings.
  void Locate(v1::Verdict* verdict) const;
  // Sets the file, sheet, row and column of each finding: those of its field or key, else the first row of the return.
  // Where the cell holds what a finding of one field calls `given`, that becomes the text of the cell; and where the
  // cell itself shows what has spoilt it (a spreadsheet, a hidden character, small letters), the hint says so.
  void Locate(google::protobuf::RepeatedPtrField<v1::Finding>* findings) const;

 private:
  void LocateOne(v1::Finding* finding) const;
  absl::optional<size_t> FindColumn(const std::string& field) const;

  std::shared_ptr<const SourceTable> source_;
  size_t row_;              // the first
  bool is_ragged_ = false;  // row_ is one of ragged_rows()
  std::shared_ptr<const MeantColumns> meant_;
  absl::flat_hash_map<std::string, size_t> field_rows_;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_SOURCE_TABLE_H_
