#include "validation/rule_context.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "validation/digest.h"
#include "validation/findings.h"
#include "validation/rollup.h"

namespace quartermaster {

RuleContext::RuleContext(const CollectionSchema& schema, const ServiceSchema& service, const std::string& participant,
                         const Period& period, const FieldRow& fields, const ReferenceData& reference,
                         std::vector<v1::Finding>* findings, std::vector<v1::Finding>* shadow_findings)
    : schema_(schema),
      service_(service),
      participant_(participant),
      period_(period),
      fields_(fields),
      reference_(reference),
      populations_(LookUpPopulations(service, participant, period, reference.population)),
      findings_(findings),
      shadow_findings_(shadow_findings),
      found_(fields.size()) {
  for (size_t i = 0; i < fields.size(); ++i) found_[i] = fields[i].presence == Presence::kUnreadable;
}

std::string RuleContext::GivenValues(absl::Span<const int> indexes) const {
  std::string given;
  for (const int index : indexes) {
    const FieldSchema& field = service_.fields()[static_cast<size_t>(index)];
    absl::StrAppend(&given, given.empty() ? "" : ", ", field.path, " = ", DisplayValue(field, value(field)));
  }
  return given;
}

bool RuleContext::AnyUnreadable(absl::Span<const int> indexes) const {
  return std::any_of(indexes.begin(), indexes.end(), [this](int index) {
    return fields_[static_cast<size_t>(index)].presence == Presence::kUnreadable;
  });
}

bool RuleContext::AnyFound(absl::Span<const int> indexes) const {
  return std::any_of(indexes.begin(), indexes.end(), [this](int index) { return found_[static_cast<size_t>(index)]; });
}

v1::Finding& RuleContext::Add(const RuleIdentity& rule, const FieldSchema& field, const std::string& indicator,
                              std::string given, const std::vector<int>& inputs, absl::string_view basis) {
  v1::Finding& finding =
      AddFieldFinding(rule.id, rule.rule_class, rule.severity, field, rule.shadow ? shadow_findings_ : findings_);
  finding.set_indicator(indicator);
  finding.set_given(std::move(given));
  const std::string& subject = indicator.empty() ? field.path : indicator;
  if (rule.severity == schema::v1::SEVERITY_QUERY) {
    finding.set_fingerprint(
        Digest().Add(rule.digest).Add(subject).Add(basis.empty() ? finding.given() : basis).ToString());
  }
  if (rule.shadow) return finding;
  for (const int index : inputs) MarkFound(index);
  if (rule.severity == schema::v1::SEVERITY_INFO || !reference_.exception) return finding;
  absl::optional<v1::ExceptionUse> use = reference_.exception(service_, participant_, rule.id, subject);
  if (!use) return finding;
  use->set_severity(rule.severity);
  *finding.mutable_exception() = *std::move(use);
  finding.set_severity(schema::v1::SEVERITY_INFO);
  finding.clear_fingerprint();
  return finding;
}

absl::optional<FieldRow> RuleContext::Values(const Period& period) const {
  if (!reference_.current_return || period.first_month() < schema_.first_period().first_month()) return absl::nullopt;
  absl::optional<FieldRow> values;
  // A collection that takes a kind of period takes it for ever (schema_evolution.cc), so there is none of another kind.
  if (schema_.takes(period.kind())) values = reference_.current_return(service_, participant_, period);
  if (values || period.kind() == PeriodKind::kMonth) return values;
  return RolledUpParts(period);
}

const FieldRow* RuleContext::EarlierValues(const Period& period) {
  for (const auto& [known, row] : earlier_) {
    if (known == period) return row ? &*row : nullptr;
  }
  const auto& row = earlier_.emplace_back(period, Values(period)).second;
  return row ? &*row : nullptr;
}

absl::optional<FieldRow> RuleContext::RolledUpParts(const Period& period) const {
  std::vector<FieldRow> parts;
  for (const Period& part : period.Parts()) {
    absl::optional<FieldRow> row = Values(part);
    if (!row) return absl::nullopt;
    parts.push_back(*std::move(row));
  }
  return RollUp(service_, parts);
}

std::vector<absl::optional<Decimal>> RuleContext::PopulationsIn(const Period& period) const {
  return LookUpPopulations(service_, participant_, period, reference_.population);
}

}  // namespace quartermaster
