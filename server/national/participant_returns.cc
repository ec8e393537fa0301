#include "server/national/participant_returns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace quartermaster::national {
namespace {

std::string NumberText(const absl::optional<Decimal>& number) { return number ? number->ToString() : "-"; }

}  // namespace

Contributions ContributionsOf(const ServiceSchema& service, const FieldRow& fields,
                              absl::Span<const absl::optional<Decimal>> populations) {
  const EvaluationInput input{fields, populations};
  Contributions contributions;
  contributions.reserve(service.indicators().size());
  for (const IndicatorSchema& indicator : service.indicators()) contributions.push_back(Contribute(indicator, input));
  return contributions;
}

KeptFields::KeptFields(const ServiceSchema& service) : field_count_(service.fields().size()) {
  for (const FieldSchema& field : service.fields()) {
    if (field.type != ValueType::kString) fields_.push_back(static_cast<size_t>(field.index));
  }
}

std::vector<PackedNumber> KeptFields::Pack(const FieldRow& row) const {
  std::vector<PackedNumber> packed(fields_.size(), kNoNumber);
  for (size_t i = 0; i < fields_.size(); ++i) {
    const FieldValue& value = row[fields_[i]];
    if (value.presence == Presence::kPresent) packed[i] = PackNumber(value.number);
  }
  return packed;
}

FieldRow KeptFields::Unpack(absl::Span<const PackedNumber> packed) const {
  FieldRow row(field_count_);
  for (size_t i = 0; i < fields_.size(); ++i) {
    const absl::optional<Decimal> number = UnpackNumber(packed[i]);
    if (number) row[fields_[i]] = {Presence::kPresent, *number, {}};
  }
  return row;
}

ParticipantReturns::ParticipantReturns(const ServiceSchema& service, const KeptFields& kept)
    : service_(&service), kept_(&kept), returns_(kept.size()), populations_(service.populations().size()) {}

bool ParticipantReturns::Covers(const Period& period) const {
  if (returns_.Has(period)) return true;
  if (period.kind() == PeriodKind::kMonth) return false;
  const std::vector<Period> parts = period.Parts();
  return std::all_of(parts.begin(), parts.end(), [this](const Period& part) { return Covers(part); });
}

absl::optional<FieldRow> ParticipantReturns::ReturnFields(const Period& period) const {
  if (!returns_.Has(period)) return absl::nullopt;
  return kept_->Unpack(returns_.Row(period));
}

FieldRow ParticipantReturns::Fields(const Period& period) const {
  if (returns_.Has(period)) return kept_->Unpack(returns_.Row(period));
  std::vector<FieldRow> parts;
  for (const Period& part : period.Parts()) parts.push_back(Fields(part));
  return RollUp(*service_, parts);
}

Contributions ParticipantReturns::ContributionsTo(const Period& period) const {
  if (!Covers(period)) return {};
  // Kept for every covered period, unless the service asks for none.
  absl::Span<const absl::optional<Decimal>> populations;
  if (populations_.Has(period)) populations = populations_.Row(period);
  return ContributionsOf(*service_, Fields(period), populations);
}

absl::optional<Contribution> ParticipantReturns::ContributionTo(const Period& period,
                                                                const IndicatorSchema& indicator) const {
  if (!Covers(period)) return absl::nullopt;
  absl::Span<const absl::optional<Decimal>> populations;
  if (populations_.Has(period)) populations = populations_.Row(period);
  return Contribute(indicator, {Fields(period), populations});
}

void ParticipantReturns::SetPopulations(const Period& period, const Populations& populations) {
  if (populations.empty()) return;  // Most services ask for none, and need no row for it.
  populations_.Put(period, populations);
}

std::string ParticipantReturns::Dump() const {
  std::string text;
  for (const Period& period : returns_.periods()) {
    absl::StrAppend(&text, "  return ", period.ToString(), ":");
    for (const PackedNumber packed : returns_.Row(period))
      absl::StrAppend(&text, " ", NumberText(UnpackNumber(packed)));
    absl::StrAppend(&text, "\n");
  }
  for (const Period& period : populations_.periods()) {
    absl::StrAppend(&text, "  populations ", period.ToString(), ":");
    for (const auto& population : populations_.Row(period)) absl::StrAppend(&text, " ", NumberText(population));
    absl::StrAppend(&text, "\n");
  }
  return text;
}

}  // namespace quartermaster::national
