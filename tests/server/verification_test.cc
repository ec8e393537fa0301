// The check of everything that is stored: silent where all is right, under load too, and each kind of wrong is named
// with its place.
#include "server/verification.h"

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "tests/server/releases_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class VerificationTest : public ReleaseServer {
 protected:
  v1::VerificationReport Verify(bool with_memory = true) {
    const auto report = VerifyStore(store_.get(), with_memory ? state_.get() : nullptr, [](const v1::Progress&) {});
    EXPECT_TRUE(report.ok()) << report.status();
    return *report;
  }

  static std::vector<std::string> Problems(const v1::VerificationReport& report) {
    std::vector<std::string> problems;
    for (const v1::VerificationProblem& problem : report.problems()) {
      problems.push_back(absl::StrCat(problem.place(), ": ", problem.problem()));
    }
    EXPECT_EQ(problems.size(), report.problem_count());
    return problems;
  }

  static uint64_t Count(const v1::VerificationReport& report, const std::string& part) {
    for (const v1::VerifiedKind& checked : report.checked()) {
      if (checked.kind().find(part) != std::string::npos) return checked.count();
    }
    ADD_FAILURE() << "nothing counts " << part;
    return 0;
  }

  storage::StoredReturn Stored(const std::string& participant) {
    return store_->GetReturn({"test", "beds", participant, kQuarter}, absl::nullopt).value();
  }

  // Stores a release that says what it should not.
  void StoreRelease(const std::string& text, const v1::Release& like) {
    storage::CatalogueChange change;
    storage::NewRelease& release = change.releases.emplace_back();
    *release.record.mutable_release() = like;
    release.record.mutable_release()->set_number(like.number() + 1);
    release.record.mutable_release()->set_sha256(Sha256Hex(text));
    release.record.mutable_release()->set_bytes(text.size());
    *release.record.mutable_statistics() = state_->releases()->all().rbegin()->second->statistics();
    release.parts = {text};
    Change(change);
  }
};

TEST_F(VerificationTest, FindsNothingWhereAllIsRight) {
  for (const Beds& beds : Returns()) Send(beds);
  Send({"RT4", kQuarter, 90, 31});
  Send({"RT5", kQuarter, 90, 95});  // It has a query.
  Published();
  Withdraw("RT2", "2025-05");
  Send({"RT2", "2025-05", 310, 230});
  Published();
  for (const bool with_memory : {true, false}) {
    const v1::VerificationReport report = Verify(with_memory);
    EXPECT_THAT(Problems(report), IsEmpty());
    EXPECT_EQ(report.sequence(), store_->last_sequence());
    EXPECT_EQ(Count(report, "revisions"), Returns().size() + 3);
    EXPECT_EQ(Count(report, "withdrawals"), 1u);
    EXPECT_GT(Count(report, "cells"), 5u);
    EXPECT_GT(Count(report, "queries"), 0u);
    EXPECT_EQ(Count(report, "releases, their texts"), 2u);
    EXPECT_EQ(Count(report, "came out again"), 2u);
    EXPECT_GE(Count(report, "lines of the audit"), store_->last_sequence());
  }
}

TEST_F(VerificationTest, FindsNothingWhileReturnsCome) {
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) Send({absl::StrCat("RT", 1 + i % 6), kQuarter, 100.0 + i % 50, 40.0 + i % 70});
  });
  for (int round = 0; round < 10; ++round) EXPECT_THAT(Problems(Verify()), IsEmpty());
  stop = true;
  writer.join();
}

TEST_F(VerificationTest, NamesWhatIsWrongInMemory) {
  for (const Beds& beds : Returns()) Send(beds);
  storage::StoredReturn other = Stored("RT1");
  other.record.set_data(Stored("RT4").record.data());
  state_->Move(other, nullptr, nullptr);
  const std::vector<std::string> problems = Problems(Verify());
  EXPECT_THAT(problems, Contains(HasSubstr("test beds participant RT1: ")));
  EXPECT_THAT(problems, Contains(HasSubstr("test beds cell 2025-26-Q1 available")));
  EXPECT_THAT(problems, Contains(HasSubstr("test beds cell 2025-26-Q1 occupancy")));
  EXPECT_THAT(problems, Not(Contains(HasSubstr("wards"))));
  EXPECT_THAT(problems, Not(Contains(HasSubstr("810.5")))) << "no value is told";
  EXPECT_THAT(Problems(Verify(/*with_memory=*/false)), IsEmpty());
}

TEST_F(VerificationTest, NamesAQueryThatStandsElsewhere) {
  Send({"RT1", kQuarter, 90, 95});
  const std::vector<QueryIndex::Entry> queries = state_->queries().Of({"test", "beds", "RT1", kQuarter});
  ASSERT_EQ(queries.size(), 1u);
  storage::v1::QueryRecord record;
  v1::QueryEvent& event = *record.add_events();
  event.set_kind(v1::QueryEvent::KIND_ACCEPTED);
  event.set_fingerprint(queries[0].fingerprint);
  event.set_sequence(store_->last_sequence());
  state_->Move({{"test", "beds", "RT1", kQuarter}, queries[0].rule_id, queries[0].subject}, queries[0].fingerprint,
               record);
  EXPECT_THAT(Problems(Verify()), Contains(HasSubstr("test beds RT1 2025-26-Q1 query within")));
}

