#include "client/table_reader.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "validation/period.h"
#include "validation/validate.h"

namespace quartermaster::client {
namespace {

const ServiceSchema* ServiceOf(const FileReturn& file_return) {
  return file_return.schema == nullptr ? nullptr : file_return.schema->FindService(file_return.content.service());
}

// The text that a key has in a row whose cells stand so many columns too far to the right.
absl::string_view KeyText(const KeySource& key, const std::vector<absl::string_view>& cells, int offset) {
  if (!key.column) return key.option;
  const ptrdiff_t cell = static_cast<ptrdiff_t>(*key.column) + offset;
  if (cell < 0 || cell >= static_cast<ptrdiff_t>(cells.size())) return {};
  const absl::string_view text = cells[static_cast<size_t>(cell)];
  return text.empty() ? absl::string_view(key.option) : text;
}

CellFit FitOfParticipant(absl::string_view text) {
  // Codes of digits alone are allowed, and so every number could be one.
  if (std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) return CellFit::kUnknown;
  return ParticipantCodeProblem(text).empty() ? CellFit::kFits : CellFit::kWrongKind;
}

CellFit FitIf(bool fits) { return fits ? CellFit::kFits : CellFit::kWrongKind; }

}  // namespace

TableReader::TableReader(std::shared_ptr<const SourceTable> source, const KeySources& keys, const Schemas& schemas)
    : source_(std::move(source)),
      table_(source_->table()),
      keys_(keys),
      schemas_(schemas),
      misplaced_(source_->file(), table_),
      unknown_names_(*source_) {}

void TableReader::Read(FileReturns* result) {
  first_ = result->returns.size();
  for (size_t row = 0; row < table_.row_count(); ++row) {
    if (IsFull(result)) return;
    if (source_->is_long()) {
      ReadLongRow(row, &result->returns);
    } else {
      ReadWideRow(row, &result->returns);
    }
  }
  if (source_->is_long()) {
    for (const UnnamedValue& unnamed : unnamed_values_) ReadUnnamedValue(unnamed, &result->returns);
    for (size_t i = 0; i < builders_.size(); ++i) builders_[i].Finish(&result->returns[first_ + i].content);
  } else {
    for (size_t i = 0; i < table_.ragged_rows().size(); ++i) {
      if (const auto shift = FindShift(table_.RaggedCells(i))) misplaced_.SetShift(i, *shift);
    }
    WithholdIncomplete(&result->returns);
  }
  Report(result);
}

bool TableReader::IsFull(FileReturns* result) const {
  if (result->returns.size() <= kMaxReturns) return false;
  result->problems.push_back(FileFinding("too-many-returns", source_->file(), 0,
                                         absl::StrCat("There are more than ", kMaxReturns, " returns."),
                                         "Split the file and submit its parts one after the other."));
  return true;
}

FileReturn TableReader::ReadKeys(size_t row) {
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
  std::vector<std::string> known;
  for (const auto& [id, unused] : schemas_) known.push_back(id);
  v1::Finding& finding = file_return.problems.emplace_back(FileFinding(
      "unknown-collection", source_->file(), table_.row_number(row),
      absl::StrCat("There is no collection \"", GivenText(content.collection()), "\"."),
      known.empty() ? "Run qm collection list to see which there are."
                    : absl::StrCat("Of those that the command names there is: ", absl::StrJoin(known, ", "), ".")));
  finding.set_field("collection");
  finding.set_given(GivenText(content.collection()));
  if (keys_.collection.column) SetColumn(table_, *keys_.collection.column, &finding);
  return file_return;
}

const std::string& TableReader::CanonicalPeriod(const std::string& text) {
  std::string& canonical = periods_[text];
  if (canonical.empty()) {
    const absl::StatusOr<Period> period = Period::Parse(text);
    canonical = period.ok() ? period->ToString() : text;
  }
  return canonical;
}

ColumnTest TableReader::TestOf(const CollectionSchema& schema, size_t column, const FieldSchema* field) const {
  if (table_.headings()[column].empty()) return nullptr;
  if (field != nullptr) return [field](absl::string_view text) { return FitOf(*field, text); };
  if (column == keys_.participant.column) return FitOfParticipant;
  if (column == keys_.period.column) {
    return [](absl::string_view text) { return FitIf(Period::Parse(text).ok()); };
  }
  if (column == keys_.service.column) {
    return [&schema](absl::string_view text) { return FitIf(schema.FindService(text) != nullptr); };
  }
  if (column == keys_.collection.column) {
    return [&schema](absl::string_view text) { return FitIf(schema.id() == text); };
  }
  return [](absl::string_view) { return CellFit::kUnknown; };
}

TableReader::ServiceColumns& TableReader::ColumnsOf(const CollectionSchema& schema, const ServiceSchema& service) {
  for (auto& [known, columns] : columns_of_services_) {
    if (known == &service) return columns;
  }
  ServiceColumns found;
  std::set<const FieldSchema*> taken;
  for (const std::string& heading : table_.headings()) {
    ServiceColumns::Column& column = found.columns.emplace_back();
    if (heading.empty() || IsKeyHeading(heading)) continue;
    column.field = FindFieldByName(service, heading);
    column.is_unknown = column.field == nullptr;
    if (!column.is_unknown) taken.insert(column.field);
  }
  MeantColumns meant;
  size_t searches = 0;  // Each costs a look at every field.
  for (size_t i = 0; i < found.columns.size(); ++i) {
    ServiceColumns::Column& column = found.columns[i];
    if (column.is_unknown && searches++ < kMaxUnknownNames) {
      column.meant = FindFieldMeant(service, table_.headings()[i]);
      column.is_checked = column.meant != nullptr && taken.insert(column.meant).second;
    }
    if (column.is_checked) meant.emplace(column.meant->path, i);
    found.tests.push_back(TestOf(schema, i, column.is_checked ? column.meant : column.field));
  }
  found.meant = std::make_shared<const MeantColumns>(std::move(meant));
  return columns_of_services_.emplace_back(&service, std::move(found)).second;
}

absl::optional<ColumnShift> TableReader::FindShift(const std::vector<absl::string_view>& cells) {
  const auto schema = schemas_.find(std::string(KeyText(keys_.collection, cells, 0)));
  if (schema == schemas_.end()) return absl::nullopt;
  // The service itself may have shifted.
  for (const int offset : {0, 1, -1, 2, -2}) {
    const ServiceSchema* service = schema->second->FindService(KeyText(keys_.service, cells, offset));
    if (service != nullptr) return FindColumnShift(ColumnsOf(*schema->second, *service).tests, cells);
  }
  return absl::nullopt;
}

bool TableReader::HasKeyFrom(size_t column) const {
  for (const KeySource* key : {&keys_.collection, &keys_.service, &keys_.period, &keys_.participant}) {
    if (key->column && *key->column >= column) return true;
  }
  return false;
}

void TableReader::ReadWideRow(size_t row, std::vector<FileReturn>* returns) {
  std::vector<absl::string_view> cells;
  for (size_t column = 0; column < table_.headings().size(); ++column) cells.push_back(table_.cell(row, column));
  const absl::optional<ColumnShift> shift = FindShift(cells);
  if (shift && HasKeyFrom(shift->first_column)) {
    // Nobody knows whose return it is.
    return misplaced_.AddShifted(table_.row_number(row), *shift, absl::nullopt);
  }
  FileReturn& file_return = returns->emplace_back(ReadKeys(row));
  const ServiceSchema* service = ServiceOf(file_return);
  if (shift) {
    misplaced_.AddShifted(table_.row_number(row), *shift, returns->size() - 1);
    file_return.is_shifted = true;
    file_return.withheld = true;
    ContentBuilder(service).Finish(&file_return.content);
  } else if (service != nullptr) {
    ReadValues(row, *service, &file_return);
  }
}

void TableReader::ReadValues(size_t row, const ServiceSchema& service, FileReturn* file_return) {
  ServiceColumns& columns = ColumnsOf(*file_return->schema, service);
  if (!columns.meant->empty()) file_return->origin = Origin(source_, row, columns.meant);
  ContentBuilder builder(&service);
  for (size_t i = 0; i < columns.columns.size(); ++i) {
    ServiceColumns::Column& column = columns.columns[i];
    const absl::string_view text = table_.cell(row, i);
    if (column.field != nullptr) builder.Add(*column.field, text);
    if (!column.is_unknown || text.empty()) continue;
    unknown_names_.Add(service, table_.headings()[i], column.meant, column.is_checked, table_.row_number(row));
    column.has_values = true;
    file_return->withheld = true;
    if (column.is_checked) builder.Add(*column.meant, text);
  }
  builder.Finish(&file_return->content);
}

void TableReader::WithholdIncomplete(std::vector<FileReturn>* returns) const {
  // A heading that another service of the file has is right; then only the rows with a value under it are wrong.
  const auto is_known = [this](size_t column) {
    return std::any_of(columns_of_services_.begin(), columns_of_services_.end(),
                       [column](const auto& entry) { return entry.second.columns[column].field != nullptr; });
  };
  for (const auto& [service, columns] : columns_of_services_) {
    bool lacks_column = false;
    for (size_t i = 0; i < columns.columns.size() && !lacks_column; ++i) {
      lacks_column = columns.columns[i].has_values && !is_known(i);
    }
    for (size_t i = first_; i < returns->size() && lacks_column; ++i) {
      if (ServiceOf((*returns)[i]) == service) (*returns)[i].withheld = true;
    }
  }
}

void TableReader::ReadLongRow(size_t row, std::vector<FileReturn>* returns) {
  FileReturn begun = ReadKeys(row);
  const auto [place, is_new] = index_by_key_.emplace(JoinedKeys(begun), builders_.size());
  if (is_new) {
    builders_.emplace_back(ServiceOf(begun));
    returns->push_back(std::move(begun));
  } else {
    // Problems of the key are repeated at each row that has them.
    std::vector<v1::Finding>& problems = (*returns)[first_ + place->second].problems;
    std::move(begun.problems.begin(), begun.problems.end(), std::back_inserter(problems));
  }
  FileReturn& file_return = (*returns)[first_ + place->second];
  const absl::string_view name = table_.cell(row, *source_->FindColumn("field"));
  const absl::string_view value = table_.cell(row, *source_->FindColumn("value"));
  if (value.empty()) return;
  const ServiceSchema* service = ServiceOf(file_return);
  const FieldSchema* field = service == nullptr ? nullptr : FindFieldByName(*service, name);
  const std::string path = field != nullptr ? field->path : GivenText(name);
  if (name.empty() || file_return.origin.HasField(path)) return RefuseField(row, path, value, &file_return);
  file_return.origin.AddFieldRow(path, row);
  if (field != nullptr) {
    builders_[place->second].Add(*field, value);
  } else if (service != nullptr) {
    unnamed_values_.push_back({row, place->second});
  }
}

void TableReader::RefuseField(size_t row, const std::string& path, absl::string_view value,
                              FileReturn* file_return) const {
  v1::Finding& finding = file_return->problems.emplace_back(
      FileFinding(path.empty() ? "missing-field-name" : "duplicate-field", source_->file(), table_.row_number(row),
                  path.empty() ? "The row has a value and no field."
                               : absl::StrCat("The field ", path, " is given twice for this return."),
                  path.empty() ? "Name the field, or blank the value." : "Keep the row that is right."));
  finding.set_field(path);
  finding.set_given(GivenText(value));
  SetColumn(table_, *source_->FindColumn("field"), &finding);
}

void TableReader::ReadUnnamedValue(const UnnamedValue& unnamed, std::vector<FileReturn>* returns) {
  FileReturn& file_return = (*returns)[first_ + unnamed.index];
  const ServiceSchema* service = ServiceOf(file_return);
  const std::string name(table_.cell(unnamed.row, *source_->FindColumn("field")));
  const std::pair key(service, name);
  auto meant = meant_by_name_.find(key);
  if (meant == meant_by_name_.end() && meant_by_name_.size() < kMaxUnknownNames) {
    meant = meant_by_name_.emplace(key, FindFieldMeant(*service, name)).first;
  }
  const FieldSchema* field = meant == meant_by_name_.end() ? nullptr : meant->second;
  const bool is_checked = field != nullptr && !file_return.origin.HasField(field->path);
  unknown_names_.Add(*service, name, field, is_checked, table_.row_number(unnamed.row));
  file_return.withheld = true;
  if (!is_checked) return;
  file_return.origin.AddFieldRow(field->path, unnamed.row);
  builders_[unnamed.index].Add(*field, table_.cell(unnamed.row, *source_->FindColumn("value")));
}

void TableReader::Report(FileReturns* result) {
  MisplacementFindings misplaced = misplaced_.Describe();
  std::vector<v1::Finding>& problems = misplaced.too_many ? result->problems : result->row_problems;
  std::move(misplaced.of_file.begin(), misplaced.of_file.end(), std::back_inserter(problems));
  for (auto& [index, finding] : misplaced.of_returns) result->returns[index].problems.push_back(std::move(finding));
  for (size_t i = first_; i < result->returns.size() && misplaced.most_rows_alike; ++i) {
    result->returns[i].withheld = true;
  }
  std::string collection = "C";
  if (!keys_.collection.option.empty()) {
    collection = keys_.collection.option;
  } else if (schemas_.size() == 1) {
    collection = schemas_.begin()->first;
  }
  std::vector<v1::Finding> unknown = unknown_names_.Describe(collection);
  std::move(unknown.begin(), unknown.end(), std::back_inserter(result->row_problems));
}

std::string JoinedKeys(const FileReturn& file_return) {
  const v1::ReturnContent& content = file_return.content;
  return absl::StrJoin({content.collection(), content.service(), content.participant(), file_return.period},
                       absl::string_view("\0", 1));
}

}  // namespace quartermaster::client
