// What a line of the audit says, and how the audit keeps what belongs to no commit. That each commit has one line
// is checked by ServerFixture after every test of the server.
#include "server/audit.h"

#include <chrono>
#include <filesystem>
#include <future>
#include <map>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "quartermaster/v1/bundle_service.pb.h"
#include "quartermaster/v1/national_service.pb.h"
#include "server/permissions.h"
#include "tests/server/audit_lines.h"
#include "tests/server/server_fixture.h"
#include "tests/storage/faulty_file_system.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(AuditEntryTest, ALineHoldsIdsInTheirOrder) {
  EXPECT_EQ(AuditEntry("jo", "GetReturn", kRead).Text("collection", "mhlda").Number("errors", 3).members(),
            R"("principal":"jo","rpc":"GetReturn","outcome":"read","collection":"mhlda","errors":3)");
  EXPECT_EQ(AuditEntry("", "GetReturn", kRefused).Text("peer", "").Number("errors", 0).members(),
            R"("rpc":"GetReturn","outcome":"refused")");
}

TEST(AuditEntryTest, WhatSomebodySentStaysWithinItsText) {
  const std::string sent = "RT1\",\"outcome\":\"stored\\\n\x01\x7f\xff";
  const std::string members = AuditEntry("jo", "GetReturn", kRefused).Text("participant", sent).members();
  EXPECT_TRUE(storage::CheckAuditMembers(members).ok()) << members;
  EXPECT_EQ(Member(absl::StrCat("{", members, "}"), "outcome"), "refused");
  EXPECT_EQ(Member(absl::StrCat("{", members, "}"), "participant"), "RT1\",\"outcome\":\"stored\\???\xef\xbf\xbd");
  // However long the ids are that somebody makes up, the line fits.
  AuditEntry longest(std::string(5000, '"'), std::string(5000, '\\'), kRefused);
  for (int i = 0; i < 10; ++i) longest.Text("participant", std::string(5000, '"'));
  EXPECT_TRUE(storage::CheckAuditMembers(longest.members()).ok()) << longest.members().size();
}

TEST(AuditEntryTest, ARequestGivesItsIdsAndNothingElse) {
  v1::SubmitReturnRequest request;
  request.set_request_id("a request id");
  request.mutable_content()->set_collection("mhlda");
  request.mutable_content()->set_service("beds");
  request.mutable_content()->set_participant("RT1");
  request.mutable_content()->set_period("2025-04");
  request.mutable_content()->mutable_data()->set_value("values");
  request.mutable_content()->add_not_available()->set_reason("words");
  request.add_explanations()->set_text("words");
  EXPECT_EQ(AuditEntry("jo", "SubmitReturn", kRefused).About(request).members(),
            R"("principal":"jo","rpc":"SubmitReturn","outcome":"refused","collection":"mhlda","service":"beds",)"
            R"("participant":"RT1","period":"2025-04")");
  v1::DownloadBundleRequest bundle;
  bundle.set_collection("mhlda");
  for (int i = 0; i < 200; ++i) bundle.add_participants(absl::StrCat("RT", i));
  const std::string members = AuditEntry("jo", "DownloadBundle", kRead).About(bundle).members();
  EXPECT_THAT(members, HasSubstr("\"participants\":\"RT0 RT1 RT2 "));
  EXPECT_TRUE(storage::CheckAuditMembers(members).ok());
}

