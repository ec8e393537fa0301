// The indicators of a service, and when their values are exceptional.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "validation/digest.h"
#include "validation/rule_list.h"
#include "validation/schema_compiler.h"
#include "validation/service_fields.h"

namespace quartermaster {
namespace {

using google::protobuf::DescriptorProto;

constexpr double kMaxFactor = 1e6;
// Rows of statistics of a service, each category of a distribution being one: as many as fields, and many times the
// most of any shipped service. Each is computed for each return and stands in its verdict.
constexpr size_t kMaxIndicators = 2000;

// The last name of a path.
std::string LastName(const std::string& path) { return path.substr(path.rfind('.') + 1); }

// Of what a rule demands of an indicator: without what only people read, without shadow, and without the other rule.
uint64_t ExceptionalDigest(const char* rule, schema::v1::Indicator demand) {
  for (auto* text : {demand.mutable_title(), demand.mutable_unit(), demand.mutable_definition()}) text->clear();
  demand.clear_decimals();
  demand.clear_polarity();
  demand.mutable_exceptional()->clear_shadow();
  return Digest().Add(rule).Add(demand.SerializeAsString()).value();
}

uint64_t OwnDigest(schema::v1::Indicator demand) {
  demand.mutable_exceptional()->clear_national();
  return ExceptionalDigest(kExceptionalOwnRule, std::move(demand));
}

uint64_t NationalDigest(schema::v1::Indicator demand) {
  demand.mutable_exceptional()->clear_own();
  return ExceptionalDigest(kExceptionalNationalRule, std::move(demand));
}

}  // namespace

void SchemaCompiler::CompileIndicators(const Message* message, ServiceSchema* service) {
  google::protobuf::MessageOptions options;
  options.ParseFromString(message->options().SerializeAsString());
  absl::flat_hash_set<std::string> seen;
  service->declared_indicator_count_ = options.ExtensionSize(schema::v1::indicator);
  for (int i = 0; i < options.ExtensionSize(schema::v1::indicator); ++i) {
    const schema::v1::Indicator& annotation = options.GetExtension(schema::v1::indicator, i);
    if (IsHopeless()) return;
    Place place{message->file(), PathOf(message), absl::StrCat(message->name(), " indicator ", annotation.id())};
    place.path.insert(place.path.end(), {DescriptorProto::kOptionsFieldNumber, schema::v1::kIndicatorFieldNumber, i});
    if (!CheckId(place, annotation.id(), &seen)) continue;
    if (annotation.title().empty()) Report(place, "The indicator needs a title.");
    CheckText(place, "title", annotation.title());
    CheckText(place, "unit", annotation.unit());
    CheckText(place, "definition", annotation.definition());
    if (annotation.decimals() > Decimal::kPlaces) Report(place, "decimals must be 0 to 9.");
    const size_t first_row = service->indicators_.size();
    CompileIndicator(place, annotation, service);
    if (annotation.has_exceptional()) SetExceptional(place, annotation, service, first_row);
  }
}

void SchemaCompiler::CompileIndicator(const Place& place, const schema::v1::Indicator& annotation,
                                      ServiceSchema* service) {
  const bool is_ratio = !annotation.numerator().empty() || !annotation.denominator().empty();
  const int kinds = (is_ratio ? 1 : 0) + (annotation.value().empty() ? 0 : 1) +
                    (annotation.share_of_yes().empty() ? 0 : 1) + (annotation.distribution().empty() ? 0 : 1);
  if (kinds != 1 || (is_ratio && (annotation.numerator().empty() || annotation.denominator().empty()))) {
    Report(place, "Give exactly one of: numerator and denominator, value, share_of_yes, distribution.");
    return;
  }
  if (is_ratio) {
    AddIndicator(place, annotation, "", "", annotation.numerator(), annotation.denominator(), 1, service);
  } else if (!annotation.value().empty()) {
    AddIndicator(place, annotation, "", "", annotation.value(), "", 1, service);
  } else if (!annotation.share_of_yes().empty()) {
    const FieldSchema* field = service->FindField(annotation.share_of_yes());
    if (field == nullptr || field->type != ValueType::kBool) {
      Report(place, absl::StrCat("share_of_yes needs a bool field; \"", annotation.share_of_yes(), "\" is none."));
      return;
    }
    AddIndicator(place, annotation, "", "", absl::StrCat(field->path, " ? 1 : 0"), "", 100, service);
  } else {
    CompileDistribution(place, annotation, service);
  }
}

void SchemaCompiler::CompileDistribution(const Place& place, const schema::v1::Indicator& annotation,
                                         ServiceSchema* service) {
  const std::string& path = annotation.distribution();
  if (const FieldSchema* field = service->FindField(path); field != nullptr && field->type == ValueType::kChoice) {
    // A copy, because compiling adds to what the service holds.
    const std::vector<Choice> choices = field->choices;
    for (const Choice& choice : choices) {
      AddIndicator(place, annotation, choice.label, choice.label,
                   absl::StrCat(path, " == \"", choice.name, "\" ? 1 : 0"), "", 100, service);
    }
    return;
  }
  std::vector<std::pair<std::string, std::string>> parts;  // path and label
  std::vector<std::string> terms;
  for (const int index : ServiceFields(*service).FieldsUnder(path)) {
    const FieldSchema& field = service->fields_[static_cast<size_t>(index)];
    if (!IsNumber(field.type)) continue;
    parts.emplace_back(field.path, field.label.substr(field.label.rfind(": ") + 2));
    terms.push_back(field.path);
  }
  if (parts.empty()) {
    Report(place, absl::StrCat("distribution needs a choice field or a nested message of numbers; \"", path,
                               "\" is neither."));
    return;
  }
  absl::flat_hash_set<std::string> names;
  for (const auto& [part, label] : parts) {
    if (!names.insert(LastName(part)).second) {
      return Report(place, absl::StrCat("Two parts of \"", path, "\" are called ", LastName(part),
                                        ". Give each a name of its own."));
    }
  }
  const std::string whole = absl::StrJoin(terms, " + ");
  for (size_t i = 0; i < parts.size(); ++i) {
    AddIndicator(place, annotation, LastName(parts[i].first), parts[i].second, terms[i], whole, 100, service);
  }
}

void SchemaCompiler::AddIndicator(const Place& place, const schema::v1::Indicator& annotation,
                                  const std::string& category, const std::string& category_label,
                                  const std::string& numerator, const std::string& denominator, double default_factor,
                                  ServiceSchema* service) {
  if (service->indicators_.size() >= kMaxIndicators || IsHopeless()) {
    return Report(place, absl::StrCat("A service has at most ", kMaxIndicators, " rows of statistics."));
  }
  const double factor = annotation.has_factor() ? annotation.factor() : default_factor;
  const DecimalReading reading = ReadDecimal(factor, Decimal::kPlaces);
  if (!(factor > 0 && factor <= kMaxFactor) || reading.kind == DecimalReading::Kind::kTooManyPlaces) {
    Report(place, "factor must be more than 0 and at most 1,000,000, with at most 9 decimal places.");
    return;
  }
  absl::optional<Expression> top =
      CompileNumber(place, denominator.empty() ? "value" : "numerator", numerator, service);
  absl::optional<Expression> bottom;
  if (!denominator.empty()) bottom = CompileNumber(place, "denominator", denominator, service);
  if (!top || (!denominator.empty() && !bottom)) return;
  const bool is_share = denominator.empty() && annotation.value().empty();
  const uint64_t formula = Digest().Add(numerator).Add(denominator).Add(reading.value.ToString()).value();
  const std::string title =
      category.empty() ? annotation.title() : absl::StrCat(annotation.title(), ": ", category_label);
  service->indicators_.push_back({static_cast<int>(service->indicators_.size()), annotation.id(), category, title,
                                  annotation.unit(), annotation.definition(), annotation.decimals(),
                                  annotation.polarity(), *std::move(top), std::move(bottom), reading.value, is_share,
                                  absl::nullopt, formula});
}

void SchemaCompiler::SetExceptional(const Place& place, const schema::v1::Indicator& annotation, ServiceSchema* service,
                                    size_t first_row) {
  const schema::v1::Exceptional& exceptional = annotation.exceptional();
  if (!annotation.share_of_yes().empty() || service->FindField(annotation.distribution()) != nullptr) {
    return Report(place, "A yes or no, or a choice, has no spread to be exceptional against.");
  }
  if (!exceptional.has_own() && !exceptional.has_national()) {
    return Report(place, "exceptional needs own, national or both.");
  }
  ExceptionalLimit limit{absl::nullopt,        absl::nullopt,         Decimal(),
                         exceptional.shadow(), OwnDigest(annotation), NationalDigest(annotation)};
  if (exceptional.has_own()) limit.own = ReadAmount(place, "exceptional.own", exceptional.own(), /*positive=*/true);
  if (exceptional.has_national()) {
    limit.national = ReadAmount(place, "exceptional.national", exceptional.national(), /*positive=*/true);
  }
  const absl::optional<Decimal> absolute =
      ReadAmount(place, "exceptional.absolute", exceptional.absolute(), /*positive=*/true);
  if (!absolute || (exceptional.has_own() && !limit.own) || (exceptional.has_national() && !limit.national)) return;
  limit.absolute = *absolute;
  for (size_t i = first_row; i < service->indicators_.size(); ++i) service->indicators_[i].exceptional = limit;
}

absl::optional<Decimal> SchemaCompiler::ReadAmount(const Place& place, const char* name, double value, bool positive) {
  const DecimalReading reading = ReadDecimal(value, Decimal::kPlaces);
  const bool is_number =
      reading.kind == DecimalReading::Kind::kExact || reading.kind == DecimalReading::Kind::kBinaryNoise;
  if (is_number && (positive ? reading.value > Decimal() : reading.value >= Decimal())) return reading.value;
  Report(place, absl::StrCat(name, " must be a number ", positive ? "above 0" : "of 0 or more",
                             " with at most 9 decimal places."));
  return absl::nullopt;
}

absl::optional<Expression> SchemaCompiler::CompileNumber(const Place& place, const char* part,
                                                         const std::string& source, ServiceSchema* service) {
  absl::StatusOr<Expression> compiled = Expression::Compile(source, ServiceFields(*service), &service->populations_);
  if (!compiled.ok()) {
    Report(place, absl::StrCat(part, " \"", source, "\", ", compiled.status().message()));
    return absl::nullopt;
  }
  if (!IsNumber(compiled->type())) {
    Report(place, absl::StrCat(part, " \"", source, "\" gives no number."));
    return absl::nullopt;
  }
  if (compiled->truncates()) {
    Report(place, absl::StrCat(part, " \"", source,
                               "\" divides whole numbers, and drops the fraction: write 1.0 * a / b for a / b."));
    return absl::nullopt;
  }
  // Statistics keep no texts.
  for (const std::vector<int>* indexes : {&compiled->fields(), &compiled->tested_fields()}) {
    for (const int index : *indexes) {
      if (service->fields_[static_cast<size_t>(index)].type != ValueType::kString) continue;
      Report(place, absl::StrCat(part, " \"", source,
                                 "\" reads a text field; an indicator is made from numbers and choices."));
      return absl::nullopt;
    }
  }
  return *std::move(compiled);
}

}  // namespace quartermaster
