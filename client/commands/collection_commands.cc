// qm collection publish, list, show.
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/collection_table.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/json.h"
#include "client/proto_compiler.h"
#include "client/schema_source.h"
#include "client/table.h"
#include "client/text.h"

namespace quartermaster::client {
namespace {

struct CollectionOptions {
  std::string file;
  std::vector<std::string> import_folders;
  bool check = false;
  std::string id;
  std::string service;
  absl::optional<uint32_t> version;
};

std::string CadenceNames(const v1::Collection& collection) {
  std::string names;
  for (const int cadence : collection.cadence()) {
    const std::string name = schema::v1::Cadence_Name(static_cast<schema::v1::Cadence>(cadence));
    if (name.size() <= sizeof("CADENCE_")) continue;
    absl::StrAppend(&names, names.empty() ? "" : ", ", absl::AsciiStrToLower(name.substr(sizeof("CADENCE_") - 1)));
  }
  return names;
}

Table CollectionTable(const google::protobuf::RepeatedPtrField<v1::Collection>& collections, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"COLLECTION"},     {"VERSION", true}, {"PERIODS"}, {"FIRST"},
                     {"SERVICES", true}, {"PUBLISHED"},     {"TITLE"}};
  } else {
    table.columns = {{"id"},           {"version", true}, {"cadence"}, {"first_period"}, {"services", true},
                     {"publish_time"}, {"title"}};
  }
  for (const v1::Collection& collection : collections) {
    table.rows.push_back({collection.id(), absl::StrCat(collection.version()), CadenceNames(collection),
                          collection.first_period(), absl::StrCat(collection.services_size()),
                          FormatTime(collection.publish_time()), collection.title()});
  }
  return table;
}

SchemaProblem FromMessage(const v1::SchemaProblem& problem) {
  return {problem.file(), static_cast<int>(problem.line()), static_cast<int>(problem.column()), problem.element(),
          problem.message()};
}

