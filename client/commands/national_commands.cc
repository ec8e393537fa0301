// qm national, qm position.
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/statistics_table.h"
#include "client/table.h"

namespace quartermaster::client {
namespace {

struct NationalOptions {
  std::string collection;
  std::string period;
  std::string service;
  std::vector<std::string> indicators;
  std::string participant;
};

absl::StatusOr<ExitCode> National(const NationalOptions& options, const GlobalOptions& globals,
                                  const Console& console) {
  std::string collection = options.collection;
  const absl::StatusOr<std::unique_ptr<Server>> server =
      OpenCollection(globals, /*participant=*/"", options.period, &collection);
  if (!server.ok()) return server.status();
  v1::ListNationalStatisticsRequest request;
  request.set_collection(collection);
  request.set_period(options.period);
  request.set_service(options.service);
  for (const std::string& indicator : options.indicators) request.add_indicators(indicator);
  const absl::StatusOr<v1::ListNationalStatisticsResponse> response = (*server)->ListNationalStatistics(request);
  if (!response.ok()) return response.status();
  return PrintReply(*response, StatisticsTable(response->statistics(), globals.output == OutputFormat::kTable),
                    globals.output, console);
}

Table PositionTable(const v1::GetPositionResponse& response, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"SERVICE"},         {"INDICATOR"},        {"UNIT"},          {"VALUE", true}, {"RANK", true},
                     {"N", true},         {"%ILE", true},       {"QUARTER", true}, {"MEAN", true},  {"MEDIAN", true},
                     {"FROM MEAN", true}, {"FROM MEDIAN", true}};
  } else {
    table.columns = {{"service"},
                     {"indicator"},
                     {"category"},
                     {"title"},
                     {"unit"},
                     {"value", true},
                     {"rank", true},
                     {"n", true},
                     {"percentile", true},
                     {"quarter", true},
                     {"mean", true},
                     {"median", true},
                     {"distance_from_mean", true},
                     {"distance_from_median", true}};
  }
  for (const v1::IndicatorPosition& position : response.position()) {
    const v1::NationalStatistics& national = position.national();
    const auto format = [for_people, &national](bool has, double value) -> std::string {
      if (!has) return "";
      return for_people ? FormatNumber(value, national.decimals()) : FormatExact(value);
    };
    std::vector<std::string>& row = table.rows.emplace_back();
    row = {position.service(), for_people ? national.title() : position.indicator()};
    if (!for_people) row.insert(row.end(), {position.category(), national.title()});
    row.push_back(national.unit());
    row.push_back(format(position.has_value(), position.value()));
    row.push_back(position.has_rank() ? absl::StrCat(position.rank()) : "");
    row.push_back(absl::StrCat(national.n()));
    absl::optional<double> percentile;
    if (position.has_percentile()) percentile = position.percentile();
    row.push_back(for_people ? FormatNumber(percentile, 0) : FormatExact(percentile));
    row.push_back(position.has_quarter() ? absl::StrCat(position.quarter()) : "");
    row.push_back(format(national.has_mean(), national.mean()));
    row.push_back(format(national.has_median(), national.median()));
    row.push_back(format(position.has_distance_from_mean(), position.distance_from_mean()));
    row.push_back(format(position.has_distance_from_median(), position.distance_from_median()));
  }
  return table;
}

absl::StatusOr<ExitCode> Position(const NationalOptions& options, const GlobalOptions& globals,
                                  const Console& console) {
  std::string collection = options.collection;
  const absl::StatusOr<std::unique_ptr<Server>> server =
      OpenCollection(globals, options.participant, options.period, &collection);
  if (!server.ok()) return server.status();
  v1::GetPositionRequest request;
  request.set_participant(options.participant);
  request.set_collection(collection);
  request.set_period(options.period);
  request.set_service(options.service);
  const absl::StatusOr<v1::GetPositionResponse> response = (*server)->GetPosition(request);
  if (!response.ok()) return response.status();
  if (response->position().empty() && globals.output == OutputFormat::kTable) {
    console.out << options.participant << " has no return for this period.\n";
    return ExitCode::kOk;
  }
  return PrintReply(*response, PositionTable(*response, globals.output == OutputFormat::kTable), globals.output,
                    console);
}

constexpr char kNationalDetails[] =
    "Prints a row an indicator: n, mean over participants, median, quartiles, 10th and 90th percentile,\n"
    "smallest, largest, standard deviation, and the pooled rate (all numerators over all denominators).\n"
    "'-' is undefined, which is not 0.\n\n"
    "Example:\n"
    "  qm national --collection mhlda --period 2025-26-Q1 --service adult-inpatient";

constexpr char kPositionDetails[] =
    "Prints a row an indicator: the participant's value, its rank (1 is the largest), the share of\n"
    "others below it, the quarter of the distribution (1 is the lowest), and the distance from mean and\n"
    "median.\n\n"
    "Example:\n"
    "  qm position --participant RT1 --collection mhlda --period 2025-26-Q1";

}  // namespace

void AddNationalCommands(CommandLine* command_line) {
  const auto national = std::make_shared<NationalOptions>();
  command_line
      ->AddCommand("national", "Show the national statistics of a period", kNationalDetails,
                   [national](const GlobalOptions& globals, const Console& console) {
                     return National(*national, globals, console);
                   })
      .Text("--collection", "ID", &national->collection, "The collection; needed where there are several")
      .RequiredText("--period", "PERIOD", &national->period, "2025-04, 2025-26-Q1, FY2025-26, \"Q1 2025/26\"")
      .Text("--service", "ID", &national->service, "Only this service")
      .Texts("--indicator", "ID", &national->indicators, "Only this indicator; may be repeated");

  const auto position = std::make_shared<NationalOptions>();
  command_line
      ->AddCommand("position", "Show where a participant stands on each indicator", kPositionDetails,
                   [position](const GlobalOptions& globals, const Console& console) {
                     return Position(*position, globals, console);
                   })
      .RequiredText("--participant", "CODE", &position->participant, "The participant")
      .Text("--collection", "ID", &position->collection, "The collection; needed where there are several")
      .RequiredText("--period", "PERIOD", &position->period, "2025-04, 2025-26-Q1, FY2025-26, \"Q1 2025/26\"")
      .Text("--service", "ID", &position->service, "Only this service");
}

}  // namespace quartermaster::client
