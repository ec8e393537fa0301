#include "client/release_table.h"

#include <functional>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "client/return_name.h"
#include "client/statistics_table.h"
#include "client/time_text.h"
#include "validation/period.h"

namespace quartermaster::client {
namespace {

// How an indicator is shown.
struct Indicator {
  std::string title;
  absl::optional<uint32_t> decimals;
};

std::string NameOf(const std::string& indicator, const std::string& category) {
  return category.empty() ? indicator : absl::StrCat(indicator, "/", category);
}

// Before and after, to the decimals of the indicator, or exactly where those would hide the change.
std::pair<std::string, std::string> BeforeAndAfter(absl::optional<double> from, absl::optional<double> to,
                                                   absl::optional<uint32_t> decimals) {
  if (decimals) {
    std::pair<std::string, std::string> rounded(FormatNumber(from, *decimals), FormatNumber(to, *decimals));
    if (rounded.first != rounded.second) return rounded;
  }
  return {FormatExact(from), FormatExact(to)};
}

template <typename Number>
std::string NumberOrNone(bool has, Number number) {
  return has ? absl::StrCat(number) : "";
}

// Visits each figure that is not the same in both, n included.
void VisitMoved(const v1::StatisticsChange& change,
                const std::function<void(const std::string& name, const std::string& heading,
                                         absl::optional<double> from, absl::optional<double> to)>& visit) {
  const auto n_of = [](bool has, const v1::NationalStatistics& statistics) {
    return has ? absl::optional<double>(statistics.n()) : absl::nullopt;
  };
  const absl::optional<double> n_from = n_of(change.has_from(), change.from());
  const absl::optional<double> n_to = n_of(change.has_to(), change.to());
  if (n_from != n_to) visit("n", "N", n_from, n_to);
  for (const Figure& figure : Figures()) {
    const absl::optional<double> from = figure.of(change.from());
    const absl::optional<double> to = figure.of(change.to());
    if (from != to) visit(figure.name, figure.heading, from, to);
  }
}

std::string MonthsText(const v1::MissingReturn& missing, const std::string& period) {
  if (missing.months_present() == 0) return "";
  const absl::StatusOr<Period> parsed = Period::Parse(period);
  return parsed.ok() ? absl::StrCat(missing.months_present(), " of ", parsed->month_count())
                     : absl::StrCat(missing.months_present());
}

}  // namespace

Table ReleaseTable(const Releases& releases, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {
        {"COLLECTION"},    {"PERIOD"},        {"NUMBER", true},      {"PUBLISHED"},     {"BY"},  {"PARTICIPANTS", true},
        {"RETURNS", true}, {"MISSING", true}, {"UNEXPLAINED", true}, {"EMBARGO UNTIL"}, {"NOTE"}};
  } else {
    table.columns = {{"collection"},
                     {"period"},
                     {"number", true},
                     {"publish_time"},
                     {"publisher"},
                     {"participants", true},
                     {"returns", true},
                     {"missing", true},
                     {"open_queries", true},
                     {"embargoed_until"},
                     {"note"},
                     {"sha256"},
                     {"bytes", true},
                     {"collection_version", true},
                     {"method_version", true},
                     {"data_sequence", true}};
  }
  for (const v1::Release& release : releases) {
    std::vector<std::string>& row = table.rows.emplace_back();
    row = {release.collection(),
           for_people ? DisplayPeriod(release.period()) : release.period(),
           absl::StrCat(release.number()),
           FormatTime(release.publish_time()),
           release.publisher(),
           absl::StrCat(release.participants()),
           absl::StrCat(release.returns()),
           absl::StrCat(release.missing()),
           absl::StrCat(release.open_queries()),
           release.embargoed_until(),
           release.note()};
    if (for_people) continue;
    row.insert(row.end(), {release.sha256(), absl::StrCat(release.bytes()), absl::StrCat(release.collection_version()),
                           absl::StrCat(release.method_version()), absl::StrCat(release.data_sequence())});
  }
  return table;
}

Table MissingTable(const MissingReturns& missing, const std::string& period) {
  Table table{{{"PARTICIPANT"}, {"SERVICE"}, {"MONTHS THERE"}}, {}};
  for (const v1::MissingReturn& one : missing) {
    table.rows.push_back({one.participant(), one.service(), MonthsText(one, period)});
  }
  return table;
}

Table OpenQueryTable(const OpenQueries& queries) {
  Table table{{{"PARTICIPANT"}, {"SERVICE"}, {"PERIOD"}, {"RULE"}, {"ABOUT"}}, {}};
  for (const v1::OpenQuery& one : queries) {
    table.rows.push_back({one.participant(), one.service(), DisplayPeriod(one.period()), one.rule_id(), one.subject()});
  }
  return table;
}

