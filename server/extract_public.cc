// The rows of an extract that may be published.
#include <algorithm>
#include <optional>

#include "server/extract_rows.h"
#include "server/suppression.h"
#include "validation/decimal_rounding.h"

namespace quartermaster::server {
namespace {

// The exact figures of one group.
struct GroupFigures {
  GroupCounts counts;
  Decimal value_sum;
};

void Include(const ExtractedValue& value, GroupFigures* figures) {
  const auto add = [](Decimal number, Decimal* sum) { *sum = Decimal::FromRaw(sum->raw() + number.raw()); };
  add(Decimal::FromInteger(1), &figures->counts.participants);
  add(value.contribution.numerator, &figures->counts.numerator);
  add(value.contribution.denominator, &figures->counts.denominator);
  add(value.contribution.value, &figures->value_sum);
}

// One for each group; without groups the country is one.
std::vector<GroupFigures> FiguresOf(const ExtractedIndicator& indicator, const PeerGroups* groups) {
  std::vector<GroupFigures> figures(groups == nullptr ? 1 : groups->size());
  for (const ExtractedValue& value : indicator.values) {
    const int group = groups == nullptr ? 0 : groups->GroupOf(value.participant);
    if (value.counts && group >= 0) Include(value, &figures[static_cast<size_t>(group)]);
  }
  return figures;
}

GroupFigures TotalOf(const std::vector<GroupFigures>& groups) {
  GroupFigures total;
  for (const GroupFigures& group : groups) {
    total.counts.participants = Decimal::FromRaw(total.counts.participants.raw() + group.counts.participants.raw());
    total.value_sum = Decimal::FromRaw(total.value_sum.raw() + group.value_sum.raw());
  }
  return total;
}

// The mean to the places that are shown.
double RoundedMean(const GroupFigures& figures, uint32_t places) {
  Int128 unit = 1;  // in billionths
  for (uint32_t i = places; i < Decimal::kPlaces; ++i) unit *= 10;
  const Int128 count = figures.counts.participants.raw() / Decimal::kOne;
  return Decimal::FromRaw(DivideHalfEven(figures.value_sum.raw(), count * unit) * unit).ToDouble();
}

// Whether it is made of counts that can be rounded: a plain value of a few participants would be spoilt by it.
bool IsOfCounts(const IndicatorSchema& indicator) { return indicator.is_ratio() || indicator.is_share; }

void FillRow(const IndicatorSchema& indicator, const PublishableCounts& counts, const GroupFigures& exact,
             v1::PublicRow* row) {
  row->set_indicator(indicator.id);
  row->set_category(indicator.category);
  row->set_title(indicator.title);
  row->set_unit(indicator.unit);
  row->set_decimals(indicator.decimals);
  if (counts.participants) row->set_participants(static_cast<uint32_t>(counts.participants->raw() / Decimal::kOne));
  if (!counts.participants) row->set_withheld(v1::WITHHELD_SUPPRESSED);
  if (!IsOfCounts(indicator)) {
    // The sum that is no count is not shown; where it is small, the mean would tell it.
    if (!counts.numerator) return row->set_withheld(v1::WITHHELD_SUPPRESSED);
    row->set_rate(RoundedMean(exact, indicator.decimals));
    return;
  }
  if (counts.numerator) row->set_numerator(counts.numerator->ToDouble());
  if (counts.denominator) row->set_denominator(counts.denominator->ToDouble());
  if (!counts.numerator || !counts.denominator) return row->set_withheld(v1::WITHHELD_SUPPRESSED);
  const std::optional<Decimal> rate = MultiplyDivide(*counts.numerator, indicator.factor, *counts.denominator);
  if (rate) row->set_rate(rate->ToDouble());
}

absl::Status AddIndicator(const IndicatorSchema& indicator, const PublishableTable& table,
                          const std::vector<GroupFigures>& exact, const PeerGroups* groups, RowWriter* writer) {
  absl::Status status = writer->Add(
      [&](v1::ExtractRow* next) { FillRow(indicator, table.total, TotalOf(exact), next->mutable_publishable()); });
  for (size_t group = 0; groups != nullptr && group < groups->size() && status.ok(); ++group) {
    status = writer->Add([&](v1::ExtractRow* next) {
      FillRow(indicator, table.groups[group], exact[group], next->mutable_publishable());
      *next->mutable_publishable()->mutable_peers() = groups->filters(group);
    });
  }
  return status;
}

}  // namespace

absl::Status AddPublicRows(const ServiceValues& values, uint32_t minimum_n, const PeerGroups* groups,
                           RowWriter* writer) {
  const std::vector<ExtractedIndicator>& all = values.indicators;
  for (auto first = all.begin(); first != all.end() && first->schema != nullptr;) {
    // The categories of a distribution, or of a choice, stand together: they add up.
    const auto last = std::find_if(first + 1, all.end(), [&](const ExtractedIndicator& indicator) {
      return !IsOfCounts(*first->schema) || indicator.schema == nullptr || indicator.id != first->id;
    });
    std::vector<std::vector<GroupFigures>> exact;
    std::vector<std::vector<GroupCounts>> counts;
    for (auto indicator = first; indicator != last; ++indicator) {
      exact.push_back(FiguresOf(*indicator, groups));
      std::vector<GroupCounts>& groups_of_category = counts.emplace_back();
      for (const GroupFigures& figures : exact.back()) groups_of_category.push_back(figures.counts);
    }
    const std::vector<PublishableTable> tables = Suppress(counts, minimum_n);
    for (size_t i = 0; i < tables.size(); ++i, ++first) {
      const absl::Status status = AddIndicator(*first->schema, tables[i], exact[i], groups, writer);
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace quartermaster::server
