#include "validation/rollup.h"

#include <cstdint>
#include <optional>

#include "validation/decimal.h"

namespace quartermaster {
namespace {

std::optional<Decimal> Sum(size_t field, absl::Span<const FieldRow> parts) {
  Int128 sum = 0;
  for (const FieldRow& part : parts) {
    const FieldValue& value = part[field];
    if (value.presence != Presence::kPresent) return std::nullopt;
    if (__builtin_add_overflow(sum, value.number.raw(), &sum)) return std::nullopt;
  }
  return Decimal::FromRaw(sum);
}

std::optional<Decimal> RollUpField(const FieldSchema& schema, size_t field, absl::Span<const FieldRow> parts) {
  switch (schema.rollup) {
    case schema::v1::ROLLUP_SUM:
      return IsNumber(schema.type) ? Sum(field, parts) : std::nullopt;
    case schema::v1::ROLLUP_MEAN: {
      const std::optional<Decimal> sum = IsNumber(schema.type) ? Sum(field, parts) : std::nullopt;
      return sum ? Divide(*sum, Decimal::FromInteger(static_cast<int64_t>(parts.size()))) : std::nullopt;
    }
    case schema::v1::ROLLUP_LAST: {
      const FieldValue& last = parts.back()[field];
      if (schema.type == ValueType::kString || last.presence != Presence::kPresent) return std::nullopt;
      return last.number;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

FieldRow RollUp(const ServiceSchema& service, absl::Span<const FieldRow> parts) {
  FieldRow whole(service.fields().size());
  for (const FieldSchema& schema : service.fields()) {
    const auto field = static_cast<size_t>(schema.index);
    const std::optional<Decimal> number = RollUpField(schema, field, parts);
    if (number) whole[field] = {Presence::kPresent, *number, {}};
  }
  return whole;
}

FieldRow CombineBodies(const ServiceSchema& service, absl::Span<const FieldRow> bodies) {
  FieldRow whole(service.fields().size());
  for (const FieldSchema& schema : service.fields()) {
    if (!IsNumber(schema.type) || schema.unit == "%") continue;
    const auto field = static_cast<size_t>(schema.index);
    const std::optional<Decimal> number = Sum(field, bodies);
    if (number) whole[field] = {Presence::kPresent, *number, {}};
  }
  return whole;
}

}  // namespace quartermaster
