#include "client/prepare.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/input_file.h"
#include "client/input_tables.h"
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

struct InputFile {
  std::string name;
  InputTables tables;
};

absl::StatusOr<std::vector<InputFile>> ReadFiles(const std::vector<std::string>& paths, const KeyOptions& keys,
                                                 PreparedReturns* prepared) {
  std::vector<InputFile> files;
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
    InputTables tables = ReadInputTables(name, *bytes, keys);
    std::move(tables.problems.begin(), tables.problems.end(), std::back_inserter(prepared->file_problems));
    files.push_back({name, std::move(tables)});
  }
  return files;
}

// The tables that say by which collections the files are read: all that hold returns, and of a workbook in which none
// certainly does, all sheets.
SourceTables CandidatesOf(const std::vector<InputFile>& files) {
  SourceTables candidates;
  for (const InputFile& file : files) {
    const SourceTables& tables = file.tables.tables.empty() ? file.tables.other_sheets : file.tables.tables;
    candidates.insert(candidates.end(), tables.begin(), tables.end());
  }
  return candidates;
}

// The tables to read. Sheets of fields without keys are read, which says that the keys are missing; others are left
// out, which is noted.
SourceTables ChooseTables(const std::vector<InputFile>& files, const Schemas& schemas, PreparedReturns* prepared) {
  SourceTables chosen;
  NamesOfServices names;
  for (const InputFile& file : files) {
    SourceTables tables = file.tables.tables;
    SourceTables left_out;
    for (const auto& sheet : file.tables.other_sheets) {
      (HasHeadingsOf(schemas, *sheet, &names) ? tables : left_out).push_back(sheet);
    }
    const bool has_problems = !file.tables.problems.empty();
    if (tables.empty() && !left_out.empty() && !has_problems) {
      prepared->file_problems.push_back(DescribeNoSheet(file.name, left_out));
    } else if (!left_out.empty() && !has_problems) {
      prepared->notes.push_back(DescribeLeftOut(left_out));
    }
    for (const auto& table : tables) {
      if (table->table().hidden().any()) prepared->notes.push_back(DescribeHidden(*table));
    }
    chosen.insert(chosen.end(), tables.begin(), tables.end());
  }
  return chosen;
}

absl::StatusOr<Schemas> LoadSchemas(const std::vector<std::string>& asked_for, const std::vector<std::string>& known,
                                    const std::string& option, SchemaSource* source) {
  if (!option.empty() && std::find(known.begin(), known.end(), option) == known.end()) {
    const std::string near = NearestName(option, std::vector<absl::string_view>(known.begin(), known.end()));
    return absl::InvalidArgumentError(
        absl::StrCat("--collection: there is no collection \"", option, "\". ",
                     DidYouMean(near, known.empty() ? "None has been published yet."
                                                    : absl::StrCat("There are: ", absl::StrJoin(known, ", "), "."))));
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

absl::Status PrepareReturns(const std::vector<std::string>& paths, const KeyOptions& keys, SchemaSource* schemas,
                            PreparedReturns* prepared) {
  if (absl::Status status = CheckKeys(keys); !status.ok()) return status;
  if (absl::Status status = CheckPaths(paths); !status.ok()) return status;
  const absl::StatusOr<std::vector<InputFile>> files = ReadFiles(paths, keys, prepared);
  if (!files.ok()) return files.status();
  const SourceTables candidates = CandidatesOf(*files);
  if (candidates.empty()) return absl::OkStatus();

  const absl::StatusOr<std::vector<std::string>> known = schemas->List();
  if (!known.ok()) return known.status();
  const absl::StatusOr<std::vector<std::string>> asked_for = CollectionsAskedFor(candidates, keys, *known);
  if (!asked_for.ok()) return asked_for.status();
  const absl::StatusOr<Schemas> loaded = LoadSchemas(*asked_for, *known, keys.collection, schemas);
  if (!loaded.ok()) return loaded.status();

  absl::StatusOr<FileReturns> read = ReadReturns(ChooseTables(*files, *loaded, prepared), keys, *loaded);
  if (!read.ok()) return read.status();
  prepared->returns = std::move(read->returns);
  SortByTime(&prepared->returns);
  prepared->row_problems = std::move(read->row_problems);
  std::move(read->problems.begin(), read->problems.end(), std::back_inserter(prepared->file_problems));
  for (FileReturn& file_return : prepared->returns) file_return.withheld |= !prepared->file_problems.empty();
  return absl::OkStatus();
}

}  // namespace quartermaster::client
