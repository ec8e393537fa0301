// qm trend.
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/enum_name.h"
#include "client/paragraph.h"
#include "client/return_name.h"
#include "client/statistics_table.h"
#include "client/table.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

struct TrendOptions {
  std::string participant;
  std::string collection;
  std::string indicator;
  std::string service;
  std::string category;
  std::string cadence;
  std::string from;
  std::string to;
};

// With fewer values NHS England's "Making Data Count" does not rely on limits.
constexpr uint32_t kReliablePoints = 15;

std::string SignText(int sign) {
  switch (sign) {
    case v1::SPECIAL_CAUSE_OUTSIDE_LIMITS:
      return "outside the limits";
    case v1::SPECIAL_CAUSE_SHIFT:
      return "7 or more on one side of the mean";
    case v1::SPECIAL_CAUSE_TREND:
      return "6 or more rising or falling";
    case v1::SPECIAL_CAUSE_NEAR_LIMIT:
      return "2 of 3 near a limit";
    default:
      return TypedEnumName(static_cast<v1::SpecialCause>(sign));
  }
}

// What is special about a point, for people.
std::string Remarks(const v1::TrendPoint& point) {
  std::vector<std::string> remarks;
  if (point.partial()) remarks.push_back("months are missing");
  if (point.from_predecessors()) remarks.push_back("of its predecessors");
  for (const int sign : point.signs()) remarks.push_back(SignText(sign));
  return absl::StrJoin(remarks, "; ");
}

absl::optional<double> Set(bool is_there, double value) {
  return is_there ? absl::make_optional(value) : absl::nullopt;
}

Table PeopleTable(const v1::GetTrendResponse& trend) {
  Table table{{{"PERIOD"},
               {"VALUE", true},
               {"MEAN", true},
               {"MEDIAN", true},
               {"LOWER Q", true},
               {"UPPER Q", true},
               {"REMARKS"}},
              {}};
  bool begun = false;  // The years before anybody reported are no news.
  for (const v1::TrendPoint& point : trend.points()) {
    begun |= point.has_value() || point.national().n() > 0;
    if (!begun) continue;
    const v1::NationalStatistics& national = point.national();
    const auto shown = [&trend](bool is_there, double value) {
      return FormatNumber(Set(is_there, value), trend.decimals());
    };
    table.rows.push_back({DisplayPeriod(point.period()), shown(point.has_value(), point.value()),
                          shown(national.has_mean(), national.mean()), shown(national.has_median(), national.median()),
                          shown(national.has_lower_quartile(), national.lower_quartile()),
                          shown(national.has_upper_quartile(), national.upper_quartile()), Remarks(point)});
  }
  return table;
}

// The limits stand in every row, so that a chart can be drawn from the rows alone.
Table ProgramTable(const v1::GetTrendResponse& trend) {
  Table table{{{"period"},
               {"value", true},
               {"partial"},
               {"from_predecessors"},
               {"n", true},
               {"mean", true},
               {"median", true},
               {"lower_quartile", true},
               {"upper_quartile", true},
               {"process_mean", true},
               {"lower_limit", true},
               {"upper_limit", true},
               {"signs"}},
              {}};
  const v1::ProcessLimits& limits = trend.limits();
  for (const v1::TrendPoint& point : trend.points()) {
    const v1::NationalStatistics& national = point.national();
    std::vector<std::string> signs;
    for (const int sign : point.signs()) signs.push_back(TypedEnumName(static_cast<v1::SpecialCause>(sign)));
    const auto exact = [](bool is_there, double value) { return FormatExact(Set(is_there, value)); };
    table.rows.push_back({point.period(), exact(point.has_value(), point.value()), point.partial() ? "yes" : "",
                          point.from_predecessors() ? "yes" : "", absl::StrCat(national.n()),
                          exact(national.has_mean(), national.mean()), exact(national.has_median(), national.median()),
                          exact(national.has_lower_quartile(), national.lower_quartile()),
                          exact(national.has_upper_quartile(), national.upper_quartile()),
                          exact(trend.has_limits(), limits.mean()), exact(trend.has_limits(), limits.lower()),
                          exact(trend.has_limits(), limits.upper()), absl::StrJoin(signs, " ")});
  }
  return table;
}

