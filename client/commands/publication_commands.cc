// qm collection publish, check, shadow.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/collection_table.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/enum_name.h"
#include "client/paragraph.h"
#include "client/proto_compiler.h"
#include "client/return_name.h"
#include "client/schema_source.h"
#include "client/table.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

struct PublicationOptions {
  std::string file;
  std::vector<std::string> import_folders;
  bool check = false;
  std::string id;
};

SchemaProblem FromMessage(const v1::SchemaProblem& problem) {
  return {problem.file(), static_cast<int>(problem.line()), static_cast<int>(problem.column()), problem.element(),
          problem.message()};
}

// The problems of a schema, in the form that was asked for. `response` is the reply that holds them; `consequence` says
// what became of the request.
template <typename Response>
absl::StatusOr<ExitCode> PrintRefusal(const Response& response, const char* consequence, OutputFormat format,
                                      const Console& console) {
  if (format == OutputFormat::kTable) {
    for (const v1::SchemaProblem& problem : response.problems()) {
      console.out << Printable(DescribeProblem(FromMessage(problem))) << '\n';
    }
    console.out << consequence << '\n';
    return ExitCode::kRejected;
  }
  Table table{{{"file"}, {"line", true}, {"column", true}, {"element"}, {"message"}}, {}};
  for (const v1::SchemaProblem& problem : response.problems()) {
    table.rows.push_back({problem.file(), problem.has_line() ? absl::StrCat(problem.line()) : "",
                          problem.has_column() ? absl::StrCat(problem.column()) : "", problem.element(),
                          problem.message()});
  }
  if (const auto printed = PrintReply(response, table, format, console); !printed.ok()) return printed.status();
  return ExitCode::kRejected;
}

// As the file was named on the command line, so that editors find it.
template <typename Response>
void NameFile(const std::string& compiled_name, const std::string& path, Response* response) {
  for (v1::SchemaProblem& problem : *response->mutable_problems()) {
    if (problem.file() == compiled_name) problem.set_file(path);
  }
}

// What protobuf's own compiler says, as the server would say it.
template <typename Response>
Response CompilerRefusal(const std::vector<SchemaProblem>& problems) {
  Response response;
  for (const SchemaProblem& problem : problems) {
    v1::SchemaProblem* copy = response.add_problems();
    copy->set_file(problem.file);
    if (problem.line > 0) copy->set_line(static_cast<uint32_t>(problem.line));
    if (problem.column > 0) copy->set_column(static_cast<uint32_t>(problem.column));
    copy->set_element(problem.element);
    copy->set_message(problem.message);
  }
  return response;
}

constexpr char kNotPublished[] = "Nothing was published.";
constexpr char kNotTried[] = "It could not be published, so its rules were not tried.";

absl::StatusOr<ExitCode> Publish(const PublicationOptions& options, const GlobalOptions& globals,
                                 const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  absl::StatusOr<CompiledProto> compiled = CompileProto(options.file, options.import_folders);
  if (!compiled.ok()) return absl::InvalidArgumentError(compiled.status().message());
  if (!compiled->problems.empty()) {
    return PrintRefusal(CompilerRefusal<v1::PublishCollectionResponse>(compiled->problems), kNotPublished,
                        globals.output, console);
  }
  v1::PublishCollectionRequest request;
  *request.mutable_descriptor_set() = std::move(compiled->descriptor_set);
  request.set_file_name(compiled->file_name);
  request.set_validate_only(options.check);
  absl::StatusOr<v1::PublishCollectionResponse> response = (*server)->PublishCollection(request);
  if (!response.ok()) return response.status();
  if (response->problems_size() > 0) {
    NameFile(compiled->file_name, options.file, &*response);
    return PrintRefusal(*response, kNotPublished, globals.output, console);
  }
  google::protobuf::RepeatedPtrField<v1::Collection> collections;
  *collections.Add() = response->collection();
  const bool for_people = globals.output == OutputFormat::kTable;
  if (for_people) {
    console.out << (options.check           ? "The collection can be published.\n"
                    : response->published() ? "Published.\n"
                                            : "Nothing was published: this is the current version already.\n");
    for (const std::string& notice : response->notices()) PrintFilled("note: ", 6, Words(notice), console.out);
  }
  return PrintReply(*response, CollectionTable(collections, for_people), globals.output, console);
}

std::string ChangeName(const v1::RuleTrial& trial) {
  const std::string name = TypedEnumName(trial.change());
  return trial.shadow() ? absl::StrCat(name, ", shadow") : name;
}

Table TrialTable(const v1::CheckCollectionResponse& response, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"SERVICE"}, {"RULE"}, {"SUBJECT"}, {"SEVERITY"}, {"RULE IS"}, {"HITS", true}};
  } else {
    table.columns = {{"service"}, {"rule_id"}, {"subject"}, {"severity"}, {"change"}, {"hits", true}};
  }
  for (const v1::RuleTrial& trial : response.rules()) {
    table.rows.push_back({trial.service(), trial.rule_id(), trial.subject(), EnumName(trial.severity()),
                          ChangeName(trial), absl::StrCat(trial.hits())});
  }
  return table;
}

