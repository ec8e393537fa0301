#include "client/verdict_report.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/finding_text.h"
#include "client/json.h"
#include "client/return_name.h"
#include "client/statistics_table.h"
#include "client/text.h"
#include "google/rpc/status.pb.h"

namespace quartermaster::client {
namespace {

bool HasUnexplainedQuery(const v1::Verdict& verdict) {
  for (int i = 0; i < verdict.findings_size(); ++i) {
    if (IsUnexplained(verdict, i)) return true;
  }
  return false;
}

// What a repeated request must say beside its first answer; empty of a first one.
std::string WhatCameSince(const v1::Verdict& verdict) {
  if (!verdict.answered_before()) return "";
  return absl::StrCat("answered before",
                      verdict.has_replaced_by_revision()
                          ? absl::StrCat(", replaced by revision ", verdict.replaced_by_revision(), " since")
                          : "",
                      verdict.withdrawn_since() ? ", withdrawn since" : "");
}

// Verdicts hold no type that JSON does not know, so this always succeeds; if ever not, the line says why.
std::string Json(const google::protobuf::Message& message) {
  const absl::StatusOr<std::string> json = ToJson(message);
  return json.ok() ? *json : absl::StrCat("{\"error\":\"", json.status().message(), "\"}");
}

}  // namespace

VerdictReport::VerdictReport(Options options, const Console& console)
    : options_(std::move(options)), console_(console) {}

void VerdictReport::Add(const v1::Verdict& verdict) {
  ++(verdict.accepted() ? accepted_ : verdict.held_back() ? held_back_ : rejected_);
  if (!verdict.accepted() || (options_.fail_on_query && HasUnexplainedQuery(verdict))) {
    exit_code_ = MoreSevere(exit_code_, ExitCode::kRejected);
  }
  if (options_.format == OutputFormat::kJson) {
    console_.out << Json(verdict) << '\n' << std::flush;
    return;
  }
  const std::string outcome = verdict.accepted()    ? options_.accepted_word
                              : verdict.held_back() ? "held back"
                                                    : "rejected";
  AddLine(verdict, outcome);
  AddFindings(verdict, outcome);
  if (verdict.accepted() && verdict.position_size() > 0 && positions_.size() <= kMaxPositions) {
    positions_.push_back(verdict);
  }
}

void VerdictReport::AddFailure(const v1::Verdict& about, const absl::Status& error) {
  ++failed_;
  exit_code_ = MoreSevere(exit_code_, ExitCodeOf(error));
  const std::string message(error.message());
  const auto known =
      std::find_if(errors_.begin(), errors_.end(), [&message](const auto& entry) { return entry.first == message; });
  if (known != errors_.end()) {
    ++known->second;
  } else if (errors_.size() < kMaxPrintedErrors) {
    errors_.emplace_back(message, 1);
  } else {
    ++other_errors_;
  }
  if (options_.format == OutputFormat::kJson) {
    google::rpc::Status status;
    status.set_code(static_cast<int>(error.code()));
    status.set_message(message);
    std::string json = Json(about);
    json.pop_back();  // The closing brace.
    console_.out << json << ",\"error\":" << Json(status) << "}\n" << std::flush;
    return;
  }
  AddLine(about, "not judged");
  AddFindings(about, "not judged");
}

void VerdictReport::AddFileProblems(const std::vector<v1::Finding>& problems) {
  if (problems.empty()) return;
  file_problems_ += problems.size();
  exit_code_ = MoreSevere(exit_code_, ExitCode::kRejected);
  v1::Verdict verdict;
  for (const v1::Finding& problem : problems) *verdict.add_findings() = problem;
  if (options_.format == OutputFormat::kJson) {
    console_.out << Json(verdict) << '\n' << std::flush;
  } else {
    AddFindings(verdict, "rejected");
  }
}

void VerdictReport::AddLine(const v1::Verdict& verdict, const std::string& outcome) {
  if (options_.format != OutputFormat::kTable) return;
  const bool refused = !verdict.accepted();
  const bool keep = lines_.size() < kMaxLines;
  const bool keep_refused = refused && refused_lines_.size() < kMaxRefusedLines;
  if (!keep && !keep_refused) return;
  std::string findings = CountFindings(verdict.findings());
  // What is wrong with a file is said of it once, and not of each of its returns.
  if (verdict.held_back()) absl::StrAppend(&findings, findings.empty() ? "" : ", ", "see the file's errors");
  const std::string since = WhatCameSince(verdict);
  if (!since.empty()) absl::StrAppend(&findings, findings.empty() ? "" : ", ", since);
  const std::vector<std::string> line = {verdict.participant(),
                                         verdict.service(),
                                         DisplayPeriod(verdict.period()),
                                         outcome,
                                         verdict.has_revision() ? absl::StrCat(verdict.revision()) : "",
                                         std::move(findings)};
  if (keep) lines_.push_back(line);
  if (keep_refused) refused_lines_.push_back(line);
}

void VerdictReport::AddFindings(const v1::Verdict& verdict, const std::string& outcome) {
  if (options_.format == OutputFormat::kCsv) return PrintFindingRows(verdict, outcome);
  std::string about;
  if (!verdict.participant().empty() || !verdict.service().empty()) {
    about = DisplayReturn(verdict.participant(), verdict.service(), verdict.period());
  }
  for (int i = 0; i < verdict.findings_size(); ++i) {
    const v1::QueryStanding* standing = StandingOf(verdict, i);
    findings_.Add({about, verdict.findings(i),
                   standing == nullptr ? absl::nullopt : absl::optional<v1::QueryStanding>(*standing)});
  }
}

void VerdictReport::PrintFindingRows(const v1::Verdict& verdict, const std::string& outcome) {
  if (!std::exchange(have_csv_headings_, true)) {
    std::vector<Column> columns = {{"participant"}, {"service"}, {"period"}, {"verdict"}, {"revision", true}};
    for (Column& column : FindingColumns()) columns.push_back(std::move(column));
    PrintCsvHeadings(columns, console_.out);
  }
  const std::string revision = verdict.has_revision() ? absl::StrCat(verdict.revision()) : "";
  const std::vector<std::string> key = {verdict.participant(), verdict.service(), verdict.period(), outcome, revision};
  const auto print_row = [this, &key](std::vector<std::string> cells) {
    cells.insert(cells.begin(), key.begin(), key.end());
    PrintCsvRow(cells, console_.out);
  };
  for (int i = 0; i < verdict.findings_size(); ++i) {
    print_row(FindingCells(verdict.findings(i), StandingOf(verdict, i)));
  }
  if (verdict.findings().empty() && returns() > 0) print_row(std::vector<std::string>(FindingColumns().size()));
  console_.out << std::flush;
}

void VerdictReport::PrintPosition(const v1::Verdict& verdict) const {
  Table table{{{"INDICATOR"}, {"OWN", true}, {"MEAN", true}, {"MEDIAN", true}, {"N", true}, {"RANK", true}, {"UNIT"}},
              {}};
  int defined = 0;
  for (const v1::IndicatorPosition& position : verdict.position()) {
    if (!position.has_value() || ++defined > kMaxPositionRows) continue;
    const v1::NationalStatistics& national = position.national();
    table.rows.push_back({national.title().empty() ? position.indicator() : national.title(),
                          FormatNumber(position.value(), national.decimals()),
                          national.has_mean() ? FormatNumber(national.mean(), national.decimals()) : "",
                          national.has_median() ? FormatNumber(national.median(), national.decimals()) : "",
                          IsWithheld(national) ? "" : absl::StrCat(national.n()),
                          position.has_rank() ? absl::StrCat(position.rank()) : "", national.unit()});
  }
  if (defined == 0) return;
  console_.out << '\n'
               << Printable(absl::StrCat(verdict.participant(), " among the national figures, ", verdict.service(),
                                         ", ", DisplayPeriod(verdict.period())))
               << ":\n";
  PrintAligned(table, console_.out);
  if (defined > kMaxPositionRows) {
    console_.out << "and " << defined - kMaxPositionRows << " more; 'qm position' has them all\n";
  }
}

void VerdictReport::PrintSummary() const {
  std::string summary = absl::StrCat(Count(returns(), "return"), ": ", accepted_, " ", options_.accepted_word);
  if (rejected_ > 0) absl::StrAppend(&summary, ", ", rejected_, " rejected");
  if (held_back_ > 0) absl::StrAppend(&summary, ", ", held_back_, " held back");
  if (failed_ > 0) absl::StrAppend(&summary, ", ", failed_, " not judged");
  if (file_problems_ > 0) absl::StrAppend(&summary, "; ", Count(file_problems_, "problem"), " of the files above");
  console_.out << summary << '\n';
}

bool VerdictReport::PrintLines() {
  Table table{{{"PARTICIPANT"}, {"SERVICE"}, {"PERIOD"}, {"VERDICT"}, {"REVISION", true}, {"FINDINGS"}}, {}};
  const size_t refused = rejected_ + held_back_ + failed_;
  const bool all = returns() <= kMaxLines;
  table.rows = std::move(all ? lines_ : refused_lines_);
  if (table.rows.empty()) return false;
  PrintAligned(table, console_.out);
  if (!all && refused > table.rows.size()) {
    console_.out << "and " << refused - table.rows.size() << " more not accepted; --output csv lists them all\n";
  }
  return true;
}

void VerdictReport::PrintErrors() const {
  for (const auto& [message, count] : errors_) {
    PrintError(absl::StrCat(failed_ == 1 ? "" : absl::StrCat(Count(count, "return"), " not judged: "), message),
               console_);
  }
  if (other_errors_ > 0) {
    PrintError(absl::StrCat(Count(other_errors_, "return"), " not judged for other reasons; --output json names each."),
               console_);
  }
}

ExitCode VerdictReport::Finish() {
  if (options_.format == OutputFormat::kCsv && !have_csv_headings_) PrintFindingRows({}, "");
  if (options_.format == OutputFormat::kTable) {
    const bool printed_lines = PrintLines();
    if (printed_lines && !findings_.empty()) console_.out << '\n';
    findings_.Print(console_.out);
    if (positions_.size() <= kMaxPositions) {
      std::vector<const v1::NationalStatistics*> countries;
      for (const v1::Verdict& verdict : positions_) {
        PrintPosition(verdict);
        for (const v1::IndicatorPosition& position : verdict.position()) {
          if (position.has_value()) countries.push_back(&position.national());
        }
      }
      console_.out << WithheldNote(countries);
      const bool may_be_shown_by_now = std::any_of(countries.begin(), countries.end(), [](const auto* national) {
        return national->withheld() == v1::WITHHELD_TOO_FEW_CHANGES;
      });
      if (may_be_shown_by_now) console_.out << "To see whether they are shown by now: qm national\n";
    }
    if (returns() > 1) {
      if (printed_lines || !findings_.empty()) console_.out << '\n';
      PrintSummary();
    }
  }
  PrintErrors();
  return exit_code_;
}

}  // namespace quartermaster::client
