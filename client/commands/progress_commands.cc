// qm status, qm watch.
#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/enum_name.h"
#include "client/json.h"
#include "client/return_name.h"
#include "client/table.h"
#include "client/text.h"
#include "client/time_text.h"

namespace quartermaster::client {
namespace {

struct ProgressOptions {
  std::string collection;
  std::string period;
  std::string service;
  std::string participant;
  std::string after;
};

std::string NumberOrNothing(uint32_t number) { return number == 0 ? "" : absl::StrCat(number); }

// What a steward acts on first comes first.
int Urgency(v1::SubmissionState state) {
  switch (state) {
    case v1::SUBMISSION_STATE_OVERDUE:
      return 0;
    case v1::SUBMISSION_STATE_EXPECTED:
      return 1;
    case v1::SUBMISSION_STATE_PARTIAL:
      return 2;
    default:
      return 3;
  }
}

// "Q1 2025/26 of mhlda: 53 expected, 41 submitted, 2 partial, 3 overdue, 95 % on time, 7 open queries. Due 2025-07-28."
std::string Summary(const v1::GetStatusResponse& status) {
  const v1::Completeness& sum = status.completeness();
  std::string line = absl::StrCat(DisplayPeriod(status.window().period()), " of ", status.window().collection(), ": ",
                                  sum.expected(), " expected, ", sum.submitted(), " submitted, ", sum.partial(),
                                  " partial, ", sum.overdue(), " overdue, ");
  if (sum.has_on_time_percent()) absl::StrAppend(&line, FormatNumber(sum.on_time_percent(), 0), " % on time, ");
  absl::StrAppend(&line, sum.open_queries(), sum.open_queries() == 1 ? " open query." : " open queries.");
  if (!status.window().due().empty()) absl::StrAppend(&line, " Due ", status.window().due(), ".");
  return line;
}

// "submitted, late, not expected"
std::string StateText(const v1::ServiceStatus& status) {
  return absl::StrCat(TypedEnumName(status.state()), status.late() ? ", late" : "",
                      status.unexpected() ? ", not expected" : "");
}

Table StatusForPeople(const v1::GetStatusResponse& response) {
  std::vector<const v1::ServiceStatus*> rows;
  for (const v1::ServiceStatus& status : response.services()) rows.push_back(&status);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto* a, const auto* b) { return Urgency(a->state()) < Urgency(b->state()); });
  Table table;
  table.columns = {{"STATE"},           {"PARTICIPANT"},    {"NAME"},
                   {"SERVICE"},         {"REVISION", true}, {"MONTHS", true},
                   {"SUBMITTED"},       {"EXTENDED"},       {"OPEN QUERIES", true},
                   {"EXPLAINED", true}, {"QUALITY %", true}};
  for (const v1::ServiceStatus* status : rows) {
    absl::optional<double> quality;
    if (status->has_quality()) quality = status->quality().score();
    table.rows.push_back({StateText(*status), status->participant(), status->name(), status->service(),
                          NumberOrNothing(status->revision()), NumberOrNothing(status->months_present()),
                          FormatTime(status->submit_time()), status->extended_until(),
                          NumberOrNothing(status->open_queries()), NumberOrNothing(status->explained_queries()),
                          FormatNumber(quality, 1)});
  }
  return table;
}

Table StatusForPrograms(const v1::GetStatusResponse& response) {
  Table table;
  table.columns = {{"participant"},
                   {"name"},
                   {"service"},
                   {"state"},
                   {"unexpected"},
                   {"revision", true},
                   {"months_present", true},
                   {"submit_time"},
                   {"late"},
                   {"extended_until"},
                   {"open_queries", true},
                   {"explained_queries", true},
                   {"quality", true},
                   {"coverage", true},
                   {"validity", true}};
  const auto yes_or_no = [](bool value) { return value ? "yes" : "no"; };
  for (const v1::ServiceStatus& status : response.services()) {
    const auto percent = [&status](double value) -> std::string {
      return status.has_quality() ? FormatExact(value) : "";
    };
    table.rows.push_back({status.participant(), status.name(), status.service(), TypedEnumName(status.state()),
                          yes_or_no(status.unexpected()), NumberOrNothing(status.revision()),
                          NumberOrNothing(status.months_present()), FormatTime(status.submit_time()),
                          yes_or_no(status.late()), status.extended_until(), absl::StrCat(status.open_queries()),
                          absl::StrCat(status.explained_queries()), percent(status.quality().score()),
                          percent(status.quality().coverage()), percent(status.quality().validity())});
  }
  return table;
}

absl::StatusOr<ExitCode> Status(const ProgressOptions& options, const GlobalOptions& globals, const Console& console) {
  std::string collection = options.collection;
  const absl::StatusOr<std::unique_ptr<Server>> server =
      OpenCollection(globals, options.participant, options.period, &collection);
  if (!server.ok()) return server.status();
  v1::GetStatusRequest request;
  request.set_collection(collection);
  request.set_period(options.period);
  request.set_service(options.service);
  request.set_participant(options.participant);
  const absl::StatusOr<v1::GetStatusResponse> response = (*server)->GetStatus(request);
  if (!response.ok()) return response.status();
  if (globals.output != OutputFormat::kTable) {
    return PrintReply(*response, StatusForPrograms(*response), globals.output, console);
  }
  console.out << Printable(Summary(*response)) << '\n';
  if (!response->services().empty()) {
    console.out << '\n';
    PrintAligned(StatusForPeople(*response), console.out);
  }
  return ExitCode::kOk;
}

// "41 of 53 submitted"; empty where it is not told.
std::string HowFar(const v1::WatchResponse& message) {
  if (!message.has_completeness()) return "";
  return absl::StrCat(message.completeness().submitted(), " of ", message.completeness().expected(), " submitted");
}

