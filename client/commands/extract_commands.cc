// qm extract.
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/enum_name.h"
#include "client/extract_rows.h"
#include "client/extract_writer.h"
#include "client/peer_options.h"
#include "client/table.h"
#include "client/text.h"
#include "client/unfinished_file.h"

namespace quartermaster::client {
namespace {

struct ExtractOptions {
  std::string collection;
  std::string service;
  std::string from;
  std::string to;
  std::string view;
  bool fields = false;
  bool released = false;
  std::vector<std::string> group_by;
  std::string file;
};

using Counts = std::map<ExtractKind, size_t>;

absl::StatusOr<v1::ExtractRequest> RequestOf(const ExtractOptions& options, const std::string& collection) {
  v1::ExtractRequest request;
  request.set_collection(collection);
  request.set_service(options.service);
  request.set_from(options.from);
  request.set_to(options.to);
  request.set_fields(options.fields);
  request.set_released(options.released);
  if (!options.view.empty()) {
    const absl::StatusOr<v1::ExtractView> view = ParseEnum<v1::ExtractView>(options.view, "--view");
    if (!view.ok()) return view.status();
    request.set_view(*view);
  }
  if (absl::Status status = ReadGroupBy(options.group_by, request.mutable_group_by()); !status.ok()) return status;
  return request;
}

// Writes the rows as they come. Nothing is left of the file after an error.
absl::StatusOr<Counts> WriteRows(const v1::ExtractRequest& request, const std::string& path, Server* server) {
  const absl::StatusOr<std::unique_ptr<UnfinishedFile>> file = UnfinishedFile::Create(path);
  if (!file.ok()) return file.status();
  const absl::StatusOr<std::unique_ptr<ExtractWriter>> writer = MakeExtractWriter(path, (*file)->path());
  if (!writer.ok()) return writer.status();
  Counts counts;
  absl::Status status = server->Extract(request, [&](const v1::ExtractRow& row) {
    if (ExtractKindName(row.row_case()).empty()) {
      return absl::DataLossError("the server sends rows that this qm does not know. Use a newer one.");
    }
    ++counts[row.row_case()];
    return (*writer)->Write(row);
  });
  if (status.ok()) status = (*writer)->Finish();
  if (status.ok()) status = (*file)->Commit();
  if (!status.ok()) return status;
  return counts;
}

absl::StatusOr<ExitCode> PrintCounts(const Counts& counts, const std::string& file, OutputFormat format,
                                     const Console& console) {
  const auto count_of = [&counts](ExtractKind kind) {
    const auto found = counts.find(kind);
    return found == counts.end() ? size_t{0} : found->second;
  };
  if (format == OutputFormat::kTable) {
    std::vector<std::string> parts;
    for (const auto& [kind, count] : counts) parts.push_back(absl::StrCat(count, " of ", ExtractKindName(kind)));
    size_t rows = 0;
    for (const auto& [kind, count] : counts) rows += count;
    console.out << Count(rows, "row") << (parts.empty() ? "" : absl::StrCat(" (", absl::StrJoin(parts, ", "), ")"))
                << ", written to " << Printable(file) << ".\n";
    return ExitCode::kOk;
  }
  Table table{{{"kind"}, {"rows", true}}, {}};
  std::string json;
  for (const ExtractKind kind : kExtractKinds) {
    table.rows.push_back({std::string(ExtractKindName(kind)), absl::StrCat(count_of(kind))});
    absl::StrAppend(&json, json.empty() ? "" : ",", "\"", ExtractKindName(kind), "\":", count_of(kind));
  }
  if (format == OutputFormat::kCsv) {
    PrintCsv(table, console.out);
  } else {
    console.out << "{\"rows\":{" << json << "}}\n";
  }
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Extract(const ExtractOptions& options, const GlobalOptions& globals, const Console& console) {
  if (absl::Status status = CheckExtractEnding(options.file); !status.ok()) return status;
  std::string collection = options.collection;
  const absl::StatusOr<std::unique_ptr<Server>> server =
      OpenCollection(globals, /*participant=*/"", /*period=*/"", &collection);
  if (!server.ok()) return server.status();
  const absl::StatusOr<v1::ExtractRequest> request = RequestOf(options, collection);
  if (!request.ok()) return request.status();
  const absl::StatusOr<Counts> counts = WriteRows(*request, options.file, server->get());
  if (!counts.ok()) return counts.status();
  if (counts->empty() && (request->released() || request->view() == v1::EXTRACT_VIEW_PUBLIC)) {
    PrintError(
        request->view() == v1::EXTRACT_VIEW_PUBLIC
            ? "nothing of these periods may be published: none is released, or fewer than three organisations had "
              "anything new in it since figures were shown before."
            : "none of these periods is released.",
        console);
  }
  return PrintCounts(*counts, options.file, globals.output, console);
}

constexpr char kExtractDetails[] =
    "Writes all values and statistics of a range of periods, all of one kind: months, quarters or years.\n"
    "The ending of the file says how: .csv (one table, the kind of row first), .jsonl (a line of JSON a\n"
    "row), .xlsx (a sheet a kind). The file is readable by you alone, and appears when it is complete.\n\n"
    "--view exact  every value with its participant; report builders only, and what they get unasked\n"
    "--view own    the values of your own participants, and the statistics that you may see\n"
    "--view public what may be published of released periods: counts below 5, and all of fewer\n"
    "              participants than the collection's minimum, are *, others rounded to 5, and rates made\n"
    "              of those; report builders only\n\n"
    "Example:\n"
    "  qm extract --collection mhlda --from 2024-25-Q1 --to 2025-26-Q1 --group-by nation -o mhlda.xlsx";

}  // namespace

void AddExtractCommand(CommandLine* command_line) {
  const auto options = std::make_shared<ExtractOptions>();
  command_line
      ->AddCommand("extract", "Write all values and statistics of a range of periods to a file", kExtractDetails,
                   [options](const GlobalOptions& globals, const Console& console) {
                     return Extract(*options, globals, console);
                   })
      .Text("--collection", "ID", &options->collection, "The collection; needed where there are several")
      .RequiredText("--from", "PERIOD", &options->from, "The first period: 2025-04, 2025-26-Q1, FY2025-26")
      .RequiredText("--to", "PERIOD", &options->to, "The last period, of the same kind")
      .Text("--service", "ID", &options->service, "Only this service")
      .Text("--view", "VIEW", &options->view, "exact, own or public")
      .Flag("--fields", &options->fields, "The fields of the returns for just these periods as well")
      .Flag("--released", &options->released, "Periods as they were last released, others left out")
      .Texts(
          "--group-by", "ATTRIBUTE", &options->group_by,
          "Statistics for each nation, region, integrated-care-board or organisation-type, of participants as they are "
          "now; may be repeated")
      .RequiredText("-o,--output-file", "FILE", &options->file, "Where to write it: FILE.csv, .jsonl or .xlsx");
}

}  // namespace quartermaster::client