// A new RPC must be thought about: its answers hold named data, or it writes, or it does neither.
TEST(AuditTest, EveryRpcReadsNamedDataOrWritesOrDoesNeither) {
  const std::set<std::string> writes = {
      "SubmitReturn",      "SubmitReturns",    "WithdrawReturn", "PublishCollection",      "ImportParticipants",
      "ImportPopulations", "ImportEnrolments", "ExplainQuery",   "CommentOnQuery",         "AcceptQuery",
      "ReturnQuery",       "PublishRelease",   "GrantWindow",    "GrantStandingException", "EndStandingException",
      "EndWindowGrant",    "CreateToken",      "RevokeToken"};
  // Schemas, who takes part and when, and who may call: no data of a participant.
  const std::set<std::string> neither = {"GetReceiptKey",  "GetCollection", "ListCollections",  "ListParticipants",
                                         "ListEnrolments", "GetWindow",     "ListWindowGrants", "ListReleases",
                                         "ListTokens",     "ListBackups",   "VerifyStore"};
  for (const std::string& rpc : RpcsWithRoles()) {
    EXPECT_EQ(static_cast<int>(AnswersWithNamedData(rpc)) + static_cast<int>(writes.count(rpc) + neither.count(rpc)), 1)
        << rpc;
  }
}

TEST(AuditTest, WhoReadsWhoseDataDecidesWhetherItIsALine) {
  Principal submitter;
  submitter.roles = {v1::ROLE_SUBMITTER};
  submitter.participants = {"RT1"};
  Principal both = submitter;
  both.roles.insert(v1::ROLE_REPORT_BUILDER);
  v1::GetReturnRequest request;
  request.set_participant("RT1-NORTH");
  EXPECT_FALSE(IsAuditedRead(submitter, "GetReturn", request));
  EXPECT_FALSE(IsAuditedRead(both, "GetReturn", request));
  EXPECT_TRUE(IsAuditedRead(Everybody(), "GetReturn", request)) << "the operator of the folder is no participant";
  request.set_participant("RT2");
  EXPECT_FALSE(IsAuditedRead(submitter, "GetReturn", request)) << "it gets nothing of others";
  EXPECT_TRUE(IsAuditedRead(both, "GetReturn", request));
  EXPECT_FALSE(IsAuditedRead(both, "ListReleases", request));
  v1::GetPositionRequest position;
  position.set_participant("RT1");
  EXPECT_TRUE(IsAuditedRead(both, "GetPosition", position)) << "it names who is tied with it";
  EXPECT_FALSE(IsAuditedRead(submitter, "GetPosition", position));
  v1::DownloadBundleRequest bundle;
  EXPECT_TRUE(IsAuditedRead(both, "DownloadBundle", bundle)) << "who names nobody asks for all";
  bundle.add_participants("RT1");
  EXPECT_FALSE(IsAuditedRead(both, "DownloadBundle", bundle));
  bundle.add_participants("RT2");
  EXPECT_TRUE(IsAuditedRead(both, "DownloadBundle", bundle));
  EXPECT_TRUE(IsAuditedRead(submitter, "ReadAudit", request));
  v1::ListNationalStatisticsRequest table;
  EXPECT_FALSE(IsAuditedRead(both, "ListNationalStatistics", table)) << "the country is nobody";
  table.add_group_by(v1::PEER_ATTRIBUTE_NATION);
  EXPECT_TRUE(IsAuditedRead(both, "ListNationalStatistics", table)) << "a nation may have one participant";
  table.clear_group_by();
  table.add_peers()->set_value("Wales");
  EXPECT_TRUE(IsAuditedRead(both, "ListNationalStatistics", table));
}

class AuditQueueTest : public ServerFixture {
 protected:
  AuditQueueTest() { now_ = At("2026-04-07T09:30:10Z"); }
  const Clock clock_ = [this] { return *now_; };

  static std::vector<std::string> Outcomes(const std::vector<std::string>& lines) {
    std::vector<std::string> outcomes;
    for (const std::string& line : lines) {
      outcomes.push_back(
          absl::StrCat(Member(line, "outcome"), " ", Member(line, "participant"), Member(line, "count")));
    }
    return outcomes;
  }
  static AuditEntry Entry(absl::string_view outcome, int about) {
    return AuditEntry("jo", "GetReturn", outcome).Text("participant", absl::StrCat(about));
  }
};

