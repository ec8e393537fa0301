// The rules of a service: expressions, and parts that make a total.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "validation/digest.h"
#include "validation/rule_list.h"
#include "validation/schema_compiler.h"
#include "validation/service_fields.h"

namespace quartermaster {

using google::protobuf::DescriptorProto;

namespace {

// Many times the most of any shipped service. All are evaluated for each return, and each may give a finding: with an
// expression's own limits it bounds what judging costs, and how long a verdict gets.
constexpr int kMaxRulesInService = 1'000;

}  // namespace

void SchemaCompiler::CompileRules(const Message* message, ServiceSchema* service) {
  google::protobuf::MessageOptions options;
  options.ParseFromString(message->options().SerializeAsString());
  if (options.ExtensionSize(schema::v1::rule) > kMaxRulesInService) {
    return Report({message->file(), PathOf(message), message->name()},
                  absl::StrCat("A service has at most ", kMaxRulesInService, " rules."));
  }
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < options.ExtensionSize(schema::v1::rule); ++i) {
    const schema::v1::Rule& annotation = options.GetExtension(schema::v1::rule, i);
    if (IsHopeless()) return;
    Place place{message->file(), PathOf(message), absl::StrCat(message->name(), " rule ", annotation.id())};
    place.path.insert(place.path.end(), {DescriptorProto::kOptionsFieldNumber, schema::v1::kRuleFieldNumber, i});
    if (!CheckId(place, annotation.id(), &seen)) continue;
    if (IsBuiltInRule(annotation.id())) {
      Report(place, absl::StrCat("Quartermaster itself has a rule \"", annotation.id(), "\". Choose another id."));
      continue;
    }
    CompileRule(place, annotation, service);
  }
}

void SchemaCompiler::CompileRule(const Place& place, const schema::v1::Rule& annotation, ServiceSchema* service) {
  if (annotation.severity() < schema::v1::SEVERITY_ERROR || annotation.severity() > schema::v1::SEVERITY_INFO) {
    Report(place, "The rule needs a severity: SEVERITY_ERROR, SEVERITY_QUERY or SEVERITY_INFO.");
  }
  if (annotation.class_() < schema::v1::CLASS_STRUCTURE || annotation.class_() > schema::v1::CLASS_EXCEPTIONAL) {
    Report(place, "The rule needs a class, such as CLASS_INCONSISTENT.");
  }
  if (annotation.message().empty()) Report(place, "The rule needs a message that says in one sentence what is wrong.");
  CheckText(place, "message", annotation.message());
  CheckText(place, "hint", annotation.hint());
  absl::optional<Period> since;
  ReadMonth(place, "since", annotation.since(), &since);
  if (annotation.expression().empty() != annotation.has_sum()) {
    return Report(place, "The rule needs either an expression or a sum.");
  }
  const uint64_t digest = Digest()
                              .Add(annotation.id())
                              .Add(annotation.expression())
                              .Add(annotation.sum().SerializeAsString())
                              .Add(static_cast<uint64_t>(annotation.severity()))
                              .value();
  const auto add = [&](std::variant<Expression, SumOfParts> condition) {
    service->rules_.push_back({annotation.id(), annotation.severity(), annotation.class_(), annotation.message(),
                               annotation.hint(), annotation.shadow(), since, std::move(condition), digest});
  };
  if (annotation.has_sum()) {
    if (absl::optional<SumOfParts> sum = CompileSum(place, annotation.sum(), *service)) add(*std::move(sum));
    return;
  }
  absl::StatusOr<Expression> condition =
      Expression::Compile(annotation.expression(), ServiceFields(*service), &service->populations_);
  if (!condition.ok()) {
    Report(place, absl::StrCat("expression \"", annotation.expression(), "\", ", condition.status().message()));
  } else if (condition->type() != ValueType::kBool) {
    Report(place, absl::StrCat("expression \"", annotation.expression(),
                               "\" gives no yes or no. Compare it with something, such as `<= 100`."));
  } else if (condition->fields().empty() && condition->tested_fields().empty()) {
    Report(place, "The rule names no field, so nobody could mend what it finds.");
  } else {
    add(*std::move(condition));
  }
}

absl::optional<SumOfParts> SchemaCompiler::CompileSum(const Place& place, const schema::v1::Sum& sum,
                                                      const ServiceSchema& service) {
  const FieldSchema* total = service.FindField(sum.total());
  if (total == nullptr || !IsNumber(total->type)) {
    const std::string near = total == nullptr ? service.SuggestField(sum.total()) : "";
    Report(place, absl::StrCat("sum.total needs a number; \"", sum.total(), "\" is none.",
                               near.empty() ? "" : absl::StrCat(" Did you mean ", near, "?")));
    return absl::nullopt;
  }
  SumOfParts compiled{total->index, {}, Decimal()};
  for (const std::string& path : sum.parts()) {
    std::vector<int> found;
    if (const FieldSchema* part = service.FindField(path)) found = {part->index};
    if (found.empty()) found = ServiceFields(service).FieldsUnder(path);
    bool all_numbers = !found.empty();
    for (const int index : found) {
      all_numbers = all_numbers && IsNumber(service.fields()[static_cast<size_t>(index)].type) && index != total->index;
    }
    if (!all_numbers) {
      Report(place, absl::StrCat("sum.parts needs numbers, or nested messages of numbers, other than the total; \"",
                                 path, "\" is none."));
      return absl::nullopt;
    }
    compiled.parts.insert(compiled.parts.end(), found.begin(), found.end());
    if (compiled.parts.size() > service.fields().size()) break;  // Some are there twice, as is said below.
  }
  std::sort(compiled.parts.begin(), compiled.parts.end());
  if (compiled.parts.size() < 2 ||
      std::adjacent_find(compiled.parts.begin(), compiled.parts.end()) != compiled.parts.end()) {
    Report(place, "sum.parts needs at least two numbers, each once.");
    return absl::nullopt;
  }
  const absl::optional<Decimal> tolerance = ReadAmount(place, "sum.tolerance", sum.tolerance(), /*positive=*/false);
  if (!tolerance) return absl::nullopt;
  compiled.tolerance = *tolerance;
  return compiled;
}

}  // namespace quartermaster
