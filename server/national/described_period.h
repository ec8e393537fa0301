// A period of a service as readers see it: its figures as messages, and who has which rank. Both are made from the
// cells when somebody asks, and serve all who ask until the period moves.
#ifndef QUARTERMASTER_SERVER_NATIONAL_DESCRIBED_PERIOD_H_
#define QUARTERMASTER_SERVER_NATIONAL_DESCRIBED_PERIOD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "server/national/assembly.h"
#include "server/national/messages.h"
#include "validation/contribution.h"
#include "validation/period.h"

namespace quartermaster::national {

// Who has the values of each indicator, smallest first and equal ones by code.
class Ranking {
 public:
  // Calls visit(participant, contributions) for all who count, ordered by code; contributions are one an indicator.
  using Visit = absl::FunctionRef<void(const std::string&, const Contributions&)>;
  Ranking(size_t indicators, absl::FunctionRef<void(Visit)> visit_all);

  // Of the value that has this many smaller ones, as Distribution::Smallest counts.
  const std::string& Participant(size_t indicator, size_t smaller) const { return codes_[order_[indicator][smaller]]; }

 private:
  std::vector<std::string> codes_;
  std::vector<std::vector<uint32_t>> order_;  // An index of codes_ for each value.
};

// Made whole but for the ranking, which few ask for. Thread-safe.
class DescribedPeriod {
 public:
  explicit DescribedPeriod(std::vector<DescribedCell> cells) : cells_(std::move(cells)) {}

  // One for each indicator, in the order of the schema.
  const std::vector<DescribedCell>& cells() const { return cells_; }
  // `make` is called by the first who asks.
  const Ranking& ranking(absl::FunctionRef<Ranking()> make) const;

 private:
  const std::vector<DescribedCell> cells_;
  mutable std::once_flag ranked_;
  mutable std::unique_ptr<const Ranking> ranking_;
};

// The described periods of a service. Thread-safe, but nothing may move while Get makes one.
class DescribedPeriods {
 public:
  // Reports are about one period and the one before, while one more comes in; others are made again when somebody asks.
  static constexpr size_t kKept = 4;

  std::shared_ptr<const DescribedPeriod> Get(const Period& period,
                                             absl::FunctionRef<std::vector<DescribedCell>()> make) const;
  // It moved.
  void Forget(const Period& period);

 private:
  mutable std::mutex mutex_;
  mutable absl::flat_hash_map<Period, std::shared_ptr<const DescribedPeriod>> periods_;  // guarded by mutex_
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_DESCRIBED_PERIOD_H_