void PrintLegend(const v1::GetTrendResponse& trend, const Console& console) {
  const v1::ProcessLimits& limits = trend.limits();
  const auto shown = [&trend](double value) { return FormatNumber(value, trend.decimals()); };
  std::string text;
  if (!trend.has_limits()) {
    text = "There are no process limits without values of two periods that follow each other.";
  } else {
    text = absl::StrCat("The process limits of ", trend.participant(), " are ", shown(limits.lower()), " to ",
                        shown(limits.upper()), " about its mean of ", shown(limits.mean()), ", by ", limits.points(),
                        " complete values (mean -/+ 2.66 mean moving ranges).");
    if (limits.points() < kReliablePoints) {
      absl::StrAppend(&text, " Fewer than ", kReliablePoints, " values make them provisional.");
    }
  }
  console.out << '\n';
  PrintFilled("", 0, Words(text), console.out);
}

absl::StatusOr<ExitCode> Trend(const TrendOptions& options, const GlobalOptions& globals, const Console& console) {
  v1::GetTrendRequest request;
  if (!options.cadence.empty()) {
    const auto cadence = ParseEnum<schema::v1::Cadence>(options.cadence, "--cadence");
    if (!cadence.ok()) return cadence.status();
    request.set_cadence(*cadence);
  }
  std::string collection = options.collection;
  const absl::StatusOr<std::unique_ptr<Server>> server =
      OpenCollection(globals, options.participant, /*period=*/"", &collection);
  if (!server.ok()) return server.status();
  request.set_participant(options.participant);
  request.set_collection(collection);
  request.set_indicator(options.indicator);
  request.set_service(options.service);
  request.set_category(options.category);
  request.set_from(options.from);
  request.set_to(options.to);
  const absl::StatusOr<v1::GetTrendResponse> trend = (*server)->GetTrend(request);
  if (!trend.ok()) return trend.status();
  if (globals.output != OutputFormat::kTable) {
    return PrintReply(*trend, ProgramTable(*trend), globals.output, console);
  }
  console.out << Printable(trend->title()) << (trend->unit().empty() ? "" : " in ") << Printable(trend->unit()) << ": "
              << Printable(trend->participant()) << " and the country\n\n";
  PrintAligned(PeopleTable(*trend), console.out);
  PrintLegend(*trend, console);
  std::vector<const v1::NationalStatistics*> countries;
  for (const v1::TrendPoint& point : trend->points()) {
    if (point.has_value()) countries.push_back(&point.national());
  }
  console.out << WithheldNote(countries);
  return ExitCode::kOk;
}

constexpr char kTrendDetails[] =
    "Prints a row a period: the participant's value, the country's mean, median and quartiles beside it,\n"
    "and what is special about it by the rules of NHS England's \"Making Data Count\": a point outside the\n"
    "process limits, 7 or more on one side of the mean, 6 or more rising or falling, 2 of 3 near a limit.\n"
    "Values of which months are missing are left out of limits and signs.\n\n"
    "Example:\n"
    "  qm trend --participant RT1 --collection mhlda --indicator bed-occupancy --cadence quarter";

}  // namespace

void AddTrendCommand(CommandLine* command_line) {
  const auto options = std::make_shared<TrendOptions>();
  command_line
      ->AddCommand(
          "trend", "Show a participant's values over time, with the country's beside them", kTrendDetails,
          [options](const GlobalOptions& globals, const Console& console) { return Trend(*options, globals, console); })
      .RequiredText("--participant", "CODE", &options->participant, "The participant")
      .Text("--collection", "ID", &options->collection, "The collection; needed where there are several")
      .RequiredText("--indicator", "ID", &options->indicator, "The indicator")
      .Text("--service", "ID", &options->service, "Its service; needed where several have such an indicator")
      .Text("--category", "NAME", &options->category, "Of an indicator that is a distribution: the category")
      .Text("--cadence", "KIND", &options->cadence,
            "month, quarter or year; not given: the shortest in which it has a value")
      .Text("--from", "PERIOD", &options->from, "The first period; the collection's first")
      .Text("--to", "PERIOD", &options->to, "The last period; the last for which anybody has a value");
}

}  // namespace quartermaster::client
