#include "client/return_file.h"

#include <deque>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/content_builder.h"
#include "client/return_keys.h"
#include "client/text.h"
#include "validation/period.h"

namespace quartermaster::client {
namespace {

constexpr size_t kMaxListedPlaces = 5;  // Of one return that is there again and again.

// What tells a return from the others of a file: its keys, joined by the one character that neither files nor options
// can hold.
std::string JoinedKeys(const FileReturn& file_return) {
  const v1::ReturnContent& content = file_return.content;
  return absl::StrJoin({content.collection(), content.service(), content.participant(), file_return.period},
                       absl::string_view("\0", 1));
}

// Reads the rows of one table.
class TableReader {
 public:
  TableReader(std::shared_ptr<const SourceTable> source, const KeySources& keys, const Schemas& schemas)
      : source_(std::move(source)), table_(source_->table()), keys_(keys), schemas_(schemas) {}

  void Read(FileReturns* result) {
    const size_t first = result->returns.size();
    for (size_t row = 0; row < table_.row_count(); ++row) {
      if (result->returns.size() > kMaxReturns) {
        result->problems.push_back(FileFinding("too-many-returns", source_->file(), 0, "",
                                               absl::StrCat("There are more than ", kMaxReturns, " returns."),
                                               "Split the file and submit its parts one after the other."));
        return;
      }
      FileReturn file_return = ReadKeys(row);
      if (source_->is_long()) {
        ReadLongRow(row, first, std::move(file_return), &result->returns);
      } else {
        result->returns.push_back(std::move(file_return));
        ReadWideRow(row, &result->returns.back());
      }
    }
    if (!source_->is_long()) return;
    for (size_t i = 0; i < builders_.size(); ++i) builders_[i].Finish(&result->returns[first + i].content);
  }

 private:
  FileReturn ReadKeys(size_t row) {
    FileReturn file_return{{}, {}, nullptr, Origin(source_, row), {}};
    v1::ReturnContent& content = file_return.content;
    content.set_collection(keys_.collection.Read(*source_, row, &file_return.problems));
    content.set_service(keys_.service.Read(*source_, row, &file_return.problems));
    content.set_participant(keys_.participant.Read(*source_, row, &file_return.problems));
    content.set_period(keys_.period.Read(*source_, row, &file_return.problems));
    file_return.period = CanonicalPeriod(content.period());
    const auto schema = schemas_.find(content.collection());
    if (schema != schemas_.end()) {
      file_return.schema = schema->second;
      return file_return;
    }
    const std::string column = keys_.collection.column ? table_.ColumnName(*keys_.collection.column) : "";
    std::vector<std::string> known;
    for (const auto& [id, unused] : schemas_) known.push_back(id);
    v1::Finding& finding = file_return.problems.emplace_back(FileFinding(
        "unknown-collection", source_->file(), table_.row_number(row), column,
        absl::StrCat("There is no collection \"", FirstCharacters(content.collection(), 200), "\"."),
        known.empty() ? "Run qm collection list to see which there are."
                      : absl::StrCat("Of those that the command names there is: ", absl::StrJoin(known, ", "), ".")));
    finding.set_field("collection");
    finding.set_given(std::string(FirstCharacters(content.collection(), 200)));
    return file_return;
  }

  // Every row of a file has one of a few periods.
  const std::string& CanonicalPeriod(const std::string& text) {
    std::string& canonical = periods_[text];
    if (canonical.empty()) {
      const absl::StatusOr<Period> period = Period::Parse(text);
      canonical = period.ok() ? period->ToString() : text;
    }
    return canonical;
  }

  static const ServiceSchema* ServiceOf(const FileReturn& file_return) {
    return file_return.schema == nullptr ? nullptr : file_return.schema->FindService(file_return.content.service());
  }

  // The field of each column of a wide table, null for those that are none.
  const std::vector<const FieldSchema*>& FieldsOfColumns(const ServiceSchema& service) {
    std::vector<const FieldSchema*>& fields = fields_of_columns_[&service];
    if (fields.empty()) {
      for (const std::string& heading : table_.headings()) fields.push_back(FindFieldByName(service, heading));
    }
    return fields;
  }

  void ReadWideRow(size_t row, FileReturn* file_return) {
    const ServiceSchema* service = ServiceOf(*file_return);
    if (service == nullptr) return;
    const std::vector<const FieldSchema*>& fields = FieldsOfColumns(*service);
    ContentBuilder builder(service);
    for (size_t column = 0; column < fields.size(); ++column) {
      if (IsKeyHeading(table_.headings()[column])) continue;
      builder.Add(fields[column], table_.headings()[column], table_.cell(row, column));
    }
    builder.Finish(&file_return->content);
  }

