// qm returns list, show, diff, withdraw.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/enum_name.h"
#include "client/findings_report.h"
#include "client/json.h"
#include "client/request_id.h"
#include "client/return_difference.h"
#include "client/return_name.h"
#include "client/return_values_table.h"
#include "client/schema_source.h"
#include "client/table.h"
#include "client/text.h"
#include "client/time_text.h"

namespace quartermaster::client {
namespace {

struct ReturnsOptions {
  std::string collection;
  std::string service;
  std::string participant;
  std::string period;
  bool all_revisions = false;
  absl::optional<uint32_t> revision;
  absl::optional<uint32_t> from;
  absl::optional<uint32_t> to;
  absl::optional<uint32_t> expected_revision;
  std::string reason;
};

Table ReturnsTable(const google::protobuf::RepeatedPtrField<v1::StoredReturn>& returns, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"PARTICIPANT"}, {"SERVICE"},   {"PERIOD"},    {"REVISION", true},
                     {"STATE"},       {"COMMITTED"}, {"SUBMITTER"}, {"FINDINGS"}};
  } else {
    table.columns = {{"participant"}, {"service"},   {"period"},   {"revision", true}, {"state"},
                     {"commit_time"}, {"submitter"}, {"findings"}, {"sequence", true}, {"content_sha256"}};
  }
  for (const v1::StoredReturn& stored : returns) {
    const v1::Receipt& receipt = stored.receipt();
    std::vector<std::string>& row = table.rows.emplace_back();
    row = {stored.participant(),
           stored.service(),
           for_people ? DisplayPeriod(stored.period()) : stored.period(),
           absl::StrCat(stored.revision()),
           TypedEnumName(stored.state()),
           FormatTime(receipt.commit_time()),
           receipt.submitter(),
           CountFindings(stored.findings())};
    if (!for_people) row.insert(row.end(), {absl::StrCat(receipt.sequence()), receipt.content_sha256()});
  }
  return table;
}

absl::StatusOr<std::unique_ptr<Server>> Begin(const GlobalOptions& globals, ReturnsOptions* options) {
  return OpenCollection(globals, options->participant, options->period, &options->collection);
}

template <typename Request>
Request RequestFor(const ReturnsOptions& options) {
  Request request;
  request.set_collection(options.collection);
  request.set_service(options.service);
  request.set_participant(options.participant);
  request.set_period(options.period);
  return request;
}

absl::StatusOr<ExitCode> List(ReturnsOptions options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = Begin(globals, &options);
  if (!server.ok()) return server.status();
  auto request = RequestFor<v1::ListReturnsRequest>(options);
  request.set_all_revisions(options.all_revisions);
  const absl::StatusOr<v1::ListReturnsResponse> response = (*server)->ListReturns(request);
  if (!response.ok()) return response.status();
  return PrintReply(*response, ReturnsTable(response->returns(), globals.output == OutputFormat::kTable),
                    globals.output, console);
}

void PrintDetails(const v1::StoredReturn& stored, const Console& console) {
  const auto line = [&console](const char* name, const std::string& value) {
    if (!value.empty()) console.out << name << Printable(value) << '\n';
  };
  const v1::Receipt& receipt = stored.receipt();
  line("Return       ", DisplayReturn(stored.participant(), stored.service(), stored.period()));
  line("Revision     ", absl::StrCat(stored.revision(), ", ", TypedEnumName(stored.state())));
  line("Committed    ", FormatTime(receipt.commit_time()));
  line("Submitter    ", receipt.submitter());
  line("Rules        ", absl::StrCat("version ", receipt.rule_version()));
  line("Sequence     ", absl::StrCat(receipt.sequence()));
  line("SHA-256      ", receipt.content_sha256());
  if (!stored.has_withdrawal()) return;
  const v1::Withdrawal& withdrawal = stored.withdrawal();
  line("Withdrawn    ", absl::StrCat(FormatTime(withdrawal.commit_time()), " by ", withdrawal.submitter()));
  line("Reason       ", withdrawal.reason());
}

// A revision with the version of the collection by which it was judged: its data is a message that only the collection
// describes, with the labels and rules that its sender knew.
struct Revision {
  v1::GetReturnResponse response;
  v1::GetCollectionResponse collection;
  std::shared_ptr<const CollectionSchema> schema;

