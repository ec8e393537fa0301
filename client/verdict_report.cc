#include "client/verdict_report.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/json.h"
#include "client/return_name.h"
#include "client/text.h"
#include "google/rpc/status.pb.h"

namespace quartermaster::client {
namespace {

bool HasQuery(const v1::Verdict& verdict) {
  return std::any_of(verdict.findings().begin(), verdict.findings().end(),
                     [](const v1::Finding& finding) { return finding.severity() == schema::v1::SEVERITY_QUERY; });
}

// Verdicts hold no type that JSON does not know, so this always succeeds; if ever not, the line says why.
std::string Json(const google::protobuf::Message& message) {
  const absl::StatusOr<std::string> json = ToJson(message);
  return json.ok() ? *json : absl::StrCat("{\"error\":\"", json.status().message(), "\"}");
}

}  // namespace

VerdictReport::VerdictReport(Options options, const Console& console)
    : options_(std::move(options)), console_(console) {
  lines_.columns = {{"PARTICIPANT"}, {"SERVICE"}, {"PERIOD"}, {"VERDICT"}, {"REVISION", true}, {"FINDINGS"}};
  finding_rows_.columns = {{"participant"}, {"service"}, {"period"}, {"verdict"}, {"revision", true}};
  for (Column& column : FindingColumns()) finding_rows_.columns.push_back(std::move(column));
}

void VerdictReport::Add(const v1::Verdict& verdict) {
  ++(verdict.accepted() ? accepted_ : rejected_);
  if (!verdict.accepted() || (options_.fail_on_query && HasQuery(verdict))) {
    exit_code_ = MoreSevere(exit_code_, ExitCode::kRejected);
  }
  if (options_.format == OutputFormat::kJson) {
    console_.out << Json(verdict) << '\n' << std::flush;
    return;
  }
  const std::string outcome = verdict.accepted() ? options_.accepted_word : "rejected";
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
  } else {
    errors_.emplace_back(message, 1);
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
  lines_.rows.push_back({verdict.participant(), verdict.service(), DisplayPeriod(verdict.period()), outcome,
                         verdict.has_revision() ? absl::StrCat(verdict.revision()) : "",
                         CountFindings(verdict.findings())});
}

void VerdictReport::AddFindings(const v1::Verdict& verdict, const std::string& outcome) {
  const std::string revision = verdict.has_revision() ? absl::StrCat(verdict.revision()) : "";
  const std::vector<std::string> key = {verdict.participant(), verdict.service(), verdict.period(), outcome, revision};
  const auto add_row = [this, &key](const v1::Finding& finding, bool is_finding) {
    std::vector<std::string>& row = finding_rows_.rows.emplace_back(key);
    std::vector<std::string> cells(FindingColumns().size());
    if (is_finding) cells = FindingCells(finding);
    std::move(cells.begin(), cells.end(), std::back_inserter(row));
  };
  if (options_.format == OutputFormat::kCsv) {
    if (verdict.findings().empty()) add_row({}, false);
    for (const v1::Finding& finding : verdict.findings()) add_row(finding, true);
    return;
  }
  std::string about;
  if (!verdict.participant().empty() || !verdict.service().empty()) {
    about = DisplayReturn(verdict.participant(), verdict.service(), verdict.period());
  }
  for (const v1::Finding& finding : verdict.findings()) findings_.push_back({about, finding});
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
                          absl::StrCat(national.n()), position.has_rank() ? absl::StrCat(position.rank()) : "",
                          national.unit()});
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
  std::string summary =
      absl::StrCat(Count(accepted_ + rejected_ + failed_, "return"), ": ", accepted_, " ", options_.accepted_word);
  if (rejected_ > 0) absl::StrAppend(&summary, ", ", rejected_, " rejected");
  if (failed_ > 0) absl::StrAppend(&summary, ", ", failed_, " not judged");
  console_.out << '\n' << summary << '\n';
}

ExitCode VerdictReport::Finish() {
  if (options_.format == OutputFormat::kCsv) PrintCsv(finding_rows_, console_.out);
  if (options_.format == OutputFormat::kTable) {
    if (!lines_.rows.empty()) PrintAligned(lines_, console_.out);
    if (!findings_.empty() && !lines_.rows.empty()) console_.out << '\n';
    PrintFindings(findings_, console_.out);
    if (positions_.size() <= kMaxPositions) {
      for (const v1::Verdict& verdict : positions_) PrintPosition(verdict);
    }
    if (lines_.rows.size() > 1) PrintSummary();
  }
  for (size_t i = 0; i < errors_.size() && i < kMaxPrintedErrors; ++i) {
    PrintError(absl::StrCat(failed_ == 1 ? "" : absl::StrCat(Count(errors_[i].second, "return"), " not judged: "),
                            errors_[i].first),
               console_);
  }
  if (errors_.size() > kMaxPrintedErrors) {
    PrintError(absl::StrCat(errors_.size() - kMaxPrintedErrors, " more kinds of failure; --output json names each."),
               console_);
  }
  return exit_code_;
}

}  // namespace quartermaster::client
