#include "server/national/messages.h"

#include <cstdint>
#include <optional>

#include "server/national/figures.h"

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

}  // namespace

v1::NationalStatistics MakeStatistics(const ServiceSchema& service, const IndicatorSchema& indicator,
                                      const Cell& cell) {
  return Describe(service, indicator, cell, ComputeFigures(cell.values()));
}

v1::IndicatorPosition MakePosition(const ServiceSchema& service, const IndicatorSchema& indicator, const Cell& cell,
                                   const absl::optional<Contribution>& contribution) {
  const Figures figures = ComputeFigures(cell.values());
  v1::IndicatorPosition position;
  position.set_service(service.id());
  position.set_indicator(indicator.id);
  position.set_category(indicator.category);
  *position.mutable_national() = Describe(service, indicator, cell, figures);
  if (!contribution) return position;
  using Position = v1::IndicatorPosition;
  const Standing standing = ComputeStanding(cell.values(), figures, contribution->value);
  position.set_value(contribution->value.ToDouble());
  position.set_rank(static_cast<uint32_t>(standing.rank));
  position.set_quarter(static_cast<uint32_t>(standing.quarter));
  Set(&position, &Position::set_percentile, standing.percentile);
  Set(&position, &Position::set_distance_from_mean, standing.distance_from_mean);
  Set(&position, &Position::set_distance_from_median, standing.distance_from_median);
  return position;
}

}  // namespace quartermaster::national
