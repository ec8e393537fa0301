#include "client/cell_fit.h"

#include "client/cell_value.h"
#include "client/text.h"
#include "validation/decimal.h"

namespace quartermaster::client {
namespace {

CellFit FitOfNumber(const FieldSchema& field, absl::string_view text) {
  const absl::optional<double> number = ParseNumber(text);
  if (!number) return CellFit::kWrongKind;
  if (field.type == ValueType::kInt && !ParseWholeNumber(text)) return CellFit::kWrongKind;
  const DecimalReading reading = ReadDecimal(*number, field.places);
  if (reading.kind == DecimalReading::Kind::kTooManyPlaces || reading.kind == DecimalReading::Kind::kTooLarge) {
    return CellFit::kOutOfRange;
  }
  const bool low = field.minimum && reading.value < *field.minimum;
  const bool high = field.maximum && reading.value > *field.maximum;
  return low || high ? CellFit::kOutOfRange : CellFit::kFits;
}

CellFit FitOfText(const FieldSchema& field, absl::string_view text) {
  if (FirstCharacters(text, field.max_length).size() < text.size()) return CellFit::kOutOfRange;
  if (!field.pattern) return CellFit::kUnknown;
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *field.pattern) ? CellFit::kFits
                                                                                    : CellFit::kWrongKind;
}

}  // namespace

CellFit FitOf(const FieldSchema& field, absl::string_view text) {
  if (text.empty()) return CellFit::kBlank;
  if (NotAvailableReason(text) || IsSuppressed(text)) return CellFit::kUnknown;
  switch (field.type) {
    case ValueType::kInt:
    case ValueType::kDouble:
      return FitOfNumber(field, text);
    case ValueType::kString:
      return FitOfText(field, text);
    case ValueType::kBool:
      return ParseYesNo(text) ? CellFit::kFits : CellFit::kWrongKind;
    case ValueType::kChoice:
      return field.FindChoice(text) != nullptr ? CellFit::kFits : CellFit::kWrongKind;
  }
  return CellFit::kUnknown;
}

}  // namespace quartermaster::client
