// A server without its wire: a store in a folder of its own, what is derived from it, and what moves both.
#ifndef QUARTERMASTER_TESTS_SERVER_SERVER_FIXTURE_H_
#define QUARTERMASTER_TESTS_SERVER_SERVER_FIXTURE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "server/disclosure.h"
#include "server/imports.h"
#include "server/live_state.h"
#include "server/principal.h"
#include "server/progress.h"
#include "server/queries.h"
#include "server/releases.h"
#include "server/submissions.h"
#include "server/token_control.h"
#include "server/watchers.h"
#include "server/window_control.h"
#include "storage/rocksdb_store.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster::server {

// Who may do everything.
inline Principal Everybody() {
  Principal principal;
  principal.name = "test";
  principal.roles = {v1::ROLE_SUBMITTER, v1::ROLE_REPORT_BUILDER, v1::ROLE_STEWARD, v1::ROLE_OPERATOR};
  principal.owns_everybody = true;
  return principal;
}

// The time that a text such as 2025-07-20T12:00:00Z says.
absl::Time At(const std::string& text);

// Starts something that answers later, and waits for the answer.
template <typename Result, typename Start>
absl::StatusOr<Result> Await(Start start) {
  std::promise<absl::StatusOr<Result>> answered;
  start([&](absl::StatusOr<Result> answer) { answered.set_value(std::move(answer)); });
  return answered.get_future().get();
}

absl::StatusOr<v1::Verdict> SubmitAndWait(Submissions& submissions, const v1::SubmitReturnRequest& request,
                                          const Principal& caller);

// A time that a test sets while threads of the server read it. Unset until then.
class SharedTime {
 public:
  SharedTime& operator=(absl::Time time) {
    unix_micros_ = absl::ToUnixMicros(time);
    return *this;
  }
  SharedTime& operator+=(absl::Duration duration) { return *this = **this + duration; }
  // Requires that it was set.
  absl::Time operator*() const { return absl::FromUnixMicros(unix_micros_.load()); }
  absl::Time value_or(absl::Time other) const {
    const int64_t micros = unix_micros_;
    return micros == kUnset ? other : absl::FromUnixMicros(micros);
  }

 private:
  static constexpr int64_t kUnset = std::numeric_limits<int64_t>::min();
  std::atomic<int64_t> unix_micros_ = kUnset;
};

class ServerFixture : public ::testing::Test {
 protected:
  ServerFixture();
  ~ServerFixture() override;

  void Open();
  // The store first: it calls back those that wait.
  void Close();

  // Each commit has one line in the audit, whatever made it.
  void ExpectAudited() const;

  void Publish(const std::string& proto_text);
  void ImportParticipants(const std::vector<std::string>& codes);
  absl::StatusOr<v1::CreateTokenResponse> CreateToken(const v1::CreateTokenRequest& request);
  absl::StatusOr<v1::RevokeTokenResponse> RevokeToken(uint64_t id, const std::string& author = "operator");
  absl::StatusOr<v1::Verdict> Submit(const v1::SubmitReturnRequest& request);
  // Calls `start` while no write is committed: what it starts is checked before anything of it is stored.
  void WhileNothingIsCommitted(const std::function<void()>& start) const;
  // Starts both as Await does, the first first, before anything is stored of either.
  template <typename Result, typename First, typename Second>
  std::array<absl::StatusOr<Result>, 2> AtOnce(First first, Second second) const {
    std::array<std::promise<absl::StatusOr<Result>>, 2> answers;
    WhileNothingIsCommitted([&] {
      first([&](absl::StatusOr<Result> answer) { answers[0].set_value(std::move(answer)); });
      second([&](absl::StatusOr<Result> answer) { answers[1].set_value(std::move(answer)); });
    });
    return {answers[0].get_future().get(), answers[1].get_future().get()};
  }
  // About what the rule "within" asks of the participant's beds.
  absl::StatusOr<v1::Query> Say(v1::QueryEvent::Kind kind, const std::string& text, const std::string& participant,
                                const std::string& period, const std::string& author = "test");

  // Where the files are, from the next opening on. Null is the operating system.
  rocksdb::Env* env_ = nullptr;
  std::string folder_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<LiveState> state_;
  std::unique_ptr<Disclosure> disclosure_;
  std::unique_ptr<Watchers> watchers_;
  std::unique_ptr<Submissions> submissions_;
  std::unique_ptr<Imports> imports_;
  std::unique_ptr<Queries> queries_;
  std::unique_ptr<WindowControl> window_control_;
  std::unique_ptr<Releases> releases_;
  std::unique_ptr<TokenControl> token_control_;
  std::unique_ptr<Progress> progress_;
  // What the server takes for now; unset, it is the time of this machine. It is set between calls.
  SharedTime now_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_TESTS_SERVER_SERVER_FIXTURE_H_
