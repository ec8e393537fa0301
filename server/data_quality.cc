#include "server/data_quality.h"

#include <set>
#include <string>
#include <variant>

namespace quartermaster::server {
namespace {

bool IsRequired(const FieldSchema& field, const Period& period) {
  return field.required && (!field.required_since || field.required_since->first_month() <= period.first_month());
}

void AddFields(const Expression& expression, std::set<int>* fields) {
  fields->insert(expression.fields().begin(), expression.fields().end());
  fields->insert(expression.tested_fields().begin(), expression.tested_fields().end());
}

// The fields that a query is about, by their places in the schema.
void AddFieldsOf(const QueryIndex::Entry& query, const ServiceSchema& service, std::set<int>* fields) {
  for (const IndicatorSchema& indicator : service.indicators()) {
    if (indicator.name() != query.subject) continue;
    AddFields(indicator.numerator, fields);
    if (indicator.denominator) AddFields(*indicator.denominator, fields);
  }
  for (const RuleSchema& rule : service.rules()) {
    if (rule.id != query.rule_id) continue;
    if (const auto* sum = std::get_if<SumOfParts>(&rule.condition)) {
      fields->insert(sum->total);
      fields->insert(sum->parts.begin(), sum->parts.end());
    } else {
      AddFields(std::get<Expression>(rule.condition), fields);
    }
  }
  if (const FieldSchema* field = service.FindField(query.subject)) fields->insert(field->index);
}

double Percent(uint32_t part, uint32_t whole) { return whole == 0 ? 100 : 100.0 * part / whole; }

}  // namespace

bool IsOpen(v1::QueryState state) { return state == v1::QUERY_STATE_OPEN || state == v1::QUERY_STATE_RETURNED; }

void CountValues(const ServiceSchema& service, const Period& period, const ReturnValues& values,
                 const std::vector<QueryIndex::Entry>& queries, v1::DataQuality* quality) {
  std::set<int> queried;
  for (const QueryIndex::Entry& query : queries) {
    if (IsOpen(query.state)) AddFieldsOf(query, service, &queried);
  }
  for (const FieldSchema& field : service.fields()) {
    const bool given = values.fields()[static_cast<size_t>(field.index)].presence == Presence::kPresent;
    if (given || IsRequired(field, period)) quality->set_asked(quality->asked() + 1);
    if (!given) continue;
    quality->set_given(quality->given() + 1);
    if (queried.count(field.index) > 0) quality->set_queried(quality->queried() + 1);
  }
}

void SetShares(v1::DataQuality* quality) {
  quality->set_coverage(Percent(quality->given(), quality->asked()));
  quality->set_validity(Percent(quality->given() - quality->queried(), quality->given()));
  quality->set_score(quality->coverage() * quality->validity() / 100);
}

}  // namespace quartermaster::server
