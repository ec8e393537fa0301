// What `submit` and `validate` print: a line a return, the findings, and what became of the national figures.
#ifndef QUARTERMASTER_CLIENT_VERDICT_REPORT_H_
#define QUARTERMASTER_CLIENT_VERDICT_REPORT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "client/command_line.h"
#include "client/exit_code.h"
#include "client/findings_report.h"
#include "client/table.h"
#include "quartermaster/v1/submission_service.pb.h"

namespace quartermaster::client {

// JSON and CSV are printed as verdicts come, an object a line and a row a finding. Of tables, which are printed at the
// end, only what will be printed is kept, so the memory does not grow with the number of returns.
class VerdictReport {
 public:
  struct Options {
    OutputFormat format = OutputFormat::kTable;
    // How an accepted return is called: "accepted", "would be accepted", "valid".
    std::string accepted_word = "accepted";
    // Queries that nobody has explained count as a rejection.
    bool fail_on_query = false;
  };

  VerdictReport(Options options, const Console& console);

  // A return that was judged.
  void Add(const v1::Verdict& verdict);
  // A return that could not be judged. Only the key of `about` is looked at.
  void AddFailure(const v1::Verdict& about, const absl::Status& error);
  // What is wrong with files or rows that gave no return. Nothing happens if there is nothing.
  void AddFileProblems(const std::vector<v1::Finding>& problems);

  // Prints what is still to be printed, and says how the command ends.
  ExitCode Finish();

 private:
  void AddLine(const v1::Verdict& verdict, const std::string& outcome);
  void AddFindings(const v1::Verdict& verdict, const std::string& outcome);
  void PrintFindingRows(const v1::Verdict& verdict, const std::string& outcome);
  // Gives false where there is no line to print.
  bool PrintLines();
  void PrintPosition(const v1::Verdict& verdict) const;
  void PrintSummary() const;
  void PrintErrors() const;
  size_t returns() const { return accepted_ + rejected_ + held_back_ + failed_; }

  // Whoever sends more wants to know which were not accepted; a line for each would only bury those.
  static constexpr size_t kMaxLines = 100;
  static constexpr size_t kMaxRefusedLines = 50;  // Two screens; --output csv has all.
  static constexpr size_t kMaxPositions = 3;      // More returns than that want qm position or qm national.
  static constexpr int kMaxPositionRows = 8;      // A glance; qm position has them all.
  static constexpr size_t kMaxPrintedErrors = 3;  // Different ones; a server that fails fails each return alike.

  const Options options_;
  const Console& console_;
  ExitCode exit_code_ = ExitCode::kOk;
  std::vector<std::vector<std::string>> lines_;          // of the first kMaxLines returns
  std::vector<std::vector<std::string>> refused_lines_;  // of the first that were not accepted
  FindingsReport findings_;
  bool have_csv_headings_ = false;
  std::vector<v1::Verdict> positions_;
  std::vector<std::pair<std::string, size_t>> errors_;  // the first, by message, with how many returns had it
  size_t other_errors_ = 0;                             // returns that had another
  size_t accepted_ = 0;
  size_t rejected_ = 0;
  size_t held_back_ = 0;
  size_t failed_ = 0;
  size_t file_problems_ = 0;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_VERDICT_REPORT_H_
