// qm submit, qm validate.
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/bundle.h"
#include "client/commands/commands.h"
#include "client/commands/local_rules.h"
#include "client/commands/support.h"
#include "client/explanations.h"
#include "client/local_judge.h"
#include "client/prepare.h"
#include "client/request_id.h"
#include "client/schema_source.h"
#include "client/text.h"
#include "client/verdict_report.h"
#include "validation/rule_list.h"
#include "validation/validate.h"

namespace quartermaster::client {
namespace {

struct SubmissionOptions {
  std::vector<std::string> files;
  KeyOptions keys;
  bool fail_on_query = false;
  // submit
  bool dry_run = false;
  bool unary = false;
  std::vector<std::string> explanations;
  std::string reason;
  std::string run;
  LocalRuleOptions rules;  // validate
};

void AddFileOptions(CommandOptions* command, SubmissionOptions* options) {
  command
      ->Arguments("FILE", &options->files, "CSV, Excel (.xlsx), JSON or protobuf (.binpb) files; - is standard input")
      .Text("--collection", "ID", &options->keys.collection, "The collection, where the files have no such column")
      .Text("--service", "ID", &options->keys.service, "The service, where the files have no such column")
      .Text("--period", "PERIOD", &options->keys.period, "The period, where the files have no such column")
      .Text("--participant", "CODE", &options->keys.participant, "The participant, where the files have no such column")
      .Flag("--fail-on-query", &options->fail_on_query,
            "End with 3 if there is a query that nobody has explained, though the return is accepted");
}

// Whose returns are judged without their past, though a bundle is there.
void WarnOfUncovered(const std::vector<FileReturn>& returns, const BundleReference& bundle, const Console& console) {
  std::set<std::string> uncovered;
  for (const FileReturn& file_return : returns) {
    const std::string& code = file_return.content.participant();
    if (!code.empty() && !bundle.Covers(code)) uncovered.insert(code);
  }
  if (uncovered.empty()) return;
  PrintError(absl::StrCat("the bundle holds no history of ", *uncovered.begin(),
                          uncovered.size() == 1 ? "" : absl::StrCat(" and ", uncovered.size() - 1, " more"),
                          ": their returns were not compared with earlier ones. 'qm bundle --participant' adds them."),
             console);
}

// Reports what is wrong with files, also where they cannot be read on.
absl::StatusOr<PreparedReturns> Prepare(const SubmissionOptions& options, SchemaSource* schemas, VerdictReport* report,
                                        const Console& console) {
  PreparedReturns prepared;
  const absl::Status status = PrepareReturns(options.files, options.keys, schemas, &prepared);
  report->AddFileProblems(prepared.file_problems);
  report->AddFileProblems(prepared.row_problems);
  for (const std::string& note : prepared.notes) PrintError(note, console);
  if (status.ok()) return prepared;
  if (!prepared.file_problems.empty()) report->Finish();
  return status;
}

absl::StatusOr<ExitCode> Validate(const SubmissionOptions& options, const GlobalOptions& globals,
                                  const Console& console) {
  const absl::StatusOr<LocalRules> rules = OpenLocalRules(options.rules);
  if (!rules.ok()) return rules.status();
  if (!rules->description.empty() && globals.output == OutputFormat::kTable) {
    console.out << Printable(rules->description) << ".\n\n";
  }
  VerdictReport report({globals.output, "valid", options.fail_on_query}, console);
  const absl::StatusOr<PreparedReturns> prepared = Prepare(options, rules->schemas.get(), &report, console);
  if (!prepared.ok()) return prepared.status();
  LocalJudge judge(rules->bundle.get());
  for (const FileReturn& file_return : prepared->returns) report.Add(judge.Judge(file_return));
  if (rules->bundle != nullptr) WarnOfUncovered(prepared->returns, *rules->bundle, console);
  return report.Finish();
}

// Sends the returns that are fit to be sent; the others are judged here, so that all their problems are named at once.
class Submission {
 public:
  Submission(const std::vector<FileReturn>& returns, const SubmissionOptions& options, Explanations* explanations,
             VerdictReport* report)
      : returns_(returns), has_run_(!options.run.empty()), explanations_(explanations), report_(report) {
    common_.set_validate_only(options.dry_run);
    *common_.mutable_explanations() = explanations_->messages();
    for (size_t i = 0; i < returns_.size(); ++i) {
      // Of a code that is none the server can only say that it is nobody's of this sender.
      if (!returns_[i].CanBeSent() || !ParticipantCodeProblem(returns_[i].content.participant()).empty()) continue;
      v1::SubmitReturnRequest& request = requests_.emplace_back();
      *request.mutable_content() = returns_[i].content;
      request.set_request_id(options.run.empty() ? NewRequestId() : RequestIdOfRun(options.run, returns_[i]));
      index_of_request_.push_back(i);
    }
  }