TEST_F(AuditQueueTest, LinesAreStoredInTheirOrder) {
  {
    Audit audit(store_.get(), clock_);
    for (int i = 0; i < 3000; ++i) audit.Add(Entry(kRead, i));
    audit.Close();
  }
  const std::vector<std::string> lines = ReadLines(*store_);
  ASSERT_THAT(lines, SizeIs(3000));
  for (size_t i = 0; i < lines.size(); ++i) ASSERT_EQ(Member(lines[i], "participant"), absl::StrCat(i));
}

TEST_F(AuditQueueTest, AFloodOfRefusalsIsCounted) {
  constexpr int kMost = Audit::kMaxRefusalsAMinute;
  Audit audit(store_.get(), clock_);
  for (int i = 0; i < kMost + 1234; ++i) audit.AddRefusal(Entry(kRefused, i));
  audit.Add(Entry(kRead, 1));  // What is no refusal has its line meanwhile.
  now_ = *now_ + absl::Minutes(1);
  audit.AddRefusal(Entry(kRefused, 7));
  audit.Close();
  const std::vector<std::string> lines = ReadLines(*store_);
  ASSERT_THAT(lines, SizeIs(kMost + 3));
  EXPECT_THAT(Outcomes({lines.end() - 4, lines.end()}),
              ElementsAre(absl::StrCat("refused ", kMost - 1), "read 1", "refused 1234", "refused 7"));
  EXPECT_EQ(Member(lines[kMost + 1], "principal"), "jo");
  EXPECT_EQ(Member(lines[kMost + 1], "minute"), "2026-04-07T09:30Z");
}

TEST_F(AuditQueueTest, AFloodUsesUpNoLinesButItsOwn) {
  constexpr int kMost = Audit::kMaxRefusalsAMinute;
  Audit audit(store_.get(), clock_);
  for (int i = 0; i < kMost + 10; ++i) {
    audit.AddRefusal(AuditEntry("", "GetReturn", kRefused).Text("peer", "ipv4:192.0.2.1:1"));
  }
  for (int i = 0; i < kMost + 20; ++i) audit.AddRefusal(Entry(kRefused, i));
  audit.AddRefusal(AuditEntry("ann", "GetReturn", kRefused).Text("participant", "RT1"));
  audit.Close();
  const std::vector<std::string> lines = ReadLines(*store_);
  std::map<std::string, int> told;
  std::map<std::string, std::string> counted;
  for (const std::string& line : lines) {
    const std::string count = Member(line, "count");
    if (count.empty()) ++told[Member(line, "principal")];
    if (!count.empty()) counted[Member(line, "principal")] = count;
  }
  EXPECT_EQ(told, (std::map<std::string, int>{{"", kMost}, {"jo", kMost}, {"ann", 1}}));
  EXPECT_EQ(counted, (std::map<std::string, std::string>{{"quartermaster", "10"}, {"jo", "20"}}));
}

TEST_F(AuditQueueTest, PrincipalsBeyondThoseToldApartShareTheirLines) {
  Audit audit(store_.get(), clock_);
  const auto refuse = [&](size_t principal) {
    audit.AddRefusal(AuditEntry(absl::StrCat("p", principal), "GetReturn", kRefused));
  };
  for (size_t i = 0; i < Audit::kMaxRefusedPrincipals; ++i) refuse(i);
  for (size_t i = 0; i < Audit::kMaxRefusalsAMinute + 7; ++i) refuse(Audit::kMaxRefusedPrincipals + i);
  refuse(0);
  audit.Close();
  const std::vector<std::string> lines = ReadLines(*store_);
  ASSERT_THAT(lines, SizeIs(Audit::kMaxRefusedPrincipals + Audit::kMaxRefusalsAMinute + 2));
  EXPECT_EQ(Member(lines[lines.size() - 2], "principal"), "p0");
  EXPECT_EQ(Member(lines.back(), "principal"), "quartermaster");
  EXPECT_EQ(Member(lines.back(), "count"), "7");
}

