#include "server/release_diff.h"

#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace quartermaster::server {
namespace {

auto KeyOf(const PinnedReturn& pinned) { return std::tie(pinned.service, pinned.participant, pinned.period); }
auto KeyOf(const ReleasedValue& value) {
  return std::tie(value.service, value.indicator, value.category, value.participant);
}

// Visits what two lists in the order of their keys have: each key once, with null for the list that lacks it.
template <typename Item, typename Visit>
void VisitPairs(const std::vector<Item>& from, const std::vector<Item>& to, Visit visit) {
  size_t i = 0;
  size_t j = 0;
  while (i < from.size() || j < to.size()) {
    const bool has_from = i < from.size() && (j == to.size() || !(KeyOf(to[j]) < KeyOf(from[i])));
    const bool has_to = j < to.size() && (i == from.size() || !(KeyOf(from[i]) < KeyOf(to[j])));
    visit(has_from ? &from[i] : nullptr, has_to ? &to[j] : nullptr);
    if (has_from) ++i;
    if (has_to) ++j;
  }
}

void AddReturn(const PinnedReturn* from, const PinnedReturn* to, v1::DiffReleasesResponse* response) {
  if (from != nullptr && to != nullptr && from->revision == to->revision) return;
  const PinnedReturn& either = to != nullptr ? *to : *from;
  v1::ReturnChange& change = *response->add_returns();
  change.set_service(either.service);
  change.set_participant(either.participant);
  change.set_period(either.period);
  if (from != nullptr) change.set_from_revision(from->revision);
  if (to != nullptr) change.set_to_revision(to->revision);
}

void AddValue(const ReleasedValue* from, const ReleasedValue* to, v1::DiffReleasesResponse* response) {
  const ReleasedValue& either = to != nullptr ? *to : *from;
  if (from != nullptr && !from->counts) from = nullptr;
  if (to != nullptr && !to->counts) to = nullptr;
  if ((from == nullptr && to == nullptr) || (from != nullptr && to != nullptr && from->value == to->value)) return;
  v1::ValueChange& change = *response->add_values();
  change.set_service(either.service);
  change.set_indicator(either.indicator);
  change.set_category(either.category);
  change.set_participant(either.participant);
  if (from != nullptr) change.set_from(from->value.ToDouble());
  if (to != nullptr) change.set_to(to->value.ToDouble());
}

}  // namespace

void DiffContents(const ReleaseContent& from, const ReleaseContent& to, v1::DiffReleasesResponse* response) {
  VisitPairs(from.returns, to.returns,
             [response](const PinnedReturn* before, const PinnedReturn* after) { AddReturn(before, after, response); });
  VisitPairs(from.values, to.values, [response](const ReleasedValue* before, const ReleasedValue* after) {
    AddValue(before, after, response);
  });
}

void DiffStatistics(const StatisticsList& from, const StatisticsList& to, v1::DiffReleasesResponse* response) {
  const auto key_of = [](const v1::NationalStatistics& one) {
    return std::tie(one.service(), one.indicator(), one.category());
  };
  using Key = std::tuple<std::string, std::string, std::string>;
  std::map<Key, const v1::NationalStatistics*> earlier;
  for (const v1::NationalStatistics& one : from) earlier.emplace(key_of(one), &one);
  for (const v1::NationalStatistics& one : to) {
    const auto found = earlier.find(key_of(one));
    if (found == earlier.end()) {
      *response->add_statistics()->mutable_to() = one;
      continue;
    }
    if (!HaveSameFigures(*found->second, one)) {
      v1::StatisticsChange& change = *response->add_statistics();
      *change.mutable_from() = *found->second;
      *change.mutable_to() = one;
    }
    earlier.erase(found);
  }
  for (const v1::NationalStatistics& one : from) {
    if (earlier.count(key_of(one)) > 0) *response->add_statistics()->mutable_from() = one;
  }
}

}  // namespace quartermaster::server
