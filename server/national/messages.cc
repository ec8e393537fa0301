#include "server/national/messages.h"

#include <cstdint>
#include <optional>

namespace quartermaster::national {
namespace {

// Calls a setter of `message` with a figure that is defined; the others stay unset.
template <typename Message>
void Set(Message* message, void (Message::*setter)(double), const std::optional<Decimal>& figure) {
  if (figure) (message->*setter)(figure->ToDouble());
}

v1::NationalStatistics Describe(const ServiceSchema& service, const IndicatorSchema& indicator, const Cell& cell,
                                const Figures& figures) {
  using Statistics = v1::NationalStatistics;
  Statistics statistics;
  statistics.set_service(service.id());
  statistics.set_indicator(indicator.id);
  statistics.set_category(indicator.category);
  statistics.set_title(indicator.title);
  statistics.set_unit(indicator.unit);
  statistics.set_decimals(indicator.decimals);
  statistics.set_polarity(indicator.polarity);
  statistics.set_n(static_cast<uint32_t>(figures.n));
  Set(&statistics, &Statistics::set_mean, figures.mean);
  Set(&statistics, &Statistics::set_median, figures.median);
  Set(&statistics, &Statistics::set_lower_quartile, figures.lower_quartile);
  Set(&statistics, &Statistics::set_upper_quartile, figures.upper_quartile);
  Set(&statistics, &Statistics::set_percentile_10, figures.percentile_10);
  Set(&statistics, &Statistics::set_percentile_90, figures.percentile_90);
  Set(&statistics, &Statistics::set_minimum, figures.minimum);
  Set(&statistics, &Statistics::set_maximum, figures.maximum);
  Set(&statistics, &Statistics::set_standard_deviation, figures.standard_deviation);
  Set(&statistics, &Statistics::set_pooled, cell.Pooled(indicator));
  return statistics;
}

// Of a value in a distribution. Nothing for a neutral indicator.
std::optional<uint32_t> RankByPolarity(const IndicatorSchema& indicator, const Distribution& values, Decimal value) {
  switch (indicator.polarity) {
    case schema::v1::POLARITY_HIGHER_IS_BETTER:
      return static_cast<uint32_t>(values.size() - values.CountAtMost(value) + 1);
    case schema::v1::POLARITY_LOWER_IS_BETTER:
      return static_cast<uint32_t>(values.CountLess(value) + 1);
    default:
      return std::nullopt;
  }
}

void Stand(const IndicatorSchema& indicator, const Distribution& values, const Figures& figures, Decimal value,
           v1::IndicatorPosition* position) {
  using Position = v1::IndicatorPosition;
  const Standing standing = ComputeStanding(values, figures, value);
  position->set_rank(static_cast<uint32_t>(standing.rank));
  position->set_quarter(static_cast<uint32_t>(standing.quarter));
  Set(position, &Position::set_percentile, standing.percentile);
  position->set_tied(static_cast<uint32_t>(values.CountAtMost(value) - values.CountLess(value) - 1));
  if (const auto rank = RankByPolarity(indicator, values, value)) position->set_rank_by_polarity(*rank);
}

}  // namespace

DescribedCell DescribeCell(const ServiceSchema& service, const IndicatorSchema& indicator, const Cell& cell) {
  DescribedCell described{ComputeFigures(cell.values()), {}};
  described.statistics = Describe(service, indicator, cell, described.figures);
  return described;
}

v1::NationalStatistics MakeStatistics(const ServiceSchema& service, const IndicatorSchema& indicator,
                                      const Cell& cell) {
  return Describe(service, indicator, cell, ComputeFigures(cell.values()));
}

std::vector<DescribedCell> DescribeCells(const ServiceSchema& service, const std::vector<Cell>& cells) {
  std::vector<DescribedCell> described;
  described.reserve(cells.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    described.push_back(DescribeCell(service, service.indicators()[i], cells[i]));
  }
  return described;
}

v1::IndicatorPosition* AddPosition(const IndicatorSchema& indicator, const Cell& cell, const DescribedCell& described,
                                   const absl::optional<Contribution>& contribution, Membership membership,
                                   Positions* positions) {
  const Figures& figures = described.figures;
  v1::IndicatorPosition* position = positions->Add();
  position->set_service(described.statistics.service());
  position->set_indicator(indicator.id);
  position->set_category(indicator.category);
  *position->mutable_national() = described.statistics;
  if (!contribution) return position;
  using Position = v1::IndicatorPosition;
  const Decimal value = contribution->value;
  position->set_value(value.ToDouble());
  if (figures.mean) {
    const std::optional<Decimal> from_mean = Subtract(value, *figures.mean);
    Set(position, &Position::set_distance_from_mean, from_mean);
    Set(position, &Position::set_distance_from_median, Subtract(value, *figures.median));
    if (from_mean) position->set_compared_with_mean(CompareWithMean(indicator.polarity, *from_mean));
  }
  if (membership == Membership::kWithin) {
    Stand(indicator, cell.values(), figures, value, position);
  } else if (membership == Membership::kBeside && figures.n > 0) {
    Distribution with_it = cell.values();
    with_it.Insert(value);
    Stand(indicator, with_it, figures, value, position);
  }
  return position;
}

}  // namespace quartermaster::national
