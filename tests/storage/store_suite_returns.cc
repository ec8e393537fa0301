// Every engine: submissions, request ids, expected revisions, withdrawals, one by one.
#include <thread>

#include "absl/strings/escaping.h"
#include "google/protobuf/util/time_util.h"
#include "tests/storage/store_suite.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TEST_P(StoreSuite, ANewStoreIsEmpty) {
  EXPECT_EQ(store().last_sequence(), 0);
  EXPECT_THAT(store().GetReturn(Key("RT1"), absl::nullopt), HasCode(StatusCode::kNotFound));
  EXPECT_TRUE(ScanAll(store(), {}).empty());
}

TEST_P(StoreSuite, ASubmissionIsStoredWithWhatTheStoreAssigns) {
  const auto result = SubmitAndWait(store(), MakeSubmission(Key("RT1"), "a"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->repeated);
  EXPECT_EQ(result->stored.key, Key("RT1"));
  const auto& receipt = result->stored.record.receipt();
  EXPECT_EQ(receipt.revision(), 1);
  EXPECT_EQ(receipt.sequence(), 1);
  EXPECT_EQ(google::protobuf::util::TimeUtil::TimestampToMicroseconds(receipt.commit_time()), kNowUs);
  EXPECT_EQ(receipt.submitter(), "data team");
  EXPECT_EQ(receipt.rule_version(), 3);
  EXPECT_EQ(store().last_sequence(), 1);

  const auto read = store().GetReturn(Key("RT1"), absl::nullopt);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(FullText(*read), FullText(result->stored));
}

TEST_P(StoreSuite, EachSubmissionIsARevisionAndOldOnesStay) {
  for (const char* content : {"a", "b", "c"}) {
    ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(Key("RT1"), content)).ok());
  }
  EXPECT_EQ(store().GetReturn(Key("RT1"), absl::nullopt)->record.data(), "c");
  EXPECT_EQ(store().GetReturn(Key("RT1"), 1)->record.data(), "a");
  EXPECT_EQ(store().GetReturn(Key("RT1"), 2)->record.data(), "b");
  EXPECT_THAT(store().GetReturn(Key("RT1"), 4), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(store().GetReturn(Key("RT1"), 0), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(store().GetReturn(Key("RT"), absl::nullopt), HasCode(StatusCode::kNotFound));
}

TEST_P(StoreSuite, TheSameRequestGivesTheFirstReceipt) {
  const auto first = SubmitAndWait(store(), MakeSubmission(Key("RT1"), "a", RequestId(1)));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(Key("RT1"), "b", RequestId(2))).ok());

  Submission retry = MakeSubmission(Key("RT1"), "a", RequestId(1));
  retry.expected_revision = 0;  // As it was when it was first sent.
  retry.record.mutable_receipt()->set_submitter("somebody else");
  const auto repeated = SubmitAndWait(store(), retry);
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  EXPECT_TRUE(repeated->repeated);
  EXPECT_EQ(FullText(repeated->stored), FullText(first->stored));
  EXPECT_EQ(store().last_sequence(), 2);
  EXPECT_EQ(store().GetReturn(Key("RT1"), absl::nullopt)->record.receipt().revision(), 2);
}

