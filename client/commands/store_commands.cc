// qm admin backup create, list; qm admin verify; qm admin restore.
#include <unistd.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/server_program.h"
#include "client/table.h"
#include "client/text.h"
#include "client/time_text.h"
#include "google/protobuf/util/json_util.h"

namespace quartermaster::client {
namespace {

struct StoreOptions {
  std::string backup_dir;
  std::string data_dir;
  absl::optional<uint32_t> backup;
};

bool IsForPeople(const GlobalOptions& globals) { return globals.output == OutputFormat::kTable; }

// One line that is written over, on a terminal alone.
Server::OnProgress ShowProgress(const Console& console) {
  if (isatty(STDERR_FILENO) == 0) return [](const v1::Progress&) {};
  return [&console](const v1::Progress& progress) {
    console.error << "\r\x1b[K" << Printable(progress.doing());
    if (progress.done() > 0) console.error << ", " << progress.done() << " done";
    console.error << '\r' << std::flush;
  };
}

Table BackupTable(const google::protobuf::RepeatedPtrField<v1::Backup>& backups, const GlobalOptions& globals) {
  Table table;
  if (IsForPeople(globals)) {
    table.columns = {{"ID", true}, {"CREATED"}, {"TO COMMIT", true}, {"BYTES", true}, {"FILES", true}, {"STATE"}};
  } else {
    table.columns = {{"id", true}, {"create_time"}, {"sequence", true}, {"bytes", true}, {"files", true}, {"state"}};
  }
  for (const v1::Backup& backup : backups) {
    table.rows.push_back({absl::StrCat(backup.id()), FormatTime(backup.create_time()), absl::StrCat(backup.sequence()),
                          absl::StrCat(backup.bytes()), absl::StrCat(backup.files()), "whole"});
  }
  return table;
}

Table OneBackupTable(const v1::Backup& backup, const GlobalOptions& globals) {
  google::protobuf::RepeatedPtrField<v1::Backup> backups;
  *backups.Add() = backup;
  return BackupTable(backups, globals);
}

absl::StatusOr<ExitCode> PrintList(const v1::ListBackupsResponse& list, const GlobalOptions& globals,
                                   const Console& console) {
  Table table = BackupTable(list.backups(), globals);
  for (const uint32_t id : list.damaged()) table.rows.push_back({absl::StrCat(id), "", "", "", "", "DAMAGED"});
  const absl::StatusOr<ExitCode> printed = PrintReply(list, table, globals.output, console);
  if (!printed.ok() || list.damaged().empty()) return printed;
  return ExitCode::kFailure;
}

absl::StatusOr<ExitCode> PrintReport(const v1::VerificationReport& report, const GlobalOptions& globals,
                                     const Console& console) {
  Table table;
  if (IsForPeople(globals)) {
    table.columns = {{"RESULT"}, {"WHAT"}, {"FINDING"}};
  } else {
    table.columns = {{"result"}, {"what"}, {"finding"}};
  }
  for (const v1::VerifiedKind& checked : report.checked()) {
    table.rows.push_back({"checked", checked.kind(), absl::StrCat(checked.count())});
  }
  for (const v1::VerificationProblem& problem : report.problems()) {
    table.rows.push_back({"PROBLEM", problem.place(), problem.problem()});
  }
  const absl::StatusOr<ExitCode> printed = PrintReply(report, table, globals.output, console);
  if (!printed.ok()) return printed;
  const uint64_t problems = report.problem_count();
  if (IsForPeople(globals)) {
    console.out << "\nVerified to commit " << report.sequence() << ": ";
    if (problems == 0) {
      console.out << "nothing is wrong.\n";
    } else {
      console.out << problems << (problems == 1 ? " problem" : " problems")
                  << ". Keep the folder as it is, and restore a backup: qm admin restore --help.\n";
    }
  }
  return problems == 0 ? ExitCode::kOk : ExitCode::kFailure;
}

// Runs qm-server and reads what it prints. Absent if it has failed, which it has said itself.
template <typename Message>
absl::StatusOr<absl::optional<Message>> AskProgram(std::vector<std::string> arguments) {
  arguments.push_back("--json");
  const absl::StatusOr<ServerProgramResult> result = RunServerProgram(arguments);
  if (!result.ok()) return result.status();
  if (result->output.empty()) return absl::optional<Message>();
  Message message;
  if (!google::protobuf::util::JsonStringToMessage(result->output, &message).ok()) {
    return absl::InternalError("qm-server prints what this program cannot read; is it of another version?");
  }
  return absl::optional<Message>(std::move(message));
}

absl::StatusOr<ExitCode> Create(const StoreOptions&, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  const absl::StatusOr<v1::Backup> backup = (*server)->CreateBackup(ShowProgress(console));
  if (!backup.ok()) return backup.status();
  return PrintReply(*backup, OneBackupTable(*backup, globals), globals.output, console);
}

absl::StatusOr<ExitCode> List(const StoreOptions& options, const GlobalOptions& globals, const Console& console) {
  if (!options.backup_dir.empty()) {
    const auto list = AskProgram<v1::ListBackupsResponse>({"--list-backups", "--backup-dir", options.backup_dir});
    if (!list.ok()) return list.status();
    return list->has_value() ? PrintList(**list, globals, console) : ExitCode::kFailure;
  }
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  const absl::StatusOr<v1::ListBackupsResponse> list = (*server)->ListBackups();
  if (!list.ok()) return list.status();
  return PrintList(*list, globals, console);
}

absl::StatusOr<ExitCode> Verify(const StoreOptions& options, const GlobalOptions& globals, const Console& console) {
  if (!options.data_dir.empty()) {
    const auto report = AskProgram<v1::VerificationReport>({"--verify", "--data-dir", options.data_dir});
    if (!report.ok()) return report.status();
    return report->has_value() ? PrintReport(**report, globals, console) : ExitCode::kFailure;
  }
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  const absl::StatusOr<v1::VerificationReport> report = (*server)->VerifyStore(ShowProgress(console));
  if (!report.ok()) return report.status();
  return PrintReport(*report, globals, console);
}

absl::StatusOr<ExitCode> Restore(const StoreOptions& options, const GlobalOptions& globals, const Console& console) {
  if (options.backup == 0u)
    return absl::InvalidArgumentError("--backup: ids count from 1; see 'qm admin backup list'.");
  std::vector<std::string> arguments = {"--restore", "--backup-dir", options.backup_dir, "--data-dir",
                                        options.data_dir};
  if (options.backup.has_value()) {
    arguments.push_back("--backup");
    arguments.push_back(absl::StrCat(*options.backup));
  }
  const auto backup = AskProgram<v1::Backup>(std::move(arguments));
  if (!backup.ok()) return backup.status();
  if (!backup->has_value()) return ExitCode::kFailure;
  return PrintReply(**backup, OneBackupTable(**backup, globals), globals.output, console);
}

constexpr char kStoreCreateDetails[] =
    "The server copies its store into its folder of backups (qm-server --backup-dir) while returns are\n"
    "taken, reads the copy back, and then removes all but the newest 14. Only what is new is copied. The\n"
    "copy has returns, queries, catalogue, tokens and releases; it has neither operator.token nor the key\n"
    "that signs receipts nor certificates: keep those elsewhere. Prints the backup.\n\n"
    "Example, for a night's cron:\n"
    "  qm admin backup create --token-file /etc/quartermaster/operator.token";
constexpr char kStoreListDetails[] =
    "Prints a row a backup, oldest first: up to which commit it has everything, and whether its files are\n"
    "there. Exit code 1 if one is damaged. With --backup-dir it runs the qm-server beside qm, or in PATH,\n"
    "on that folder; no server need run.\n\n"
    "Example:\n"
    "  qm admin backup list --backup-dir /mnt/backups";
constexpr char kStoreVerifyDetails[] =
    "Recomputes every hash and every statistic from what is stored and compares: the content of each\n"
    "revision with its receipt, each release with the returns that it pins, and the figures and queries\n"
    "that the server holds in memory with those rebuilt from its store. Returns are taken meanwhile. With\n"
    "--data-dir it runs the qm-server beside qm, or in PATH, on a folder that no server has open; a store\n"
    "of an older format is brought to that of this program for good. Prints what was checked and each\n"
    "problem with its place, without values. Exit code 1 if there is one.\n\n"
    "Example:\n"
    "  qm admin verify --data-dir /var/lib/quartermaster.restored";
constexpr char kRestoreDetails[] =
    "Makes a new data folder with what is in a backup. It runs the qm-server beside qm, or in PATH. Every\n"
    "file is checked on its way, and the store has its name only once all is there, so one that was cut\n"
    "short does not open. Copy operator.token and the key that signs receipts into it, verify it, then\n"
    "serve it. Prints the backup.\n\n"
    "Example:\n"
    "  qm admin restore --backup-dir /mnt/backups --to /var/lib/quartermaster.restored";

using StoreAction = absl::StatusOr<ExitCode> (*)(const StoreOptions&, const GlobalOptions&, const Console&);

CommandOptions Add(CommandLine* command_line, const std::string& path, const std::string& purpose,
                   const std::string& details, StoreAction action, const std::shared_ptr<StoreOptions>& options) {
  return command_line->AddCommand(path, purpose, details,
                                  [options, action](const GlobalOptions& globals, const Console& console) {
                                    return action(*options, globals, console);
                                  });
}

}  // namespace

void AddStoreCommands(CommandLine* command_line) {
  command_line->AddGroup("admin backup", "Make and list backups");
  Add(command_line, "admin backup create", "Make a backup while returns are taken", kStoreCreateDetails, Create,
      std::make_shared<StoreOptions>());
  const auto list = std::make_shared<StoreOptions>();
  Add(command_line, "admin backup list", "List backups", kStoreListDetails, List, list)
      .Text("--backup-dir", "DIR", &list->backup_dir, "Without a server: the folder of backups");
  const auto verify = std::make_shared<StoreOptions>();
  Add(command_line, "admin verify", "Check everything that is stored", kStoreVerifyDetails, Verify, verify)
      .Text("--data-dir", "DIR", &verify->data_dir, "Without a server: the data folder");
  const auto restore = std::make_shared<StoreOptions>();
  Add(command_line, "admin restore", "Restore a backup into a new folder", kRestoreDetails, Restore, restore)
      .RequiredText("--backup-dir", "DIR", &restore->backup_dir, "The folder of backups")
      .Number("--backup", "ID", &restore->backup, "Which one; else the latest")
      .RequiredText("--to", "DIR", &restore->data_dir, "The new data folder; it must not exist, or be empty");
}

}  // namespace quartermaster::client
