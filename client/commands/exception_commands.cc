// qm exception grant, list, end, uses.
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/return_name.h"
#include "client/table.h"
#include "client/time_text.h"

namespace quartermaster::client {
namespace {

struct ExceptionOptions {
  std::string collection;
  std::string service;
  std::string participant;
  std::string rule;
  std::string subject;
  std::string until;
  std::string reason;
  uint64_t id = 0;
};

Table ExceptionTable(const google::protobuf::RepeatedPtrField<v1::StandingException>& exceptions, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"ID", true}, {"PARTICIPANT"}, {"SERVICE"}, {"RULE"},  {"SUBJECT"},
                     {"UNTIL"},    {"GRANTED BY"},  {"ENDED"},   {"REASON"}};
  } else {
    table.columns = {{"id", true}, {"participant"}, {"service"}, {"rule_id"}, {"subject"},
                     {"until"},    {"granted_by"},  {"ended"},   {"reason"}};
  }
  for (const v1::StandingException& exception : exceptions) {
    const std::string ended = exception.ended_by().empty()
                                  ? ""
                                  : absl::StrCat(FormatTime(exception.end_time()), " by ", exception.ended_by());
    table.rows.push_back({absl::StrCat(exception.id()), exception.participant(), exception.service(),
                          exception.rule_id(), exception.subject(), exception.until(), exception.granted_by(), ended,
                          exception.reason()});
  }
  return table;
}

// Prints the one exception of a reply.
template <typename Response>
absl::StatusOr<ExitCode> PrintException(const absl::StatusOr<Response>& response, const GlobalOptions& globals,
                                        const Console& console) {
  if (!response.ok()) return response.status();
  google::protobuf::RepeatedPtrField<v1::StandingException> exceptions;
  *exceptions.Add() = response->exception();
  return PrintReply(*response, ExceptionTable(exceptions, globals.output == OutputFormat::kTable), globals.output,
                    console);
}

absl::StatusOr<ExitCode> Grant(const ExceptionOptions& options, const GlobalOptions& globals, const Console& console) {
  std::string collection = options.collection;
  const absl::StatusOr<std::unique_ptr<Server>> server =
      OpenCollection(globals, options.participant, /*period=*/"", &collection);
  if (!server.ok()) return server.status();
  v1::GrantStandingExceptionRequest request;
  v1::StandingException& exception = *request.mutable_exception();
  exception.set_collection(collection);
  exception.set_service(options.service);
  exception.set_participant(options.participant);
  exception.set_rule_id(options.rule);
  exception.set_subject(options.subject);
  exception.set_until(options.until);
  exception.set_reason(options.reason);
  return PrintException((*server)->GrantStandingException(request), globals, console);
}

absl::StatusOr<ExitCode> List(const ExceptionOptions& options, const GlobalOptions& globals, const Console& console) {
  std::string collection = options.collection;
  const absl::StatusOr<std::unique_ptr<Server>> server =
      OpenCollection(globals, options.participant, /*period=*/"", &collection);
  if (!server.ok()) return server.status();
  v1::ListStandingExceptionsRequest request;
  request.set_collection(collection);
  request.set_participant(options.participant);
  const auto response = (*server)->ListStandingExceptions(request);
  if (!response.ok()) return response.status();
  return PrintReply(*response, ExceptionTable(response->exceptions(), globals.output == OutputFormat::kTable),
                    globals.output, console);
}

absl::StatusOr<ExitCode> End(const ExceptionOptions& options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  v1::EndStandingExceptionRequest request;
  request.set_id(options.id);
  return PrintException((*server)->EndStandingException(request), globals, console);
}

