#include "validation/historical_rules.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "validation/findings.h"

namespace quartermaster {
namespace {

Decimal Magnitude(Decimal value) { return Decimal::FromRaw(value.raw() < 0 ? -value.raw() : value.raw()); }

// Values are at most 10^12, so their differences and percentages exist unless the divisor is 0.
std::optional<Decimal> PercentMoved(Decimal difference, Decimal before) {
  return MultiplyDivide(Magnitude(difference), Decimal::FromInteger(100), Magnitude(before));
}

}  // namespace

void JudgeChanges(const ServiceSchema& service, const Period& period, const std::vector<FieldValue>& now,
                  const std::vector<FieldValue>& before, std::vector<v1::Finding>* findings) {
  for (const FieldSchema& field : service.fields()) {
    const FieldValue& current = now[static_cast<size_t>(field.index)];
    const FieldValue& earlier = before[static_cast<size_t>(field.index)];
    if (!field.change || current.presence != Presence::kPresent || earlier.presence != Presence::kPresent) continue;
    const Decimal difference = *Subtract(current.number, earlier.number);
    const std::optional<Decimal> percent = PercentMoved(difference, earlier.number);
    if (Magnitude(difference) <= field.change->absolute || (percent && *percent <= field.change->percent)) continue;
    v1::Finding& finding =
        AddFieldFinding("change", schema::v1::CLASS_HISTORICAL, schema::v1::SEVERITY_QUERY, field, findings);
    finding.set_given(current.number.ToString());
    finding.set_expected(absl::StrCat("within ", field.change->percent.ToString(), " % or ",
                                      field.change->absolute.ToString(), " of ", earlier.number.ToString()));
    finding.set_message(absl::StrCat(field.label, ": ", current.number.ToString(), " after ", earlier.number.ToString(),
                                     " in ", period.Plus(-1).ToDisplayString(), ", ",
                                     difference.raw() < 0 ? "down" : "up", " by ", Magnitude(difference).ToString(),
                                     "."));
    finding.set_hint("Check both periods. If the value is right, say why it moved so much.");
  }
}

}  // namespace quartermaster
