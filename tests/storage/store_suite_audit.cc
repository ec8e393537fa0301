// Every engine: the audit, whose lines are stored with what they tell of.
#include "absl/strings/str_cat.h"
#include "tests/storage/audit_testing.h"
#include "tests/storage/store_suite.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kFirstHash[] = "0000000000000000000000000000000000000000000000000000000000000000";

std::string Members(const std::string& says) { return absl::StrCat("\"says\":\"", says, "\""); }

Submission Audited(Submission submission, const std::string& says) {
  submission.audit = Members(says);
  return submission;
}

absl::StatusOr<uint64_t> AuditAndWait(Store& store, std::vector<std::string> members) {
  Answer<uint64_t> answer;
  store.Audit({std::move(members)}, answer.Done());
  return answer.Wait();
}

// The last member of each line.
std::vector<std::string> Said(const std::vector<std::string>& lines) {
  std::vector<std::string> said;
  for (const std::string& line : lines) {
    const size_t start = line.find("\"says\":\"") + 8;
    said.push_back(line.substr(start, line.size() - start - 2));
  }
  return said;
}

// These bytes are what auditors keep, and what they hash with tools of their own.
TEST_P(StoreSuite, AnAuditLineHasTheseBytes) {
  EXPECT_EQ(HashAuditLine("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  ASSERT_EQ(*AuditAndWait(store(), {Members("first")}), 1);
  ASSERT_TRUE(SubmitAndWait(store(), Audited(MakeSubmission(Key("RT1"), "a"), "second")).ok());
  CatalogueChange change;
  change.audit = Members("third");
  ASSERT_TRUE(ChangeAndWait(store(), change).ok());
  const std::string first = absl::StrCat(R"({"number":1,"time":"2025-06-15T15:06:40.123456Z","previous":")", kFirstHash,
                                         R"(","says":"first"})");
  const std::string second = absl::StrCat(R"({"number":2,"time":"2025-06-15T15:06:40.123456Z","previous":")",
                                          HashAuditLine(first), R"(","sequence":1,"revision":1,"says":"second"})");
  const std::string third = absl::StrCat(R"({"number":3,"time":"2025-06-15T15:06:40.123456Z","previous":")",
                                         HashAuditLine(second), R"(","sequence":2,"says":"third"})");
  for (int opening = 0; opening < 2; ++opening) {
    EXPECT_THAT(ReadAudit(store()), ElementsAre(first, second, third));
    ExpectChain(store(), ReadAudit(store()));
    Reopen();
  }
}

TEST_P(StoreSuite, AnAuditMayHaveNoLines) {
  EXPECT_THAT(ReadAudit(store()), IsEmpty());
  EXPECT_EQ(*store().ReadAuditHead(), AuditHead());
  ASSERT_TRUE(SubmitAndWait(store(), MakeSubmission(Key("RT1"), "a")).ok());
  EXPECT_THAT(ReadAudit(store()), IsEmpty());
  Reopen();
  EXPECT_THAT(ReadAudit(store()), IsEmpty());
}

// Before the first commit as well: a server that has just been made refuses callers, too.
TEST_P(StoreSuite, LinesWithoutACommitLeaveTheCommitsAlone) {
  ASSERT_EQ(*AuditAndWait(store(), {Members("a"), Members("b")}), 2);
  EXPECT_EQ(store().last_sequence(), 0);
  Reopen();
  EXPECT_EQ(store().last_sequence(), 0);
  ASSERT_EQ(SubmitAndWait(store(), Audited(MakeSubmission(Key("RT1"), "a"), "c"))->stored.record.receipt().sequence(),
            1);
  ASSERT_EQ(*AuditAndWait(store(), {Members("d")}), 4);
  Reopen();
  EXPECT_EQ(store().last_sequence(), 1);
  EXPECT_THAT(Said(ReadAudit(store())), ElementsAre("a", "b", "c", "d"));
  ExpectChain(store(), ReadAudit(store()));
  ExpectOneLineForEachCommit(store(), ReadAudit(store()));
}

