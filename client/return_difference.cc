#include "client/return_difference.h"

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "client/return_values_table.h"
#include "validation/decimal.h"

namespace quartermaster::client {
namespace {

bool IsSame(const ReturnText& before, const ReturnText& after) {
  if (before.value && after.value) return before.value == after.value;
  return before.text == after.text;
}

// Either may be null.
void AddChange(const ReturnText* before, const ReturnText* after, v1::ReturnDifference* difference) {
  const ReturnText& named = after != nullptr ? *after : *before;
  v1::ChangedValue& change = *difference->add_changes();
  change.set_field(named.field);
  change.set_label(named.label);
  if (before != nullptr) change.set_before(before->text);
  if (after != nullptr) change.set_after(after->text);
  if (before == nullptr || after == nullptr || !before->value || !after->value || !after->is_number) return;
  if (const std::optional<Decimal> moved = Subtract(*after->value, *before->value)) {
    change.set_difference(moved->ToDouble());
  }
}

}  // namespace

absl::StatusOr<v1::ReturnDifference> FindDifference(const JudgedRevision& earlier, const JudgedRevision& later) {
  const absl::StatusOr<std::vector<ReturnText>> before = ReturnTexts(earlier.schema, earlier.stored);
  if (!before.ok()) return before.status();
  const absl::StatusOr<std::vector<ReturnText>> after = ReturnTexts(later.schema, later.stored);
  if (!after.ok()) return after.status();
  v1::ReturnDifference difference;
  difference.set_collection(later.stored.collection());
  difference.set_service(later.stored.service());
  difference.set_participant(later.stored.participant());
  difference.set_period(later.stored.period());
  difference.set_from(earlier.stored.revision());
  difference.set_to(later.stored.revision());
  absl::flat_hash_map<std::string, const ReturnText*> unseen;
  for (const ReturnText& value : *before) unseen[value.field] = &value;
  for (const ReturnText& value : *after) {
    const auto found = unseen.find(value.field);
    if (found == unseen.end()) {
      AddChange(nullptr, &value, &difference);
      continue;
    }
    if (!IsSame(*found->second, value)) AddChange(found->second, &value, &difference);
    unseen.erase(found);
  }
  for (const ReturnText& value : *before) {
    if (unseen.contains(value.field)) AddChange(&value, nullptr, &difference);
  }
  return difference;
}

Table ReturnDifferenceTable(const v1::ReturnDifference& difference, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"FIELD"}, {"BEFORE", true}, {"AFTER", true}, {"DIFFERENCE", true}, {"LABEL"}};
  } else {
    table.columns = {{"participant"}, {"service"}, {"period"}, {"field"}, {"before"}, {"after"}, {"difference", true}};
  }
  for (const v1::ChangedValue& change : difference.changes()) {
    std::vector<std::string>& row = table.rows.emplace_back();
    if (!for_people) row = {difference.participant(), difference.service(), difference.period()};
    absl::optional<double> number;
    if (change.has_difference()) number = change.difference();
    row.insert(row.end(), {change.field(), change.before(), change.after(), FormatExact(number)});
    if (for_people) row.push_back(change.label());
  }
  return table;
}

}  // namespace quartermaster::client
