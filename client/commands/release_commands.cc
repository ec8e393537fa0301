// qm release preview, publish, list, show, diff.
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/release_table.h"
#include "client/return_name.h"
#include "client/statistics_table.h"
#include "client/table.h"
#include "client/text.h"
#include "client/time_text.h"
#include "client/unfinished_file.h"

namespace quartermaster::client {
namespace {

struct ReleaseOptions {
  std::string collection;
  std::string period;
  std::string note;
  std::string embargo_until;
  std::string expect;
  std::string file;
  absl::optional<uint32_t> number;
  absl::optional<uint32_t> from;
  absl::optional<uint32_t> to;
};

bool ForPeople(const GlobalOptions& globals) { return globals.output == OutputFormat::kTable; }

// "release 2 of Q1 2025/26 of mhlda"
std::string NameOf(const v1::Release& release) {
  return Printable(absl::StrCat("release ", release.number(), " of ", DisplayPeriod(release.period()), " of ",
                                release.collection()));
}

// "41 participants, 123 returns, collection version 3, SHA-256 9f86..."
std::string DescribeContent(const v1::Release& release) {
  return Printable(absl::StrCat(Count(release.participants(), "participant"), ", ", Count(release.returns(), "return"),
                                ", collection version ", release.collection_version(), ", SHA-256 ", release.sha256()));
}

std::string IsOrAre(uint32_t count) { return count == 1 ? " is " : " are "; }

// A heading, and below it the rows; only the heading where there is none.
void PrintSection(const std::string& heading, const Table& table, const Console& console) {
  console.out << Printable(heading) << (table.rows.empty() ? ".\n" : ":\n");
  if (!table.rows.empty()) PrintAligned(table, console.out);
  console.out << '\n';
}

// ", the first 1,000" where not all are listed.
std::string Listed(uint32_t count, int listed) {
  return static_cast<int>(count) > listed ? absl::StrCat("; the first ", listed, " of them") : "";
}

// What stands against a release, which readers must see before anything else.
void PrintObstacles(const v1::Release& release, const MissingReturns& missing, const OpenQueries& queries,
                    const Console& console) {
  if (release.participants() == 0) console.out << "No participant has a value, so it holds no figure.\n";
  PrintSection(release.missing() == 0 ? "No return is missing"
                                      : absl::StrCat(Count(release.missing(), "return"), IsOrAre(release.missing()),
                                                     "missing", Listed(release.missing(), missing.size())),
               MissingTable(missing, release.period()), console);
  PrintSection(release.open_queries() == 0
                   ? "No query is unexplained"
                   : absl::StrCat(Count(release.open_queries(), "query"), IsOrAre(release.open_queries()),
                                  "unexplained", Listed(release.open_queries(), queries.size())),
               OpenQueryTable(queries), console);
}

// What submitters do not see as it is in the release; nothing where there is no such service.
void PrintUndisclosed(const google::protobuf::RepeatedPtrField<std::string>& services, const Console& console) {
  if (services.empty()) return;
  console.out << Printable(absl::StrCat("Submitters go on seeing earlier figures of ", absl::StrJoin(services, ", "),
                                        ", not those of this release: fewer than three organisations have anything "
                                        "new since they were shown."))
              << '\n';
}

absl::StatusOr<std::unique_ptr<Server>> Begin(const GlobalOptions& globals, ReleaseOptions* options) {
  return OpenCollection(globals, /*participant=*/"", options->period, &options->collection);
}

absl::StatusOr<ExitCode> Preview(ReleaseOptions options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = Begin(globals, &options);
  if (!server.ok()) return server.status();
  v1::PreviewReleaseRequest request;
  request.set_collection(options.collection);
  request.set_period(options.period);
  const auto response = (*server)->PreviewRelease(request);
  if (!response.ok()) return response.status();
  const v1::Release& release = response->release();
  if (!ForPeople(globals)) {
    return PrintReply(*response, ObstacleTable(*response), globals.output, console);
  }
  PrintObstacles(release, response->missing(), response->open_queries(), console);
  PrintSection(absl::StrCat(DisplayPeriod(release.period()), " of ", release.collection(), ", as it would be released"),
               StatisticsTable(response->statistics(), /*for_people=*/true), console);
  PrintUndisclosed(response->undisclosed_services(), console);
  console.out << DescribeContent(release) << ".\nTo publish just this: qm release publish --collection "
              << Printable(release.collection()) << " --period " << Printable(release.period()) << " --expect "
              << Printable(release.sha256()) << '\n';
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Publish(ReleaseOptions options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = Begin(globals, &options);
  if (!server.ok()) return server.status();
  v1::PublishReleaseRequest request;
  request.set_collection(options.collection);
  request.set_period(options.period);
  request.set_note(options.note);
  request.set_expected_sha256(options.expect);
  request.set_embargoed_until(options.embargo_until);
  const auto response = (*server)->PublishRelease(request);
  if (!response.ok()) return response.status();
  const v1::Release& release = response->release();
  if (!ForPeople(globals)) {
    Releases one;
    *one.Add() = release;
    return PrintReply(*response, ReleaseTable(one, /*for_people=*/false), globals.output, console);
  }
  PrintObstacles(release, response->missing(), response->open_queries(), console);
  if (response->unchanged()) {
    console.out << "Nothing has changed since " << NameOf(release)
                << ", so nothing was published: " << DescribeContent(release) << ".\n";
    return ExitCode::kOk;
  }
  console.out << "Published " << NameOf(release) << ": " << DescribeContent(release) << ".\n";
  if (!release.embargoed_until().empty()) {
    console.out << "Up to and including " << Printable(release.embargoed_until()) << " only report builders see it.\n";
  }
  PrintUndisclosed(response->undisclosed_services(), console);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> List(ReleaseOptions options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  v1::ListReleasesRequest request;
  request.set_collection(options.collection);
  request.set_period(options.period);
  const auto response = (*server)->ListReleases(request);
  if (!response.ok()) return response.status();
  if (ForPeople(globals) && response->releases().empty()) {
    console.out << "No release is published.\n";
    return ExitCode::kOk;
  }
  return PrintReply(*response, ReleaseTable(response->releases(), ForPeople(globals)), globals.output, console);
}

// Writes the content to the file, then says what it is.
absl::StatusOr<ExitCode> Download(const ReleaseOptions& options, Server* server, const GlobalOptions& globals,
                                  const Console& console) {
  v1::DownloadReleaseRequest request;
  request.set_collection(options.collection);
  request.set_period(options.period);
  if (options.number) request.set_number(*options.number);
  const auto whole = server->DownloadRelease(request);
  if (!whole.ok()) return whole.status();
  if (absl::Status status = WriteWholeFile(whole->content(), options.file); !status.ok()) return status;
  const v1::Release& release = whole->release();
  if (ForPeople(globals)) {
    console.out << "Written to " << Printable(options.file) << ": " << NameOf(release) << ", " << release.bytes()
                << " bytes, SHA-256 " << Printable(release.sha256()) << ".\n";
    return ExitCode::kOk;
  }
  v1::GetReleaseResponse reply;
  *reply.mutable_release() = release;
  Releases one;
  *one.Add() = release;
  return PrintReply(reply, ReleaseTable(one, /*for_people=*/false), globals.output, console);
}

absl::StatusOr<ExitCode> Show(ReleaseOptions options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = Begin(globals, &options);
  if (!server.ok()) return server.status();
  if (!options.file.empty()) return Download(options, server->get(), globals, console);
  v1::GetReleaseRequest request;
  request.set_collection(options.collection);
  request.set_period(options.period);
  if (options.number) request.set_number(*options.number);
  const auto response = (*server)->GetRelease(request);
  if (!response.ok()) return response.status();
  const Table statistics = StatisticsTable(response->statistics(), ForPeople(globals));
  if (!ForPeople(globals)) return PrintReply(*response, statistics, globals.output, console);
  const v1::Release& release = response->release();
  std::string name = NameOf(release);
  name[0] = 'R';
  console.out << name << ", published on " << FormatTime(release.publish_time()) << " by "
              << Printable(release.publisher()) << ".\n"
              << DescribeContent(release) << ".\n"
              << Count(release.missing(), "return") << IsOrAre(release.missing()) << "missing, "
              << Count(release.open_queries(), "query") << " unexplained.\n";
  if (!release.embargoed_until().empty()) {
    console.out << "Embargo: up to and including " << Printable(release.embargoed_until()) << ".\n";
  }
  if (!release.note().empty()) console.out << "Note: " << Printable(release.note()) << '\n';
  PrintUndisclosed(response->undisclosed_services(), console);
  console.out << '\n';
  PrintAligned(statistics, console.out);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Diff(ReleaseOptions options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = Begin(globals, &options);
  if (!server.ok()) return server.status();
  v1::DiffReleasesRequest request;
  request.set_collection(options.collection);
  request.set_period(options.period);
  if (options.from) request.set_from(*options.from);
  if (options.to) request.set_to(*options.to);
  const auto response = (*server)->DiffReleases(request);
  if (!response.ok()) return response.status();
  if (!ForPeople(globals)) return PrintReply(*response, DiffTable(*response), globals.output, console);
  const v1::Release& from = response->from();
  const v1::Release& to = response->to();
  console.out << "From release " << from.number() << " to " << NameOf(to) << ".\n";
  if (from.collection_version() != to.collection_version()) {
    console.out << "Collection version " << from.collection_version() << " before, " << to.collection_version()
                << " after.\n";
  }
  if (from.method_version() != to.method_version()) {
    console.out << "The figures are defined otherwise: method version " << from.method_version() << " before, "
                << to.method_version() << " after.\n";
  }
  console.out << '\n';
  const auto heading = [](int count, const std::string& noun, const std::string& did) {
    return count == 0 ? absl::StrCat("No ", noun, " ", did)
                      : absl::StrCat(Count(static_cast<size_t>(count), noun), " ", did);
  };
  PrintSection(heading(response->returns_size(), "return", "changed"), ReturnChangeTable(*response), console);
  PrintSection(heading(response->values_size(), "value", "changed"), ValueChangeTable(*response), console);
  PrintSection(heading(response->statistics_size(), "indicator", "moved"), StatisticsChangeTable(*response), console);
  return ExitCode::kOk;
}

constexpr char kPreviewDetails[] =
    "Prints which returns are missing and which queries nobody has explained, then the figures that would\n"
    "be published now, and the SHA-256 of their content. Nothing is stored.\n\n"
    "Example:\n"
    "  qm release preview --collection mhlda --period \"Q1 2025/26\"";
constexpr char kReleasePublishDetails[] =
    "Freezes the figures of the period: every return with its revision, every value, every statistic. A\n"
    "later correction is a new release. Where nothing has changed since the last release of the period,\n"
    "nothing is published. With --expect it is just what the preview showed, or nothing (exit code 5).\n"
    "Prints what is missing and unexplained, and the release.\n\n"
    "Example:\n"
    "  qm release publish --collection mhlda --period \"Q1 2025/26\" --embargo-until 2025-08-26 \\\n"
    "      --expect 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
constexpr char kReleaseListDetails[] =
    "Prints a row a release, newest first.\n\n"
    "Example:\n"
    "  qm release list --collection mhlda";
constexpr char kReleaseShowDetails[] =
    "Prints a release with its national statistics. With -o it writes the content instead, JSON lines with\n"
    "every return, value and statistic, checked: 'sha256sum FILE' gives the SHA-256 of the release. The file\n"
    "names participants beside their values: keep it as you keep their returns.\n\n"
    "Example:\n"
    "  qm release show --collection mhlda --period \"Q1 2025/26\" -o q1.jsonl";
constexpr char kDiffDetails[] =
    "Prints what changed between two releases of a period: returns with other revisions, values of\n"
    "participants before and after, and how each national figure moved. A value that is not among the\n"
    "national figures is shown as none.\n\n"
    "Example:\n"
    "  qm release diff --collection mhlda --period \"Q1 2025/26\" --from 1 --to 3";

using ReleaseAction = absl::StatusOr<ExitCode> (*)(ReleaseOptions, const GlobalOptions&, const Console&);

CommandOptions Add(CommandLine* command_line, const std::string& path, const std::string& purpose,
                   const std::string& details, ReleaseAction action, const std::shared_ptr<ReleaseOptions>& options) {
  return command_line->AddCommand(path, purpose, details,
                                  [options, action](const GlobalOptions& globals, const Console& console) {
                                    return action(*options, globals, console);
                                  });
}

void AddPeriodOptions(CommandOptions* command, ReleaseOptions* options) {
  command->Text("--collection", "ID", &options->collection, "The collection; needed where there are several")
      .RequiredText("--period", "T", &options->period, "2025-04, 2025-26-Q1, FY2025-26, \"Q1 2025/26\"");
}

}  // namespace

void AddReleaseCommands(CommandLine* command_line) {
  command_line->AddGroup("release", "The figures of a period, frozen");
  const auto preview = std::make_shared<ReleaseOptions>();
  CommandOptions preview_options =
      Add(command_line, "release preview", "Show what would be published now", kPreviewDetails, Preview, preview);
  AddPeriodOptions(&preview_options, preview.get());
  const auto publish = std::make_shared<ReleaseOptions>();
  CommandOptions publish_options =
      Add(command_line, "release publish", "Freeze the figures of a period", kReleasePublishDetails, Publish, publish);
  AddPeriodOptions(&publish_options, publish.get());
  publish_options.Text("--note", "TEXT", &publish->note, "What readers should know")
      .Text("--embargo-until", "DAY", &publish->embargo_until,
            "The last day on which only report builders see it, such as 2026-08-10")
      .Text("--expect", "SHA256", &publish->expect, "The SHA-256 of the preview: publish just that, or nothing");
  const auto list = std::make_shared<ReleaseOptions>();
  Add(command_line, "release list", "List releases", kReleaseListDetails, List, list)
      .Text("--collection", "ID", &list->collection, "Only of this collection")
      .Text("--period", "T", &list->period, "Only of this period");
  const auto show = std::make_shared<ReleaseOptions>();
  CommandOptions show_options =
      Add(command_line, "release show", "Show or download a release", kReleaseShowDetails, Show, show);
  AddPeriodOptions(&show_options, show.get());
  show_options.Number("--number", "N", &show->number, "Which one; not given: the newest")
      .Text("-o,--output-file", "FILE", &show->file, "Where to write the content");
  const auto diff = std::make_shared<ReleaseOptions>();
  CommandOptions diff_options =
      Add(command_line, "release diff", "Show what changed between two releases", kDiffDetails, Diff, diff);
  AddPeriodOptions(&diff_options, diff.get());
  diff_options.Number("--from", "N", &diff->from, "The earlier one; not given: the one before the later")
      .Number("--to", "N", &diff->to, "The later one; not given: the newest");
}

}  // namespace quartermaster::client
