#include "server/national/assembly.h"

#include <algorithm>
#include <utility>

#include "validation/rollup.h"

namespace quartermaster::national {
namespace {

// Takes over which returns a part is made of.
void AddSource(Assembled part, Assembled* whole) {
  whole->from_predecessors |= part.from_predecessors;
  std::move(part.returns.begin(), part.returns.end(), std::back_inserter(whole->returns));
}

}  // namespace

Contributions ContributionsOf(const ServiceSchema& service, const FieldRow& fields,
                              absl::Span<const absl::optional<Decimal>> populations) {
  const EvaluationInput input{fields, populations};
  Contributions contributions;
  contributions.reserve(service.indicators().size());
  for (const IndicatorSchema& indicator : service.indicators()) contributions.push_back(Contribute(indicator, input));
  return contributions;
}

const ParticipantReturns* Assembly::Find(const std::string& participant) const {
  const auto found = participants_.find(participant);
  return found == participants_.end() ? nullptr : &found->second;
}

bool Assembly::Reports(const std::string& participant, int depth) const {
  if (depth > Succession::kMaxDepth) return false;
  const ParticipantReturns* returns = Find(participant);
  if (returns != nullptr && !returns->periods().empty()) return true;
  const std::vector<std::string>& predecessors = succession_.PredecessorsOf(participant);
  return std::any_of(predecessors.begin(), predecessors.end(),
                     [&](const std::string& predecessor) { return Reports(predecessor, depth + 1); });
}

bool Assembly::IsSucceeded(const std::string& participant, const Period& period) const {
  const Succession::Successor* successor = succession_.SuccessorOf(participant);
  return successor != nullptr && !Succession::IsBefore(period, *successor);
}

bool Assembly::LacksMonths(const std::string& participant, const Period& period) const {
  if (IsSucceeded(participant, period)) return true;
  if (!succession_.PredecessorsOf(participant).empty()) return false;
  const ParticipantReturns* returns = Find(participant);
  return returns == nullptr || !returns->Covers(period);
}

Assembled Assembly::Assemble(const std::string& participant, const Period& period, Before before) const {
  if (IsSucceeded(participant, period)) return {};
  Assembled assembled = Collect(participant, period, period, 0);
  if (assembled.months_present > 0 || before == Before::kNothing) return assembled;
  return Inherit(participant, period, 0);
}

Assembled Assembly::Inherit(const std::string& participant, const Period& period, int depth) const {
  if (depth > Succession::kMaxDepth) return {};
  std::vector<Assembled> bodies;
  for (const std::string& body : Predecessors(participant, period, nullptr)) {
    bodies.push_back(Collect(body, period, period, 0));
    if (bodies.back().months_present == 0) bodies.back() = Inherit(body, period, depth + 1);
  }
  return Sum(std::move(bodies), period);
}

Assembled Assembly::Collect(const std::string& participant, const Period& period, const Period& whole,
                            int depth) const {
  if (depth > Succession::kMaxDepth) return {};
  std::vector<std::string> bodies = Predecessors(participant, period, &whole);
  if (bodies.empty()) return Own(participant, period, whole, depth);
  // One that was there before others merged into it belongs to the sum.
  const ParticipantReturns* returns = Find(participant);
  if (returns != nullptr && returns->HasBetween(0, period.first_month() + period.month_count())) {
    bodies.push_back(participant);
  }
  Assembled together = Together(bodies, participant, period, whole, depth);
  if (together.months_present > 0 || period.kind() == PeriodKind::kMonth) return together;
  return RollUpParts(participant, period, whole, depth);
}

Assembled Assembly::Own(const std::string& participant, const Period& period, const Period& whole, int depth) const {
  const ParticipantReturns* returns = Find(participant);
  if (returns != nullptr && returns->Has(period)) {
    return {
        period.month_count(), true, false, returns->Fields(period), {{participant, period, returns->Revision(period)}}};
  }
  if (period.kind() == PeriodKind::kMonth) return {};
  return RollUpParts(participant, period, whole, depth);
}

Assembled Assembly::RollUpParts(const std::string& participant, const Period& period, const Period& whole,
                                int depth) const {
  Assembled rolled_up;
  std::vector<FieldRow> parts;
  for (const Period& each : period.Parts()) {
    Assembled part = Collect(participant, each, whole, depth);
    if (part.months_present == 0) continue;
    rolled_up.months_present += part.months_present;
    parts.push_back(std::move(part.fields));
    AddSource(std::move(part), &rolled_up);
  }
  if (!parts.empty()) rolled_up.fields = RollUp(service_, parts);
  return rolled_up;
}

Assembled Assembly::Together(const std::vector<std::string>& bodies, const std::string& participant,
                             const Period& period, const Period& whole, int depth) const {
  std::vector<Assembled> parts;
  for (const std::string& body : bodies) {
    parts.push_back(body == participant ? Own(body, period, period, depth) : Collect(body, period, whole, depth + 1));
  }
  return Sum(std::move(parts), period);
}

Assembled Assembly::Sum(std::vector<Assembled> bodies, const Period& period) const {
  Assembled sum;
  std::vector<FieldRow> rows;
  for (Assembled& body : bodies) {
    if (body.months_present < period.month_count()) return {};
    rows.push_back(std::move(body.fields));
    AddSource(std::move(body), &sum);
  }
  if (rows.empty()) return {};
  sum.from_predecessors = true;
  sum.months_present = period.month_count();
  sum.fields = CombineBodies(service_, rows);
  return sum;
}

std::vector<std::string> Assembly::Predecessors(const std::string& participant, const Period& period,
                                                const Period* whole) const {
  std::vector<std::string> predecessors;
  for (const std::string& predecessor : succession_.PredecessorsOf(participant)) {
    const Succession::Successor& successor = *succession_.SuccessorOf(predecessor);
    if (!Succession::IsBefore(period, successor)) continue;
    if (whole != nullptr && !Succession::Straddles(successor, *whole)) continue;
    if (Reports(predecessor, 0)) predecessors.push_back(predecessor);
  }
  return predecessors;
}

}  // namespace quartermaster::national
