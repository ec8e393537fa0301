// Fills a state with all returns at once. To count each on its own would compute a year anew with each of its quarters,
// and place each value in a cell that has long left the processor's cache; here a period is counted at a time.
#include <algorithm>
#include <atomic>
#include <future>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "server/national/service_state.h"

namespace quartermaster::national {

void ServiceState::Keep(const std::string& participant, const Period& period, const FieldRow& fields,
                        uint32_t revision) {
  participants_.try_emplace(participant, schema_, kept_).first->second.Put(period, fields, revision);
}

void ServiceState::CountKept(const PopulationSource& source) {
  const std::vector<std::string> candidates = Candidates();
  const std::vector<Period> periods = PeriodsWithReturns();
  if (!schema_.populations().empty()) {
    for (const std::string& candidate : candidates) {
      for (const Period& period : periods) RenewPopulations({candidate, period}, source);
    }
  }
  // From here on all that the periods share is only read.
  std::vector<std::vector<Cell>> cells(periods.size());
  std::atomic<size_t> next = 0;
  const auto count = [&] {
    for (size_t i = next++; i < periods.size(); i = next++) cells[i] = CountCells(candidates, periods[i]);
  };
  std::future<void> beside = std::async(std::launch::async, count);
  count();
  beside.get();
  for (size_t i = 0; i < periods.size(); ++i) {
    if (!cells[i].empty()) cells_.insert_or_assign(periods[i], std::move(cells[i]));
  }
}

std::vector<Period> ServiceState::PeriodsWithReturns() const {
  absl::flat_hash_set<Period> periods;
  for (const auto& [participant, returns] : participants_) {
    for (Period period : returns.periods()) {
      while (periods.insert(period).second && period.kind() != PeriodKind::kYear) period = period.Container();
    }
  }
  std::vector<Period> ordered(periods.begin(), periods.end());
  std::sort(ordered.begin(), ordered.end());
  return ordered;
}

std::vector<Cell> ServiceState::CountCells(const std::vector<std::string>& candidates, const Period& period) const {
  std::vector<CellBuilder> builders(schema_.indicators().size());
  bool anybody = false;
  for (const std::string& candidate : candidates) {
    const Contributions contributions = Counted(candidate, period);
    anybody = anybody || !contributions.empty();
    for (size_t i = 0; i < contributions.size(); ++i) {
      if (contributions[i]) builders[i].Add(*contributions[i]);
    }
  }
  std::vector<Cell> cells;
  if (!anybody) return cells;
  for (const CellBuilder& builder : builders) cells.push_back(builder.Build());
  return cells;
}

}  // namespace quartermaster::national