  const v1::StoredReturn& stored() const { return response.stored_return(); }
};

absl::StatusOr<Revision> GetRevision(const ReturnsOptions& options, absl::optional<uint32_t> number, Server* server) {
  auto request = RequestFor<v1::GetReturnRequest>(options);
  if (number) request.set_revision(*number);
  absl::StatusOr<v1::GetReturnResponse> response = server->GetReturn(request);
  if (!response.ok()) return response.status();
  v1::GetCollectionRequest collection_request;
  collection_request.set_collection(options.collection);
  collection_request.set_version(response->stored_return().receipt().rule_version());
  absl::StatusOr<v1::GetCollectionResponse> collection = server->GetCollection(collection_request);
  if (!collection.ok()) return collection.status();
  auto schema = CompileReceived(collection->collection());
  if (!schema.ok()) return schema.status();
  return Revision{*std::move(response), *std::move(collection), *std::move(schema)};
}

absl::StatusOr<ExitCode> Show(ReturnsOptions options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = Begin(globals, &options);
  if (!server.ok()) return server.status();
  const absl::StatusOr<Revision> revision = GetRevision(options, options.revision, server->get());
  if (!revision.ok()) return revision.status();
  if (globals.output == OutputFormat::kJson) {
    const absl::StatusOr<std::string> json =
        ToJson(revision->response, &revision->collection.collection().descriptor_set());
    if (!json.ok()) return json.status();
    console.out << *json << '\n';
    return ExitCode::kOk;
  }
  const v1::StoredReturn& stored = revision->stored();
  const absl::StatusOr<Table> values =
      ReturnValuesTable(*revision->schema, stored, globals.output == OutputFormat::kTable);
  if (!values.ok()) return values.status();
  if (globals.output == OutputFormat::kCsv) {
    PrintCsv(*values, console.out);
    return ExitCode::kOk;
  }
  PrintDetails(stored, console);
  console.out << '\n';
  PrintAligned(*values, console.out);
  std::vector<ReportedFinding> findings;
  for (const v1::Finding& finding : stored.findings()) findings.push_back({"", finding});
  if (!findings.empty()) console.out << '\n';
  PrintFindings(findings, console.out);
  return ExitCode::kOk;
}

// "revision 2 (superseded), committed 2026-05-01 09:12 by rt1-informatics".
std::string DescribeRevision(const v1::StoredReturn& stored) {
  return absl::StrCat("revision ", stored.revision(), " (", TypedEnumName(stored.state()), "), committed ",
                      FormatTime(stored.receipt().commit_time()), " by ", stored.receipt().submitter());
}