TEST_P(StoreSuite, ARequestIdIsNotUsedForAnythingElse) {
  ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(Key("RT1"), "a", RequestId(1))).ok());
  ASSERT_TRUE(WithdrawAndWait(store(), MakeWithdrawal(Key("RT1"), "wrong ward", RequestId(2))).ok());

  const auto content = SubmitAndWait(store(), MakeSubmission(Key("RT1"), "b", RequestId(1)));
  ASSERT_THAT(content, HasCode(StatusCode::kAlreadyExists));
  EXPECT_THAT(content.status().message(), HasSubstr("hash of a"));
  const auto key = SubmitAndWait(store(), MakeSubmission(Key("RT1", "2025-05"), "a", RequestId(1)));
  ASSERT_THAT(key, HasCode(StatusCode::kAlreadyExists));
  EXPECT_THAT(key.status().message(), HasSubstr("mhlda adult-inpatient RT1 2025-05"));
  const auto kind = SubmitAndWait(store(), MakeSubmission(Key("RT1"), "a", RequestId(2)));
  ASSERT_THAT(kind, HasCode(StatusCode::kAlreadyExists));
  EXPECT_THAT(kind.status().message(), HasSubstr("a withdrawal of"));
  const auto reason = WithdrawAndWait(store(), MakeWithdrawal(Key("RT1"), "other", RequestId(2)));
  ASSERT_THAT(reason, HasCode(StatusCode::kAlreadyExists));
  EXPECT_THAT(reason.status().message(), HasSubstr("wrong ward"));
  EXPECT_THAT(WithdrawAndWait(store(), MakeWithdrawal(Key("RT1"), "a", RequestId(1))),
              HasCode(StatusCode::kAlreadyExists));
  EXPECT_EQ(store().last_sequence(), 2);
}

TEST_P(StoreSuite, ARequestIdTellsNothingOfAnotherParticipant) {
  ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(Key("RT1", "2025-05"), "a", RequestId(1))).ok());
  ASSERT_TRUE(WithdrawAndWait(store(), MakeWithdrawal(Key("RT1", "2025-05"), "wrong ward", RequestId(2))).ok());
  const auto expect_nothing_told = [](const absl::Status& status, const std::string& id_ends) {
    ASSERT_EQ(status.code(), StatusCode::kAlreadyExists) << status;
    EXPECT_THAT(std::string(status.message()),
                EndsWith(id_ends + " was used for another return. Nothing was stored; use a new "
                                   "request id for a new request."));
    EXPECT_THAT(std::string(status.message()), StartsWith("the request id "));
  };
  for (const int number : {1, 2}) {
    SCOPED_TRACE(number);
    const std::string request_id = RequestId(number);
    const std::string id_ends = absl::BytesToHexString(request_id.substr(request_id.size() - 6));
    expect_nothing_told(SubmitAndWait(store(), MakeSubmission(Key("RT2"), "a", request_id)).status(), id_ends);
    expect_nothing_told(WithdrawAndWait(store(), MakeWithdrawal(Key("RT2"), "wrong ward", request_id)).status(),
                        id_ends);
    expect_nothing_told(store().FindSubmission(request_id, Key("RT2"), "hash of a").status(), id_ends);
  }
  EXPECT_EQ(store().last_sequence(), 2);
}

TEST_P(StoreSuite, FindSubmissionAnswersARetryWithoutWriting) {
  const auto nothing = store().FindSubmission(RequestId(1), Key("RT1"), "hash of a");
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_FALSE(nothing->has_value());
  const auto first = SubmitAndWait(store(), MakeSubmission(Key("RT1"), "a", RequestId(1)));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(WithdrawAndWait(store(), MakeWithdrawal(Key("RT1"), "why", RequestId(2))).ok());

  const auto found = store().FindSubmission(RequestId(1), Key("RT1"), "hash of a");
  ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
  EXPECT_EQ((*found)->record.receipt().DebugString(), first->stored.record.receipt().DebugString());
  EXPECT_THAT(store().FindSubmission(RequestId(1), Key("RT1"), "hash of b"), HasCode(StatusCode::kAlreadyExists));
  EXPECT_THAT(store().FindSubmission(RequestId(1), Key("RT2"), "hash of a"), HasCode(StatusCode::kAlreadyExists));
  EXPECT_THAT(store().FindSubmission(RequestId(2), Key("RT1"), "why"), HasCode(StatusCode::kAlreadyExists));
  const auto no_id = store().FindSubmission("", Key("RT1"), "hash of a");
  ASSERT_TRUE(no_id.ok()) << no_id.status();
  EXPECT_FALSE(no_id->has_value());
  EXPECT_EQ(store().last_sequence(), 2);
}

