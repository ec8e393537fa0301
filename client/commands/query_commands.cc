// qm returns explain; qm query list, show, accept, return, comment.
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/enum_name.h"
#include "client/finding_text.h"
#include "client/findings_report.h"
#include "client/return_name.h"
#include "client/table.h"
#include "client/text.h"
#include "client/time_text.h"

namespace quartermaster::client {
namespace {

struct QueryOptions {
  std::string collection;
  std::string service;
  std::string participant;
  std::string period;
  std::string rule;
  std::string subject;
  std::string reason;
  std::string text;
  std::vector<std::string> states;
};

// The last explanation of a query, whatever became of it.
std::string LastExplanation(const v1::Query& query) {
  std::string text;
  for (const v1::QueryEvent& event : query.events()) {
    if (event.kind() == v1::QueryEvent::KIND_EXPLAINED && event.fingerprint() == query.finding().fingerprint()) {
      text = event.text();
    }
  }
  return text;
}

// What fits a line beside the other cells; 'qm query show' has all of it.
std::string ShortCell(const std::string& text) {
  constexpr size_t kMaxCharacters = 48;
  const absl::string_view start = FirstCharacters(text, kMaxCharacters);
  return start.size() == text.size() ? text : absl::StrCat(start, "...");
}

// "occupied = 12, available = 10"; of a rule of one field or indicator its name as well.
std::string ShownGiven(const v1::Finding& finding) {
  return absl::StrContains(finding.given(), " = ") ? finding.given()
                                                   : absl::StrCat(SubjectOf(finding), " = ", finding.given());
}

Table QueryTable(const google::protobuf::RepeatedPtrField<v1::Query>& queries, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"PARTICIPANT"}, {"SERVICE"}, {"PERIOD"}, {"STATE"}, {"RULE"}, {"GIVEN"}, {"EXPLANATION"}};
  } else {
    table.columns = {{"participant"}, {"service"},  {"period"},  {"revision", true}, {"state"},       {"message"},
                     {"given"},       {"expected"}, {"rule_id"}, {"subject"},        {"explanation"}, {"events", true}};
  }
  for (const v1::Query& query : queries) {
    const v1::QueryName& name = query.name();
    if (for_people) {
      table.rows.push_back({name.participant(), name.service(), DisplayPeriod(name.period()),
                            QueryStateName(query.state()), name.rule_id(), ShortCell(ShownGiven(query.finding())),
                            ShortCell(LastExplanation(query))});
      continue;
    }
    table.rows.push_back({name.participant(), name.service(), name.period(), absl::StrCat(query.revision()),
                          QueryStateName(query.state()), query.finding().message(), query.finding().given(),
                          query.finding().expected(), name.rule_id(), name.subject(), LastExplanation(query),
                          absl::StrCat(query.events_size())});
  }
  return table;
}

absl::StatusOr<std::unique_ptr<Server>> Begin(const GlobalOptions& globals, QueryOptions* options) {
  return OpenCollection(globals, options->participant, options->period, &options->collection);
}

v1::ListQueriesRequest ListRequest(const QueryOptions& options) {
  v1::ListQueriesRequest request;
  request.set_collection(options.collection);
  request.set_service(options.service);
  request.set_participant(options.participant);
  request.set_period(options.period);
  request.set_rule_id(options.rule);
  return request;
}

// The states that were typed; none for all of them.
absl::StatusOr<std::vector<v1::QueryState>> ParseStates(const std::vector<std::string>& typed) {
  if (typed.empty()) return std::vector{v1::QUERY_STATE_OPEN, v1::QUERY_STATE_EXPLAINED, v1::QUERY_STATE_RETURNED};
  std::vector<v1::QueryState> states;
  for (const std::string& name : typed) {
    if (name == "all") return std::vector<v1::QueryState>();
    const absl::StatusOr<v1::QueryState> state = ParseEnum<v1::QueryState>(name, "--state");
    if (!state.ok()) return absl::InvalidArgumentError(absl::StrCat(state.status().message(), " Or all."));
    states.push_back(*state);
  }
  return states;
}

absl::StatusOr<ExitCode> List(QueryOptions options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::vector<v1::QueryState>> states = ParseStates(options.states);
  if (!states.ok()) return states.status();
  const absl::StatusOr<std::unique_ptr<Server>> server = Begin(globals, &options);
  if (!server.ok()) return server.status();
  v1::ListQueriesRequest request = ListRequest(options);
  for (const v1::QueryState state : *states) request.add_states(state);
  const absl::StatusOr<v1::ListQueriesResponse> response = (*server)->ListQueries(request);
  if (!response.ok()) return response.status();
  if (globals.output == OutputFormat::kTable && response->queries().empty()) {
    console.out << "No such queries.\n";
    return ExitCode::kOk;
  }
  return PrintReply(*response, QueryTable(response->queries(), globals.output == OutputFormat::kTable), globals.output,
                    console);
}

