#include "validation/rule_list.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "validation/digest.h"

namespace quartermaster {
namespace {

using schema::v1::SEVERITY_ERROR;
using schema::v1::SEVERITY_QUERY;

constexpr std::array kRulesOverSeveralValues = {
    kChangeRule,  kManyChangesRule,   kChangeInYearRule,   kVanishedRule,
    kOpeningRule, kQuarterMonthsRule, kExceptionalOwnRule, kExceptionalNationalRule};

constexpr std::array kRulesOfOneValue = {"required",     "type",    "decimals",      "binary-noise",
                                         "too-large",    "minimum", "maximum",       "choice",
                                         "length",       "pattern", "not-available", "value-and-not-available",
                                         "reason-length"};

constexpr std::array kRulesOfStructure = {
    "participant-code",        "unknown-participant", "period",          "period-kind",
    "period-too-early",        "period-not-begun",    "unknown-service", "wrong-message",
    "unreadable-data",         "unknown-field",       "duplicate-field", "succeeded",
    "part-of-returned-period", "supersedes-parts"};

template <size_t n>
bool Contains(const std::array<const char*, n>& ids, absl::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

class Lister {
 public:
  explicit Lister(std::vector<ListedRule>* rules) : rules_(rules) {}

  void AddFieldRules(const FieldSchema& field) {
    if (field.required) {
      Add("required", field.path, SEVERITY_ERROR,
          Digest().Add(field.required_since ? field.required_since->ToString() : "").value());
    }
    AddLimit("minimum", field, field.minimum, &RangeFrom::minimum);
    AddLimit("maximum", field, field.maximum, &RangeFrom::maximum);
    if (field.type == ValueType::kString) {
      Add("length", field.path, SEVERITY_ERROR, field.max_length);
      if (field.pattern) {
        Add("pattern", field.path, SEVERITY_ERROR, Digest().Add(field.pattern->pattern()).value());
      }
    }
  }

  // One side of the range: its limit and the months in which that changes, if there is any.
  void AddLimit(absl::string_view id, const FieldSchema& field, absl::optional<Decimal> limit,
                absl::optional<Decimal> RangeFrom::*side) {
    Digest digest;
    digest.Add(limit ? limit->ToString() : "");
    bool any = limit.has_value();
    for (const RangeFrom& range : field.tightened) {
      if (range.*side == limit) continue;
      limit = range.*side;
      digest.Add(range.since.ToString()).Add(limit->ToString());
      any = true;
    }
    if (any) Add(id, field.path, SEVERITY_ERROR, digest.value());
  }

  void AddHistory(const FieldSchema& field, bool has_parts) {
    if (field.change) Add(kChangeRule, field.path, SEVERITY_QUERY, field.change->digest, field.change->shadow);
    if (field.change_in_year) {
      Add(kChangeInYearRule, field.path, SEVERITY_QUERY, field.change_in_year->digest, field.change_in_year->shadow);
    }
    if (field.continuous) Add(kVanishedRule, field.path, SEVERITY_QUERY, 0);
    if (field.opening) Add(kOpeningRule, field.path, SEVERITY_QUERY, field.opening->digest);
    if (has_parts && IsNumber(field.type) && field.rollup != schema::v1::ROLLUP_UNSPECIFIED) {
      Add(kQuarterMonthsRule, field.path, SEVERITY_QUERY, static_cast<uint64_t>(field.rollup));
    }
  }

  // Only where there are enough fields for it.
  void AddManyChanges(const ServiceSchema& service) {
    const auto fields = std::count_if(service.fields().begin(), service.fields().end(),
                                      [](const FieldSchema& field) { return field.change && !field.change->shadow; });
    if (static_cast<size_t>(fields) >= kManyChanges) {
      Add(kManyChangesRule, "", SEVERITY_QUERY, ManyChangesDigest(service));
    }
  }

  void AddIndicator(const IndicatorSchema& indicator) {
    if (!indicator.exceptional) return;
    const ExceptionalLimit& limit = *indicator.exceptional;
    if (limit.own) Add(kExceptionalOwnRule, indicator.name(), SEVERITY_QUERY, limit.own_digest, limit.shadow);
    if (limit.national)
      Add(kExceptionalNationalRule, indicator.name(), SEVERITY_QUERY, limit.national_digest, limit.shadow);
  }

  void Add(absl::string_view id, const std::string& subject, schema::v1::Severity severity, uint64_t digest,
           bool shadow = false) {
    rules_->push_back({std::string(id), subject, severity, shadow, digest});
  }

 private:
  std::vector<ListedRule>* const rules_;
};

}  // namespace

std::vector<ListedRule> ListRules(const ServiceSchema& service) {
  std::vector<ListedRule> rules;
  Lister lister(&rules);
  for (const FieldSchema& field : service.fields()) lister.AddFieldRules(field);
  for (const RuleSchema& rule : service.rules()) {
    lister.Add(rule.id, "", rule.severity,
               Digest().Add(rule.digest).Add(rule.since ? rule.since->ToString() : "").value(), rule.shadow);
  }
  for (const FieldSchema& field : service.fields()) lister.AddHistory(field, service.takes_months_and_quarters());
  lister.AddManyChanges(service);
  for (const IndicatorSchema& indicator : service.indicators()) lister.AddIndicator(indicator);
  return rules;
}

uint64_t ManyChangesDigest(const ServiceSchema& service) {
  Digest digest;
  for (const FieldSchema& field : service.fields()) {
    if (field.change && !field.change->shadow) digest.Add(field.path).Add(field.change->digest);
  }
  return digest.value();
}

bool IsBuiltInRule(absl::string_view id) {
  return Contains(kRulesOverSeveralValues, id) || Contains(kRulesOfOneValue, id) || Contains(kRulesOfStructure, id);
}

bool MayBeExcepted(const ServiceSchema& service, absl::string_view id) {
  const auto is_it = [id](const RuleSchema& rule) { return rule.id == id; };
  return std::any_of(service.rules().begin(), service.rules().end(), is_it) || Contains(kRulesOverSeveralValues, id);
}

}  // namespace quartermaster
