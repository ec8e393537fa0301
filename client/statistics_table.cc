#include "client/statistics_table.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "client/enum_name.h"
#include "client/peer_options.h"

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
  const bool has_groups =
      std::any_of(all.begin(), all.end(), [](const Statistics& statistics) { return statistics.peers_size() > 0; });
  // A release says what there was, not what was expected.
  const bool has_expected =
      std::any_of(all.begin(), all.end(), [](const Statistics& statistics) { return statistics.n_expected() > 0; });
  Table table;
  if (for_people) {
    table.columns = {{"SERVICE"}, {"INDICATOR"}, {"UNIT"}};
    if (has_groups) table.columns.push_back({"GROUP"});
    table.columns.push_back({"N", true});
    if (has_expected) table.columns.push_back({"OF", true});
  } else {
    table.columns = {{"service"}, {"indicator"}, {"category"}, {"title"}, {"unit"}, {"n", true}};
  }
  for (const Figure& figure : Figures()) table.columns.push_back({for_people ? figure.heading : figure.name, true});
  // New columns come last, for programs that count them.
  if (!for_people) table.columns.insert(table.columns.end(), {{"n_expected", true}, {"peers"}, {"withheld"}});
  for (const Statistics& statistics : all) {
    std::vector<std::string>& row = table.rows.emplace_back();
    if (for_people) {
      row = {statistics.service(), statistics.title(), statistics.unit()};
      if (has_groups) row.push_back(statistics.peers().empty() ? "all" : PeersText(statistics.peers()));
    } else {
      row = {statistics.service(), statistics.indicator(), statistics.category(), statistics.title(),
             statistics.unit()};
    }
    row.push_back(IsWithheld(statistics) ? "" : absl::StrCat(statistics.n()));
    if (for_people && has_expected) row.push_back(absl::StrCat(statistics.n_expected()));
    for (const Figure& figure : Figures()) {
      row.push_back(for_people ? FormatNumber(figure.of(statistics), statistics.decimals())
                               : FormatExact(figure.of(statistics)));
    }
    if (for_people) continue;
    row.insert(row.end(), {absl::StrCat(statistics.n_expected()), PeersText(statistics.peers()),
                           IsWithheld(statistics) ? TypedEnumName(statistics.withheld()) : ""});
  }
  return table;
}

bool IsWithheld(const v1::NationalStatistics& statistics) { return statistics.withheld() != v1::WITHHELD_UNSPECIFIED; }

std::string WithheldNote(const std::vector<const v1::NationalStatistics*>& all) {
  std::set<v1::Withheld> reasons;
  bool has_means_only = false;  // Whoever sees all sees a median beside each mean.
  for (const v1::NationalStatistics* one : all) {
    reasons.insert(one->withheld());
    has_means_only |= one->has_mean() && !one->has_median();
  }
  std::string note;
  if (has_means_only) {
    // Enough are three organisations, as LIVE_VIEW_STEPPED says.
    absl::StrAppend(
        &note, "Submitters see n, mean, pooled figure; of a release with enough that is new, median and quartiles.\n");
  }
  for (const v1::Withheld reason : reasons) {
    switch (reason) {
      case v1::WITHHELD_UNSPECIFIED:
        break;
      case v1::WITHHELD_BELOW_MINIMUM_N:
        absl::StrAppend(&note, "Some figures are not shown: too few participants have a value.\n");
        break;
      case v1::WITHHELD_TOO_FEW_CHANGES:
        absl::StrAppend(&note, "Figures are not shown before enough organisations have sent their returns.\n");
        break;
      case v1::WITHHELD_EMBARGOED:
        absl::StrAppend(
            &note, "The national figures of this period are shown when it is released and no embargo is on them.\n");
        break;
      case v1::WITHHELD_OF_ANOTHER_KIND:
        absl::StrAppend(&note,
                        "The national figures of shorter and longer periods than the collection's own are for report "
                        "builders.\n");
        break;
      case v1::WITHHELD_NOT_FOR_THIS_VIEWER:
        absl::StrAppend(&note, "Figures of peer groups are for report builders.\n");
        break;
      default:
        absl::StrAppend(&note, "Some figures are withheld: ", TypedEnumName(reason), ".\n");
    }
  }
  return note;
}

}  // namespace quartermaster::client
