#include "client/statistics_table.h"

#include "absl/strings/str_cat.h"

namespace quartermaster::client {
namespace {

template <bool (v1::NationalStatistics::*has)() const, double (v1::NationalStatistics::*get)() const>
absl::optional<double> Get(const v1::NationalStatistics& statistics) {
  if (!(statistics.*has)()) return absl::nullopt;
  return (statistics.*get)();
}

using Statistics = v1::NationalStatistics;
constexpr Figure kFigures[] = {
    {"mean", "MEAN", Get<&Statistics::has_mean, &Statistics::mean>},
    {"median", "MEDIAN", Get<&Statistics::has_median, &Statistics::median>},
    {"lower_quartile", "LOWER Q", Get<&Statistics::has_lower_quartile, &Statistics::lower_quartile>},
    {"upper_quartile", "UPPER Q", Get<&Statistics::has_upper_quartile, &Statistics::upper_quartile>},
    {"percentile_10", "P10", Get<&Statistics::has_percentile_10, &Statistics::percentile_10>},
    {"percentile_90", "P90", Get<&Statistics::has_percentile_90, &Statistics::percentile_90>},
    {"minimum", "MIN", Get<&Statistics::has_minimum, &Statistics::minimum>},
    {"maximum", "MAX", Get<&Statistics::has_maximum, &Statistics::maximum>},
    {"standard_deviation", "SD", Get<&Statistics::has_standard_deviation, &Statistics::standard_deviation>},
    {"pooled", "POOLED", Get<&Statistics::has_pooled, &Statistics::pooled>},
};

}  // namespace

absl::Span<const Figure> Figures() { return kFigures; }

Table StatisticsTable(const google::protobuf::RepeatedPtrField<v1::NationalStatistics>& all, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"SERVICE"}, {"INDICATOR"}, {"UNIT"}, {"N", true}};
  } else {
    table.columns = {{"service"}, {"indicator"}, {"category"}, {"title"}, {"unit"}, {"n", true}};
  }
  for (const Figure& figure : Figures()) table.columns.push_back({for_people ? figure.heading : figure.name, true});
  for (const Statistics& statistics : all) {
    std::vector<std::string>& row = table.rows.emplace_back();
    if (for_people) {
      row = {statistics.service(), statistics.title(), statistics.unit()};
    } else {
      row = {statistics.service(), statistics.indicator(), statistics.category(), statistics.title(),
             statistics.unit()};
    }
    row.push_back(absl::StrCat(statistics.n()));
    for (const Figure& figure : Figures()) {
      row.push_back(for_people ? FormatNumber(figure.of(statistics), statistics.decimals())
                               : FormatExact(figure.of(statistics)));
    }
  }
  return table;
}

}  // namespace quartermaster::client