TEST_F(AuditQueueTest, WhatWasCountedIsSaidAtTheEnd) {
  Audit audit(store_.get(), clock_);
  for (uint32_t i = 0; i < Audit::kMaxRefusalsAMinute + 2; ++i) audit.AddRefusal(Entry(kRefused, 1));
  audit.Close();
  EXPECT_EQ(Outcomes(ReadLines(*store_)).back(), "refused 2");
}

// A store on a disk that fails when it is told to.
class AuditFailureTest : public ::testing::Test {
 protected:
  AuditFailureTest() {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    storage::RocksDbStoreOptions options;
    options.data_dir = folder_;
    options.env = env_.get();
    store_ = storage::OpenRocksDbStore(options).value();
  }
  ~AuditFailureTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string folder_ = (std::filesystem::temp_directory_path() / "quartermaster-XXXXXX").string();
  const std::shared_ptr<storage::FaultyFileSystem> files_ = std::make_shared<storage::FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
  std::unique_ptr<storage::Store> store_;
};

// More lines wait than one write takes, so the last of them is in no write that is refused.
TEST_F(AuditFailureTest, WhoeverAsksIsAnsweredWhileTheDiskIsFull) {
  files_->SetFreeBytes(0);
  storage::WaitForRefusal(*store_);
  std::promise<void> answered;
  {
    absl::Time now = At("2026-04-07T09:30:10Z");
    Audit audit(store_.get(), [&now] { return now; });
    constexpr size_t kLines = 600;
    static_assert(kLines > storage::kMaxAuditLines);
    const auto line = [](size_t i) {
      return AuditEntry("jo", "GetReturn", kRead).Text("participant", absl::StrCat("RT", i));
    };
    for (size_t i = 1; i < kLines; ++i) audit.Add(line(i));
    audit.AddThen(line(kLines), [&] { answered.set_value(); });
    ASSERT_EQ(answered.get_future().wait_for(std::chrono::minutes(1)), std::future_status::ready);
    EXPECT_EQ(store_->ReadAuditHead()->number, 0u);
    // They are not lost: the next line after there is room takes them along.
    files_->SetFreeBytes(uint64_t{1} << 40);
    storage::WaitForWrites(*store_);
    now += absl::Seconds(20);
    audit.Add(line(kLines + 1));
    audit.Close();
    EXPECT_EQ(store_->ReadAuditHead()->number, kLines + 1);
    // Those that waited say when it happened.
    const std::vector<std::string> lines = ReadLines(*store_);
    for (const size_t waited : {size_t{0}, kLines - 1}) {
      EXPECT_EQ(Member(lines[waited], "at"), "2026-04-07T09:30:10.000000Z");
    }
    EXPECT_EQ(Member(lines[kLines], "at"), "");
  }
}

TEST_F(AuditFailureTest, ALineThatTheStoreDoesNotTakeIsSaidOnStandardError) {
  Audit audit(store_.get(), [] { return absl::Now(); });
  audit.Add(AuditEntry("jo", "GetReturn", kRead).Text("participant", "stored"));
  storage::WaitUntil([&] { return store_->ReadAuditHead()->number >= 1; });
  ASSERT_GE(store_->ReadAuditHead()->number, 1);
  files_->FailCall(storage::FaultyFileSystem::Call::kSync, 1);
  ::testing::internal::CaptureStderr();
  audit.Add(AuditEntry("jo", "GetReturn", kRead).Text("participant", "lost"));
  audit.Add(AuditEntry("jo", "GetReturn", kRead).Text("participant", "lost too"));
  audit.Close();
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("qm-server: a line of the audit was not stored ("));
  EXPECT_THAT(said, HasSubstr(R"({"principal":"jo","rpc":"GetReturn","outcome":"read","participant":"lost"})"));
  EXPECT_THAT(said, HasSubstr("lost too"));
  EXPECT_THAT(said, Not(HasSubstr("\"stored\"}")));
}

}  // namespace
}  // namespace quartermaster::server
