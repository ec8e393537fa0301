// Reads the rows of one table. Internal to reading returns.
#ifndef QUARTERMASTER_CLIENT_TABLE_READER_H_
#define QUARTERMASTER_CLIENT_TABLE_READER_H_

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "client/column_shift.h"
#include "client/content_builder.h"
#include "client/field_names.h"
#include "client/misplaced_rows.h"
#include "client/return_file.h"
#include "client/return_keys.h"
#include "client/stray_rows.h"
#include "client/unknown_names.h"
#include "client/wrong_service.h"

namespace quartermaster::client {

class TableReader {
 public:
  // `keys`, `schemas` and `names` must outlive this.
  TableReader(std::shared_ptr<const SourceTable> source, const KeySources& keys, const Schemas& schemas,
              NamesOfServices* names);

  // Adds the returns of the table to the result, and what is wrong with its rows and headings.
  void Read(FileReturns* result);

 private:
  // The columns of a wide table, as a service sees them.
  struct ServiceColumns {
    struct Column {
      const FieldSchema* field = nullptr;  // Null for a key, a blank heading, and one that no field has.
      bool is_unknown = false;             // No field has the heading, or more than one.
      NameMeaning meaning;                 // Of an unknown heading.
      bool has_values = false;             // Kept for unknown headings only.
    };
    std::vector<Column> columns;
    std::vector<ColumnTest> tests;
    std::shared_ptr<const MeantColumns> meant;
  };
  // A value of a long table under a name that no field has.
  struct UnnamedValue {
    size_t row;
    size_t index;  // of its return, among those of this table
  };

  // Adds the value of a cell to a return.
  void AddValue(const FieldSchema& field, size_t row, size_t column, ContentBuilder* builder) const;

  // Adds what objects hold outside the cells.
  void AddBeside(size_t row, v1::ReturnContent* content) const;

  bool IsFull(FileReturns* result) const;
  void ReadRow(size_t row, std::vector<FileReturn>* returns);
  void ReadRaggedRow(size_t ragged_row, std::vector<FileReturn>* returns);
  FileReturn ReadKeys(size_t row);
  // A return without values of a row whose cells do not stand under their headings, with the keys where all of them can
  // be read.
  FileReturn ReadMisplacedRow(Origin origin, const std::vector<absl::string_view>& cells,
                              const absl::optional<ColumnShift>& shift);
  // The canonical form of a period; every row of a file has one of a few.
  const std::string& CanonicalPeriod(const std::string& text);

  bool IsWrongService(const ServiceSchema* service) const;
  ServiceColumns& ColumnsOf(const CollectionSchema& schema, const ServiceSchema& service);
  ColumnTest TestOf(const CollectionSchema& schema, size_t column, const FieldSchema* field) const;
  // How the row is shifted, if it is.
  absl::optional<ColumnShift> FindShift(const std::vector<absl::string_view>& cells);
  bool HasKeyFrom(size_t column) const;
  void ReadWideRow(size_t row, const std::vector<absl::string_view>& cells, std::vector<FileReturn>* returns);
  void ReadValues(size_t row, const ServiceSchema& service, FileReturn* file_return);
  void ReadObject(size_t row, const ServiceSchema& service, FileReturn* file_return);
  // Holds back the returns that lack a column because its heading is misspelt.
  void WithholdIncomplete(std::vector<FileReturn>* returns) const;

  // The index of the return that has the keys of `begun` among those of this table: one that a row before has begun, to
  // which the problems are added, or `begun` itself.
  size_t FindOrBegin(FileReturn begun, std::vector<FileReturn>* returns);
  void ReadLongRow(size_t row, std::vector<FileReturn>* returns);
  void RefuseField(size_t row, const std::string& path, absl::string_view value, FileReturn* file_return) const;
  void ReadUnnamedValue(const UnnamedValue& unnamed, std::vector<FileReturn>* returns);

  void Report(FileReturns* result);

  const std::shared_ptr<const SourceTable> source_;
  const CellTable& table_;
  const KeySources& keys_;
  const Schemas& schemas_;
  NamesOfServices* const names_;
  std::vector<WrongService> wrong_services_;
  size_t first_ = 0;  // The table's first return in the result.
  absl::flat_hash_map<std::string, std::string> periods_;
  StrayRows stray_;
  MisplacedRows misplaced_;
  UnknownNames unknown_names_;
  // Of a wide table.
  std::vector<std::pair<const ServiceSchema*, ServiceColumns>> columns_of_services_;
  // Of a long table, the returns in the order in which they began.
  absl::flat_hash_map<std::string, size_t> index_by_key_;
  std::deque<ContentBuilder> builders_;
  std::vector<UnnamedValue> unnamed_values_;
  absl::flat_hash_map<std::pair<const ServiceSchema*, std::string>, NameMeaning> meaning_by_name_;
};

// Null where the collection has no such service.
const ServiceSchema* ServiceOf(const FileReturn& file_return);

// What tells a return from the others of a file: its keys, joined by the one character that neither files nor options
// can hold.
std::string JoinedKeys(const FileReturn& file_return);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_TABLE_READER_H_
