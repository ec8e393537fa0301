// The program that rocksdb_kill_test.cc kills: kill_writer FOLDER FIRST submits requests FIRST, FIRST + 1, ... for
// ever, and writes a KillReport to standard output for each that was acknowledged. Any other end than a kill has an
// exit code.
#include "tests/storage/kill_writer.h"

#include <unistd.h>

#include "absl/strings/numbers.h"

namespace quartermaster::storage {
namespace {

// So many writes wait at a time, so that groups are of several sizes.
constexpr uint64_t kInFlight = 20;

void Send(Store& store, uint64_t number) {
  store.Submit(KillRequest(number), nullptr, [number](absl::StatusOr<SubmissionResult> result) {
    if (!result.ok()) _exit(3);
    const auto& receipt = result->stored.record.receipt();
    const KillReport report = {number, receipt.sequence(), receipt.revision()};
    if (write(STDOUT_FILENO, &report, sizeof(report)) != sizeof(report)) _exit(4);
  });
}

int WriteUntilKilled(const std::string& folder, uint64_t first) {
  const auto store = OpenForKill(folder);
  if (!store.ok()) return 2;
  for (uint64_t number = first;; ++number) {
    Send(**store, number);
    // Lines without a commit lie among the others.
    (*store)->Audit({{"\"read\":1"}}, [](const absl::StatusOr<uint64_t>& line) {
      if (!line.ok()) _exit(6);
    });
    CatalogueChange change;
    change.audit = "\"change\":1";
    if (number % kInFlight == 0 && !ChangeAndWait(**store, change).ok()) return 5;
  }
}

}  // namespace
}  // namespace quartermaster::storage

int main(int argc, char** argv) {
  uint64_t first = 0;
  if (argc != 3 || !absl::SimpleAtoi(argv[2], &first)) return 1;
  return quartermaster::storage::WriteUntilKilled(argv[1], first);
}
