// qm window show, extend, reopen, end, list.
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/return_name.h"
#include "client/table.h"
#include "client/text.h"
#include "client/time_text.h"

namespace quartermaster::client {
namespace {

struct WindowOptions {
  std::string collection;
  std::string participant;
  std::string period;
  std::string to;
  std::string until;
  absl::optional<uint32_t> days;
  std::string reason;
  uint64_t id = 0;
  bool all = false;
};

std::string StateText(v1::WindowState state) {
  switch (state) {
    case v1::WINDOW_STATE_NOT_OPEN_YET:
      return "not open yet";
    case v1::WINDOW_STATE_OPEN:
      return "open";
    case v1::WINDOW_STATE_LATE:
      return "open, late";
    case v1::WINDOW_STATE_CLOSED:
      return "closed";
    default:
      return "";
  }
}

Table WindowTable(const v1::PeriodWindow& window, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"PERIOD"}, {"OPENS"}, {"DUE"}, {"CLOSES"}, {"RELEASE BY"}, {"STATE"}, {"TIME ZONE"}, {"CONTACT"}};
  } else {
    table.columns = {{"period"}, {"opens"}, {"due"}, {"closes"}, {"release_by"}, {"state"}, {"time_zone"}, {"contact"}};
  }
  table.rows.push_back({for_people ? DisplayPeriod(window.period()) : window.period(), window.opens(), window.due(),
                        window.closes(), window.release_by(), StateText(window.state()), window.time_zone(),
                        window.contact()});
  return table;
}

Table GrantTable(const google::protobuf::RepeatedPtrField<v1::WindowGrant>& grants, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"ID", true}, {"COLLECTION"}, {"PARTICIPANT"}, {"FROM"},  {"TO"},
                     {"UNTIL"},    {"GRANTED BY"}, {"ENDED"},       {"REASON"}};
  } else {
    table.columns = {{"id", true}, {"collection"}, {"participant"}, {"from"},  {"to"},
                     {"until"},    {"granted_by"}, {"ended"},       {"reason"}};
  }
  const auto period = [for_people](const std::string& text) { return for_people ? DisplayPeriod(text) : text; };
  for (const v1::WindowGrant& grant : grants) {
    const std::string ended = grant.ended_by().empty() ? ""
                                                       : absl::StrCat(FormatTime(grant.end_time()), " by ",
                                                                      grant.ended_by(), ": ", grant.end_reason());
    const bool is_for_all = for_people && grant.participant().empty();
    table.rows.push_back({absl::StrCat(grant.id()), grant.collection(), is_for_all ? "all" : grant.participant(),
                          period(grant.from()), period(grant.to()), grant.until(), grant.granted_by(), ended,
                          grant.reason()});
  }
  return table;
}

// Prints the one grant of a reply.
template <typename Response>
absl::StatusOr<ExitCode> PrintGrant(const absl::StatusOr<Response>& response, const GlobalOptions& globals,
                                    const Console& console) {
  if (!response.ok()) return response.status();
  google::protobuf::RepeatedPtrField<v1::WindowGrant> grants;
  *grants.Add() = response->grant();
  return PrintReply(*response, GrantTable(grants, globals.output == OutputFormat::kTable), globals.output, console);
}

