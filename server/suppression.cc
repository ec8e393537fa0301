#include "server/suppression.h"

#include <algorithm>
#include <cstddef>

#include "validation/decimal_rounding.h"

namespace quartermaster::server {
namespace {

Decimal Rounded(Decimal count) {
  return Decimal::FromRaw(DivideHalfEven(count.raw(), kRoundingStep.raw()) * kRoundingStep.raw());
}

void Include(Decimal count, Decimal* sum) { *sum = Decimal::FromRaw(sum->raw() + count.raw()); }

// Counts, and the sums that hold among them.
class CountTable {
 public:
  explicit CountTable(Decimal least_participants) : least_participants_(least_participants) {}

  // Gives the place of the count.
  size_t Add(Decimal participants, Decimal count) {
    cells_.push_back({participants, count, IsSmall(participants, count)});
    return cells_.size() - 1;
  }
  // The parts add up to the total. Parts are groups of the total's participants, or counts of all of them.
  void AddSum(size_t total, std::vector<size_t> parts, bool parts_are_groups) {
    sums_.push_back({total, std::move(parts), parts_are_groups});
  }

  // Withholds what others would give away. Each round withholds a count, so it ends.
  void Complete() {
    bool changed = true;
    while (changed) {
      changed = false;
      for (const Sum& sum : sums_) changed = Protect(sum) || changed;
    }
  }

  absl::optional<Decimal> Published(size_t cell) const {
    if (cells_[cell].withheld) return absl::nullopt;
    return Rounded(cells_[cell].count);
  }

 private:
  bool IsSmall(Decimal participants, Decimal count) const {
    return participants < least_participants_ || count < kSmallestCount;
  }

  struct Cell {
    Decimal participants;
    Decimal count;
    bool withheld;
  };
  struct Sum {
    size_t total;
    std::vector<size_t> parts;
    bool parts_are_groups;
  };

  // Gives whether it had to withhold one more.
  bool Protect(const Sum& sum) {
    Cell& total = cells_[sum.total];
    size_t withheld = 0;
    Decimal participants = sum.parts_are_groups ? Decimal() : total.participants;
    Decimal count;
    Cell* smallest_shown = nullptr;
    for (const size_t part : sum.parts) {
      Cell& cell = cells_[part];
      if (!cell.withheld) {
        if (smallest_shown == nullptr || cell.count < smallest_shown->count) smallest_shown = &cell;
        continue;
      }
      ++withheld;
      Include(cell.count, &count);
      if (sum.parts_are_groups) Include(cell.participants, &participants);
    }
    if (withheld == 0 && !total.withheld) return false;
    const bool is_safe = total.withheld ? withheld > 0 : withheld > 1 && !IsSmall(participants, count);
    if (is_safe) return false;
    if (smallest_shown == nullptr) {
      if (total.withheld) return false;
      total.withheld = true;
      return true;
    }
    smallest_shown->withheld = true;
    return true;
  }

  const Decimal least_participants_;
  std::vector<Cell> cells_;
  std::vector<Sum> sums_;
};

using CountOf = Decimal GroupCounts::*;

// The groups of a category and their total, which is last; gives their places.
std::vector<size_t> AddGroups(const std::vector<GroupCounts>& groups, CountOf count, CountTable* table) {
  std::vector<size_t> places;
  Decimal participants;
  Decimal sum;
  for (const GroupCounts& group : groups) {
    places.push_back(table->Add(group.participants, group.*count));
    Include(group.participants, &participants);
    Include(group.*count, &sum);
  }
  const size_t total = table->Add(participants, sum);
  table->AddSum(total, places, /*parts_are_groups=*/true);
  places.push_back(total);
  return places;
}

void Publish(const CountTable& counts, const std::vector<size_t>& places,
             absl::optional<Decimal> PublishableCounts::*published, PublishableTable* table) {
  table->groups.resize(places.size() - 1);
  for (size_t i = 0; i < table->groups.size(); ++i) table->groups[i].*published = counts.Published(places[i]);
  table->total.*published = counts.Published(places.back());
}

}  // namespace

std::vector<PublishableTable> Suppress(absl::Span<const std::vector<GroupCounts>> categories, uint32_t minimum_n) {
  std::vector<PublishableTable> tables(categories.size());
  if (categories.empty()) return tables;
  const Decimal least_participants = std::max(kSmallestCount, Decimal::FromInteger(minimum_n));
  CountTable participants(least_participants);
  const std::vector<size_t> participant_places = AddGroups(categories[0], &GroupCounts::participants, &participants);
  participants.Complete();

  CountTable counts(least_participants);
  const std::vector<size_t> denominators = AddGroups(categories[0], &GroupCounts::denominator, &counts);
  std::vector<std::vector<size_t>> numerators;
  for (const std::vector<GroupCounts>& groups : categories) {
    numerators.push_back(AddGroups(groups, &GroupCounts::numerator, &counts));
  }
  for (size_t group = 0; categories.size() > 1 && group < denominators.size(); ++group) {
    std::vector<size_t> parts;
    for (const std::vector<size_t>& places : numerators) parts.push_back(places[group]);
    counts.AddSum(denominators[group], std::move(parts), /*parts_are_groups=*/false);
  }
  counts.Complete();
  for (size_t i = 0; i < tables.size(); ++i) {
    Publish(participants, participant_places, &PublishableCounts::participants, &tables[i]);
    Publish(counts, denominators, &PublishableCounts::denominator, &tables[i]);
    Publish(counts, numerators[i], &PublishableCounts::numerator, &tables[i]);
  }
  return tables;
}

}  // namespace quartermaster::server