absl::StatusOr<ExitCode> Uses(const ExceptionOptions& options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  v1::ListExceptionUsesRequest request;
  request.set_id(options.id);
  const auto response = (*server)->ListExceptionUses(request);
  if (!response.ok()) return response.status();
  const bool for_people = globals.output == OutputFormat::kTable;
  Table table;
  if (for_people) {
    table.columns = {{"PERIOD"}, {"REVISION", true}, {"COMMITTED"}, {"FIELD"}, {"GIVEN"}, {"WHAT WAS FOUND"}};
  } else {
    table.columns = {{"period"}, {"revision", true}, {"commit_time"}, {"field"}, {"given"}, {"message"}};
  }
  for (const v1::StandingExceptionUse& use : response->uses()) {
    table.rows.push_back({for_people ? DisplayPeriod(use.period()) : use.period(), absl::StrCat(use.revision()),
                          FormatTime(use.commit_time()), use.finding().field(), use.finding().given(),
                          use.finding().message()});
  }
  return PrintReply(*response, table, globals.output, console);
}

constexpr char kGrantDetails[] =
    "What the rule finds for the participant is then an INFO, up to and including the day. Every use is\n"
    "on record.\n\n"
    "Example:\n"
    "  qm exception grant --collection mhlda --service adult-inpatient --participant RT1 \\\n"
    "      --rule occupied-within-available --until 2026-12-31 \\\n"
    "      --reason \"Leave beds are counted twice until the new system is in.\"";
constexpr char kExceptionListDetails[] =
    "Prints a row a standing exception, those that have ended too.\n\n"
    "Example:\n"
    "  qm exception list --collection mhlda";
constexpr char kExceptionEndDetails[] =
    "Returns are judged by the rule again from now on.\n\n"
    "Example:\n"
    "  qm exception end --id 1234";
constexpr char kUsesDetails[] =
    "Prints a row for each accepted revision in which it was used.\n\n"
    "Example:\n"
    "  qm exception uses --id 1234";

}  // namespace

void AddExceptionCommands(CommandLine* command_line) {
  using ExceptionAction = absl::StatusOr<ExitCode> (*)(const ExceptionOptions&, const GlobalOptions&, const Console&);
  const auto add = [command_line](const std::string& path, const std::string& purpose, const std::string& details,
                                  ExceptionAction action, const std::shared_ptr<ExceptionOptions>& options) {
    return command_line->AddCommand(path, purpose, details,
                                    [options, action](const GlobalOptions& globals, const Console& console) {
                                      return action(*options, globals, console);
                                    });
  };
  command_line->AddGroup("exception", "Turn one rule into an INFO for one participant until a day");
  const auto grant = std::make_shared<ExceptionOptions>();
  add("exception grant", "Grant a standing exception", kGrantDetails, Grant, grant)
      .Text("--collection", "ID", &grant->collection, "The collection; needed where there are several")
      .RequiredText("--service", "ID", &grant->service, "The service")
      .RequiredText("--participant", "CODE", &grant->participant, "The participant")
      .RequiredText("--rule", "RULE", &grant->rule, "The rule")
      .Text("--subject", "NAME", &grant->subject, "Only for this field or indicator")
      .RequiredText("--until", "DAY", &grant->until, "The last day, such as 2026-12-31")
      .RequiredText("--reason", "TEXT", &grant->reason, "Why");
  const auto list = std::make_shared<ExceptionOptions>();
  add("exception list", "List standing exceptions", kExceptionListDetails, List, list)
      .Text("--collection", "ID", &list->collection, "The collection; needed where there are several")
      .Text("--participant", "CODE", &list->participant, "Only of this participant");
  const auto end = std::make_shared<ExceptionOptions>();
  add("exception end", "End a standing exception before its time", kExceptionEndDetails, End, end)
      .RequiredId("--id", &end->id, "Its id, which 'qm exception list' shows");
  const auto uses = std::make_shared<ExceptionOptions>();
  add("exception uses", "List where a standing exception was used", kUsesDetails, Uses, uses)
      .RequiredId("--id", &uses->id, "Its id, which 'qm exception list' shows");
}

}  // namespace quartermaster::client
