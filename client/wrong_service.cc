#include "client/wrong_service.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace quartermaster::client {
namespace {

// The rows of one service.
struct ServiceRows {
  const CollectionSchema* schema;
  const ServiceSchema* service;
  uint32_t first_row;
  std::vector<bool> used_columns;               // of a wide table
  absl::flat_hash_set<absl::string_view> used;  // names for which there is a value

  void AddNamesOfColumns(const CellTable& table) {
    for (size_t column = 0; column < used_columns.size(); ++column) {
      if (used_columns[column] && !IsKeyHeading(table.headings()[column])) used.insert(table.headings()[column]);
    }
    used.erase("");
  }
};

class RowsByService {
 public:
  RowsByService(const SourceTable& source, const KeySources& keys, const Schemas& schemas)
      : source_(source), table_(source.table()), keys_(keys), schemas_(schemas) {}

  std::vector<ServiceRows> Read() {
    const auto field = source_.FindColumn("field");
    const auto value = source_.FindColumn("value");
    for (size_t row = 0; row < table_.row_count(); ++row) {
      ServiceRows* rows = RowsOf(row);
      if (rows == nullptr) continue;
      if (source_.is_long()) {
        if (!table_.cell(row, *value).empty()) rows->used.insert(table_.cell(row, *field));
        continue;
      }
      for (size_t column = 0; column < rows->used_columns.size(); ++column) {
        if (!table_.cell(row, column).empty()) rows->used_columns[column] = true;
      }
    }
    for (ServiceRows& rows : services_) rows.AddNamesOfColumns(table_);
    return std::move(services_);
  }

 private:
  // Null where the service is none of those that there are.
  ServiceRows* RowsOf(size_t row) {
    const auto schema = schemas_.find(std::string(keys_.collection.Text(source_, row)));
    if (schema == schemas_.end()) return nullptr;
    const ServiceSchema* service = schema->second->FindService(keys_.service.Text(source_, row));
    if (service == nullptr) return nullptr;
    for (ServiceRows& rows : services_) {
      if (rows.service == service) return &rows;
    }
    std::vector<bool> columns(source_.is_long() ? 0 : table_.headings().size());
    services_.push_back({schema->second.get(), service, table_.row_number(row), std::move(columns), {}});
    return &services_.back();
  }

  const SourceTable& source_;
  const CellTable& table_;
  const KeySources& keys_;
  const Schemas& schemas_;
  std::vector<ServiceRows> services_;
};

size_t CountKnown(const ServiceRows& rows, const FieldNames& fields) {
  return static_cast<size_t>(std::count_if(
      rows.used.begin(), rows.used.end(), [&fields](absl::string_view name) { return !fields.FindAll(name).empty(); }));
}

v1::Finding Describe(const SourceTable& source, const KeySources& keys, const ServiceRows& rows, size_t known,
                     size_t known_of_others, const std::vector<std::string>& others) {
  const bool in_column = keys.service.column && !keys.service.from_option;
  v1::Finding finding =
      FileFinding("wrong-service", source.place(), in_column ? rows.first_row : source.table().heading_row_number(),
                  absl::StrCat(known_of_others, " of ", rows.used.size(), source.is_long() ? " names" : " headings",
                               " are fields of the service ", absl::StrJoin(others, " and of "), ", ", known, " of ",
                               rows.service->id(), "."),
                  absl::StrCat("Give --service ", absl::StrJoin(others, " or "), ", or correct the column service."));
  if (in_column) {
    finding.set_hint(absl::StrCat("Correct the column service: ", absl::StrJoin(others, " or "), ". No return for ",
                                  rows.service->id(), " in this file is taken until then."));
    SetColumn(source.table(), *keys.service.column, &finding);
  }
  finding.set_field("service");
  finding.set_given(rows.service->id());
  finding.set_expected(absl::StrJoin(others, " or "));
  return finding;
}

}  // namespace

std::vector<WrongService> FindWrongServices(const SourceTable& source, const KeySources& keys, const Schemas& schemas,
                                            NamesOfServices* names) {
  std::vector<WrongService> wrong;
  for (const ServiceRows& rows : RowsByService(source, keys, schemas).Read()) {
    const size_t total = rows.used.size();
    const size_t known = CountKnown(rows, names->Of(*rows.service));
    if (total - known < kMinUnknownNames) continue;
    size_t most = 0;
    std::vector<std::string> best;  // Those that have `most` of the names.
    for (const auto& other : rows.schema->services()) {
      const size_t known_of_other = CountKnown(rows, names->Of(*other));
      if (known_of_other > most) best.clear();
      most = std::max(most, known_of_other);
      if (known_of_other == most) best.push_back(other->id());
    }
    if (10 * most < kKnownOfTen * total || most < known + kMinMoreKnown) continue;
    wrong.push_back({rows.service, Describe(source, keys, rows, known, most, best)});
  }
  return wrong;
}

}  // namespace quartermaster::client
