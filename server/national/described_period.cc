#include "server/national/described_period.h"

#include <algorithm>
#include <utility>

namespace quartermaster::national {

Ranking::Ranking(size_t indicators, absl::FunctionRef<void(Visit)> visit_all) : order_(indicators) {
  std::vector<std::vector<std::pair<Decimal, uint32_t>>> values(indicators);
  visit_all([&](const std::string& participant, const Contributions& contributions) {
    const auto index = static_cast<uint32_t>(codes_.size());
    codes_.push_back(participant);
    for (size_t i = 0; i < indicators; ++i) {
      if (contributions[i]) values[i].emplace_back(contributions[i]->value, index);
    }
  });
  for (size_t i = 0; i < indicators; ++i) {
    std::sort(values[i].begin(), values[i].end());
    order_[i].reserve(values[i].size());
    for (const auto& [value, index] : values[i]) order_[i].push_back(index);
  }
}

const Ranking& DescribedPeriod::ranking(absl::FunctionRef<Ranking()> make) const {
  std::call_once(ranked_, [&] { ranking_ = std::make_unique<const Ranking>(make()); });
  return *ranking_;
}

std::shared_ptr<const DescribedPeriod> DescribedPeriods::Get(
    const Period& period, absl::FunctionRef<std::vector<DescribedCell>()> make) const {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = periods_.find(period);
    if (found != periods_.end()) return found->second;
  }
  // Outside the lock, so that others are not kept waiting; two who ask at once make the same.
  auto made = std::make_shared<const DescribedPeriod>(make());
  const std::lock_guard<std::mutex> lock(mutex_);
  if (periods_.size() >= kKept) periods_.clear();
  return periods_.try_emplace(period, std::move(made)).first->second;
}

void DescribedPeriods::Forget(const Period& period) {
  const std::lock_guard<std::mutex> lock(mutex_);
  periods_.erase(period);
}

}  // namespace quartermaster::national
