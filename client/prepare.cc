#include "client/prepare.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/csv.h"
#include "client/input_file.h"
#include "client/published_sheet.h"
#include "validation/period.h"
#include "validation/suggest.h"
#include "validation/validate.h"

namespace quartermaster::client {
namespace {

absl::Status CheckPaths(const std::vector<std::string>& paths) {
  std::set<std::filesystem::path> seen;
  for (const std::string& path : paths) {
    if (path == kStandardInputPath) continue;
    std::error_code error;  // What is no path gets its own error when it is opened.
    const std::filesystem::path same = std::filesystem::weakly_canonical(path, error);
    if (!error && !seen.insert(same).second) return absl::InvalidArgumentError(absl::StrCat(path, " is named twice."));
  }
  if (std::count(paths.begin(), paths.end(), kStandardInputPath) < 2) return absl::OkStatus();
  return absl::InvalidArgumentError("\"-\" is standard input, which can be read once only.");
}

absl::Status CheckKeys(const KeyOptions& keys) {
  if (!keys.period.empty()) {
    if (const absl::StatusOr<Period> period = Period::Parse(keys.period); !period.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("--period: ", period.status().message()));
    }
  }
  if (!keys.participant.empty()) {
    if (const std::string problem = ParticipantCodeProblem(keys.participant); !problem.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("--participant: ", problem));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::shared_ptr<const SourceTable>>> ReadTables(const std::vector<std::string>& paths,
                                                                           const KeyOptions& keys,
                                                                           PreparedReturns* prepared) {
  std::vector<std::shared_ptr<const SourceTable>> sources;
  for (const std::string& path : paths) {
    const bool is_standard_input = path == kStandardInputPath;
    const std::string name = is_standard_input ? std::string(kStandardInputName) : path;
    const absl::StatusOr<std::string> bytes =
        is_standard_input ? ReadStandardInput(kMaxFileBytes) : ReadFile(path, kMaxFileBytes);
    if (absl::IsOutOfRange(bytes.status())) {
      prepared->file_problems.push_back(FileFinding("file-too-large", name, 0, std::string(bytes.status().message()),
                                                    "Split it by period or service, each part with the heading."));
      continue;
    }
    if (!bytes.ok()) return absl::InvalidArgumentError(bytes.status().message());
    if (const absl::optional<PublishedSheet> sheet = RecognisePublishedSheet(WithoutExcelPrefix(*bytes))) {
      prepared->file_problems.push_back(DescribePublishedSheet(*sheet, name, keys.collection, keys.service));
      continue;
    }
    TableResult csv = ReadCsv(name, *bytes);
    std::move(csv.problems.begin(), csv.problems.end(), std::back_inserter(prepared->file_problems));
    if (csv.table != nullptr) sources.push_back(std::make_shared<SourceTable>(name, std::move(csv.table)));
  }
  return sources;
}

absl::StatusOr<Schemas> LoadSchemas(const std::vector<std::string>& asked_for, const std::vector<std::string>& known,
                                    const std::string& option, SchemaSource* source) {
  if (!option.empty() && std::find(known.begin(), known.end(), option) == known.end()) {
    const std::string near = NearestName(option, std::vector<absl::string_view>(known.begin(), known.end()));
    return absl::InvalidArgumentError(absl::StrCat(
        "--collection: there is no collection \"", option, "\". ",
        near.empty() ? "" : absl::StrCat("Did you mean ", near, "? "),
        known.empty() ? "None has been published yet." : absl::StrCat("There are: ", absl::StrJoin(known, ", "), ".")));
  }
  Schemas schemas;
  for (const std::string& id : asked_for) {
    if (std::find(known.begin(), known.end(), id) == known.end()) continue;  // Each of its returns will say so.
    absl::StatusOr<std::shared_ptr<const CollectionSchema>> schema = source->Get(id);
    if (!schema.ok()) return schema.status();
    schemas[id] = *std::move(schema);
  }
  return schemas;
}

// Earlier periods first, months before their quarter, so that each return is judged against those before it whatever
// the order of the files.
void SortByTime(std::vector<FileReturn>* returns) {
  // The end of the period, then its length; a row without a period stays behind the one before it.
  std::pair<int, int> time;
  std::vector<std::pair<std::pair<int, int>, size_t>> order;
  for (size_t i = 0; i < returns->size(); ++i) {
    const absl::StatusOr<Period> period = Period::Parse((*returns)[i].period);
    if (period.ok()) time = {period->first_month() + period->month_count(), period->month_count()};
    order.emplace_back(time, i);
  }
  if (std::is_sorted(order.begin(), order.end())) return;
  std::sort(order.begin(), order.end());
  std::vector<FileReturn> sorted;
  sorted.reserve(order.size());
  for (const auto& [unused, index] : order) sorted.push_back(std::move((*returns)[index]));
  *returns = std::move(sorted);
}

}  // namespace

absl::StatusOr<PreparedReturns> PrepareReturns(const std::vector<std::string>& paths, const KeyOptions& keys,
                                               SchemaSource* schemas) {
  if (absl::Status status = CheckKeys(keys); !status.ok()) return status;
  if (absl::Status status = CheckPaths(paths); !status.ok()) return status;
  PreparedReturns prepared;
  const auto sources = ReadTables(paths, keys, &prepared);
  if (!sources.ok()) return sources.status();
  if (sources->empty()) return prepared;

  const absl::StatusOr<std::vector<std::string>> known = schemas->List();
  if (!known.ok()) return known.status();
  const absl::StatusOr<std::vector<std::string>> asked_for = CollectionsAskedFor(*sources, keys, *known);
  if (!asked_for.ok()) return asked_for.status();
  const absl::StatusOr<Schemas> loaded = LoadSchemas(*asked_for, *known, keys.collection, schemas);
  if (!loaded.ok()) return loaded.status();

  absl::StatusOr<FileReturns> read = ReadReturns(*sources, keys, *loaded);
  if (!read.ok()) return read.status();
  prepared.returns = std::move(read->returns);
  SortByTime(&prepared.returns);
  prepared.row_problems = std::move(read->row_problems);
  std::move(read->problems.begin(), read->problems.end(), std::back_inserter(prepared.file_problems));
  return prepared;
}

}  // namespace quartermaster::client