  void Run(Server* server, bool unary) {
    const Server::OnVerdict on_verdict = [this](size_t request, absl::StatusOr<v1::Verdict> verdict) {
      ReportUpTo(index_of_request_[request]);
      ReportAnswer(returns_[next_++], std::move(verdict));
    };
    if (unary) {
      server->SubmitOneByOne(requests_, common_, on_verdict);
    } else {
      server->SubmitStreamed(requests_, common_, on_verdict);
    }
    ReportUpTo(returns_.size());
  }

 private:
  // Those before `end` that were not sent.
  void ReportUpTo(size_t end) {
    for (; next_ < end; ++next_) Report(judge_.Judge(returns_[next_]));
  }

  void Report(const v1::Verdict& verdict) {
    explanations_->NoteUse(verdict);
    report_->Add(verdict);
  }

  void ReportAnswer(const FileReturn& file_return, absl::StatusOr<v1::Verdict> verdict) {
    if (verdict.ok()) {
      verdict->set_collection(file_return.content.collection());
      file_return.origin.Locate(&*verdict);
      return Report(*verdict);
    }
    absl::Status error = verdict.status();
    if (has_run_ && absl::IsAlreadyExists(error)) {
      error = absl::AlreadyExistsError(absl::StrCat(error.message(), " The id was made of --run: name another run."));
    }
    v1::Verdict about;
    about.set_participant(file_return.content.participant());
    about.set_service(file_return.content.service());
    about.set_period(file_return.period);
    about.set_collection(file_return.content.collection());
    file_return.origin.Locate(&about);
    report_->AddFailure(about, error);
  }

