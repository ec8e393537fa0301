#include "server/national/participant_returns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace quartermaster::national {
namespace {

std::string NumberText(const absl::optional<Decimal>& number) { return number ? number->ToString() : "-"; }

}  // namespace

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
    if (!number) continue;
    FieldValue& value = row[fields_[i]];
    value.presence = Presence::kPresent;
    value.number = *number;
  }
  return row;
}

ParticipantReturns::ParticipantReturns(const ServiceSchema& service, const KeptFields& kept)
    : kept_(&kept), returns_(kept.size()), revisions_(1), populations_(service.populations().size()) {}

void ParticipantReturns::Put(const Period& period, const FieldRow& fields, uint32_t revision) {
  returns_.Put(period, kept_->Pack(fields));
  revisions_.Put(period, {revision});
}

void ParticipantReturns::Remove(const Period& period) {
  returns_.Erase(period);
  revisions_.Erase(period);
}

bool ParticipantReturns::Covers(const Period& period) const {
  if (returns_.Has(period)) return true;
  if (period.kind() == PeriodKind::kMonth) return false;
  const std::vector<Period> parts = period.Parts();
  return std::all_of(parts.begin(), parts.end(), [this](const Period& part) { return Covers(part); });
}

bool ParticipantReturns::HasBetween(int first_month, int end_month) const {
  return std::any_of(periods().begin(), periods().end(), [&](const Period& period) {
    return period.first_month() < end_month && period.first_month() + period.month_count() > first_month;
  });
}

void ParticipantReturns::SetPopulations(const Period& period, const Populations& populations) {
  if (populations.empty()) return;  // Most services ask for none, and need no row for it.
  populations_.Put(period, populations);
}

absl::Span<const absl::optional<Decimal>> ParticipantReturns::KeptPopulations(const Period& period) const {
  if (!populations_.Has(period)) return {};
  return populations_.Row(period);
}

std::string ParticipantReturns::Dump() const {
  std::string text;
  for (const Period& period : returns_.periods()) {
    absl::StrAppend(&text, "  return ", period.ToString(), " revision ", Revision(period), ":");
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
