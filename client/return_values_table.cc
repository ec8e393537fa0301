#include "client/return_values_table.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "validation/findings.h"
#include "validation/return_values.h"

namespace quartermaster::client {
absl::StatusOr<Table> ReturnValuesTable(const CollectionSchema& schema, const v1::StoredReturn& stored,
                                        bool for_people) {
  const ServiceSchema* service = schema.FindService(stored.service());
  if (service == nullptr) {
    return absl::DataLossError(absl::StrCat("the collection ", schema.id(), " has no service ", stored.service(), "."));
  }
  const absl::StatusOr<ReturnValues> values =
      ReturnValues::Read(*service, stored.data().value(), stored.not_available());
  if (!values.ok()) return absl::DataLossError(values.status().message());
  absl::flat_hash_map<std::string, std::string> reasons;
  for (const v1::NotAvailable& missing : stored.not_available()) reasons[missing.field()] = missing.reason();

  Table table;
  if (for_people) {
    table.columns = {{"FIELD"}, {"VALUE", true}, {"UNIT"}, {"LABEL"}};
  } else {
    table.columns = {{"participant"}, {"period"}, {"service"}, {"field"}, {"value"}};
  }
  for (const FieldSchema& field : service->fields()) {
    const FieldValue& value = values->fields()[static_cast<size_t>(field.index)];
    if (value.presence == Presence::kAbsent) continue;
    const bool is_missing = value.presence == Presence::kNotAvailable;
    // A finding shortens a text; here it stands in full.
    const std::string text = is_missing                         ? "NA"
                             : field.type == ValueType::kString ? std::string(value.text)
                                                                : DisplayValue(field, value);
    if (!for_people) {
      table.rows.push_back({stored.participant(), stored.period(), stored.service(), field.path, text});
      continue;
    }
    const std::string reason = is_missing ? reasons[field.path] : "";
    table.rows.push_back(
        {field.path, text, field.unit, reason.empty() ? field.label : absl::StrCat(field.label, " (", reason, ")")});
  }
  return table;
}

}  // namespace quartermaster::client
