// qm bundle.
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/bundle.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/json.h"
#include "client/table.h"
#include "client/text.h"
#include "client/time_text.h"

namespace quartermaster::client {
namespace {

struct BundleOptions {
  std::string collection;
  std::vector<std::string> participants;
  std::string file;
};

// What has been written. Programs get the header without the schema, which would bury the rest, and the counts.
absl::StatusOr<ExitCode> PrintContents(const v1::Bundle& bundle, const std::string& file, OutputFormat format,
                                       const Console& console) {
  if (format == OutputFormat::kTable) {
    console.out << Printable(DescribeBundle(bundle)) << ".\n"
                << Count(static_cast<size_t>(bundle.returns_size()), "earlier return") << ", "
                << Count(static_cast<size_t>(bundle.peer_baselines_size()), "national baseline") << ", written to "
                << Printable(file) << ".\n";
    return ExitCode::kOk;
  }
  v1::BundleHeader header = bundle.header();
  header.mutable_collection()->clear_descriptor_set();
  if (format == OutputFormat::kCsv) {
    PrintCsv({{{"collection"},
               {"version", true},
               {"participants"},
               {"create_time"},
               {"sequence", true},
               {"returns", true},
               {"peer_baselines", true}},
              {{header.collection().id(), absl::StrCat(header.collection().version()),
                absl::StrJoin(header.participants(), ", "), FormatTime(header.create_time()),
                absl::StrCat(header.sequence()), absl::StrCat(bundle.returns_size()),
                absl::StrCat(bundle.peer_baselines_size())}}},
             console.out);
    return ExitCode::kOk;
  }
  absl::StatusOr<std::string> json = ToJson(header);
  if (!json.ok()) return json.status();
  json->pop_back();  // The closing brace.
  console.out << *json << ",\"returns\":" << bundle.returns_size()
              << ",\"peerBaselines\":" << bundle.peer_baselines_size() << "}\n";
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Download(const BundleOptions& options, const GlobalOptions& globals, const Console& console) {
  if (options.participants.empty()) {
    return absl::InvalidArgumentError("--participant: not given. Name those whose returns you want to check.");
  }
  for (const std::string& code : options.participants) {
    if (absl::Status status = CheckParticipant(code); !status.ok()) return status;
  }
  std::string collection = options.collection;
  const absl::StatusOr<std::unique_ptr<Server>> server =
      OpenCollection(globals, /*participant=*/"", /*period=*/"", &collection);
  if (!server.ok()) return server.status();
  v1::DownloadBundleRequest request;
  request.set_collection(collection);
  for (const std::string& code : options.participants) request.add_participants(code);
  const absl::StatusOr<v1::Bundle> bundle = (*server)->DownloadBundle(request);
  if (!bundle.ok()) return bundle.status();
  if (absl::Status status = WriteBundle(*bundle, options.file); !status.ok()) return status;
  return PrintContents(*bundle, options.file, globals.output, console);
}

constexpr char kBundleDetails[] =
    "Downloads what the server judges by: the collection's rules, the registered participants, and for\n"
    "those that are named their populations, earlier returns, standing exceptions and what the country\n"
    "had. 'qm validate --bundle FILE' then foretells the server's verdict without a server. The file\n"
    "holds returns: keep it as you keep those. Prints what the file holds.\n\n"
    "Example:\n"
    "  qm bundle --collection mhlda --participant RT1 -o rt1.bundle";

}  // namespace

void AddBundleCommand(CommandLine* command_line) {
  const auto options = std::make_shared<BundleOptions>();
  command_line
      ->AddCommand("bundle", "Download what returns are judged by", kBundleDetails,
                   [options](const GlobalOptions& globals, const Console& console) {
                     return Download(*options, globals, console);
                   })
      .Text("--collection", "ID", &options->collection, "The collection; needed where there are several")
      .Texts("--participant", "CODE", &options->participants, "Whose returns; may be repeated")
      .RequiredText("-o,--output-file", "FILE", &options->file, "Where to write it");
}

}  // namespace quartermaster::client
