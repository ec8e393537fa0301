// qm template.
#include <algorithm>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/blank_form.h"
#include "client/commands/commands.h"
#include "client/commands/local_rules.h"
#include "client/commands/support.h"
#include "client/template_sheets.h"
#include "client/template_xlsx.h"
#include "client/text.h"
#include "client/unfinished_file.h"
#include "validation/suggest.h"

namespace quartermaster::client {
namespace {

struct TemplateOptions {
  KeyOptions keys;
  LocalRuleOptions rules;
  std::string file;
};

absl::StatusOr<std::shared_ptr<const CollectionSchema>> FindSchema(const TemplateOptions& options,
                                                                   const GlobalOptions& globals) {
  const absl::StatusOr<LocalRules> rules = OpenLocalRules(options.rules);
  if (!rules.ok()) return rules.status();
  const absl::StatusOr<std::vector<std::string>> known = rules->schemas->List();
  if (!known.ok()) return known.status();
  const std::string& id = options.keys.collection;
  if (std::find(known->begin(), known->end(), id) != known->end()) return rules->schemas->Get(id);
  if (options.rules.is_given()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--collection: the file holds ", known->front(), ", not \"", id, "\"."));
  }
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  return SchemasOfServer(server->get())->Get(id);
}

absl::StatusOr<const ServiceSchema*> FindService(const CollectionSchema& schema, const std::string& id) {
  if (const ServiceSchema* service = schema.FindService(id)) return service;
  std::vector<absl::string_view> ids;
  for (const auto& service : schema.services()) ids.push_back(service->id());
  return absl::InvalidArgumentError(
      absl::StrCat("--service: ", schema.id(), " has no service \"", id, "\". ",
                   DidYouMean(NearestName(id, ids), absl::StrCat("It has: ", absl::StrJoin(ids, ", "), "."))));
}

// The period as files have it. INVALID_ARGUMENT where it is none of the collection's.
absl::StatusOr<std::string> CheckPeriod(const CollectionSchema& schema, const std::string& text) {
  if (text.empty()) return std::string();
  const absl::StatusOr<Period> period = Period::Parse(text);
  if (!period.ok()) return absl::InvalidArgumentError(absl::StrCat("--period: ", period.status().message()));
  if (schema.takes(period->kind())) return period->ToString();
  return absl::InvalidArgumentError(absl::StrCat("--period: ", schema.id(), " takes no returns for a ",
                                                 PeriodKindName(period->kind()), " such as ", period->ToString(), "."));
}

absl::Status WriteForm(const std::string& path, const CollectionSchema& schema, const ServiceSchema& service,
                       const KeyOptions& keys) {
  if (!absl::EndsWithIgnoreCase(path, ".xlsx")) {
    std::ostringstream text;
    PrintCsv(TemplateTable(service, keys), text);
    return WriteWholeFile(text.str(), path);
  }
  const absl::StatusOr<std::unique_ptr<UnfinishedFile>> file = UnfinishedFile::Create(path);
  if (!file.ok()) return file.status();
  const absl::Status status = WriteTemplateXlsx((*file)->path(), schema, service, keys);
  return status.ok() ? (*file)->Commit() : status;
}

absl::StatusOr<ExitCode> MakeTemplate(const TemplateOptions& options, const GlobalOptions& globals,
                                      const Console& console) {
  const std::string& path = options.file;
  if (!absl::EndsWithIgnoreCase(path, ".csv") && !absl::EndsWithIgnoreCase(path, ".xlsx")) {
    return absl::InvalidArgumentError(
        absl::StrCat("--output-file: ", path, " does not end in .csv or .xlsx, which says what to write."));
  }
  if (absl::Status status = CheckHoldsNoValues(path); !status.ok()) return status;
  if (absl::Status status = CheckParticipant(options.keys.participant); !status.ok()) return status;
  const auto schema = FindSchema(options, globals);
  if (!schema.ok()) return schema.status();
  const absl::StatusOr<const ServiceSchema*> service = FindService(**schema, options.keys.service);
  if (!service.ok()) return service.status();
  const absl::StatusOr<std::string> period = CheckPeriod(**schema, options.keys.period);
  if (!period.ok()) return period.status();
  KeyOptions keys = options.keys;
  keys.period = *period;
  if (absl::Status status = WriteForm(path, **schema, **service, keys); !status.ok()) return status;

  const size_t fields = (*service)->fields().size();
  if (globals.output == OutputFormat::kJson) {
    console.out << "{\"fields\":" << fields << "}\n";
  } else if (globals.output == OutputFormat::kCsv) {
    PrintCsv({{{"fields", true}}, {{absl::StrCat(fields)}}}, console.out);
  } else {
    console.out << Printable(absl::StrCat("A form of ", Count(fields, "field"), ", written to ", path,
                                          ". Fill in a row a return, then: qm validate ", path))
                << '\n';
  }
  return ExitCode::kOk;
}

constexpr char kTemplateDetails[] =
    "Makes a file with the headings of a service, to be filled in and sent with 'qm submit'. In a workbook\n"
    "(.xlsx) the headings say in comments what their fields are, columns have the format of their values\n"
    "and lists of choices, and further sheets describe all fields. The fields are those of --schema or\n"
    "--bundle, else of the collections that this program carries, else of the server's. A file that has been\n"
    "filled in is never written over.\n\n"
    "Example:\n"
    "  qm template --collection mhlda --service adult-inpatient --participant RXA --period 2025-26-Q1 \\\n"
    "    -o beds.xlsx";

}  // namespace

void AddTemplateCommand(CommandLine* command_line) {
  const auto options = std::make_shared<TemplateOptions>();
  command_line
      ->AddCommand("template", "Make a form to fill in", kTemplateDetails,
                   [options](const GlobalOptions& globals, const Console& console) {
                     return MakeTemplate(*options, globals, console);
                   })
      .RequiredText("--collection", "ID", &options->keys.collection, "The collection")
      .RequiredText("--service", "ID", &options->keys.service, "The service")
      .Text("--participant", "CODE", &options->keys.participant, "Fill in this participant")
      .Text("--period", "PERIOD", &options->keys.period, "Fill in this period")
      .Text("--bundle", "FILE", &options->rules.bundle, "The fields are those of this bundle")
      .Text("--schema", "FILE.proto", &options->rules.schema, "The fields are those of this collection")
      .Texts("-I,--import-folder", "DIR", &options->rules.import_folders,
             "Where the schema's imports are; may be repeated")
      .RequiredText("-o,--output-file", "FILE", &options->file, "Where to write it: FILE.csv or FILE.xlsx");
}

}  // namespace quartermaster::client