absl::StatusOr<ExitCode> PrintTrial(const v1::CheckCollectionResponse& response, const GlobalOptions& globals,
                                    const Console& console) {
  if (globals.output != OutputFormat::kTable) {
    return PrintReply(response, TrialTable(response, false), globals.output, console);
  }
  console.out << Count(response.returns(), "current return") << " judged beside version " << response.current_version()
              << "; " << response.rejected() << " would be rejected.\n";
  if (response.rules().empty()) {
    console.out << "There is no rule to try.\n";
    return ExitCode::kOk;
  }
  console.out << '\n';
  PrintAligned(TrialTable(response, true), console.out);
  for (const v1::RuleTrial& trial : response.rules()) {
    if (trial.hits() == 0) continue;
    console.out << '\n'
                << Printable(absl::StrCat(trial.service(), " ", trial.rule_id(), trial.subject().empty() ? "" : " ",
                                          trial.subject(), ", the first ", trial.examples_size(), " of ", trial.hits()))
                << ":\n";
    for (const v1::RuleTrialExample& example : trial.examples()) {
      PrintFilled("  ", 4,
                  Words(absl::StrCat(example.participant(), ", ", DisplayPeriod(example.period()), ": ",
                                     example.finding().message(),
                                     example.finding().given().empty() ? "" : " Given: ", example.finding().given())),
                  console.out);
    }
  }
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Check(const PublicationOptions& options, const GlobalOptions& globals,
                               const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  absl::StatusOr<CompiledProto> compiled = CompileProto(options.file, options.import_folders);
  if (!compiled.ok()) return absl::InvalidArgumentError(compiled.status().message());
  if (!compiled->problems.empty()) {
    return PrintRefusal(CompilerRefusal<v1::CheckCollectionResponse>(compiled->problems), kNotTried, globals.output,
                        console);
  }
  v1::CheckCollectionRequest request;
  *request.mutable_descriptor_set() = std::move(compiled->descriptor_set);
  request.set_file_name(compiled->file_name);
  absl::StatusOr<v1::CheckCollectionResponse> response = (*server)->CheckCollection(request);
  if (!response.ok()) return response.status();
  if (response->problems_size() > 0) {
    NameFile(compiled->file_name, options.file, &*response);
    return PrintRefusal(*response, kNotTried, globals.output, console);
  }
  return PrintTrial(*response, globals, console);
}

absl::StatusOr<ExitCode> Shadow(const PublicationOptions& options, const GlobalOptions& globals,
                                const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  v1::CheckCollectionRequest request;
  request.set_collection(options.id);
  const absl::StatusOr<v1::CheckCollectionResponse> response = (*server)->CheckCollection(request);
  if (!response.ok()) return response.status();
  return PrintTrial(*response, globals, console);
}

constexpr char kPublicationPublishDetails[] =
    "Compiles the file and makes it the collection's current version. Imports are looked up in the -I\n"
    "folders, then beside the file; quartermaster/schema/v1/annotations.proto is built in. What is\n"
    "wrong is printed as FILE:LINE:COLUMN and the exit code is 3. A file that changes nothing makes no\n"
    "new version.\n\n"
    "Example:\n"
    "  qm collection publish --check kh03.proto";
constexpr char kCheckDetails[] =
    "Judges every current return by the new version, before it is published, and says for each rule that\n"
    "is new or changed how many returns it would have found, and the first of them; rules that are gone\n"
    "come last. Nothing changes. A version that\n"
    "would be refused is refused here with its reasons, and the exit code is 3.\n\n"
    "Example:\n"
    "  qm collection check kh03.proto";
constexpr char kShadowDetails[] =
    "Judges every current return by the rules of the published version that are marked shadow, and says\n"
    "what each finds. Only stewards see it.\n\n"
    "Example:\n"
    "  qm collection shadow kh03";

}  // namespace

void AddPublicationCommands(CommandLine* command_line) {
  using PublicationAction =
      absl::StatusOr<ExitCode> (*)(const PublicationOptions&, const GlobalOptions&, const Console&);
  const auto run = [](std::shared_ptr<PublicationOptions> options, PublicationAction action) {
    return [options, action](const GlobalOptions& globals, const Console& console) {
      return action(*options, globals, console);
    };
  };
  const auto publish = std::make_shared<PublicationOptions>();
  command_line
      ->AddCommand("collection publish", "Publish the schema of a collection", kPublicationPublishDetails,
                   run(publish, Publish))
      .Argument("FILE", &publish->file, "The collection's .proto file")
      .Texts("-I,--import-folder", "DIR", &publish->import_folders, "Where its imports are; may be repeated")
      .Flag("--check", &publish->check, "Only say whether it could be published");
  const auto check = std::make_shared<PublicationOptions>();
  command_line->AddCommand("collection check", "Try a new version on what is stored", kCheckDetails, run(check, Check))
      .Argument("FILE", &check->file, "The new version's .proto file")
      .Texts("-I,--import-folder", "DIR", &check->import_folders, "Where its imports are; may be repeated");
  const auto shadow = std::make_shared<PublicationOptions>();
  command_line->AddCommand("collection shadow", "Say what the rules on trial find", kShadowDetails, run(shadow, Shadow))
      .Argument("ID", &shadow->id, "The collection");
}

}  // namespace quartermaster::client
