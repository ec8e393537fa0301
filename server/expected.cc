#include "server/expected.h"

#include <memory>
#include <tuple>

#include "absl/status/statusor.h"

namespace quartermaster::server {
namespace {

// Whether the period lies wholly within the months of the enrolment.
bool Contains(const v1::Enrolment& enrolment, const Period& period) {
  const absl::StatusOr<Period> from = Period::Parse(enrolment.from());
  const absl::StatusOr<Period> to = Period::Parse(enrolment.to());
  return (!from.ok() || from->first_month() <= period.first_month()) &&
         (!to.ok() || period.first_month() + period.month_count() <= to->first_month() + to->month_count());
}

}  // namespace

std::vector<std::string> ExpectedParticipants(const LiveState& state, const LiveCollection& collection,
                                              const ServiceSchema& service, const Period& period) {
  const std::shared_ptr<const Enrolments> enrolments = state.enrolments();
  const std::shared_ptr<const Succession> succession = state.participants()->succession();
  std::vector<std::string> expected;
  auto next = enrolments->all().lower_bound({collection.schema->id(), service.id(), ""});
  for (; next != enrolments->all().end(); ++next) {
    const auto& [collection_id, service_id, code] = next->first;
    if (collection_id != collection.schema->id() || service_id != service.id()) break;
    const Succession::Successor* successor = succession->SuccessorOf(code);
    if (successor != nullptr && !Succession::IsBefore(period, *successor)) continue;
    if (Contains(next->second.enrolment(), period)) expected.push_back(code);
  }
  return expected;
}

}  // namespace quartermaster::server
