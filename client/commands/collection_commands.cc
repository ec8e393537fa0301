// qm collection list, show.
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/collection_table.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/rule_table.h"
#include "client/schema_source.h"
#include "client/table.h"

namespace quartermaster::client {
namespace {

struct CollectionOptions {
  std::string id;
  std::string service;
  absl::optional<uint32_t> version;
  bool rules = false;
};

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
    PrintCsv((options.rules ? RuleTable : FieldTable)(**schema, options.service), console.out);
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

constexpr char kCollectionListDetails[] =
    "Prints a row a collection.\n\n"
    "Example:\n"
    "  qm collection list";
constexpr char kCollectionShowDetails[] =
    "Prints the services with their fields, limits, rules and indicators, and what is compared with\n"
    "other periods and participants. With --output csv the fields, or with --rules all that is judged;\n"
    "with --output json the descriptor set, from which protobuf JSON leaves out the annotations.\n\n"
    "Example:\n"
    "  qm collection show mhlda --service adult-inpatient";

}  // namespace

void AddCollectionCommands(CommandLine* command_line) {
  command_line->AddGroup("collection", "Publish the schema of a collection, or look at one");
  AddPublicationCommands(command_line);
  using CollectionAction = absl::StatusOr<ExitCode> (*)(const CollectionOptions&, const GlobalOptions&, const Console&);
  const auto run = [](std::shared_ptr<CollectionOptions> options, CollectionAction action) {
    return [options, action](const GlobalOptions& globals, const Console& console) {
      return action(*options, globals, console);
    };
  };
  command_line->AddCommand("collection list", "List the collections", kCollectionListDetails,
                           run(std::make_shared<CollectionOptions>(), List));
  const auto show = std::make_shared<CollectionOptions>();
  command_line
      ->AddCommand("collection show", "Show what a collection asks for", kCollectionShowDetails, run(show, Show))
      .Argument("ID", &show->id, "The collection")
      .Text("--service", "ID", &show->service, "Only this service")
      .Flag("--rules", &show->rules, "With --output csv the rules and comparisons rather than the fields")
      .Number("--version", "N", &show->version, "An earlier version rather than the current one");
}

}  // namespace quartermaster::client
