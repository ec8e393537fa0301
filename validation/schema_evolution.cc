#include "validation/schema_evolution.h"

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace quartermaster {
namespace {
class Comparison {
 public:
  Comparison(const CollectionSchema& before, const CollectionSchema& after) : before_(before), after_(after) {}

  std::vector<SchemaProblem> Run() {
    for (const auto cadence : before_.cadences()) {
      const auto kind = static_cast<PeriodKind>(cadence);
      if (!after_.takes(kind))
        Report(before_.id(), absl::StrCat("Returns for a ", PeriodKindName(kind), " must still be taken."));
    }
    if (after_.first_period() > before_.first_period()) {
      Report(before_.id(), absl::StrCat("first_period must stay ", before_.first_period().ToString(), " or go back."));
    }
    if (after_.include_partial_periods() != before_.include_partial_periods()) {
      Report(before_.id(), "include_partial_periods must stay: figures of all years would change with it.");
    }
    for (const auto& service : before_.services()) CompareService(*service);
    return std::move(problems_);
  }

 private:
  void Report(std::string element, std::string message) {
    if (problems_.size() >= kMaxSchemaProblems) return;
    problems_.push_back({after_.file_name(), 0, 0, std::move(element), std::move(message)});
  }

  void CompareService(const ServiceSchema& before) {
    const ServiceSchema* after = after_.FindService(before.id());
    if (after == nullptr) {
      Report(before.id(), "The service is gone. Returns were taken for it: keep it.");
      return;
    }
    if (after->descriptor()->full_name() != before.descriptor()->full_name()) {
      Report(before.id(), absl::StrCat("The message must keep the name ", before.descriptor()->full_name(), "."));
    }
    for (const FieldSchema& field : before.fields()) CompareField(before, field, *after);
    CompareIndicators(before, *after);
    for (const FieldSchema& field : after->fields()) {
      if (field.required && before.FindField(field.path) == nullptr) {
        CheckRequiredSince(absl::StrCat(before.id(), " ", field.path), field);
      }
    }
  }

  // An indicator may go, but not change what it is: the figures of all years would change with it, under the same name.
  void CompareIndicators(const ServiceSchema& before, const ServiceSchema& after) {
    absl::flat_hash_map<std::string, uint64_t> formulas;
    for (const IndicatorSchema& indicator : after.indicators()) formulas.emplace(indicator.name(), indicator.digest);
    for (const IndicatorSchema& indicator : before.indicators()) {
      const auto found = formulas.find(indicator.name());
      if (found == formulas.end() || found->second == indicator.digest) continue;
      Report(
          absl::StrCat(before.id(), " indicator ", indicator.name()),
          "The formula must stay, or all figures of all years would change under the same name. Give the new formula "
          "an id of its own.");
    }
  }

  void CheckRequiredSince(const std::string& element, const FieldSchema& field) {
    if (field.required_since) return;
    Report(element, "A field that becomes required needs required_since: the month from which people could know it.");
  }

  void CompareField(const ServiceSchema& service, const FieldSchema& before, const ServiceSchema& after_service) {
    const std::string element = absl::StrCat(service.id(), " ", before.path);
    const FieldSchema* after = after_service.FindField(before.path);
    if (after == nullptr) {
      Report(element, "The field is gone or renamed. Keep it; it need not be required any more.");
      return;
    }
    for (size_t i = 0; i < before.descriptors.size(); ++i) {
      if (before.descriptors[i]->number() != after->descriptors[i]->number()) {
        Report(element, absl::StrCat("The field number must stay ", before.descriptors[i]->number(), "."));
        return;
      }
    }
    if (before.descriptors.back()->type() != after->descriptors.back()->type()) {
      Report(element, absl::StrCat("The type must stay ", before.descriptors.back()->type_name(), "."));
      return;
    }
    if (after->places != before.places) {
      // Stored values were rounded to these places when they carried a spreadsheet's noise.
      Report(element, absl::StrCat("decimals must stay ", before.places, "."));
    }
    if (before.rollup != schema::v1::ROLLUP_UNSPECIFIED && after->rollup != before.rollup) {
      Report(element, "rollup must stay: figures of quarters and years would change with it.");
    }
    if (after->required && (!before.required || before.required_since)) CheckRequiredSince(element, *after);
    CompareLimits(element, before, *after);
    for (const Choice& choice : before.choices) {
      const google::protobuf::EnumValueDescriptor* kept =
          after->descriptors.back()->enum_type()->FindValueByNumber(choice.number);
      if (kept == nullptr || kept->name() != choice.name) {
        Report(element, absl::StrCat("The choice ", choice.name, " = ", choice.number, " must stay."));
      }
    }
  }

  // What was accepted must be accepted still, but for periods from which people could know.
  void CompareLimits(const std::string& element, const FieldSchema& before, const FieldSchema& after) {
    if (after.minimum && !(before.minimum && *after.minimum <= *before.minimum)) {
      Report(element, absl::StrCat("min must stay ", Limit(before.minimum),
                                   " or go down. To ask for more, add "
                                   "tightened with the month since which it applies."));
    }
    if (after.maximum && !(before.maximum && *after.maximum >= *before.maximum)) {
      Report(element, absl::StrCat("max must stay ", Limit(before.maximum),
                                   " or go up. To ask for less, add tightened "
                                   "with the month since which it applies."));
    }
    if (after.max_length < before.max_length) {
      Report(element, absl::StrCat("max_length must stay ", before.max_length, " or go up."));
    }
    const bool same_pattern = after.pattern == nullptr ||
                              (before.pattern != nullptr && after.pattern->pattern() == before.pattern->pattern());
    if (!same_pattern) {
      Report(element, "pattern must stay or go: whether another one accepts all that was accepted cannot be told.");
    }
    if (before.allow_not_available && !after.allow_not_available) {
      Report(element, "allow_not_available must stay: returns were accepted without the value.");
    }
  }

  static std::string Limit(const absl::optional<Decimal>& limit) { return limit ? limit->ToString() : "unset"; }

  const CollectionSchema& before_;
  const CollectionSchema& after_;
  std::vector<SchemaProblem> problems_;
};

}  // namespace

std::vector<SchemaProblem> EvolutionProblems(const CollectionSchema& before, const CollectionSchema& after) {
  return Comparison(before, after).Run();
}

}  // namespace quartermaster