Table ObstacleTable(const v1::PreviewReleaseResponse& preview) {
  const std::string& period = preview.release().period();
  Table table{
      {{"obstacle"}, {"participant"}, {"service"}, {"period"}, {"months_present", true}, {"rule_id"}, {"subject"}}, {}};
  for (const v1::MissingReturn& one : preview.missing()) {
    table.rows.push_back(
        {"missing", one.participant(), one.service(), period, absl::StrCat(one.months_present()), "", ""});
  }
  for (const v1::OpenQuery& one : preview.open_queries()) {
    table.rows.push_back({"query", one.participant(), one.service(), one.period(), "", one.rule_id(), one.subject()});
  }
  for (const std::string& service : preview.undisclosed_services()) {
    table.rows.push_back({"undisclosed", "", service, period, "", "", ""});
  }
  return table;
}

Table ReturnChangeTable(const v1::DiffReleasesResponse& diff) {
  Table table{{{"PARTICIPANT"}, {"SERVICE"}, {"PERIOD"}, {"REVISION BEFORE", true}, {"AFTER", true}}, {}};
  for (const v1::ReturnChange& change : diff.returns()) {
    table.rows.push_back({change.participant(), change.service(), DisplayPeriod(change.period()),
                          NumberOrNone(change.has_from_revision(), change.from_revision()),
                          NumberOrNone(change.has_to_revision(), change.to_revision())});
  }
  return table;
}

Table ValueChangeTable(const v1::DiffReleasesResponse& diff) {
  // Where a value changed its statistics have moved as a rule, and they say how the indicator is called.
  std::map<std::tuple<std::string, std::string, std::string>, Indicator> known;
  for (const v1::StatisticsChange& change : diff.statistics()) {
    const v1::NationalStatistics& either = change.has_to() ? change.to() : change.from();
    known[{either.service(), either.indicator(), either.category()}] = {either.title(), either.decimals()};
  }
  Table table{{{"PARTICIPANT"}, {"SERVICE"}, {"INDICATOR"}, {"BEFORE", true}, {"AFTER", true}}, {}};
  for (const v1::ValueChange& change : diff.values()) {
    const auto found = known.find({change.service(), change.indicator(), change.category()});
    const Indicator indicator =
        found != known.end() ? found->second : Indicator{NameOf(change.indicator(), change.category()), {}};
    const auto [before, after] =
        BeforeAndAfter(change.has_from() ? absl::optional<double>(change.from()) : absl::nullopt,
                       change.has_to() ? absl::optional<double>(change.to()) : absl::nullopt, indicator.decimals);
    table.rows.push_back({change.participant(), change.service(), indicator.title, before, after});
  }
  return table;
}

Table StatisticsChangeTable(const v1::DiffReleasesResponse& diff) {
  Table table{{{"SERVICE"}, {"INDICATOR"}, {"FIGURE"}, {"BEFORE", true}, {"AFTER", true}}, {}};
  for (const v1::StatisticsChange& change : diff.statistics()) {
    const v1::NationalStatistics& either = change.has_to() ? change.to() : change.from();
    VisitMoved(change, [&](const std::string& name, const std::string& heading, absl::optional<double> from,
                           absl::optional<double> to) {
      const auto [before, after] = BeforeAndAfter(from, to, name == "n" ? 0 : either.decimals());
      table.rows.push_back({either.service(), either.title(), heading, before, after});
    });
  }
  return table;
}

Table DiffTable(const v1::DiffReleasesResponse& diff) {
  Table table{{{"change"},
               {"service"},
               {"indicator"},
               {"category"},
               {"participant"},
               {"period"},
               {"figure"},
               {"before", true},
               {"after", true}},
              {}};
  for (const v1::ReturnChange& change : diff.returns()) {
    table.rows.push_back({"return", change.service(), "", "", change.participant(), change.period(), "revision",
                          NumberOrNone(change.has_from_revision(), change.from_revision()),
                          NumberOrNone(change.has_to_revision(), change.to_revision())});
  }
  for (const v1::ValueChange& change : diff.values()) {
    table.rows.push_back({"value", change.service(), change.indicator(), change.category(), change.participant(),
                          diff.to().period(), "value", change.has_from() ? FormatExact(change.from()) : "",
                          change.has_to() ? FormatExact(change.to()) : ""});
  }
  for (const v1::StatisticsChange& change : diff.statistics()) {
    const v1::NationalStatistics& either = change.has_to() ? change.to() : change.from();
    VisitMoved(change, [&](const std::string& name, const std::string&, absl::optional<double> from,
                           absl::optional<double> to) {
      table.rows.push_back({"statistic", either.service(), either.indicator(), either.category(), "",
                            diff.to().period(), name, FormatExact(from), FormatExact(to)});
    });
  }
  return table;
}

}  // namespace quartermaster::client
