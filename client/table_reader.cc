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

CellFit FitOfParticipant(absl::string_view text) {
  // Codes of digits alone are allowed, and so every number could be one.
  if (std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) return CellFit::kUnknown;
  return ParticipantCodeProblem(text).empty() ? CellFit::kFits : CellFit::kWrongKind;
}

CellFit FitIf(bool fits) { return fits ? CellFit::kFits : CellFit::kWrongKind; }

}  // namespace

TableReader::TableReader(std::shared_ptr<const SourceTable> source, const KeySources& keys, const Schemas& schemas,
                         NamesOfServices* names)
    : source_(std::move(source)),
      table_(source_->table()),
      keys_(keys),
      schemas_(schemas),
      names_(names),
      wrong_services_(FindWrongServices(*source_, keys, schemas, names)),
      stray_(*source_, keys_),
      misplaced_(source_->place(), table_),
      unknown_names_(*source_) {}

void TableReader::Read(FileReturns* result) {
  first_ = result->returns.size();
  size_t ragged = 0;
  for (size_t row = 0; row < table_.row_count() || ragged < table_.ragged_rows().size();) {
    if (IsFull(result)) return;
    if (row == table_.row_count() ||
        (ragged < table_.ragged_rows().size() && table_.ragged_rows()[ragged].number < table_.row_number(row))) {
      ReadRaggedRow(ragged++, &result->returns);
    } else {
      ReadRow(row++, &result->returns);
    }
  }
  if (source_->is_long()) {
    for (const UnnamedValue& unnamed : unnamed_values_) ReadUnnamedValue(unnamed, &result->returns);
    for (size_t i = 0; i < builders_.size(); ++i) builders_[i].Finish(&result->returns[first_ + i].content);
  } else {
    WithholdIncomplete(&result->returns);
  }
  Report(result);
}

void TableReader::ReadRow(size_t row, std::vector<FileReturn>* returns) {
  std::vector<absl::string_view> cells;
  for (size_t column = 0; column < table_.headings().size(); ++column) cells.push_back(table_.cell(row, column));
  if (stray_.Take(table_.row_number(row), cells)) return;
  if (source_->is_long()) {
    ReadLongRow(row, returns);
  } else {
    ReadWideRow(row, cells, returns);
  }
}

void TableReader::ReadRaggedRow(size_t ragged_row, std::vector<FileReturn>* returns) {
  const std::vector<absl::string_view> cells = table_.RaggedCells(ragged_row);
  if (stray_.Take(table_.ragged_rows()[ragged_row].number, cells)) return misplaced_.LeaveOut(ragged_row);
  const Origin origin = Origin::OfRaggedRow(source_, ragged_row);
  if (!source_->is_long()) {
    const absl::optional<ColumnShift> shift = FindShift(cells);
    returns->push_back(ReadMisplacedRow(origin, cells, shift));
    return misplaced_.ExplainRagged(ragged_row, shift, returns->size() - 1);
  }
  FileReturn begun = ReadMisplacedRow(origin, cells, absl::nullopt);
  if (begun.has_unread_keys) return;  // A value of nobody knows which return.
  begun.is_shifted = false;
  const size_t index = FindOrBegin(std::move(begun), returns);
  (*returns)[index].withheld = true;
  misplaced_.ExplainRagged(ragged_row, absl::nullopt, index);
}

void TableReader::AddValue(const FieldSchema& field, size_t row, size_t column, ContentBuilder* builder) const {
  const absl::string_view text = table_.cell(row, column);
  if (table_.IsWithoutValue(row, column)) {
    builder->AddUnreadable(field, text);
  } else {
    builder->Add(field, text);
  }
}

bool TableReader::IsFull(FileReturns* result) const {
  if (result->returns.size() <= kMaxReturns) return false;
  result->problems.push_back(FileFinding("too-many-returns", source_->place(), 0,
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
      "unknown-collection", source_->place(), table_.row_number(row),
      absl::StrCat("There is no collection \"", GivenText(content.collection()), "\"."),
      known.empty() ? "Run qm collection list to see which there are."
                    : absl::StrCat("Of those that the command names there is: ", absl::StrJoin(known, ", "), ".")));
  finding.set_field("collection");
  finding.set_given(GivenText(content.collection()));
  if (keys_.collection.column) SetColumn(table_, *keys_.collection.column, &finding);
  return file_return;
}

