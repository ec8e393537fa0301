#include "server/expected.h"

#include <map>
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

// Whoever is enrolled in each month of the period, itself or as those whom it is made of: a body that begins with its
// enrolment within the period is expected with what they had before.
std::vector<std::string> Enrolled(const Enrolments& enrolments, const std::string& collection,
                                  const std::string& service, const Period& period, const Succession& succession) {
  std::map<std::string, int> months;
  for (const Period& month : period.WithParts()) {
    if (month.kind() != PeriodKind::kMonth) continue;
    std::set<std::string> bodies;
    for (const std::string& code : enrolments.EnrolledFor(collection, service, month)) {
      bodies.insert(BodyAtTheEndOf(period, code, succession));
    }
    for (const std::string& body : bodies) ++months[body];
  }
  std::vector<std::string> enrolled;
  for (const auto& [body, count] : months) {
    if (count == period.month_count()) enrolled.push_back(body);
  }
  return enrolled;
}

}  // namespace

std::vector<std::string> ExpectedParticipants(const LiveState& state, const LiveCollection& collection,
                                              const ServiceSchema& service, const Period& period) {
  const std::shared_ptr<const Enrolments> enrolments = state.enrolments();
  const std::shared_ptr<const Succession> succession = state.participants()->succession();
  const std::string& id = collection.schema->id();
  if (enrolments->HasAny(id, service.id())) return Enrolled(*enrolments, id, service.id(), period, *succession);
  const int first = period.first_month();
  std::set<std::string> expected;
  for (const std::string& code :
       collection.national->ReportersBetween(service, first - kMonthsBefore, first + period.month_count())) {
    expected.insert(BodyAtTheEndOf(period, code, *succession));
  }
  return {expected.begin(), expected.end()};
}

}  // namespace quartermaster::server
