// What the rules of one return share while it is judged: its values, what is known beside it, and which fields have a
// finding already, so that one mistake gives one finding. Internal to validation/validate.
#ifndef QUARTERMASTER_VALIDATION_RULE_CONTEXT_H_
#define QUARTERMASTER_VALIDATION_RULE_CONTEXT_H_

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "quartermaster/v1/finding.pb.h"
#include "validation/expression.h"
#include "validation/period.h"
#include "validation/reference_data.h"
#include "validation/schema.h"

namespace quartermaster {

// What a finding takes over from its rule.
struct RuleIdentity {
  absl::string_view id;
  schema::v1::Class rule_class;
  schema::v1::Severity severity;
  bool shadow;
  uint64_t digest;
};

class RuleContext {
 public:
  // Everything must outlive it. Findings of shadow rules go to `shadow_findings`.
  RuleContext(const CollectionSchema& schema, const ServiceSchema& service, const std::string& participant,
              const Period& period, const FieldRow& fields, const ReferenceData& reference,
              std::vector<v1::Finding>* findings, std::vector<v1::Finding>* shadow_findings);

  const ServiceSchema& service() const { return service_; }
  const std::string& participant() const { return participant_; }
  const Period& period() const { return period_; }
  const FieldRow& fields() const { return fields_; }
  const FieldValue& value(const FieldSchema& field) const { return fields_[static_cast<size_t>(field.index)]; }
  const ReferenceData& reference() const { return reference_; }
  EvaluationInput input() const { return {fields_, populations_}; }
  // "occupied = 12, available = 10".
  std::string GivenValues(absl::Span<const int> indexes) const;

  // Whether any of these fields has no value because of a problem that has its own finding.
  bool AnyUnreadable(absl::Span<const int> indexes) const;
  // Whether any of them is named by a finding, but for those of shadow rules.
  bool AnyFound(absl::Span<const int> indexes) const;
  // A field of which a finding was made elsewhere.
  void MarkFound(int index) { found_[static_cast<size_t>(index)] = true; }

  // Whether a standing exception makes an INFO of what the rule finds.
  bool IsExcepted(absl::string_view rule_id, const std::string& subject) const {
    return reference_.exception && reference_.exception(service_, participant_, rule_id, subject).has_value();
  }

  // Appends a finding about `field`, marks `inputs` as found, and applies a standing exception. `given` is what the
  // values read; with the rule it makes the fingerprint, unless `basis` says more exactly what must stand. The
  // reference holds until the next finding is added.
  v1::Finding& Add(const RuleIdentity& rule, const FieldSchema& field, const std::string& indicator, std::string given,
                   const std::vector<int>& inputs, absl::string_view basis = {});

  // The participant's values in another period: those of its current return, or of its parts rolled up; null if there
  // are none, or the period is before the collection began.
  const FieldRow* EarlierValues(const Period& period);
  // The parts alone, rolled up, whatever return there is for the period itself.
  absl::optional<FieldRow> RolledUpParts(const Period& period) const;
  // What the service asks for in `period`.
  std::vector<absl::optional<Decimal>> PopulationsIn(const Period& period) const;

 private:
  absl::optional<FieldRow> Values(const Period& period) const;

  const CollectionSchema& schema_;
  const ServiceSchema& service_;
  const std::string& participant_;
  const Period& period_;
  const FieldRow& fields_;
  const ReferenceData& reference_;
  const std::vector<absl::optional<Decimal>> populations_;
  std::vector<v1::Finding>* const findings_;
  std::vector<v1::Finding>* const shadow_findings_;
  std::vector<bool> found_;
  std::deque<std::pair<Period, absl::optional<FieldRow>>> earlier_;  // What was asked for; it stays in place.
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_RULE_CONTEXT_H_
