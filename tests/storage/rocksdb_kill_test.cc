// kill -9 at any moment: a program writes and reports each acknowledged request over a pipe; it is killed; all that it
// reported is there when the store is opened again, and so is its line in the audit. QM_KILL_ROUNDS or QM_TEST_EFFORT
// make it happen more often.
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <random>

#include "tests/storage/audit_testing.h"
#include "tests/storage/kill_writer.h"

namespace quartermaster::storage {
namespace {

// Four times each kind of kill.
constexpr uint64_t kUsualRounds = 12;
constexpr int kForEver = -1;

// Milliseconds, about as many as the writer takes to start and to open its store.
int ShortWhile(std::mt19937_64& random) { return static_cast<int>(random() % 60); }

// Starts the writer; gives its process and the end of the pipe that it reports to.
void Start(const std::string& folder, uint64_t first, pid_t& writer, int& reports) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  posix_spawn_file_actions_t actions;
  ASSERT_EQ(posix_spawn_file_actions_init(&actions), 0);
  ASSERT_EQ(posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO), 0);
  ASSERT_EQ(posix_spawn_file_actions_addclose(&actions, ends[0]), 0);
  ASSERT_EQ(posix_spawn_file_actions_addclose(&actions, ends[1]), 0);
  std::string program = QM_KILL_WRITER;
  std::string folder_argument = folder;
  std::string first_argument = std::to_string(first);
  char* const arguments[] = {program.data(), folder_argument.data(), first_argument.data(), nullptr};
  ASSERT_EQ(posix_spawn(&writer, program.c_str(), &actions, nullptr, arguments, environ), 0) << program;
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  reports = ends[0];
}

// Runs the writer until it has reported so often, or so many milliseconds have passed without a report, and kills it.
void RunAndKill(const std::string& folder, uint64_t first, uint64_t count, int milliseconds,
                std::map<uint64_t, KillReport>& acknowledged) {
  pid_t writer = 0;
  int reports = 0;
  ASSERT_NO_FATAL_FAILURE(Start(folder, first, writer, reports));
  KillReport report;
  pollfd readable = {reports, POLLIN, 0};
  for (uint64_t i = 0; i < count && poll(&readable, 1, milliseconds) > 0; ++i) {
    if (read(reports, &report, sizeof(report)) != sizeof(report)) break;
    acknowledged[report.number] = report;
  }
  kill(writer, SIGKILL);
  // What was reported before the kill counts too.
  while (read(reports, &report, sizeof(report)) == sizeof(report)) acknowledged[report.number] = report;
  close(reports);
  int status = 0;
  ASSERT_EQ(waitpid(writer, &status, 0), writer);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the writer gave up: " << WEXITSTATUS(status);
}

TEST(KillTest, WhatWasAcknowledgedIsThere) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed));
  std::mt19937_64 random(seed);
  const TemporaryFolder folder;
  std::map<uint64_t, KillReport> acknowledged;
  uint64_t next = 0;
  const uint64_t rounds = NumberFromEnvironment("QM_KILL_ROUNDS", Repetitions(kUsualRounds));
  for (uint64_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    // Every third time it is killed while it recovers from the kill before.
    const bool while_opening = round % 3 == 2;
    const uint64_t count = while_opening ? 1 : 1 + random() % 300;
    RunAndKill(folder.path("store"), next, count, while_opening ? ShortWhile(random) : kForEver, acknowledged);
    if (HasFatalFailure()) return;
    if (!acknowledged.empty()) next = acknowledged.rbegin()->first + 1;
    if (round % 3 == 1) continue;

    auto store = OpenForKill(folder.path("store"));
    ASSERT_TRUE(store.ok()) << store.status();
    for (const auto& [number, report] : acknowledged) {
      const auto again = SubmitAndWait(**store, KillRequest(number));
      ASSERT_TRUE(again.ok()) << again.status();
      ASSERT_TRUE(again->repeated) << "request " << number << " was acknowledged and is lost";
      ASSERT_EQ(again->stored.record.receipt().sequence(), report.sequence);
      ASSERT_EQ(again->stored.record.receipt().revision(), report.revision);
      ASSERT_LE(report.sequence, (*store)->last_sequence());
    }
    // The audit hangs together, and has just one line for each commit: also for those that nobody was told of.
    const std::vector<std::string> audit = ReadAudit(**store);
    ASSERT_NO_FATAL_FAILURE(ExpectChain(**store, audit));
    ASSERT_NO_FATAL_FAILURE(ExpectOneLineForEachCommit(**store, audit));
    ReturnFilter filter;
    filter.all_revisions = true;
    ASSERT_GE(ScanAll(**store, filter).size(), acknowledged.size());
  }
  EXPECT_GE(acknowledged.size(), rounds / 2);
}

TEST(KillTest, AStoreThatIsBeingMadeCanBeOpened) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed));
  std::mt19937_64 random(seed);
  const uint64_t rounds = NumberFromEnvironment("QM_KILL_ROUNDS", Repetitions(kUsualRounds));
  for (uint64_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const TemporaryFolder folder;
    std::map<uint64_t, KillReport> acknowledged;
    RunAndKill(folder.path("store"), 0, 1, ShortWhile(random), acknowledged);
    if (HasFatalFailure()) return;
    auto store = OpenForKill(folder.path("store"));
    ASSERT_TRUE(store.ok()) << store.status();
    const auto first = SubmitAndWait(**store, KillRequest(0));
    ASSERT_TRUE(first.ok()) << first.status();
    ASSERT_TRUE(first->repeated || acknowledged.empty());
  }
}

}  // namespace
}  // namespace quartermaster::storage
