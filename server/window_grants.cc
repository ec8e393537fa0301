#include "server/window_grants.h"

#include <algorithm>

#include "absl/status/statusor.h"

namespace quartermaster::server {

void WindowGrants::Put(const storage::v1::WindowGrantRecord& record) {
  const v1::WindowGrant& grant = record.grant();
  all_[grant.id()] = record;
  const absl::StatusOr<Period> from = Period::Parse(grant.from());
  const absl::StatusOr<Period> to = Period::Parse(grant.to());
  if (from.ok() && to.ok()) periods_.insert_or_assign(grant.id(), std::pair(*from, *to));
}

std::vector<const v1::WindowGrant*> WindowGrants::For(absl::string_view collection, const Period& period) const {
  std::vector<const v1::WindowGrant*> found;
  for (const auto& [id, periods] : periods_) {
    // Periods of another kind come before or after all of this one.
    if (period < periods.first || periods.second < period) continue;
    const v1::WindowGrant& grant = all_.at(id).grant();
    if (grant.collection() == collection) found.push_back(&grant);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto* a, const auto* b) { return a->participant() < b->participant(); });
  return found;
}

}  // namespace quartermaster::server
