// Fills a state with all returns at once. To count each on its own would compute a year anew with each of its quarters,
// and place each value in a cell that has long left the processor's cache. Here a year is counted at a time, with the
// periods in it: what a participant returned for them lies side by side.
#include <algorithm>
#include <atomic>
#include <future>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "server/national/service_state.h"

namespace quartermaster::national {

void ServiceState::Keep(const std::string& participant, const Period& period, const FieldRow& fields,
                        uint32_t revision) {
  participants_.try_emplace(participant, schema_, kept_).first->second.Put(period, fields, revision);
}

void ServiceState::CountKept(const PopulationSource& source) {
  const std::vector<std::string> candidates = Candidates();
  const std::vector<std::vector<Period>> years = PeriodsByYear();
  if (!schema_.populations().empty()) {
    for (const std::string& candidate : candidates) {
      for (const std::vector<Period>& year : years) {
        for (const Period& period : year) RenewPopulations({candidate, period}, source);
      }
    }
  }
  // From here on all that the years share is only read.
  std::vector<std::vector<std::vector<Cell>>> cells(years.size());
  std::atomic<size_t> next = 0;
  const auto count = [&] {
    for (size_t i = next++; i < years.size(); i = next++) cells[i] = CountCells(candidates, years[i]);
  };
  std::future<void> beside = std::async(std::launch::async, count);
  count();
  beside.get();
  for (size_t i = 0; i < years.size(); ++i) {
    for (size_t j = 0; j < years[i].size(); ++j) cells_.insert_or_assign(years[i][j], std::move(cells[i][j]));
  }
}

std::vector<std::vector<Period>> ServiceState::PeriodsByYear() const {
  absl::flat_hash_map<Period, absl::flat_hash_set<Period>> periods;
  for (const auto& [participant, returns] : participants_) {
    for (const Period& period : returns.periods()) {
      const std::vector<Period> affected = Affected(period);
      periods[affected.back()].insert(affected.begin(), affected.end());
    }
  }
  std::vector<std::vector<Period>> years;
  for (const auto& [year, parts] : periods) years.emplace_back(parts.begin(), parts.end());
  return years;
}

std::vector<std::vector<Cell>> ServiceState::CountCells(const std::vector<std::string>& candidates,
                                                        const std::vector<Period>& periods) const {
  const std::vector<CellBuilder> empty(schema_.indicators().size());
  std::vector<std::vector<CellBuilder>> builders(periods.size(), empty);
  for (const std::string& candidate : candidates) {
    for (size_t i = 0; i < periods.size(); ++i) {
      const Contributions contributions = Counted(candidate, periods[i]);
      for (size_t j = 0; j < contributions.size(); ++j) {
        if (contributions[j]) builders[i][j].Add(*contributions[j]);
      }
    }
  }
  std::vector<std::vector<Cell>> cells;
  for (const std::vector<CellBuilder>& row : builders) {
    std::vector<Cell>& made = cells.emplace_back();
    for (const CellBuilder& builder : row) made.push_back(builder.Build());
  }
  return cells;
}

}  // namespace quartermaster::national