TEST_F(VerificationTest, NamesARevisionWhoseHashIsNotThatOfItsContent) {
  for (const Beds& beds : Returns()) Send(beds);
  storage::Submission forged;
  forged.key = {"test", "beds", "RT1", kQuarter};
  forged.record = Stored("RT1").record;
  forged.record.set_data(Stored("RT4").record.data());
  forged.audit = "\"forged\":true";
  ASSERT_TRUE(Await<storage::SubmissionResult>([&](auto done) {
                store_->Submit(forged, nullptr, [&, done](absl::StatusOr<storage::SubmissionResult> result) {
                  if (result.ok()) state_->Move(result->stored, nullptr, nullptr);
                  done(result);
                });
              }).ok());
  EXPECT_THAT(Problems(Verify()),
              ::testing::ElementsAre(HasSubstr("test beds RT1 2025-26-Q1 revision 2: its content is not")));
}

TEST_F(VerificationTest, NamesAReleaseThatDoesNotFollow) {
  for (const Beds& beds : Returns()) Send(beds);
  const v1::Release release = Published().release();
  const std::string text = Text();
  const auto problems_with = [&](const std::string& from, const std::string& to, uint32_t number) {
    const std::string changed = absl::StrReplaceAll(text, {{from, to}});
    EXPECT_NE(changed, text) << from;
    v1::Release like = release;
    like.set_number(number - 1);
    StoreRelease(changed, like);
    std::vector<std::string> of_it;
    for (const std::string& problem : Problems(Verify())) {
      if (problem.find(absl::StrCat("release ", number, " of test 2025-26-Q1")) == 0) of_it.push_back(problem);
    }
    return of_it;
  };
  // The value of RT4, whose numerator stays.
  EXPECT_THAT(problems_with("\"participant\":\"RT4\",\"value\":90,", "\"participant\":\"RT4\",\"value\":91,", 2),
              Contains(HasSubstr("the statistics of beds available do not follow from its values")));
  EXPECT_THAT(problems_with("\"participant\":\"RT4\",\"period\":\"2025-26-Q1\",\"revision\":1",
                            "\"participant\":\"RT4\",\"period\":\"2025-26-Q1\",\"revision\":2", 3),
              Contains(HasSubstr("the pinned return beds RT4 2025-26-Q1 revision 2 is not there")));
  EXPECT_THAT(problems_with("\"content_sha256\":\"", "\"content_sha256\":\"f", 4), Not(IsEmpty()));
  // That somebody's months are complete is in no statistic: only making the release again shows it.
  EXPECT_THAT(
      problems_with("\"months_present\":2,\"months_expected\":3", "\"months_present\":1,\"months_expected\":3", 5),
      Contains(HasSubstr("its values do not follow from the returns that it names")));
  EXPECT_THAT(problems_with("\"collection_version\":1", "\"collection_version\":7", 6),
              Contains(HasSubstr("version 7 of the collection is not stored")));
}

TEST_F(VerificationTest, DoesNotBlameAReleaseForWhatChangedSince) {
  for (const Beds& beds : Returns()) Send(beds);
  const v1::Release release = Published().release();
  const std::string text = Text();
  StoreRelease(absl::StrReplaceAll(text, {{"\"months_present\":2,\"months_expected\":3",
                                           "\"months_present\":1,\"months_expected\":3"}}),
               release);
  ImportParticipants({"RT7"});
  const v1::VerificationReport report = Verify();
  EXPECT_THAT(Problems(report), IsEmpty());
  EXPECT_EQ(Count(report, "came out again"), 1u);
  EXPECT_EQ(Count(report, "not made again"), 1u);
}

TEST_F(VerificationTest, TellsNoMoreProblemsThanAReportHolds) {
  for (int i = 0; i < kMaxVerificationProblems + 20; ++i) {
    storage::Submission forged;
    forged.key = {"test", "beds", absl::StrCat("X", i), kQuarter};
    forged.record.mutable_receipt()->set_content_sha256("wrong");
    forged.audit = "\"forged\":true";
    ASSERT_TRUE(Await<storage::SubmissionResult>([&](auto done) { store_->Submit(forged, nullptr, done); }).ok());
  }
  const v1::VerificationReport report = Verify(/*with_memory=*/false);
  EXPECT_EQ(report.problems_size(), kMaxVerificationProblems);
  EXPECT_GE(report.problem_count(), static_cast<uint64_t>(kMaxVerificationProblems + 20));
}

TEST_F(VerificationTest, EndsWhenItIsCancelled) {
  for (const Beds& beds : Returns()) Send(beds);
  Published();
  int told = 0;
  const auto report = VerifyStore(
      store_.get(), state_.get(), [&](const v1::Progress&) { ++told; }, [] { return true; });
  EXPECT_TRUE(absl::IsCancelled(report.status()));
  EXPECT_EQ(told, 0) << "writes waited for what nobody wants";
}

// Whatever it is at: with each question answered so, and not before.
TEST_F(VerificationTest, EndsWhereverItIsCancelled) {
  for (const Beds& beds : Returns()) Send(beds);
  const v1::Release release = Published().release();
  // A release that does not come out of what it pins, so that all returns are read for it.
  StoreRelease(absl::StrReplaceAll(Text(), {{"\"months_present\":2,\"months_expected\":3",
                                             "\"months_present\":1,\"months_expected\":3"}}),
               release);
  for (int allowed = 0;; ++allowed) {
    int asked = 0;
    const auto report = VerifyStore(
        store_.get(), state_.get(), [](const v1::Progress&) {}, [&] { return asked++ >= allowed; });
    if (report.ok()) {
      EXPECT_EQ(asked, allowed);
      EXPECT_EQ(report->problem_count(), 1u);
      // Each return is met by itself, when the figures are rebuilt, for both releases, and for the one that is wrong.
      EXPECT_GT(asked, static_cast<int>(5 * Returns().size()));
      return;
    }
    ASSERT_TRUE(absl::IsCancelled(report.status())) << report.status();
    ASSERT_LE(asked, allowed + 10) << "it went on long after it was told to stop";
  }
}

}  // namespace
}  // namespace quartermaster::server