  // A row adds its value to the return that a row before it has begun, or begins one.
  void ReadLongRow(size_t row, size_t first, FileReturn begun, std::vector<FileReturn>* returns) {
    const auto [place, is_new] = index_by_key_.emplace(JoinedKeys(begun), builders_.size());
    if (is_new) {
      builders_.emplace_back(ServiceOf(begun));
      returns->push_back(std::move(begun));
    } else {
      // Problems of the key are repeated at each row that has them.
      for (v1::Finding& problem : begun.problems)
        (*returns)[first + place->second].problems.push_back(std::move(problem));
    }
    FileReturn& file_return = (*returns)[first + place->second];
    const size_t field_column = *source_->FindColumn("field");
    const absl::string_view name = table_.cell(row, field_column);
    const absl::string_view value = table_.cell(row, *source_->FindColumn("value"));
    if (value.empty()) return;
    const ServiceSchema* service = ServiceOf(file_return);
    const FieldSchema* field = service == nullptr ? nullptr : FindFieldByName(*service, name);
    const std::string path = field != nullptr ? field->path : std::string(FirstCharacters(name, 200));
    if (name.empty() || file_return.origin.HasField(path)) {
      v1::Finding& finding = file_return.problems.emplace_back(
          FileFinding(name.empty() ? "missing-field-name" : "duplicate-field", source_->file(), table_.row_number(row),
                      table_.ColumnName(field_column),
                      name.empty() ? "The row has a value and no field."
                                   : absl::StrCat("The field ", path, " is given twice for this return."),
                      name.empty() ? "Name the field, or blank the value." : "Keep the row that is right."));
      finding.set_field(path);
      finding.set_given(std::string(FirstCharacters(value, 200)));
      return;
    }
    file_return.origin.AddFieldRow(path, row);
    builders_[place->second].Add(field, name, value);
  }

  const std::shared_ptr<const SourceTable> source_;
  const CsvTable& table_;
  const KeySources& keys_;
  const Schemas& schemas_;
  absl::flat_hash_map<std::string, std::string> periods_;
  absl::flat_hash_map<const ServiceSchema*, std::vector<const FieldSchema*>> fields_of_columns_;
  // Of a long table, the returns in the order in which they began.
  absl::flat_hash_map<std::string, size_t> index_by_key_;
  std::deque<ContentBuilder> builders_;
};

// A return that is there twice could be either; so neither is taken.
void FindDuplicates(std::vector<FileReturn>* returns) {
  absl::flat_hash_map<std::string, std::vector<size_t>> indexes_by_key;
  for (size_t i = 0; i < returns->size(); ++i) indexes_by_key[JoinedKeys((*returns)[i])].push_back(i);
  for (const auto& [key, indexes] : indexes_by_key) {
    if (indexes.size() < 2) continue;
    std::vector<std::string> places;
    for (size_t i = 0; i < indexes.size() && i < kMaxListedPlaces; ++i) {
      places.push_back((*returns)[indexes[i]].origin.Describe());
    }
    if (indexes.size() > kMaxListedPlaces) places.push_back("...");
    for (const size_t index : indexes) {
      FileReturn& file_return = (*returns)[index];
      file_return.problems.push_back(
          FileFinding("duplicate-row", file_return.origin.source().file(), file_return.origin.row_number(), "",
                      absl::StrCat("The return of ", file_return.content.participant(), " for ",
                                   file_return.content.service(), ", ", file_return.period, " is there ",
                                   indexes.size(), " times: ", absl::StrJoin(places, ", "), "."),
                      "Keep the one that is right; none of them was taken."));
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CollectionsAskedFor(
    const std::vector<std::shared_ptr<const SourceTable>>& sources, const KeyOptions& keys,
    const std::vector<std::string>& known) {
  std::set<std::string> asked_for;
  if (!keys.collection.empty()) asked_for.insert(keys.collection);
  for (const auto& source : sources) {
    if (const absl::optional<size_t> column = source->FindColumn("collection")) {
      for (size_t row = 0; row < source->table().row_count(); ++row) {
        asked_for.emplace(source->table().cell(row, *column));
      }
    } else if (keys.collection.empty()) {
      if (known.size() != 1) {
        return absl::InvalidArgumentError(
            absl::StrCat(source->file(), ": it does not say for which collection it is. Give --collection; ",
                         known.empty() ? "none has been published yet."
                                       : absl::StrCat("there are: ", absl::StrJoin(known, ", "), ".")));
      }
      asked_for.insert(known.front());
    }
  }
  asked_for.erase("");
  return std::vector<std::string>(asked_for.begin(), asked_for.end());
}

absl::StatusOr<FileReturns> ReadReturns(const std::vector<std::shared_ptr<const SourceTable>>& sources,
                                        const KeyOptions& keys, const Schemas& schemas) {
  FileReturns result;
  for (const auto& source : sources) {
    const absl::StatusOr<KeySources> key_sources = FindKeys(*source, keys, schemas);
    if (!key_sources.ok()) return key_sources.status();
    if (!key_sources->problems.empty()) {
      result.problems.insert(result.problems.end(), key_sources->problems.begin(), key_sources->problems.end());
      continue;
    }
    TableReader(source, *key_sources, schemas).Read(&result);
    if (result.returns.size() > kMaxReturns) break;
  }
  FindDuplicates(&result.returns);
  return result;
}

}  // namespace quartermaster::client