absl::StatusOr<ExitCode> Diff(ReturnsOptions options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = Begin(globals, &options);
  if (!server.ok()) return server.status();
  const absl::StatusOr<Revision> later = GetRevision(options, options.to, server->get());
  if (!later.ok()) return later.status();
  const uint32_t to = later->stored().revision();
  if (!options.from && to == 1) {
    return absl::NotFoundError("revision 1 is the first, and there is nothing before it to compare it with.");
  }
  const uint32_t from = options.from.value_or(to - 1);
  if (from == to) return absl::InvalidArgumentError("--from and --to are the same revision. Name two.");
  const absl::StatusOr<Revision> earlier = GetRevision(options, from, server->get());
  if (!earlier.ok()) return earlier.status();

  const v1::StoredReturn& stored = later->stored();
  const absl::StatusOr<v1::ReturnDifference> difference =
      FindDifference({earlier->stored(), *earlier->schema}, {stored, *later->schema});
  if (!difference.ok()) return difference.status();
  if (globals.output != OutputFormat::kTable) {
    return PrintReply(*difference, ReturnDifferenceTable(*difference, false), globals.output, console);
  }
  console.out << Printable(DisplayReturn(stored.participant(), stored.service(), stored.period())) << '\n'
              << "From " << Printable(DescribeRevision(earlier->stored())) << '\n'
              << "To   " << Printable(DescribeRevision(stored)) << "\n\n";
  if (difference->changes().empty()) {
    console.out << "No value differs.\n";
  } else {
    PrintAligned(ReturnDifferenceTable(*difference, true), console.out);
  }
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Withdraw(ReturnsOptions options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = Begin(globals, &options);
  if (!server.ok()) return server.status();
  auto request = RequestFor<v1::WithdrawReturnRequest>(options);
  request.set_reason(options.reason);
  request.set_request_id(NewRequestId());
  if (options.expected_revision) request.set_expected_revision(*options.expected_revision);
  const absl::StatusOr<v1::WithdrawReturnResponse> response = (*server)->WithdrawReturn(request);
  if (!response.ok()) return response.status();
  google::protobuf::RepeatedPtrField<v1::StoredReturn> returns;
  *returns.Add() = response->stored_return();
  return PrintReply(*response, ReturnsTable(returns, globals.output == OutputFormat::kTable), globals.output, console);
}

constexpr char kReturnsListDetails[] =
    "Prints a row a return: its latest revision, whether it is current or withdrawn, when and by whom\n"
    "it was submitted.\n\n"
    "Example:\n"
    "  qm returns list --collection mhlda --period 2025-26-Q1";
constexpr char kReturnsShowDetails[] =
    "Prints the receipt, each value, and the findings with which it was accepted. With --output csv\n"
    "only the values.\n\n"
    "Example:\n"
    "  qm returns show --collection mhlda --service adult-inpatient --participant RT1 --period 2025-26-Q1";
constexpr char kReturnsDiffDetails[] =
    "Prints each field whose value is another in a later revision: before, after, and the difference.\n"
    "What only one of the two has is empty in the other. With --output json one object, made here.\n\n"
    "Example:\n"
    "  qm returns diff --collection mhlda --service adult-inpatient --participant RT1 --period 2025-26-Q1";
constexpr char kWithdrawDetails[] =
    "The return then counts in no figure. Its revisions stay readable, and a later submission is a new\n"
    "revision.\n\n"
    "Example:\n"
    "  qm returns withdraw --collection mhlda --service adult-inpatient --participant RT1 --period 2025-26-Q1 \\\n"
    "      --reason \"Sent for the wrong site\"";

}  // namespace

void AddReturnsCommands(CommandLine* command_line) {
  using ReturnsAction = absl::StatusOr<ExitCode> (*)(ReturnsOptions, const GlobalOptions&, const Console&);
  const auto add = [command_line](const std::string& path, const std::string& purpose, const std::string& details,
                                  ReturnsAction action, ReturnsOptions** options) {
    const auto shared = std::make_shared<ReturnsOptions>();
    *options = shared.get();
    return command_line
        ->AddCommand(path, purpose, details,
                     [shared, action](const GlobalOptions& globals, const Console& console) {
                       return action(*shared, globals, console);
                     })
        .Text("--collection", "ID", &shared->collection, "The collection; needed where there are several");
  };
  ReturnsOptions* options = nullptr;
  const auto named = [&options](CommandOptions& command) -> CommandOptions& {
    return command.RequiredText("--service", "ID", &options->service, "The service")
        .RequiredText("--participant", "CODE", &options->participant, "The participant")
        .RequiredText("--period", "PERIOD", &options->period, "The period");
  };
  command_line->AddGroup("returns", "Look at returns, or withdraw one");
  CommandOptions list = add("returns list", "List returns", kReturnsListDetails, List, &options);
  list.Text("--service", "ID", &options->service, "Only this service")
      .Text("--participant", "CODE", &options->participant, "Only this participant")
      .Text("--period", "PERIOD", &options->period, "Only this period")
      .Flag("--all-revisions", &options->all_revisions, "Revisions that were replaced, too");

  CommandOptions show = add("returns show", "Show one return", kReturnsShowDetails, Show, &options);
  named(show).Number("--revision", "N", &options->revision, "An earlier revision rather than the latest");

  CommandOptions diff =
      add("returns diff", "Show what changed between two revisions", kReturnsDiffDetails, Diff, &options);
  named(diff)
      .Number("--from", "N", &options->from, "The earlier revision; not given: the one before the later")
      .Number("--to", "N", &options->to, "The later revision; not given: the latest");

  CommandOptions withdraw =
      add("returns withdraw", "Take a return out of every figure", kWithdrawDetails, Withdraw, &options);
  named(withdraw)
      .RequiredText("--reason", "TEXT", &options->reason, "Why; it stays with the return")
      .Number("--expected-revision", "N", &options->expected_revision, "Only if this is the latest revision");
}

}  // namespace quartermaster::client
