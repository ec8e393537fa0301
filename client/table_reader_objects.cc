// The rows of objects: a return each, whose names are its own. What another return calls otherwise is that field all
// the same, and a name is only too many beside another of its own return.
#include <set>
#include <utility>

#include "client/table_reader.h"

namespace quartermaster::client {

void TableReader::ReadObject(size_t row, const ServiceSchema& service, FileReturn* file_return) {
  const std::vector<ServiceColumns::Column>& columns = ColumnsOf(*file_return->schema, service).columns;
  ContentBuilder builder(&service);
  MeantColumns meant;
  std::set<const FieldSchema*> seen;
  const auto take = [&](const FieldSchema& field, size_t column) {
    AddValue(field, row, column, &builder);
    if (field.path != table_.headings()[column]) meant.emplace(field.path, column);
  };
  const auto refuse = [&](size_t column, const NameMeaning& meaning) {
    unknown_names_.Add(service, table_.headings()[column], meaning, table_.row_number(row));
    file_return->withheld = true;
  };
  for (const bool takes_paths : {true, false}) {  // As of columns, a path goes before other names of the field.
    for (size_t i = 0; i < columns.size(); ++i) {
      const FieldSchema* field = columns[i].field;
      if (field == nullptr || table_.cell(row, i).empty()) continue;
      if ((field->path == table_.headings()[i]) != takes_paths) continue;
      if (seen.insert(field).second) {
        take(*field, i);
      } else {
        refuse(i, {.meant = field, .is_second = true});
      }
    }
  }
  // Now that the names that are right are known, one that is not may stand for a field that is free.
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].is_unknown || table_.cell(row, i).empty()) continue;
    NameMeaning meaning = columns[i].meaning;
    meaning.is_checked = meaning.meant != nullptr && seen.insert(meaning.meant).second;
    refuse(i, meaning);
    if (meaning.is_checked) take(*meaning.meant, i);
  }
  builder.Finish(&file_return->content);
  AddBeside(row, &file_return->content);
  if (!meant.empty())
    file_return->origin = Origin(source_, row, std::make_shared<const MeantColumns>(std::move(meant)));
}

void TableReader::AddBeside(size_t row, v1::ReturnContent* content) const {
  const v1::ReturnContent* const beside = source_->Beside(row);
  if (beside == nullptr) return;
  if (!beside->data().value().empty()) content->mutable_data()->set_value(beside->data().value());
  if (!beside->data().type_url().empty()) content->mutable_data()->set_type_url(beside->data().type_url());
  content->mutable_not_available()->MergeFrom(beside->not_available());
  content->mutable_unreadable()->MergeFrom(beside->unreadable());
}

}  // namespace quartermaster::client