TEST_P(StoreSuite, WhatStoresNothingLeavesNoLine) {
  ASSERT_TRUE(SubmitAndWait(store(), Audited(MakeSubmission(Key("RT1"), "a", RequestId(1)), "stored")).ok());
  EXPECT_TRUE(SubmitAndWait(store(), Audited(MakeSubmission(Key("RT1"), "a", RequestId(1)), "repeated"))->repeated);
  Submission stale = Audited(MakeSubmission(Key("RT1"), "b"), "stale");
  stale.expected_revision = 7;
  EXPECT_THAT(SubmitAndWait(store(), stale), HasCode(StatusCode::kAborted));
  WithdrawalRequest missing = MakeWithdrawal(Key("RT2"), "why");
  missing.audit = Members("missing");
  EXPECT_THAT(WithdrawAndWait(store(), missing), HasCode(StatusCode::kNotFound));
  QueryChange change = MakeQueryChange(Key("RT1"), "why", 9, 0);
  change.audit = Members("stale");
  EXPECT_THAT(ChangeQueryAndWait(store(), change), HasCode(StatusCode::kAborted));
  change.expected_revision = 1;
  change.audit = Members("said");
  EXPECT_TRUE(ChangeQueryAndWait(store(), change).ok());
  EXPECT_TRUE(ChangeQueryAndWait(store(), change)->repeated);
  CatalogueChange revoked;
  revoked.tokens.emplace_back().mutable_token()->set_id(7);
  revoked.tokens.back().set_secret_sha256(std::string(32, 's'));
  revoked.audit = Members("no such token");
  EXPECT_THAT(ChangeAndWait(store(), revoked), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(Said(ReadAudit(store())), ElementsAre("stored", "said"));
  ExpectOneLineForEachCommit(store(), ReadAudit(store()));
}

TEST_P(StoreSuite, OneGroupHoldsLinesOfAllKinds) {
  Answer<SubmissionResult> submitted;
  Answer<WithdrawalResult> withdrawn;
  Answer<QueryChangeResult> said;
  Answer<uint64_t> audited;
  {
    Obstacle obstacle(store());  // It makes a commit that has no line.
    store().Submit(Audited(MakeSubmission(Key("RT1"), "a"), "submitted"), nullptr, submitted.Done());
    QueryChange change = MakeQueryChange(Key("RT1"), "why", 1, 0);
    change.audit = Members("said");
    store().ChangeQuery(change, nullptr, said.Done());
    store().Audit({{Members("read"), Members("refused")}}, audited.Done());
    WithdrawalRequest withdrawal = MakeWithdrawal(Key("RT1"), "why");
    withdrawal.audit = Members("withdrawn");
    store().Withdraw(withdrawal, nullptr, withdrawn.Done());
    obstacle.Remove();
    EXPECT_TRUE(submitted.Wait().ok());
    EXPECT_TRUE(said.Wait().ok());
    EXPECT_EQ(*audited.Wait(), 4);
    EXPECT_TRUE(withdrawn.Wait().ok());
  }
  const std::vector<std::string> lines = ReadAudit(store());
  EXPECT_THAT(Said(lines), ElementsAre("submitted", "said", "read", "refused", "withdrawn"));
  ExpectChain(store(), lines);
  EXPECT_EQ(LinesByCommit(lines), (std::map<uint64_t, int>{{2, 1}, {3, 1}, {4, 1}}));
  EXPECT_NE(lines[1].find("\"sequence\":3,\"revision\":1,"), std::string::npos) << lines[1];
  EXPECT_NE(lines[4].find("\"sequence\":4,\"revision\":1,"), std::string::npos) << lines[4];
}

TEST_P(StoreSuite, MembersThatFitInNoLineAreRefused) {
  const std::string longest = Members(std::string(kMaxAuditMembersBytes - 9, 'x'));
  ASSERT_EQ(longest.size(), kMaxAuditMembersBytes);
  EXPECT_TRUE(AuditAndWait(store(), {longest}).ok());
  const std::string two_lines = Members("a\nb");
  for (const std::string& wrong : {longest + " ", two_lines, std::string("{}"), std::string("\"a\":\"\0\"", 7)}) {
    EXPECT_THAT(AuditAndWait(store(), {Members("a"), wrong}), HasCode(StatusCode::kInvalidArgument)) << wrong;
    Submission submission = MakeSubmission(Key("RT1"), "a");
    submission.audit = wrong;
    EXPECT_THAT(SubmitAndWait(store(), submission), HasCode(StatusCode::kInvalidArgument)) << wrong;
    CatalogueChange change;
    change.audit = wrong;
    EXPECT_THAT(ChangeAndWait(store(), change), HasCode(StatusCode::kInvalidArgument)) << wrong;
  }
  EXPECT_THAT(AuditAndWait(store(), {}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(AuditAndWait(store(), {""}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(AuditAndWait(store(), std::vector<std::string>(kMaxAuditLines + 1, Members("a"))),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(*AuditAndWait(store(), std::vector<std::string>(kMaxAuditLines, Members("a"))), kMaxAuditLines + 1);
  EXPECT_EQ(store().last_sequence(), 0);
}

TEST_P(StoreSuite, AScanOfTheAuditStartsAndEndsWhereItIsTold) {
  ASSERT_TRUE(AuditAndWait(store(), {Members("1"), Members("2"), Members("3")}).ok());
  const auto scan = [&](uint64_t from, size_t most) {
    std::vector<std::string> lines;
    EXPECT_TRUE(store()
                    .ScanAudit(from,
                               [&](uint64_t, absl::string_view line) {
                                 lines.emplace_back(line);
                                 return lines.size() < most;
                               })
                    .ok());
    return Said(lines);
  };
  EXPECT_THAT(scan(0, 9), SizeIs(3));
  EXPECT_THAT(scan(2, 9), ElementsAre("2", "3"));
  EXPECT_THAT(scan(1, 2), ElementsAre("1", "2"));
  EXPECT_THAT(scan(4, 9), IsEmpty());
  EXPECT_THAT(scan(~uint64_t{0}, 9), IsEmpty());
}

}  // namespace
}  // namespace quartermaster::storage
