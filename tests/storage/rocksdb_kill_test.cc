// kill -9 at any moment: a child process writes and reports each acknowledged request over a pipe; it is killed; all
// that it reported is there when the store is opened again. QM_KILL_ROUNDS sets how often.
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

constexpr uint64_t kDefaultRounds = 25;
// So many writes wait at a time in the child, so that groups are of several sizes.
constexpr uint64_t kInFlight = 20;

absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& folder) {
  RocksDbStoreOptions options;
  options.data_dir = folder;
  options.max_group_writes = 8;
  return OpenRocksDbStore(options);
}

Submission Request(uint64_t number) {
  return MakeSubmission(Key(absl::StrCat("RT", number % 50)), absl::StrCat("content ", number), RequestId(number));
}

// What the child reports, in one write of a pipe, which is never torn.
struct Report {
  uint64_t number;
  uint64_t sequence;
  uint32_t revision;
};

// The child's whole life: submits requests from `first` on until it is killed.
[[noreturn]] void WriteUntilKilled(const std::string& folder, uint64_t first, int pipe) {
  auto store = Open(folder);
  if (!store.ok()) _exit(1);
  for (uint64_t number = first;; number += kInFlight) {
    for (uint64_t i = number; i < number + kInFlight; ++i) {
      (*store)->Submit(Request(i), [i, pipe](absl::StatusOr<SubmissionResult> result) {
        if (!result.ok()) _exit(2);
        const auto& receipt = result->stored.record.receipt();
        const Report report = {i, receipt.sequence(), receipt.revision()};
        if (write(pipe, &report, sizeof(report)) != sizeof(report)) _exit(3);
      });
    }
    if (!ChangeAndWait(**store, {}).ok()) _exit(4);
  }
}

// Runs a child until it has reported so many requests or so many milliseconds have passed, and kills it.
void RunAndKill(const std::string& folder, uint64_t first, uint64_t reports, int milliseconds,
                std::map<uint64_t, Report>& acknowledged) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(ends[0]);
    WriteUntilKilled(folder, first, ends[1]);
  }
  close(ends[1]);
  Report report;
  pollfd readable = {ends[0], POLLIN, 0};
  for (uint64_t i = 0; i < reports && poll(&readable, 1, milliseconds) > 0; ++i) {
    if (read(ends[0], &report, sizeof(report)) != sizeof(report)) break;
    acknowledged[report.number] = report;
  }
  kill(child, SIGKILL);
  // What was reported before the kill counts too.
  while (read(ends[0], &report, sizeof(report)) == sizeof(report)) acknowledged[report.number] = report;
  close(ends[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the child gave up: " << WEXITSTATUS(status);
}

TEST(KillTest, WhatWasAcknowledgedIsThere) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed));
  std::mt19937_64 random(seed);
  const TemporaryFolder folder;
  std::map<uint64_t, Report> acknowledged;
  uint64_t next = 0;
  const uint64_t rounds = NumberFromEnvironment("QM_KILL_ROUNDS", kDefaultRounds);
  for (uint64_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    // Every third round is killed while it opens the store, the first ones while they make it.
    const bool while_opening = round % 3 == 0;
    RunAndKill(folder.path("store"), next, while_opening ? 1 : 1 + random() % 300,
               while_opening ? static_cast<int>(random() % 20) : 10000, acknowledged);
    if (HasFatalFailure()) return;

    if (round < 2) continue;  // Two kills in a row while it is made.
    auto store = Open(folder.path("store"));
    ASSERT_TRUE(store.ok()) << store.status();
    for (const auto& [number, report] : acknowledged) {
      const auto again = SubmitAndWait(**store, Request(number));
      ASSERT_TRUE(again.ok()) << again.status();
      ASSERT_TRUE(again->repeated) << "request " << number << " was acknowledged and is lost";
      ASSERT_EQ(again->stored.record.receipt().sequence(), report.sequence);
      ASSERT_EQ(again->stored.record.receipt().revision(), report.revision);
      ASSERT_LE(report.sequence, (*store)->last_sequence());
      next = std::max(next, number + 1);
    }
    ReturnFilter filter;
    filter.all_revisions = true;
    ASSERT_GE(ScanAll(**store, filter).size(), acknowledged.size());
  }
  EXPECT_GT(acknowledged.size(), rounds);
}

}  // namespace
}  // namespace quartermaster::storage
