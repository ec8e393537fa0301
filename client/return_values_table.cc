#include "client/return_values_table.h"

#include "absl/container/flat_hash_map.h"
#include "client/cell_value.h"
#include "validation/findings.h"
#include "validation/return_values.h"

namespace quartermaster::client {

absl::StatusOr<std::vector<ReturnText>> ReturnTexts(const CollectionSchema& schema, const v1::StoredReturn& stored) {
  const ServiceSchema* service = schema.FindService(stored.service());
  if (service == nullptr) {
    return absl::DataLossError(absl::StrCat("the collection ", schema.id(), " has no service ", stored.service(), "."));
  }
  const absl::StatusOr<ReturnValues> values =
      ReturnValues::Read(*service, stored.data().value(), stored.not_available());
  if (!values.ok()) return absl::DataLossError(values.status().message());
  absl::flat_hash_map<std::string, std::string> reasons;
  for (const v1::NotAvailable& missing : stored.not_available()) reasons[missing.field()] = missing.reason();

  std::vector<ReturnText> texts;
  for (const FieldSchema& field : service->fields()) {
    const FieldValue& value = values->fields()[static_cast<size_t>(field.index)];
    if (value.presence == Presence::kAbsent) continue;
    ReturnText& text =
        texts.emplace_back(ReturnText{field.path, field.label, field.unit, "", absl::nullopt, IsNumber(field.type)});
    if (value.presence == Presence::kNotAvailable) {
      text.text = NotAvailableText(reasons[field.path]);
      continue;
    }
    // A finding shortens a text; here it stands in full.
    text.text = field.type == ValueType::kString ? std::string(value.text) : DisplayValue(field, value);
    if (field.type != ValueType::kString) text.value = value.number;
  }
  return texts;
}

absl::StatusOr<Table> ReturnValuesTable(const CollectionSchema& schema, const v1::StoredReturn& stored,
                                        bool for_people) {
  const absl::StatusOr<std::vector<ReturnText>> texts = ReturnTexts(schema, stored);
  if (!texts.ok()) return texts.status();
  Table table;
  if (for_people) {
    table.columns = {{"FIELD"}, {"VALUE", true}, {"UNIT"}, {"LABEL"}};
  } else {
    table.columns = {{"participant"}, {"period"}, {"service"}, {"field"}, {"value"}};
  }
  for (const ReturnText& text : *texts) {
    if (!for_people) {
      table.rows.push_back({stored.participant(), stored.period(), stored.service(), text.field, text.text});
      continue;
    }
    table.rows.push_back({text.field, text.text, text.unit, text.label});
  }
  return table;
}

}  // namespace quartermaster::client
