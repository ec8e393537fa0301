// qm national, qm position.
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/enum_name.h"
#include "client/peer_options.h"
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
  std::vector<std::string> peers;
  std::vector<std::string> group_by;
};

// Says below a table why figures are not there.
void PrintNote(const std::vector<const v1::NationalStatistics*>& all, const GlobalOptions& globals,
               const Console& console) {
  if (globals.output == OutputFormat::kTable) console.out << WithheldNote(all);
}

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
  if (absl::Status status = ReadPeers(options.peers, request.mutable_peers()); !status.ok()) return status;
  if (absl::Status status = ReadGroupBy(options.group_by, request.mutable_group_by()); !status.ok()) return status;
  const absl::StatusOr<v1::ListNationalStatisticsResponse> response = (*server)->ListNationalStatistics(request);
  if (!response.ok()) return response.status();
  const absl::StatusOr<ExitCode> printed =
      PrintReply(*response, StatisticsTable(response->statistics(), globals.output == OutputFormat::kTable),
                 globals.output, console);
  std::vector<const v1::NationalStatistics*> all;
  for (const v1::NationalStatistics& each : response->statistics()) all.push_back(&each);
  PrintNote(all, globals, console);
  return printed;
}

// Those columns that came later, for programs that count them.
void AddLastCells(const v1::IndicatorPosition& position, bool for_people, std::vector<std::string>* row) {
  const std::string compared =
      position.compared_with_mean() == v1::COMPARISON_UNSPECIFIED ? "" : TypedEnumName(position.compared_with_mean());
  if (for_people) {
    row->push_back(compared);
    row->push_back(position.partial() ? absl::StrCat(position.months_present(), " of ", position.months_expected())
                                      : "");
    return;
  }
  const v1::Withheld withheld = position.national().withheld();
  row->insert(row->end(),
              {absl::StrCat(position.tied()), absl::StrJoin(position.tied_with(), " "),
               position.has_rank_by_polarity() ? absl::StrCat(position.rank_by_polarity()) : "", compared,
               position.months_expected() > 0 ? absl::StrCat(position.months_present()) : "",
               position.months_expected() > 0 ? absl::StrCat(position.months_expected()) : "",
               position.partial() ? "yes" : "no", withheld == v1::WITHHELD_UNSPECIFIED ? "" : TypedEnumName(withheld)});
}

Table PositionTable(const v1::GetPositionResponse& response, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"SERVICE"},         {"INDICATOR"},         {"UNIT"},          {"VALUE", true}, {"RANK", true},
                     {"N", true},         {"%ILE", true},        {"QUARTER", true}, {"MEAN", true},  {"MEDIAN", true},
                     {"FROM MEAN", true}, {"FROM MEDIAN", true}, {"VS MEAN"},       {"MONTHS"}};
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
                     {"distance_from_median", true},
                     {"tied", true},
                     {"tied_with"},
                     {"rank_by_polarity", true},
                     {"compared_with_mean"},
                     {"months_present", true},
                     {"months_expected", true},
                     {"partial"},
                     {"withheld"}};
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
    const bool is_tied = for_people && position.tied() > 0;
    row.push_back(position.has_rank() ? absl::StrCat(position.rank(), is_tied ? "=" : "") : "");
    row.push_back(national.withheld() == v1::WITHHELD_UNSPECIFIED ? absl::StrCat(national.n()) : "");
    absl::optional<double> percentile;
    if (position.has_percentile()) percentile = position.percentile();
    row.push_back(for_people ? FormatNumber(percentile, 0) : FormatExact(percentile));
    row.push_back(position.has_quarter() ? absl::StrCat(position.quarter()) : "");
    row.push_back(format(national.has_mean(), national.mean()));
    row.push_back(format(national.has_median(), national.median()));
    row.push_back(format(position.has_distance_from_mean(), position.distance_from_mean()));
    row.push_back(format(position.has_distance_from_median(), position.distance_from_median()));
    AddLastCells(position, for_people, &row);
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
  if (absl::Status status = ReadPeers(options.peers, request.mutable_peers()); !status.ok()) return status;
  const absl::StatusOr<v1::GetPositionResponse> response = (*server)->GetPosition(request);
  if (!response.ok()) return response.status();
  if (response->position().empty() && globals.output == OutputFormat::kTable) {
    console.out << options.participant
                << " has no return for this period. Of one that has merged, its successor may have one: 'qm "
                   "participant list'.\n";
    return ExitCode::kOk;
  }
  const absl::StatusOr<ExitCode> printed =
      PrintReply(*response, PositionTable(*response, globals.output == OutputFormat::kTable), globals.output, console);
  std::vector<const v1::NationalStatistics*> all;
  for (const v1::IndicatorPosition& each : response->position()) all.push_back(&each.national());
  PrintNote(all, globals, console);
  return printed;
}

constexpr char kNationalDetails[] =
    "Prints a row an indicator: how many participants have a value and of how many it is expected, mean\n"
    "over participants, median, quartiles, 10th and 90th percentile, smallest, largest, standard\n"
    "deviation, and the pooled rate (all numerators over all denominators). '-' is undefined, which is\n"
    "not 0, or not shown to you, and then a line below says why.\n\n"
    "Example:\n"
    "  qm national --collection mhlda --period 2025-26-Q1 --service adult-inpatient\n"
    "  qm national --collection mhlda --period 2025-26-Q1 --group-by nation";

constexpr char kPositionDetails[] =
    "Prints a row an indicator: the participant's value, its rank (1 is the largest), the share of\n"
    "others below it, the quarter of the distribution (1 is the lowest), and the distance from mean and\n"
    "median. '3=' is a rank that others share. A value of fewer months than the period has is shown apart.\n"
    "Of one that is not among the --peers the rank is the one that it would have among them.\n\n"
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
      .Texts("--indicator", "ID", &national->indicators, "Only this indicator; may be repeated")
      .Texts("--peers", "ATTRIBUTE=VALUE", &national->peers, kPeersHelp)
      .Texts("--group-by", "ATTRIBUTE", &national->group_by, kGroupByHelp);

  const auto position = std::make_shared<NationalOptions>();
  command_line
      ->AddCommand("position", "Show where a participant stands on each indicator", kPositionDetails,
                   [position](const GlobalOptions& globals, const Console& console) {
                     return Position(*position, globals, console);
                   })
      .RequiredText("--participant", "CODE", &position->participant, "The participant")
      .Text("--collection", "ID", &position->collection, "The collection; needed where there are several")
      .RequiredText("--period", "PERIOD", &position->period, "2025-04, 2025-26-Q1, FY2025-26, \"Q1 2025/26\"")
      .Text("--service", "ID", &position->service, "Only this service")
      .Texts("--peers", "ATTRIBUTE=VALUE", &position->peers, kPeersHelp);
}

}  // namespace quartermaster::client
