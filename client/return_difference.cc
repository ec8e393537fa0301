#include "client/return_difference.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace quartermaster::client {
namespace {

ChangedValue ChangeOf(const ReturnText& before, const ReturnText& after) {
  const ReturnText& named = after.field.empty() ? before : after;
  ChangedValue change{named.field, named.label, before.text, after.text, absl::nullopt};
  // Values of returns are far from where 128 bits end.
  if (before.number && after.number) change.difference = Decimal::FromRaw(after.number->raw() - before.number->raw());
  return change;
}

std::string TextOf(const absl::optional<Decimal>& difference) { return difference ? difference->ToString() : ""; }

}  // namespace

std::vector<ChangedValue> FindChanges(const std::vector<ReturnText>& before, const std::vector<ReturnText>& after) {
  absl::flat_hash_map<std::string, const ReturnText*> earlier;
  for (const ReturnText& value : before) earlier[value.field] = &value;
  std::vector<ChangedValue> changes;
  for (const ReturnText& value : after) {
    const auto found = earlier.find(value.field);
    if (found == earlier.end()) {
      changes.push_back(ChangeOf({}, value));
      continue;
    }
    if (found->second->text != value.text) changes.push_back(ChangeOf(*found->second, value));
    earlier.erase(found);
  }
  for (const ReturnText& value : before) {
    if (earlier.contains(value.field)) changes.push_back(ChangeOf(value, {}));
  }
  return changes;
}

Table ReturnDifferenceTable(const std::vector<ChangedValue>& changes, const v1::StoredReturn& later, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"FIELD"}, {"BEFORE", true}, {"AFTER", true}, {"DIFFERENCE", true}, {"LABEL"}};
  } else {
    table.columns = {{"participant"}, {"service"}, {"period"}, {"field"}, {"before"}, {"after"}, {"difference", true}};
  }
  for (const ChangedValue& change : changes) {
    std::vector<std::string>& row = table.rows.emplace_back();
    if (!for_people) row = {later.participant(), later.service(), later.period()};
    row.insert(row.end(), {change.field, change.before, change.after, TextOf(change.difference)});
    if (for_people) row.push_back(change.label);
  }
  return table;
}

google::protobuf::Struct ReturnDifferenceObject(const std::vector<ChangedValue>& changes,
                                                const v1::StoredReturn& earlier, const v1::StoredReturn& later) {
  google::protobuf::Struct object;
  auto& members = *object.mutable_fields();
  members["participant"].set_string_value(later.participant());
  members["service"].set_string_value(later.service());
  members["period"].set_string_value(later.period());
  members["from"].set_number_value(earlier.revision());
  members["to"].set_number_value(later.revision());
  google::protobuf::ListValue& list = *members["changes"].mutable_list_value();
  for (const ChangedValue& change : changes) {
    auto& item = *list.add_values()->mutable_struct_value()->mutable_fields();
    item["field"].set_string_value(change.field);
    if (!change.before.empty()) item["before"].set_string_value(change.before);
    if (!change.after.empty()) item["after"].set_string_value(change.after);
    if (change.difference) item["difference"].set_number_value(change.difference->ToDouble());
  }
  return object;
}

}  // namespace quartermaster::client
