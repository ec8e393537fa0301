#include "server/expected.h"

#include <set>
#include <utility>

namespace quartermaster::server {
namespace {

constexpr int kMonthsBefore = 12;  // A year: whoever reports once a year is among them.

// The participant itself, or who it had become by the end of the period.
std::string BodyAtTheEndOf(const Period& period, std::string code, const Succession& succession) {
  for (int depth = 0; depth < Succession::kMaxDepth; ++depth) {
    const Succession::Successor* successor = succession.SuccessorOf(code);
    if (successor == nullptr || Succession::IsBefore(period, *successor)) break;
    code = successor->code;
  }
  return code;
}

}  // namespace

std::vector<std::string> ExpectedParticipants(const LiveState& state, const LiveCollection& collection,
                                              const ServiceSchema& service, const Period& period) {
  const std::shared_ptr<const Enrolments> enrolments = state.enrolments();
  const std::string& id = collection.schema->id();
  const int first = period.first_month();
  const std::vector<std::string> codes =
      enrolments->HasAny(id, service.id())
          ? enrolments->EnrolledFor(id, service.id(), period)
          : collection.national->ReportersBetween(service, first - kMonthsBefore, first + period.month_count());
  const std::shared_ptr<const Succession> succession = state.participants()->succession();
  std::set<std::string> expected;
  for (const std::string& code : codes) expected.insert(BodyAtTheEndOf(period, code, *succession));
  return {expected.begin(), expected.end()};
}

}  // namespace quartermaster::server
