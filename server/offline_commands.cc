#include "server/offline_commands.h"

#include <filesystem>
#include <iostream>
#include <system_error>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "server/offline.h"

namespace quartermaster::server {
namespace {

constexpr int kExitFailure = 1;
constexpr absl::Duration kTellEvery = absl::Seconds(5);  // What takes less needs no telling.

int Fail(const absl::Status& status) {
  std::cerr << "qm-server: " << status.message() << std::endl;
  return kExitFailure;
}

void PrintJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  // Messages of this program have nothing that JSON cannot say.
  if (google::protobuf::util::MessageToJsonString(message, &json, options).ok()) std::cout << json << std::endl;
}

void Print(const v1::Backup& backup) {
  std::cout << "backup " << backup.id() << " of " << google::protobuf::util::TimeUtil::ToString(backup.create_time())
            << ", to commit " << backup.sequence() << " at least, " << backup.bytes() << " bytes in " << backup.files()
            << " files" << std::endl;
}

int Verify(const OfflineOptions& options) {
  absl::Time told = absl::Now();
  const auto on_progress = [&told](const v1::Progress& progress) {
    if (absl::Now() - told < kTellEvery) return;
    told = absl::Now();
    std::cerr << "qm-server: " << progress.doing();
    if (progress.done() > 0) std::cerr << ", " << progress.done() << " done";
    std::cerr << std::endl;
  };
  const absl::StatusOr<v1::VerificationReport> report = VerifyDataDir(options.data_dir, on_progress);
  if (!report.ok()) return Fail(report.status());
  if (options.json) {
    PrintJson(*report);
  } else {
    for (const v1::VerifiedKind& checked : report->checked()) {
      std::cout << checked.count() << ' ' << checked.kind() << '\n';
    }
    for (const v1::VerificationProblem& problem : report->problems()) {
      std::cout << "PROBLEM " << problem.place() << ": " << problem.problem() << '\n';
    }
    std::cout << "verified to commit " << report->sequence() << ": ";
    if (report->problem_count() == 0) {
      std::cout << "nothing is wrong" << std::endl;
    } else {
      std::cout << report->problem_count() << " problems" << std::endl;
    }
  }
  return report->problem_count() == 0 ? 0 : kExitFailure;
}

int List(const OfflineOptions& options) {
  std::error_code error;
  if (!std::filesystem::is_directory(options.backup_dir, error)) {
    return Fail(absl::NotFoundError(absl::StrCat("--backup-dir: there is no folder ", options.backup_dir, ".")));
  }
  const absl::StatusOr<storage::BackupList> list = storage::ListBackups(options.backup_dir);
  if (!list.ok()) return Fail(list.status());
  const v1::ListBackupsResponse response = Describe(*list);
  if (options.json) {
    PrintJson(response);
  } else {
    for (const v1::Backup& backup : response.backups()) Print(backup);
    for (const uint32_t id : response.damaged()) std::cout << "backup " << id << " is damaged" << std::endl;
  }
  return response.damaged().empty() ? 0 : kExitFailure;
}

int Restore(const OfflineOptions& options) {
  const auto id = options.backup == 0 ? absl::nullopt : absl::make_optional(options.backup);
  const absl::StatusOr<v1::Backup> backup = RestoreDataDir(options.backup_dir, id, options.data_dir);
  if (!backup.ok()) return Fail(backup.status());
  if (options.json) {
    PrintJson(*backup);
  } else {
    Print(*backup);
  }
  std::cerr << "qm-server: restored into " << options.data_dir
            << ". Tokens are in it, also those revoked since: revoke them again; operator.token and the key that signs "
               "receipts are not: copy yours into it, or the "
               "first start makes new ones. Verify it before it is served."
            << std::endl;
  return 0;
}

}  // namespace

int RunOffline(const OfflineOptions& options) {
  if (options.verify) return Verify(options);
  return options.list_backups ? List(options) : Restore(options);
}

}  // namespace quartermaster::server
