#include "server/suppression.h"

#include <cstddef>

#include "validation/decimal_rounding.h"

namespace quartermaster::server {
namespace {

using CountOf = Decimal GroupCounts::*;
using PublishedCountOf = absl::optional<Decimal> PublishableCounts::*;

Decimal Rounded(Decimal count) {
  return Decimal::FromRaw(DivideHalfEven(count.raw(), kRoundingStep.raw()) * kRoundingStep.raw());
}

void Include(const GroupCounts& group, GroupCounts* all) {
  all->participants = Decimal::FromRaw(all->participants.raw() + group.participants.raw());
  all->numerator = Decimal::FromRaw(all->numerator.raw() + group.numerator.raw());
  all->denominator = Decimal::FromRaw(all->denominator.raw() + group.denominator.raw());
}

bool IsSmall(const GroupCounts& group, CountOf count) {
  return group.participants < kSmallestCount || group.*count < kSmallestCount;
}

// Which groups' counts are withheld, knowing that the total is shown.
std::vector<bool> WithheldGroups(absl::Span<const GroupCounts> groups, CountOf count) {
  std::vector<bool> withheld(groups.size());
  GroupCounts together;
  size_t withheld_count = 0;
  const auto withhold = [&](size_t i) {
    withheld[i] = true;
    Include(groups[i], &together);
    ++withheld_count;
  };
  for (size_t i = 0; i < groups.size(); ++i) {
    if (IsSmall(groups[i], count)) withhold(i);
  }
  while (withheld_count > 0 && withheld_count < groups.size() && (withheld_count == 1 || IsSmall(together, count))) {
    absl::optional<size_t> smallest;
    for (size_t i = 0; i < groups.size(); ++i) {
      if (!withheld[i] && (!smallest || groups[i].*count < groups[*smallest].*count)) smallest = i;
    }
    withhold(*smallest);
  }
  return withheld;
}

void Publish(absl::Span<const GroupCounts> groups, const GroupCounts& total, CountOf count, PublishedCountOf published,
             PublishableTable* table) {
  if (!IsSmall(total, count)) table->total.*published = Rounded(total.*count);
  const std::vector<bool> withheld = WithheldGroups(groups, count);
  for (size_t i = 0; i < groups.size(); ++i) {
    if (!withheld[i]) table->groups[i].*published = Rounded(groups[i].*count);
  }
}

}  // namespace

PublishableTable Suppress(absl::Span<const GroupCounts> groups) {
  GroupCounts total;
  for (const GroupCounts& group : groups) Include(group, &total);
  PublishableTable table;
  table.groups.resize(groups.size());
  Publish(groups, total, &GroupCounts::participants, &PublishableCounts::participants, &table);
  Publish(groups, total, &GroupCounts::numerator, &PublishableCounts::numerator, &table);
  Publish(groups, total, &GroupCounts::denominator, &PublishableCounts::denominator, &table);
  return table;
}

}  // namespace quartermaster::server