TEST_P(StoreSuite, HasWithdrawnKnowsARetryWhateverCameSince) {
  const auto has_withdrawn = [this](int number, const std::string& participant, const std::string& reason) {
    return store().HasWithdrawn(RequestId(static_cast<uint64_t>(number)), Key(participant), reason);
  };
  ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(Key("RT1"), "a", RequestId(1))).ok());
  const auto before = has_withdrawn(2, "RT1", "why");
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_FALSE(*before);
  ASSERT_TRUE(WithdrawAndWait(store(), MakeWithdrawal(Key("RT1"), "why", RequestId(2))).ok());
  ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(Key("RT1"), "b")).ok());
  const auto after = has_withdrawn(2, "RT1", "why");
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_TRUE(*after);
  EXPECT_THAT(has_withdrawn(2, "RT1", "other"), HasCode(StatusCode::kAlreadyExists));
  EXPECT_THAT(has_withdrawn(2, "RT2", "why"), HasCode(StatusCode::kAlreadyExists));
  EXPECT_THAT(has_withdrawn(1, "RT1", "a"), HasCode(StatusCode::kAlreadyExists));
  const auto no_id = store().HasWithdrawn("", Key("RT1"), "why");
  ASSERT_TRUE(no_id.ok()) << no_id.status();
  EXPECT_FALSE(*no_id);
  EXPECT_EQ(store().last_sequence(), 3);
}

TEST_P(StoreCrowdSuite, ManyThreadsWithOneRequestIdMakeOneRevision) {
  constexpr int kThreads = 16;
  std::vector<absl::StatusOr<SubmissionResult>> results(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back(
        [&, i] { results[i] = SubmitAndWait(store(), MakeSubmission(Key("RT1"), "a", RequestId(7))); });
  }
  for (std::thread& thread : threads) thread.join();
  int firsts = 0;
  for (const auto& result : results) {
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->stored.record.receipt().revision(), 1);
    EXPECT_EQ(FullText(result->stored), FullText(results[0]->stored));
    if (!result->repeated) ++firsts;
  }
  EXPECT_EQ(firsts, 1);
  EXPECT_EQ(store().last_sequence(), 1);
}

TEST_P(StoreSuite, TheExpectedRevisionMustBeTheCurrentOne) {
  Submission submission = MakeSubmission(Key("RT1"), "a");
  submission.expected_revision = 1;
  const auto too_high = SubmitAndWait(store(), submission);
  ASSERT_THAT(too_high, HasCode(StatusCode::kAborted));
  EXPECT_THAT(too_high.status().message(), HasSubstr("has no revision yet, and revision 1 was expected"));
  submission.expected_revision = 0;
  ASSERT_TRUE(SubmitAndWait(store(), submission).ok());
  const auto again = SubmitAndWait(store(), submission);
  ASSERT_THAT(again, HasCode(StatusCode::kAborted));
  EXPECT_THAT(again.status().message(), HasSubstr("is at revision 1, and no revision was expected"));
  submission.expected_revision = 1;
  ASSERT_TRUE(SubmitAndWait(store(), submission).ok());

  WithdrawalRequest withdrawal = MakeWithdrawal(Key("RT1"), "why");
  withdrawal.expected_revision = 1;
  EXPECT_THAT(WithdrawAndWait(store(), withdrawal), HasCode(StatusCode::kAborted));
  withdrawal.expected_revision = 2;
  EXPECT_TRUE(WithdrawAndWait(store(), withdrawal).ok());
  submission.expected_revision = 2;  // A withdrawn revision is current in this sense.
  EXPECT_TRUE(SubmitAndWait(store(), submission).ok());
  EXPECT_EQ(store().last_sequence(), 4);
}

