#include "tests/server/server_fixture.h"

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster::server {

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

ServerFixture::ServerFixture() {
  std::string pattern = (std::filesystem::temp_directory_path() / "quartermaster-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  Open();
}

ServerFixture::~ServerFixture() {
  Close();
  std::filesystem::remove_all(folder_);
}

void ServerFixture::Open() {
  storage::RocksDbStoreOptions options;
  options.data_dir = folder_;
  options.env = env_;
  options.watch_interval = absl::Milliseconds(10);
  options.clock = [this] { return now_.value_or(absl::Now()); };
  store_ = storage::OpenRocksDbStore(options).value();
  state_ = LiveState::Build(store_.get()).value();
  const Clock clock = [this] { return now_.value_or(absl::Now()); };
  disclosure_ = std::make_unique<Disclosure>(store_.get(), state_.get(), clock);
  releases_ = std::make_unique<Releases>(store_.get(), state_.get(), disclosure_.get(), clock);
  token_control_ = std::make_unique<TokenControl>(store_.get(), state_.get(), clock);
  watchers_ = std::make_unique<Watchers>(store_->last_sequence());
  submissions_ = std::make_unique<Submissions>(store_.get(), state_.get(), disclosure_.get(), clock,
                                               SubmissionHelpers{.watchers = watchers_.get()});
  imports_ = std::make_unique<Imports>(store_.get(), state_.get(), clock);
  queries_ = std::make_unique<Queries>(store_.get(), state_.get());
  window_control_ = std::make_unique<WindowControl>(store_.get(), state_.get(), clock);
  progress_ = std::make_unique<Progress>(store_.get(), state_.get(), clock);
}

void ServerFixture::Close() {
  if (store_ != nullptr) ExpectAudited();
  store_.reset();
  releases_.reset();
  token_control_.reset();
  progress_.reset();
  window_control_.reset();
  queries_.reset();
  imports_.reset();
  submissions_.reset();
  disclosure_.reset();
  watchers_.reset();
  state_.reset();
}

void ServerFixture::ExpectAudited() const {
  constexpr absl::string_view kSequence = "\",\"sequence\":";
  uint64_t commits = 0;
  const absl::Status scanned = store_->ScanAudit(1, [&](uint64_t, absl::string_view line) {
    const size_t at = line.find(kSequence);
    if (at == absl::string_view::npos) return true;
    ++commits;
    EXPECT_TRUE(absl::StartsWith(line.substr(at + kSequence.size()), absl::StrCat(commits, ","))) << line;
    return true;
  });
  EXPECT_TRUE(scanned.ok()) << scanned;
  EXPECT_EQ(commits, store_->last_sequence());
}

void ServerFixture::Publish(const std::string& proto_text) {
  v1::PublishCollectionRequest request;
  *request.mutable_descriptor_set() = testing::DescriptorSetFromText(proto_text);
  request.set_file_name(testing::kCollectionFile);
  const auto published = Await<v1::PublishCollectionResponse>(
      [&](auto done) { imports_->PublishCollection(request, "test", std::move(done)); });
  ASSERT_TRUE(published.ok()) << published.status();
  ASSERT_TRUE(published->problems().empty()) << published->DebugString();
}

void ServerFixture::ImportParticipants(const std::vector<std::string>& codes) {
  v1::ImportParticipantsRequest participants;
  for (const std::string& code : codes) {
    auto* participant = participants.add_participants();
    participant->set_code(code);
    participant->set_name("Made up");
  }
  const auto imported = Await<v1::ImportParticipantsResponse>(
      [&](auto done) { imports_->ImportParticipants(participants, "test", std::move(done)); });
  EXPECT_EQ(imported.value().created(), codes.size());
}

absl::StatusOr<v1::CreateTokenResponse> ServerFixture::CreateToken(const v1::CreateTokenRequest& request) {
  return Await<v1::CreateTokenResponse>(
      [&](auto done) { token_control_->Create(request, "operator", std::move(done)); });
}

absl::StatusOr<v1::RevokeTokenResponse> ServerFixture::RevokeToken(uint64_t id, const std::string& author) {
  v1::RevokeTokenRequest request;
  request.set_id(id);
  return Await<v1::RevokeTokenResponse>([&](auto done) { token_control_->Revoke(request, author, std::move(done)); });
}

absl::StatusOr<v1::Verdict> SubmitAndWait(Submissions& submissions, const v1::SubmitReturnRequest& request,
                                          const Principal& caller) {
  return Await<v1::Verdict>([&](auto done) {
    const auto verdict = std::make_shared<v1::Verdict>();
    submissions.Submit(request, caller, verdict.get(), [verdict, done](const absl::Status& status) {
      done(status.ok() ? absl::StatusOr<v1::Verdict>(std::move(*verdict)) : status);
    });
  });
}

absl::StatusOr<v1::Verdict> ServerFixture::Submit(const v1::SubmitReturnRequest& request) {
  return SubmitAndWait(*submissions_, request, Everybody());
}

void ServerFixture::WhileNothingIsCommitted(const std::function<void()>& start) const {
  std::promise<void> reached;
  std::promise<void> go_on;
  std::thread pause([&] {
    store_->BetweenCommits([&] {
      reached.set_value();
      go_on.get_future().wait();
    });
  });
  reached.get_future().wait();
  start();
  go_on.set_value();
  pause.join();
}

absl::StatusOr<v1::Query> ServerFixture::Say(v1::QueryEvent::Kind kind, const std::string& text,
                                             const std::string& participant, const std::string& period,
                                             const std::string& author) {
  v1::QueryName name;
  name.set_collection("test");
  name.set_service("beds");
  name.set_participant(participant);
  name.set_period(period);
  name.set_rule_id("within");
  v1::QueryEvent event;
  event.set_kind(kind);
  event.set_text(text);
  return Await<v1::Query>([&](auto done) { queries_->Say(name, event, author, std::move(done)); });
}

}  // namespace quartermaster::server