// The problems of a refused schema, in the form that was asked for.
absl::StatusOr<ExitCode> PrintRefusal(const v1::PublishCollectionResponse& response, OutputFormat format,
                                      const Console& console) {
  if (format == OutputFormat::kTable) {
    for (const v1::SchemaProblem& problem : response.problems()) {
      console.out << Printable(DescribeProblem(FromMessage(problem))) << '\n';
    }
    console.out << "Nothing was published.\n";
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
void NameFile(const std::string& compiled_name, const std::string& path, v1::PublishCollectionResponse* response) {
  for (v1::SchemaProblem& problem : *response->mutable_problems()) {
    if (problem.file() == compiled_name) problem.set_file(path);
  }
}

absl::StatusOr<ExitCode> Publish(const CollectionOptions& options, const GlobalOptions& globals,
                                 const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  absl::StatusOr<CompiledProto> compiled = CompileProto(options.file, options.import_folders);
  if (!compiled.ok()) return absl::InvalidArgumentError(compiled.status().message());
  if (!compiled->problems.empty()) {
    v1::PublishCollectionResponse response;
    for (const SchemaProblem& problem : compiled->problems) {
      v1::SchemaProblem* copy = response.add_problems();
      copy->set_file(problem.file);
      if (problem.line > 0) copy->set_line(static_cast<uint32_t>(problem.line));
      if (problem.column > 0) copy->set_column(static_cast<uint32_t>(problem.column));
      copy->set_element(problem.element);
      copy->set_message(problem.message);
    }
    return PrintRefusal(response, globals.output, console);
  }
  v1::PublishCollectionRequest request;
  *request.mutable_descriptor_set() = std::move(compiled->descriptor_set);
  request.set_file_name(compiled->file_name);
  request.set_validate_only(options.check);
  absl::StatusOr<v1::PublishCollectionResponse> response = (*server)->PublishCollection(request);
  if (!response.ok()) return response.status();
  if (response->problems_size() > 0) {
    NameFile(compiled->file_name, options.file, &*response);
    return PrintRefusal(*response, globals.output, console);
  }
  google::protobuf::RepeatedPtrField<v1::Collection> collections;
  *collections.Add() = response->collection();
  const bool for_people = globals.output == OutputFormat::kTable;
  if (for_people && options.check) console.out << "The collection can be published.\n";
  return PrintReply(*response, CollectionTable(collections, for_people), globals.output, console);
}

absl::StatusOr<ExitCode> List(const CollectionOptions&, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  const absl::StatusOr<v1::ListCollectionsResponse> response = (*server)->ListCollections();
  if (!response.ok()) return response.status();
  return PrintReply(*response, CollectionTable(response->collections(), globals.output == OutputFormat::kTable),
                    globals.output, console);
}

absl::StatusOr<ExitCode> Show(const CollectionOptions& options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  v1::GetCollectionRequest request;
  request.set_collection(options.id);
  if (options.version) request.set_version(*options.version);
  const absl::StatusOr<v1::GetCollectionResponse> response = (*server)->GetCollection(request);
  if (!response.ok()) return response.status();
  const auto schema = CompileReceived(response->collection());
  if (!schema.ok()) return schema.status();
  if (!options.service.empty() && (*schema)->FindService(options.service) == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("--service: ", options.id, " has no service \"", options.service,
                                                   "\". Run 'qm collection show ", options.id,
                                                   "' to see which it has."));
  }
  if (globals.output != OutputFormat::kTable) {
    if (globals.output == OutputFormat::kJson) return PrintReply(*response, {}, globals.output, console);
    PrintCsv(FieldTable(**schema, options.service), console.out);
    return ExitCode::kOk;
  }
  google::protobuf::RepeatedPtrField<v1::Collection> collections;
  *collections.Add() = response->collection();
  PrintAligned(CollectionTable(collections, true), console.out);
  for (const auto& service : (*schema)->services()) {
    if (!options.service.empty() && service->id() != options.service) continue;
    console.out << '\n';
    PrintService(*service, console.out);
  }
  return ExitCode::kOk;
}

constexpr char kPublishDetails[] =
    "Compiles the file and makes it the collection's current version. Imports are looked up in the -I\n"
    "folders, then beside the file; quartermaster/schema/v1/annotations.proto is built in. What is\n"
    "wrong is printed as FILE:LINE:COLUMN and the exit code is 3. A file that changes nothing makes no\n"
    "new version.\n\n"
    "Example:\n"
    "  qm collection publish --check kh03.proto";
constexpr char kListDetails[] =
    "Prints a row a collection.\n\n"
    "Example:\n"
    "  qm collection list";
constexpr char kShowDetails[] =
    "Prints the services with their fields, limits, rules and indicators. With --output csv the fields,\n"
    "with --output json the descriptor set, from which protobuf JSON leaves out the annotations.\n\n"
    "Example:\n"
    "  qm collection show mhlda --service adult-inpatient";

}  // namespace

void AddCollectionCommands(CommandLine* command_line) {
  using Action = absl::StatusOr<ExitCode> (*)(const CollectionOptions&, const GlobalOptions&, const Console&);
  const auto run = [](std::shared_ptr<CollectionOptions> options, Action action) {
    return [options, action](const GlobalOptions& globals, const Console& console) {
      return action(*options, globals, console);
    };
  };
  command_line->AddGroup("collection", "Publish the schema of a collection, or look at one");
  const auto publish = std::make_shared<CollectionOptions>();
  command_line
      ->AddCommand("collection publish", "Publish the schema of a collection", kPublishDetails, run(publish, Publish))
      .Argument("FILE", &publish->file, "The collection's .proto file")
      .Texts("-I,--import-folder", "DIR", &publish->import_folders, "Where its imports are; may be repeated")
      .Flag("--check", &publish->check, "Only say whether it could be published");
  command_line->AddCommand("collection list", "List the collections", kListDetails,
                           run(std::make_shared<CollectionOptions>(), List));
  const auto show = std::make_shared<CollectionOptions>();
  command_line->AddCommand("collection show", "Show what a collection asks for", kShowDetails, run(show, Show))
      .Argument("ID", &show->id, "The collection")
      .Text("--service", "ID", &show->service, "Only this service")
      .Number("--version", "N", &show->version, "An earlier version rather than the current one");
}

}  // namespace quartermaster::client