TEST_P(StoreSuite, AWithdrawnReturnStaysReadableAndCanBeSubmittedAgain) {
  EXPECT_THAT(WithdrawAndWait(store(), MakeWithdrawal(Key("RT1"), "why")), HasCode(StatusCode::kNotFound));
  ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(Key("RT1"), "a")).ok());
  const auto withdrawn = WithdrawAndWait(store(), MakeWithdrawal(Key("RT1"), "wrong ward", RequestId(1)));
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_EQ(withdrawn->stored.record.data(), "a");
  ASSERT_TRUE(withdrawn->stored.withdrawal.has_value());
  EXPECT_EQ(withdrawn->stored.withdrawal->revision(), 1);
  EXPECT_EQ(withdrawn->stored.withdrawal->reason(), "wrong ward");
  EXPECT_EQ(withdrawn->stored.withdrawal->submitter(), "data team");
  EXPECT_EQ(withdrawn->stored.withdrawal->commit_time_us(), kNowUs);
  EXPECT_EQ(withdrawn->stored.withdrawal->sequence(), 2);
  EXPECT_EQ(FullText(*store().GetReturn(Key("RT1"), absl::nullopt)), FullText(withdrawn->stored));
  EXPECT_THAT(WithdrawAndWait(store(), MakeWithdrawal(Key("RT1"), "why")), HasCode(StatusCode::kFailedPrecondition));

  ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(Key("RT1"), "b")).ok());
  EXPECT_THAT(Summaries(ScanAll(store(), {})), ElementsAre("RT1 2025-04 r2"));
  const auto repeated = WithdrawAndWait(store(), MakeWithdrawal(Key("RT1"), "wrong ward", RequestId(1)));
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  EXPECT_TRUE(repeated->repeated);
  EXPECT_EQ(FullText(repeated->stored), FullText(withdrawn->stored));
  EXPECT_EQ(store().last_sequence(), 3);
}

TEST_P(StoreSuite, WhatWouldNotReadBackIsRefused) {
  Submission text = MakeSubmission(Key("RT1"), "a");
  text.record.mutable_receipt()->set_submitter("\xff");
  EXPECT_THAT(SubmitAndWait(store(), text), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(SubmitAndWait(store(), MakeSubmission(Key("RT1"), "a", "short")), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(store().FindSubmission("short", Key("RT1"), "a"), HasCode(StatusCode::kInvalidArgument));
  Submission no_hash = MakeSubmission(Key("RT1"), "a", RequestId(1));
  no_hash.record.mutable_receipt()->clear_content_sha256();
  EXPECT_THAT(SubmitAndWait(store(), no_hash), HasCode(StatusCode::kInvalidArgument));
  ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(Key("RT1"), "a")).ok());
  EXPECT_THAT(WithdrawAndWait(store(), MakeWithdrawal(Key("RT1"), "\xff")), HasCode(StatusCode::kInvalidArgument));
  CatalogueChange change;
  change.participants.emplace_back().mutable_participant()->set_code("\xff");
  EXPECT_THAT(ChangeAndWait(store(), change), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(store().last_sequence(), 1);
}

TEST_P(StoreSuite, KeysMayHoldAnyBytes) {
  const ReturnKey odd = {std::string("m\0h", 3), "\xff\xfe", "", std::string("\0\0\1", 3)};
  const ReturnKey near = {std::string("m\0h", 3), "\xff\xfe", "", std::string("\0\0", 2)};
  ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(odd, "a", RequestId(1))).ok());
  ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(near, "b", RequestId(2))).ok());
  ASSERT_TRUE(WithdrawAndWait(store(), MakeWithdrawal(odd, "why", RequestId(3))).ok());
  EXPECT_TRUE(SubmitAndWait(store(), MakeSubmission(odd, "a", RequestId(1)))->repeated);
  EXPECT_TRUE(WithdrawAndWait(store(), MakeWithdrawal(odd, "why", RequestId(3)))->repeated);
  EXPECT_EQ(store().GetReturn(near, absl::nullopt)->record.data(), "b");
  const std::vector<StoredReturn> all = ScanAll(store(), {});
  ASSERT_EQ(all.size(), 2);
  EXPECT_EQ(all[0].key, near);
  EXPECT_EQ(all[1].key, odd);
}

}  // namespace
}  // namespace quartermaster::storage