void PrintEvents(const v1::Query& query, const Console& console) {
  for (const v1::QueryEvent& event : query.events()) {
    const std::string kind = TypedEnumName(event.kind());
    const std::string reason = event.reason() == v1::EXPLANATION_REASON_UNSPECIFIED
                                   ? ""
                                   : absl::StrCat(" (", TypedEnumName(event.reason()), ")");
    const bool about_this = event.fingerprint() == query.finding().fingerprint();
    console.out << Printable(absl::StrCat(FormatTime(event.commit_time()), "  ", event.author(), " ", kind, reason,
                                          ", revision ", event.revision(), about_this ? "" : ", another value",
                                          event.text().empty() ? "" : ": ", event.text()))
                << '\n';
  }
}

absl::StatusOr<ExitCode> Show(QueryOptions options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = Begin(globals, &options);
  if (!server.ok()) return server.status();
  const absl::StatusOr<v1::ListQueriesResponse> response = (*server)->ListQueries(ListRequest(options));
  if (!response.ok()) return response.status();
  if (globals.output != OutputFormat::kTable) {
    return PrintReply(*response, QueryTable(response->queries(), false), globals.output, console);
  }
  if (response->queries().empty()) console.out << "The return has no queries.\n";
  for (const v1::Query& query : response->queries()) {
    const v1::QueryName& name = query.name();
    console.out << Printable(absl::StrCat(DisplayReturn(name.participant(), name.service(), name.period()),
                                          ", revision ", query.revision(), ": ", QueryStateName(query.state())))
                << '\n';
    PrintFindings({{"", query.finding()}}, console.out);
    PrintEvents(query, console);
    console.out << '\n';
  }
  return ExitCode::kOk;
}

v1::QueryName NameOf(const QueryOptions& options) {
  v1::QueryName name;
  name.set_collection(options.collection);
  name.set_service(options.service);
  name.set_participant(options.participant);
  name.set_period(options.period);
  name.set_rule_id(options.rule);
  name.set_subject(options.subject);
  return name;
}

// Says something about a query by one of the server's calls, and prints how it stands then.
template <typename Request, typename Response>
absl::StatusOr<ExitCode> Say(Server* server, absl::StatusOr<Response> (Server::*call)(const Request&), Request request,
                             const QueryOptions& options, const GlobalOptions& globals, const Console& console) {
  *request.mutable_name() = NameOf(options);
  request.set_text(options.text);
  const absl::StatusOr<Response> response = (server->*call)(request);
  if (!response.ok()) return response.status();
  google::protobuf::RepeatedPtrField<v1::Query> queries;
  *queries.Add() = response->query();
  return PrintReply(*response, QueryTable(queries, globals.output == OutputFormat::kTable), globals.output, console);
}

absl::StatusOr<ExitCode> Explain(QueryOptions options, const GlobalOptions& globals, const Console& console) {
  v1::ExplainQueryRequest request;
  if (!options.reason.empty()) {
    const absl::StatusOr<v1::ExplanationReason> reason = ParseEnum<v1::ExplanationReason>(options.reason, "--reason");
    if (!reason.ok()) return reason.status();
    request.set_reason(*reason);
  }
  const absl::StatusOr<std::unique_ptr<Server>> server = Begin(globals, &options);
  if (!server.ok()) return server.status();
  return Say(server->get(), &Server::ExplainQuery, request, options, globals, console);
}

// The three that a steward has.
template <typename Request, typename Response, absl::StatusOr<Response> (Server::*call)(const Request&)>
absl::StatusOr<ExitCode> Review(QueryOptions options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = Begin(globals, &options);
  if (!server.ok()) return server.status();
  return Say(server->get(), call, Request(), options, globals, console);
}

constexpr char kExplainDetails[] =
    "Says why a value that was queried is right. The explanation holds for later revisions while the\n"
    "value and the rule stand. 'qm submit --explain RULE=TEXT' does the same with the return.\n\n"
    "Reasons: service-change, demand, earlier-value, counting, small-numbers, other.\n\n"
    "Example:\n"
    "  qm returns explain --collection mhlda --service adult-inpatient --participant RT1 \\\n"
    "      --period 2025-26-Q1 --rule change --subject admissions --reason service-change \\\n"
    "      --text \"Ward 4 opened on 2 May.\"";
constexpr char kQueryListDetails[] =
    "Prints a row a query of a current revision: those that are open, explained or returned, unless\n"
    "--state says which; '--state all' has those that are accepted too.\n\n"
    "Example:\n"
    "  qm query list --collection mhlda --period 2025-26-Q1 --state open";
constexpr char kQueryShowDetails[] =
    "Prints what was found and all that was said about it.\n\n"
    "Example:\n"
    "  qm query show --collection mhlda --service adult-inpatient --participant RT1 --period 2025-26-Q1";
