// National statistics of a country that sends the returns of the benchmarks' collection.
#ifndef QUARTERMASTER_TESTS_BENCH_BENCH_COUNTRY_H_
#define QUARTERMASTER_TESTS_BENCH_BENCH_COUNTRY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "server/national/national_state.h"
#include "tests/bench/bench_collection.h"
#include "tests/bench/bench_return.h"

namespace quartermaster::bench {

// Participants that report for each of so many quarters; nobody has yet.
class Country {
 public:
  Country(int64_t participants, int64_t quarters)
      : state_(
            Collection(),
            [](const std::string&, const PopulationKey&, const Period&) -> absl::optional<Decimal> {
              return absl::nullopt;
            },
            std::make_shared<Succession>()) {
    for (int i = 0; i < participants; ++i) participants_.push_back(ParticipantCode(i));
    for (int i = 0; i < quarters; ++i) periods_.push_back(Period::Parse(QuarterText(kLastQuarter - i)).value());
    for (uint32_t variant = 0; variant < kVariants; ++variant) values_.push_back(Values(variant));
  }

  // Everybody reports for every quarter.
  void Fill() {
    for (size_t i = 0; i < participants_.size() * periods_.size(); ++i) PutNext();
  }

  // The return of the next participant, or, after the last, of the first for the next quarter, and so round.
  void PutNext() {
    const std::string& participant = participants_[next_ % participants_.size()];
    const Period& period = periods_[next_ / participants_.size() % periods_.size()];
    state_.Put(Service(), participant, period, values_[next_ % kVariants], 1);
    ++next_;
  }

  const national::NationalState& state() const { return state_; }
  const Period& last_period() const { return periods_.front(); }

 private:
  static constexpr int kLastQuarter = 71;   // 2025-26-Q4.
  static constexpr size_t kVariants = 251;  // A prime, so that a participant does not always send the same.

  national::NationalState state_;
  std::vector<std::string> participants_;
  std::vector<Period> periods_;
  std::vector<ReturnValues> values_;
  size_t next_ = 0;
};

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TESTS_BENCH_BENCH_COUNTRY_H_