std::string WatchedLine(const v1::WatchResponse& message) {
  const std::string how_far = HowFar(message);
  if (message.has_caught_up()) {
    return absl::StrCat("Watching from commit ", message.sequence(), " on: ", how_far, ".");
  }
  const v1::WatchedReturn& told = message.stored_return();
  return absl::StrCat(FormatTime(told.commit_time()), "  ", told.participant(), "  ", told.service(), "  ",
                      DisplayPeriod(told.period()), "  revision ", told.revision(),
                      told.withdrawn() ? " withdrawn" : "", "  commit ", message.sequence(),
                      how_far.empty() ? "" : "  ", how_far);
}

const std::vector<Column>& WatchedColumns() {
  static const auto& columns = *new std::vector<Column>{
      {"sequence", true}, {"commit_time"}, {"participant"},    {"service"},         {"period"},
      {"revision", true}, {"withdrawn"},   {"expected", true}, {"submitted", true}, {"open_queries", true}};
  return columns;
}

std::vector<std::string> WatchedCells(const v1::WatchResponse& message) {
  const v1::WatchedReturn& told = message.stored_return();
  std::vector<std::string> cells = {absl::StrCat(message.sequence()),
                                    FormatTime(told.commit_time()),
                                    told.participant(),
                                    told.service(),
                                    told.period(),
                                    absl::StrCat(told.revision()),
                                    told.withdrawn() ? "yes" : "no"};
  const v1::Completeness& sum = message.completeness();
  for (const uint32_t count : {sum.expected(), sum.submitted(), sum.open_queries()}) {
    cells.push_back(message.has_completeness() ? absl::StrCat(count) : "");
  }
  return cells;
}

// Whether somebody reads still.
bool PrintWatched(const v1::WatchResponse& message, OutputFormat format, const Console& console) {
  switch (format) {
    case OutputFormat::kJson:
      if (const absl::StatusOr<std::string> json = ToJson(message); json.ok()) {
        console.out << *json << '\n';
      } else {
        PrintError(std::string(json.status().message()), console);
      }
      break;
    case OutputFormat::kCsv:
      if (message.has_stored_return()) PrintCsvRow(WatchedCells(message), console.out);
      break;
    case OutputFormat::kTable:
      console.out << Printable(WatchedLine(message)) << '\n';
      break;
  }
  console.out.flush();  // Whoever reads this waits for it.
  return console.out.good();
}

absl::StatusOr<ExitCode> Watch(const ProgressOptions& options, const GlobalOptions& globals, const Console& console) {
  v1::WatchRequest request;
  if (!options.after.empty()) {
    uint64_t after = 0;
    if (!absl::SimpleAtoi(options.after, &after)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--after: \"", options.after, "\" is no sequence number. Write one that a watch has told, or 0."));
    }
    request.set_after_sequence(after);
  }
  std::string collection = options.collection;
  const absl::StatusOr<std::unique_ptr<Server>> server =
      OpenCollection(globals, /*participant=*/"", options.period, &collection);
  if (!server.ok()) return server.status();
  request.set_collection(collection);
  request.set_period(options.period);
  request.set_service(options.service);
  if (globals.output == OutputFormat::kCsv) PrintCsvHeadings(WatchedColumns(), console.out);
  const absl::Status ended = (*server)->Watch(
      request, [&](const v1::WatchResponse& message) { return PrintWatched(message, globals.output, console); },
      [&] {
        PrintError("the server does not answer; the watch waits for two minutes, and goes on where it was.", console);
      });
  if (!ended.ok()) return ended;
  return ExitCode::kOk;
}

constexpr char kStatusDetails[] =
    "Prints how far the period is, then a row a participant and service, what is overdue or missing first:\n"
    "the current revision, or how many months are there, when it became complete, an extension, queries\n"
    "that wait for the participant and explanations that wait for the steward, and the quality of the\n"
    "data: the share of values given (of those asked for) times the share that no open query is about.\n\n"
    "Example:\n"
    "  qm status --collection mhlda --period \"Q1 2025/26\"";
constexpr char kWatchDetails[] =
    "Prints a line for each return of the period, or of a part of it, that is accepted or withdrawn, as it\n"
    "happens, until it is interrupted; with --output json also the national figures that it moved. With\n"
    "--after it first tells what happened after that commit, 0 for all. If the server is away for a while\n"
    "it goes on where it was.\n\n"
    "Example:\n"
    "  qm watch --collection mhlda --period \"Q1 2025/26\" --after 0";

}  // namespace

void AddProgressCommands(CommandLine* command_line) {
  const auto status = std::make_shared<ProgressOptions>();
  command_line
      ->AddCommand(
          "status", "Show who has submitted, who is late, and what is open", kStatusDetails,
          [status](const GlobalOptions& globals, const Console& console) { return Status(*status, globals, console); })
      .Text("--collection", "ID", &status->collection, "The collection; needed where there are several")
      .RequiredText("--period", "T", &status->period, "The period")
      .Text("--service", "ID", &status->service, "Only this service")
      .Text("--participant", "CODE", &status->participant, "Only this participant");
  const auto watch = std::make_shared<ProgressOptions>();
  command_line
      ->AddCommand(
          "watch", "Show what comes as it comes", kWatchDetails,
          [watch](const GlobalOptions& globals, const Console& console) { return Watch(*watch, globals, console); })
      .Text("--collection", "ID", &watch->collection, "The collection; needed where there are several")
      .RequiredText("--period", "T", &watch->period, "The period")
      .Text("--service", "ID", &watch->service, "Only this service")
      .Text("--after", "N", &watch->after, "The last commit that you have; 0 tells the whole past");
}

}  // namespace quartermaster::client