absl::StatusOr<ExitCode> Show(const WindowOptions& options, const GlobalOptions& globals, const Console& console) {
  std::string collection = options.collection;
  const absl::StatusOr<std::unique_ptr<Server>> server =
      OpenCollection(globals, /*participant=*/"", options.period, &collection);
  if (!server.ok()) return server.status();
  v1::GetWindowRequest request;
  request.set_collection(collection);
  request.set_period(options.period);
  const auto response = (*server)->GetWindow(request);
  if (!response.ok()) return response.status();
  if (globals.output != OutputFormat::kTable) {
    return PrintReply(*response, WindowTable(response->window(), /*for_people=*/false), globals.output, console);
  }
  if (response->window().closes().empty()) {
    console.out << Printable(collection) << " takes returns for "
                << Printable(DisplayPeriod(response->window().period())) << " at any time.\n";
    return ExitCode::kOk;
  }
  PrintAligned(WindowTable(response->window(), /*for_people=*/true), console.out);
  if (!response->grants().empty()) {
    console.out << '\n';
    PrintAligned(GrantTable(response->grants(), /*for_people=*/true), console.out);
  }
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Grant(const WindowOptions& options, const GlobalOptions& globals, const Console& console) {
  if (options.until.empty() == !options.days.has_value()) {
    return absl::InvalidArgumentError("give either --until, the last day, or --days, so many from today.");
  }
  std::string collection = options.collection;
  const absl::StatusOr<std::unique_ptr<Server>> server =
      OpenCollection(globals, options.participant, options.period, &collection);
  if (!server.ok()) return server.status();
  v1::GrantWindowRequest request;
  request.set_collection(collection);
  request.set_participant(options.participant);
  request.set_from(options.period);
  request.set_to(options.to);
  request.set_until(options.until);
  request.set_days(options.days.value_or(0));
  request.set_reason(options.reason);
  return PrintGrant((*server)->GrantWindow(request), globals, console);
}

absl::StatusOr<ExitCode> End(const WindowOptions& options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  v1::EndWindowGrantRequest request;
  request.set_id(options.id);
  request.set_reason(options.reason);
  return PrintGrant((*server)->EndWindowGrant(request), globals, console);
}

absl::StatusOr<ExitCode> List(const WindowOptions& options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  v1::ListWindowGrantsRequest request;
  request.set_collection(options.collection);
  request.set_all(options.all);
  const auto response = (*server)->ListWindowGrants(request);
  if (!response.ok()) return response.status();
  return PrintReply(*response, GrantTable(response->grants(), globals.output == OutputFormat::kTable), globals.output,
                    console);
}

constexpr char kWindowShowDetails[] =
    "Prints when returns for the period are taken, as whole days in the time zone, whether they are taken\n"
    "now, whom to ask, and the extensions and reopenings that hold.\n\n"
    "Example:\n"
    "  qm window show --collection mhlda --period \"Q1 2025/26\"";
constexpr char kExtendDetails[] =
    "The participant may send, replace and withdraw returns of the period, after it closed for the others,\n"
    "up to and including the last day. With --to also those of the periods after it. Prints the grant.\n\n"
    "Example:\n"
    "  qm window extend --collection mhlda --participant RT1 --period \"Q1 2025/26\" \\\n"
    "      --until 2025-08-25 --reason \"The new system went live in the last week.\"";
constexpr char kReopenDetails[] =
    "All participants may send, replace and withdraw returns of the period again, up to and including the\n"
    "last day. With --to also those of the periods after it. Prints the grant.\n\n"
    "Example:\n"
    "  qm window reopen --collection mhlda --period 2024-25-Q1 --to 2024-25-Q4 --days 14 \\\n"
    "      --reason \"Beds were counted anew for the whole year.\"";
constexpr char kWindowEndDetails[] =
    "Ends an extension or a reopening before its last day. It stays on record.\n\n"
    "Example:\n"
    "  qm window end --id 1234 --reason \"All returns are in.\"";
constexpr char kWindowListDetails[] =
    "Prints a row an extension or reopening that holds, newest first; with --all those that are past or\n"
    "ended too.\n\n"
    "Example:\n"
    "  qm window list --collection mhlda --all";

using WindowAction = absl::StatusOr<ExitCode> (*)(const WindowOptions&, const GlobalOptions&, const Console&);

CommandOptions Add(CommandLine* command_line, const std::string& path, const std::string& purpose,
                   const std::string& details, WindowAction action, const std::shared_ptr<WindowOptions>& options) {
  return command_line->AddCommand(path, purpose, details,
                                  [options, action](const GlobalOptions& globals, const Console& console) {
                                    return action(*options, globals, console);
                                  });
}

void AddGrantOptions(CommandOptions* command, WindowOptions* options) {
  command->Text("--collection", "ID", &options->collection, "The collection; needed where there are several")
      .RequiredText("--period", "T", &options->period, "The period, or the first one")
      .Text("--to", "T", &options->to, "The last period, of the same kind")
      .Text("--until", "DAY", &options->until, "The last day, such as 2026-12-31")
      .Number("--days", "N", &options->days, "So many days from today, at most 730")
      .RequiredText("--reason", "TEXT", &options->reason, "Why");
}

}  // namespace

void AddWindowCommands(CommandLine* command_line) {
  command_line->AddGroup("window", "When returns are taken, and for whom longer");
  const auto show = std::make_shared<WindowOptions>();
  Add(command_line, "window show", "Show when returns for a period are taken", kWindowShowDetails, Show, show)
      .Text("--collection", "ID", &show->collection, "The collection; needed where there are several")
      .RequiredText("--period", "T", &show->period, "The period");
  const auto extend = std::make_shared<WindowOptions>();
  CommandOptions extend_options =
      Add(command_line, "window extend", "Take returns of one participant for longer", kExtendDetails, Grant, extend);
  extend_options.RequiredText("--participant", "CODE", &extend->participant, "The participant");
  AddGrantOptions(&extend_options, extend.get());
  const auto reopen = std::make_shared<WindowOptions>();
  CommandOptions reopen_options =
      Add(command_line, "window reopen", "Take returns of all participants again", kReopenDetails, Grant, reopen);
  AddGrantOptions(&reopen_options, reopen.get());
  const auto end = std::make_shared<WindowOptions>();
  Add(command_line, "window end", "End an extension or a reopening before its last day", kWindowEndDetails, End, end)
      .RequiredId("--id", &end->id, "Its id, which 'qm window list' shows")
      .RequiredText("--reason", "TEXT", &end->reason, "Why");
  const auto list = std::make_shared<WindowOptions>();
  Add(command_line, "window list", "List extensions and reopenings", kWindowListDetails, List, list)
      .Text("--collection", "ID", &list->collection, "Only of this collection")
      .Flag("--all", &list->all, "Those that are past or ended too");
}

}  // namespace quartermaster::client
