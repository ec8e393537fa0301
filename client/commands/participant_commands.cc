// qm participant import, list, enrol, enrolments; qm population import.
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/findings_report.h"
#include "client/import_file.h"
#include "client/table.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

bool HasError(const google::protobuf::RepeatedPtrField<v1::Finding>& findings) {
  for (const v1::Finding& finding : findings) {
    if (finding.severity() == schema::v1::SEVERITY_ERROR) return true;
  }
  return false;
}

// Prints the response with its findings. `summary` is what people read when it went well.
template <typename Response>
absl::StatusOr<ExitCode> PrintImport(const Response& response, const std::string& summary, OutputFormat format,
                                     const Console& console) {
  const bool rejected = HasError(response.findings());
  if (format == OutputFormat::kTable) {
    std::vector<ReportedFinding> findings;
    for (const v1::Finding& finding : response.findings()) findings.push_back({"", finding});
    PrintFindings(findings, console.out);
    console.out << (rejected ? "Nothing was imported." : summary) << '\n';
  } else {
    Table table{FindingColumns(), {}};
    for (const v1::Finding& finding : response.findings()) table.rows.push_back(FindingCells(finding));
    if (const auto printed = PrintReply(response, table, format, console); !printed.ok()) return printed.status();
  }
  return rejected ? ExitCode::kRejected : ExitCode::kOk;
}

template <typename Response>
Response ResponseOf(const std::vector<v1::Finding>& problems) {
  Response response;
  for (const v1::Finding& problem : problems) *response.add_findings() = problem;
  return response;
}

absl::StatusOr<ExitCode> ImportParticipants(const std::string& path, const GlobalOptions& globals,
                                            const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  const auto file = ReadParticipants(path);
  if (!file.ok()) return file.status();
  auto response = ResponseOf<v1::ImportParticipantsResponse>(file->problems);
  if (file->problems.empty()) {
    absl::StatusOr<v1::ImportParticipantsResponse> answer = (*server)->ImportParticipants(file->request);
    if (!answer.ok()) return answer.status();
    response = *std::move(answer);
    LocateImportFindings(*file->source, file->rows, response.mutable_findings());
  }
  const std::string summary = absl::StrCat(Count(response.created(), "new participant"), ", ", response.updated(),
                                           " changed, ", response.unchanged(), " unchanged.");
  return PrintImport(response, summary, globals.output, console);
}

absl::StatusOr<ExitCode> ImportPopulations(const std::string& path, const GlobalOptions& globals,
                                           const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  const auto file = ReadPopulations(path);
  if (!file.ok()) return file.status();
  auto response = ResponseOf<v1::ImportPopulationsResponse>(file->problems);
  if (file->problems.empty()) {
    absl::StatusOr<v1::ImportPopulationsResponse> answer = (*server)->ImportPopulations(file->request);
    if (!answer.ok()) return answer.status();
    response = *std::move(answer);
    LocateImportFindings(*file->source, file->rows, response.mutable_findings());
  }
  const std::string summary =
      absl::StrCat(Count(response.updated(), "population"), " new or changed, ", response.unchanged(), " unchanged.");
  return PrintImport(response, summary, globals.output, console);
}

absl::StatusOr<ExitCode> ImportEnrolments(const std::string& path, const GlobalOptions& globals,
                                          const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  const auto file = ReadEnrolments(path);
  if (!file.ok()) return file.status();
  auto response = ResponseOf<v1::ImportEnrolmentsResponse>(file->problems);
  if (file->problems.empty()) {
    absl::StatusOr<v1::ImportEnrolmentsResponse> answer = (*server)->ImportEnrolments(file->request);
    if (!answer.ok()) return answer.status();
    response = *std::move(answer);
    LocateImportFindings(*file->source, file->rows, response.mutable_findings());
  }
  const std::string summary =
      absl::StrCat(Count(response.updated(), "enrolment"), " new or changed, ", response.unchanged(), " unchanged.");
  return PrintImport(response, summary, globals.output, console);
}

absl::StatusOr<ExitCode> ListEnrolments(const std::string& collection, const GlobalOptions& globals,
                                        const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  v1::ListEnrolmentsRequest request;
  request.set_collection(collection);
  const absl::StatusOr<v1::ListEnrolmentsResponse> response = (*server)->ListEnrolments(request);
  if (!response.ok()) return response.status();
  Table table;
  if (globals.output == OutputFormat::kTable) {
    table.columns = {{"COLLECTION"}, {"SERVICE"}, {"PARTICIPANT"}, {"FROM"}, {"TO"}};
  } else {
    table.columns = {{"collection"}, {"service"}, {"participant"}, {"from"}, {"to"}};
  }
  for (const v1::Enrolment& enrolment : response->enrolments()) {
    table.rows.push_back(
        {enrolment.collection(), enrolment.service(), enrolment.participant(), enrolment.from(), enrolment.to()});
  }
  return PrintReply(*response, table, globals.output, console);
}

