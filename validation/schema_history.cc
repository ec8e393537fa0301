// What a field asks of earlier returns (changes, continuity, openings), and the ranges that later periods have.
#include "absl/strings/str_cat.h"
#include "validation/digest.h"
#include "validation/schema_compiler.h"

namespace quartermaster {
namespace {

// In the order of time, and leaving no more room than what came before.
bool Tightens(const RangeFrom& next, const FieldSchema& field) {
  const bool first = field.tightened.empty();
  if (!first && !(field.tightened.back().since < next.since)) return false;
  const auto& minimum = first ? field.minimum : field.tightened.back().minimum;
  const auto& maximum = first ? field.maximum : field.tightened.back().maximum;
  return !(minimum && *next.minimum < *minimum) && !(maximum && *next.maximum > *maximum) &&
         !(next.minimum && next.maximum && *next.minimum > *next.maximum);
}

}  // namespace

void SchemaCompiler::SetHistory(const Field* field, const schema::v1::Field& annotation, FieldSchema* compiled) {
  if (!IsNumber(compiled->type)) {
    if (annotation.has_change() || annotation.has_change_in_year() || annotation.continuous() ||
        annotation.has_opening() || !annotation.tightened().empty()) {
      Report(field, "change, change_in_year, continuous, opening and tightened are for numbers.");
    }
    return;
  }
  if (annotation.has_change()) compiled->change = ReadChange(field, "change", annotation.change());
  if (annotation.has_change_in_year()) {
    compiled->change_in_year = ReadChange(field, "change_in_year", annotation.change_in_year());
  }
  compiled->continuous = annotation.continuous();
  if (annotation.has_opening()) {
    openings_.push_back({field, compiled->index, annotation.opening()});
  }
  SetTightened(field, annotation, compiled);
}

absl::optional<ChangeLimit> SchemaCompiler::ReadChange(const Field* field, const char* name,
                                                       const schema::v1::Change& change) {
  const absl::optional<Decimal> percent = ReadLimit(field, absl::StrCat(name, ".percent").c_str(), change.percent(), 3);
  const absl::optional<Decimal> absolute =
      ReadLimit(field, absl::StrCat(name, ".absolute").c_str(), change.absolute(), Decimal::kPlaces);
  const absl::optional<Decimal> least_base =
      ReadLimit(field, absl::StrCat(name, ".least_base").c_str(), change.least_base(), Decimal::kPlaces);
  if (!percent || !absolute || !least_base) return absl::nullopt;
  if (percent->raw() <= 0 || absolute->raw() < 0 || least_base->raw() < 0) {
    Report(field,
           absl::StrCat(name, " needs a percent above 0, an absolute of 0 or more, and a least_base of 0 or more."));
    return absl::nullopt;
  }
  const Digest digest = Digest().Add(name).Add(percent->ToString()).Add(absolute->ToString());
  return ChangeLimit{*percent, *absolute, *least_base, change.shadow(),
                     Digest(digest).Add(least_base->ToString()).value()};
}

void SchemaCompiler::SetTightened(const Field* field, const schema::v1::Field& annotation, FieldSchema* compiled) {
  for (const schema::v1::Tightening& tightening : annotation.tightened()) {
    absl::optional<Period> since;
    if (!ReadMonth(PlaceOf(field), "tightened.since", tightening.since(), &since)) return;
    if (!since) return Report(field, "tightened needs since: the first month to which the narrower range applies.");
    if (!tightening.has_min() && !tightening.has_max()) {
      return Report(field, absl::StrCat("tightened needs min, max or both: the range that applies since ",
                                        since->ToString(), "."));
    }
    const bool first = compiled->tightened.empty();
    RangeFrom range{*since, first ? compiled->minimum : compiled->tightened.back().minimum,
                    first ? compiled->maximum : compiled->tightened.back().maximum};
    if (tightening.has_min()) range.minimum = ReadLimit(field, "tightened.min", tightening.min(), compiled->places);
    if (tightening.has_max()) range.maximum = ReadLimit(field, "tightened.max", tightening.max(), compiled->places);
    if ((tightening.has_min() && !range.minimum) || (tightening.has_max() && !range.maximum)) return;
    if (!Tightens(range, *compiled)) {
      return Report(field,
                    "Each of tightened must start later than the one before and leave no more room: what is wider "
                    "belongs into min and max.");
    }
    compiled->tightened.push_back(range);
  }
}

void SchemaCompiler::ResolveOpenings(ServiceSchema* service) {
  for (const PendingOpening& opening : openings_) {
    const std::string& path = opening.annotation.closing();
    const FieldSchema* closing = service->FindField(path);
    FieldSchema& field = service->fields_[static_cast<size_t>(opening.index)];
    const absl::optional<Decimal> tolerance =
        ReadLimit(opening.field, "opening.tolerance", opening.annotation.tolerance(), Decimal::kPlaces);
    if (closing == nullptr || !IsNumber(closing->type)) {
      Report(opening.field, absl::StrCat("opening.closing needs a number of the same service; \"", path,
                                         "\" is none. Write the path of the field that holds the level at the end."));
    } else if (closing->index == field.index) {
      Report(opening.field, "opening.closing must be another field: the one that holds the level at the end.");
    } else if (tolerance && tolerance->raw() < 0) {
      Report(opening.field, "opening.tolerance must be 0 or more.");
    } else if (tolerance) {
      field.opening =
          OpeningRule{closing->index, *tolerance, Digest().Add("opening").Add(path).Add(tolerance->ToString()).value()};
    }
  }
}

}  // namespace quartermaster