  const std::vector<FileReturn>& returns_;
  const bool has_run_;
  Explanations* const explanations_;
  VerdictReport* const report_;
  LocalJudge judge_;                // Of what is not sent.
  v1::SubmitReturnRequest common_;  // Of all requests.
  std::vector<v1::SubmitReturnRequest> requests_;
  std::vector<size_t> index_of_request_;
  size_t next_ = 0;  // The first return that has not been reported.
};

// INVALID_ARGUMENT where an explanation is for a rule that no collection of the returns has: it is mistyped.
absl::Status CheckRules(const Explanations& explanations, const std::vector<FileReturn>& returns) {
  std::set<const CollectionSchema*> schemas;
  for (const FileReturn& file_return : returns) {
    if (file_return.schema != nullptr) schemas.insert(file_return.schema.get());
  }
  for (const v1::QueryExplanation& explanation : explanations.messages()) {
    bool is_known = schemas.empty();
    for (const CollectionSchema* schema : schemas) {
      for (const auto& service : schema->services()) {
        is_known = is_known || MayBeExcepted(*service, explanation.rule_id());
      }
    }
    if (!is_known) {
      return absl::InvalidArgumentError(absl::StrCat("--explain: there is no rule \"", explanation.rule_id(),
                                                     "\" that raises queries. Nothing was sent."));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> Submit(const SubmissionOptions& options, const GlobalOptions& globals,
                                const Console& console) {
  absl::StatusOr<Explanations> explanations = Explanations::Parse(options.explanations, options.reason);
  if (!explanations.ok()) return explanations.status();
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  const std::unique_ptr<SchemaSource> schemas = SchemasOfServer(server->get());
  VerdictReport report({globals.output, options.dry_run ? "would be accepted" : "accepted", options.fail_on_query},
                       console);
  const absl::StatusOr<PreparedReturns> prepared = Prepare(options, schemas.get(), &report, console);
  if (!prepared.ok()) return prepared.status();
  if (absl::Status status = CheckRules(*explanations, prepared->returns); !status.ok()) return status;
  Submission(prepared->returns, options, &*explanations, &report).Run(server->get(), options.unary);
  const ExitCode code = report.Finish();
  if (!prepared->file_problems.empty()) {
    PrintError("nothing was sent. Correct the file, or leave it out, and submit again.", console);
    return code;
  }
  for (const std::string& unused : explanations->DescribeUnused()) PrintError(unused, console);
  return code;
}

constexpr char kSubmitDetails[] =
    "A wide file has a row a return: participant,period,service,<a column a field>. A long file has a\n"
    "row a value: participant,period,service,field,value. Blank is absent, NA is not available, NA (ward\n"
    "closed) says why, * is suppressed at source. Of a workbook every sheet is read whose headings fit;\n"
    "'qm template' makes one. JSON is of the API's ReturnFile or ReturnContent, or has the columns as\n"
    "names; .binpb is the binary form.\n\n"
    "Prints a line a return with its verdict, the findings with their cells, and where the return stands\n"
    "nationally. With --output json first come objects about files, whose participant, service and period\n"
    "are all empty, then one object a line for each return. Returns are sent independently: the good ones\n"
    "are stored even if others are rejected. Held back are those that a misspelt heading makes incomplete,\n"
    "and all if a file cannot be read.\n\n"
    "--explain answers queries in advance: --explain RULE=TEXT all of a rule, --explain RULE:FIELD=TEXT\n"
    "the one about a field or indicator; --reason says of all of them why in a word: service-change,\n"
    "demand, earlier-value, counting, small-numbers, other.\n\n"
    "--run makes it safe to repeat a run that broke off: a return that was stored under the same name gets\n"
    "its first receipt, and nothing of it changes, explanations included, even if it was withdrawn since; it\n"
    "says 'answered before'. Other content under the same name is a conflict. --dry-run does not look at it.\n\n"
    "Example:\n"
    "  qm submit --collection mhlda --service adult-inpatient --period 2025-26-Q1 returns.csv\n"
    "  qm submit returns.csv --explain \"change=A ward of 12 beds opened in June.\" --reason service-change\n"
    "  qm submit nightly.csv --run nightly-2025-07-14";

constexpr char kValidateDetails[] =
    "Applies every field and cross-field rule without a server, by the collections that this program\n"
    "carries or by --schema. What only the server knows (registered participants, populations, earlier\n"
    "returns) is checked with --bundle, a file of 'qm bundle', which foretells the server's verdict.\n"
    "Prints a line a return and the findings with their cells. With --output json first come objects about\n"
    "files, whose participant, service and period are all empty, then one object a line for each return.\n\n"
    "Example:\n"
    "  qm validate --collection mhlda --service adult-inpatient --period \"Q1 2025/26\" returns.csv\n"
    "  qm validate --bundle rt1.bundle --service adult-inpatient returns.csv";

}  // namespace

void AddSubmissionCommands(CommandLine* command_line) {
  const auto submit = std::make_shared<SubmissionOptions>();
  CommandOptions submit_options = command_line->AddCommand(
      "submit", "Submit the returns of files", kSubmitDetails,
      [submit](const GlobalOptions& globals, const Console& console) { return Submit(*submit, globals, console); });
  AddFileOptions(&submit_options, submit.get());
  submit_options
      .Flag("--dry-run", &submit->dry_run, "Run everything, save nothing, show the position that it would give")
      .Texts("--explain", "RULE=TEXT", &submit->explanations, "Explain the queries of a rule; may be repeated")
      .Text("--reason", "REASON", &submit->reason, "Of what --explain explains: why, in a word")
      .Text("--run", "NAME", &submit->run, "A name for this run, so that repeating it stores nothing twice")
      .Flag("--unary", &submit->unary, "Send one request a return rather than one stream for all");

  const auto validate = std::make_shared<SubmissionOptions>();
  CommandOptions validate_options =
      command_line->AddCommand("validate", "Check files without a server", kValidateDetails,
                               [validate](const GlobalOptions& globals, const Console& console) {
                                 return Validate(*validate, globals, console);
                               });
  AddFileOptions(&validate_options, validate.get());
  validate_options
      .Text("--bundle", "FILE", &validate->rules.bundle, "Check by what a bundle holds, as the server would")
      .Text("--schema", "FILE.proto", &validate->rules.schema, "Check by this collection rather than a shipped one")
      .Texts("-I,--import-folder", "DIR", &validate->rules.import_folders,
             "Where the schema's imports are; may be repeated");
}

}  // namespace quartermaster::client