absl::StatusOr<ExitCode> ListParticipants(const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  const absl::StatusOr<v1::ListParticipantsResponse> response = (*server)->ListParticipants({});
  if (!response.ok()) return response.status();
  Table table;
  if (globals.output == OutputFormat::kTable) {
    table.columns = {{"CODE"}, {"NAME"}, {"NATION"}, {"REGION"}, {"ICB"}, {"TYPE"}, {"SUCCESSOR"}, {"FROM"}};
  } else {
    table.columns = {
        {"code"},      {"name"},          {"nation"}, {"region"}, {"integrated_care_board"}, {"organisation_type"},
        {"successor"}, {"succeeded_from"}};
  }
  for (const v1::Participant& participant : response->participants()) {
    table.rows.push_back({participant.code(), participant.name(), participant.nation(), participant.region(),
                          participant.integrated_care_board(), participant.organisation_type(), participant.successor(),
                          participant.succeeded_from()});
  }
  return PrintReply(*response, table, globals.output, console);
}

constexpr char kImportDetails[] =
    "Columns: code,name and, as far as there are any,\n"
    "nation,region,integrated_care_board,organisation_type,successor,succeeded_from. A code that is known\n"
    "is replaced by the whole row. `successor` is the code of the participant that it became, or merged\n"
    "into, from the month `succeeded_from` on, such as 2024-11. All or nothing: with one error in the\n"
    "file nothing is imported.\n\n"
    "Example:\n"
    "  qm participant import participants.csv";
constexpr char kParticipantListDetails[] =
    "Prints a row a participant. The CSV output can be imported again.\n\n"
    "Example:\n"
    "  qm participant list --output csv";
constexpr char kEnrolDetails[] =
    "Says who is expected to send returns for which services. Columns: collection,service,participant\n"
    "and, as far as there are any, from,to: the first and the last month, such as 2024-04; blank is\n"
    "without limit. A period is expected if it lies within. A row replaces the one of the same\n"
    "collection, service and participant; to end an enrolment, give its last month. Where nobody\n"
    "ever was enrolled in a service, those are expected who sent a return in the year before or in the\n"
    "period itself. All or nothing.\n\n"
    "Example:\n"
    "  qm participant enrol enrolments.csv";
constexpr char kEnrolmentsDetails[] =
    "Prints a row an enrolment. The CSV output can be imported again.\n\n"
    "Example:\n"
    "  qm participant enrolments --collection mhlda --output csv";
constexpr char kPopulationDetails[] =
    "Columns: participant,age_band,registered and, as far as there are any, weighted,from. The age\n"
    "bands are 0-17, 18-64 and 65+; `from` is the first month from which the figures hold, such as\n"
    "2024-04. All or nothing.\n\n"
    "Example:\n"
    "  qm population import populations.csv";

}  // namespace

void AddParticipantCommands(CommandLine* command_line) {
  command_line->AddGroup("participant", "Register who submits");
  const auto participants = std::make_shared<std::string>();
  command_line
      ->AddCommand("participant import", "Register participants, or replace them", kImportDetails,
                   [participants](const GlobalOptions& globals, const Console& console) {
                     return ImportParticipants(*participants, globals, console);
                   })
      .Argument("FILE", participants.get(), "A CSV file or an Excel workbook");
  command_line->AddCommand("participant list", "List participants", kParticipantListDetails, ListParticipants);
  const auto enrolments = std::make_shared<std::string>();
  command_line
      ->AddCommand("participant enrol", "Say who is expected to send returns", kEnrolDetails,
                   [enrolments](const GlobalOptions& globals, const Console& console) {
                     return ImportEnrolments(*enrolments, globals, console);
                   })
      .Argument("FILE", enrolments.get(), "A CSV file or an Excel workbook");
  const auto collection = std::make_shared<std::string>();
  command_line
      ->AddCommand("participant enrolments", "List who is expected to send returns", kEnrolmentsDetails,
                   [collection](const GlobalOptions& globals, const Console& console) {
                     return ListEnrolments(*collection, globals, console);
                   })
      .Text("--collection", "ID", collection.get(), "Only of this collection");

  command_line->AddGroup("population", "Register whom participants serve");
  const auto populations = std::make_shared<std::string>();
  command_line
      ->AddCommand("population import", "Register populations, which indicators per head are made with",
                   kPopulationDetails,
                   [populations](const GlobalOptions& globals, const Console& console) {
                     return ImportPopulations(*populations, globals, console);
                   })
      .Argument("FILE", populations.get(), "A CSV file or an Excel workbook");
}

}  // namespace quartermaster::client