FileReturn TableReader::ReadMisplacedRow(Origin origin, const std::vector<absl::string_view>& cells,
                                         const absl::optional<ColumnShift>& shift) {
  FileReturn file_return{{}, {}, nullptr, std::move(origin), {}};
  file_return.withheld = true;
  file_return.is_shifted = true;
  const auto text = [&](const KeySource& key) {
    const bool has_moved = shift && key.column && *key.column >= shift->first_column;
    return std::string(key.TextAt(cells, has_moved ? shift->offset : 0));
  };
  const std::string participant = text(keys_.participant);
  const std::string period = text(keys_.period);
  const auto schema = schemas_.find(text(keys_.collection));
  const ServiceSchema* service = schema == schemas_.end() ? nullptr : schema->second->FindService(text(keys_.service));
  file_return.has_unread_keys =
      service == nullptr || !Period::Parse(period).ok() || !ParticipantCodeProblem(participant).empty();
  if (file_return.has_unread_keys) return file_return;
  file_return.schema = schema->second;
  file_return.period = CanonicalPeriod(period);
  file_return.content.set_collection(schema->first);
  file_return.content.set_service(service->id());
  file_return.content.set_participant(participant);
  file_return.content.set_period(period);
  ContentBuilder(service).Finish(&file_return.content);
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

bool TableReader::IsWrongService(const ServiceSchema* service) const {
  return std::any_of(wrong_services_.begin(), wrong_services_.end(),
                     [service](const WrongService& wrong) { return wrong.service == service; });
}

TableReader::ServiceColumns& TableReader::ColumnsOf(const CollectionSchema& schema, const ServiceSchema& service) {
  for (auto& [known, columns] : columns_of_services_) {
    if (known == &service) return columns;
  }
  ServiceColumns found;
  const FieldNames& names = names_->Of(service);
  const bool is_of_objects = table_.kind() == CellTable::Kind::kObjects;  // Each has its names for itself.
  std::set<const FieldSchema*> taken;
  MeantColumns meant;
  found.columns.resize(table_.headings().size());
  for (const std::string& heading : table_.headings()) {
    if (const FieldSchema* field = service.FindField(heading)) taken.insert(field);
  }
  for (size_t i = 0; i < found.columns.size(); ++i) {
    const std::string& heading = table_.headings()[i];
    ServiceColumns::Column& column = found.columns[i];
    if (heading.empty() || IsKeyHeading(heading)) continue;
    const std::vector<const FieldSchema*> fields = names.FindAll(heading);
    const bool is_path = fields.size() == 1 && fields.front()->path == heading;
    if (is_path || (fields.size() == 1 && (is_of_objects || taken.insert(fields.front()).second))) {
      column.field = fields.front();
      if (!is_path) meant.emplace(column.field->path, i);
      continue;
    }
    column.is_unknown = true;
    column.meaning.is_second = fields.size() == 1;
    if (column.meaning.is_second) column.meaning.meant = fields.front();
    if (fields.size() > 1) column.meaning.candidates = fields;
  }
  size_t searches = 0;  // Each costs a look at every field.
  for (size_t i = 0; i < found.columns.size(); ++i) {
    ServiceColumns::Column& column = found.columns[i];
    NameMeaning& meaning = column.meaning;
    if (column.is_unknown && !meaning.is_second && meaning.candidates.empty() && searches++ < kMaxUnknownNames) {
      meaning.meant = names.FindMeant(table_.headings()[i]);
      meaning.is_checked = meaning.meant != nullptr && taken.insert(meaning.meant).second;
    }
    if (meaning.is_checked) meant.emplace(meaning.meant->path, i);
    found.tests.push_back(TestOf(schema, i, meaning.is_checked ? meaning.meant : column.field));
  }
  found.meant = std::make_shared<const MeantColumns>(std::move(meant));
  return columns_of_services_.emplace_back(&service, std::move(found)).second;
}

absl::optional<ColumnShift> TableReader::FindShift(const std::vector<absl::string_view>& cells) {
  if (table_.kind() == CellTable::Kind::kObjects) return absl::nullopt;  // Each value has its name beside it.
  const auto schema = schemas_.find(std::string(keys_.collection.TextAt(cells, 0)));
  if (schema == schemas_.end()) return absl::nullopt;
  // The service itself may have shifted.
  for (const int offset : {0, 1, -1, 2, -2}) {
    const ServiceSchema* service = schema->second->FindService(keys_.service.TextAt(cells, offset));
    // What is under the headings of another service suits none of its columns.
    if (IsWrongService(service)) return absl::nullopt;
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

void TableReader::ReadWideRow(size_t row, const std::vector<absl::string_view>& cells,
                              std::vector<FileReturn>* returns) {
  const absl::optional<ColumnShift> shift = FindShift(cells);
  const bool keys_have_moved = shift && HasKeyFrom(shift->first_column);
  FileReturn& file_return =
      returns->emplace_back(keys_have_moved ? ReadMisplacedRow(Origin(source_, row), cells, shift) : ReadKeys(row));
  const ServiceSchema* service = ServiceOf(file_return);
  if (shift) misplaced_.AddShifted(table_.row_number(row), *shift, returns->size() - 1);
  if (shift || IsWrongService(service)) {
    file_return.is_shifted = true;
    file_return.withheld = true;
    ContentBuilder(service).Finish(&file_return.content);
  } else if (service != nullptr && table_.kind() == CellTable::Kind::kObjects) {
    ReadObject(row, *service, &file_return);
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
    if (column.field != nullptr) AddValue(*column.field, row, i, &builder);
    if (!column.is_unknown || text.empty()) continue;
    unknown_names_.Add(service, table_.headings()[i], column.meaning, table_.row_number(row));
    column.has_values = true;
    file_return->withheld = true;
    if (column.meaning.is_checked) AddValue(*column.meaning.meant, row, i, &builder);
  }
  builder.Finish(&file_return->content);
}

void TableReader::WithholdIncomplete(std::vector<FileReturn>* returns) const {
  if (source_->names_each_value()) return;
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

void TableReader::Report(FileReturns* result) {
  for (WrongService& wrong : wrong_services_) result->row_problems.push_back(std::move(wrong.finding));
  for (v1::Finding& finding : stray_.Describe()) result->row_problems.push_back(std::move(finding));
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

const ServiceSchema* ServiceOf(const FileReturn& file_return) {
  return file_return.schema == nullptr ? nullptr : file_return.schema->FindService(file_return.content.service());
}

std::string JoinedKeys(const FileReturn& file_return) {
  const v1::ReturnContent& content = file_return.content;
  return absl::StrJoin({content.collection(), content.service(), content.participant(), file_return.period},
                       absl::string_view("\0", 1));
}

}  // namespace quartermaster::client