constexpr char kAcceptDetails[] =
    "Settles a query.\n\n"
    "Example:\n"
    "  qm query accept --collection mhlda --service adult-inpatient --participant RT1 \\\n"
    "      --period 2025-26-Q1 --rule change --subject admissions";
constexpr char kReturnDetails[] =
    "Sends an explanation back: the participant must amend the value or explain it anew.\n\n"
    "Example:\n"
    "  qm query return --collection mhlda --service adult-inpatient --participant RT1 \\\n"
    "      --period 2025-26-Q1 --rule change --subject admissions --text \"Which ward, and since when?\"";
constexpr char kCommentDetails[] =
    "Says something without moving the query.\n\n"
    "Example:\n"
    "  qm query comment --collection mhlda --service adult-inpatient --participant RT1 \\\n"
    "      --period 2025-26-Q1 --rule change --text \"We have asked the ward.\"";

using QueryAction = absl::StatusOr<ExitCode> (*)(QueryOptions, const GlobalOptions&, const Console&);

// A command about one query of one return.
CommandOptions AddAboutOne(CommandLine* command_line, const std::string& path, const std::string& purpose,
                           const std::string& details, QueryAction action,
                           const std::shared_ptr<QueryOptions>& options) {
  return command_line
      ->AddCommand(path, purpose, details,
                   [options, action](const GlobalOptions& globals, const Console& console) {
                     return action(*options, globals, console);
                   })
      .Text("--collection", "ID", &options->collection, "The collection; needed where there are several")
      .RequiredText("--service", "ID", &options->service, "The service")
      .RequiredText("--participant", "CODE", &options->participant, "The participant")
      .RequiredText("--period", "PERIOD", &options->period, "The period")
      .RequiredText("--rule", "RULE", &options->rule, "The rule that raised the query")
      .Text("--subject", "NAME", &options->subject, "Its field or indicator; needed where the rule raised several");
}

}  // namespace

void AddQueryCommands(CommandLine* command_line) {
  const auto explain = std::make_shared<QueryOptions>();
  AddAboutOne(command_line, "returns explain", "Explain a query of a return", kExplainDetails, Explain, explain)
      .Text("--reason", "REASON", &explain->reason, "Why the value is as it is, in a word")
      .RequiredText("--text", "TEXT", &explain->text, "Why, in a sentence or two");

  command_line->AddGroup("query", "Look at queries, and review explanations");
  const auto list = std::make_shared<QueryOptions>();
  command_line
      ->AddCommand(
          "query list", "List queries over all participants", kQueryListDetails,
          [list](const GlobalOptions& globals, const Console& console) { return List(*list, globals, console); })
      .Text("--collection", "ID", &list->collection, "The collection; needed where there are several")
      .Text("--service", "ID", &list->service, "Only this service")
      .Text("--participant", "CODE", &list->participant, "Only this participant")
      .Text("--period", "PERIOD", &list->period, "Only this period")
      .Text("--rule", "RULE", &list->rule, "Only queries of this rule")
      .Texts("--state", "STATE", &list->states, "open, explained, accepted, returned or all; may be repeated");
  const auto show = std::make_shared<QueryOptions>();
  command_line
      ->AddCommand(
          "query show", "Show the queries of a return with all that was said", kQueryShowDetails,
          [show](const GlobalOptions& globals, const Console& console) { return Show(*show, globals, console); })
      .Text("--collection", "ID", &show->collection, "The collection; needed where there are several")
      .RequiredText("--service", "ID", &show->service, "The service")
      .RequiredText("--participant", "CODE", &show->participant, "The participant")
      .RequiredText("--period", "PERIOD", &show->period, "The period")
      .Text("--rule", "RULE", &show->rule, "Only queries of this rule");
  const auto accept = std::make_shared<QueryOptions>();
  AddAboutOne(command_line, "query accept", "Accept an explanation", kAcceptDetails,
              Review<v1::AcceptQueryRequest, v1::AcceptQueryResponse, &Server::AcceptQuery>, accept)
      .Text("--text", "TEXT", &accept->text, "What to add");
  const auto give_back = std::make_shared<QueryOptions>();
  AddAboutOne(command_line, "query return", "Send an explanation back", kReturnDetails,
              Review<v1::ReturnQueryRequest, v1::ReturnQueryResponse, &Server::ReturnQuery>, give_back)
      .RequiredText("--text", "TEXT", &give_back->text, "What is still to be said or done");
  const auto comment = std::make_shared<QueryOptions>();
  AddAboutOne(command_line, "query comment", "Comment on a query", kCommentDetails,
              Review<v1::CommentOnQueryRequest, v1::CommentOnQueryResponse, &Server::CommentOnQuery>, comment)
      .RequiredText("--text", "TEXT", &comment->text, "What to say");
}

}  // namespace quartermaster::client
