// What the disk lost as a whole, so that nothing that is left is wrong: the check of the store names it nevertheless.
// Records are deleted, and written over, by RocksDB itself, behind the store's back.
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "server/request_id.h"
#include "server/verification.h"
#include "storage/keys.h"
#include "storage/records.h"
#include "storage/rocksdb_database.h"
#include "tests/server/releases_fixture.h"

namespace quartermaster::server {
namespace {

using storage::Family;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kFirstId[] = "123e4567-e89b-12d3-a456-426614174000";
constexpr char kSecondId[] = "123e4567-e89b-12d3-a456-426614174001";

std::string IdBytes(const std::string& text) { return absl::HexStringToBytes(absl::StrReplaceAll(text, {{"-", ""}})); }

std::string RevisionKeyOf(const std::string& participant, uint32_t revision) {
  return storage::RevisionKey{{"test", "beds", participant, kQuarter}, revision}.Encode();
}

class LostRecordsTest : public ReleaseServer {
 protected:
  struct Record {
    Family family;
    std::string key;
  };

  // Deletes these, and opens what is left as a start does.
  void Lose(const std::vector<Record>& records) {
    Close();
    {
      const auto database = storage::Database::Open(folder_, /*env=*/nullptr, absl::Now(), /*create_if_missing=*/false);
      ASSERT_TRUE(database.ok()) << database.status();
      for (const Record& record : records) {
        std::string bytes;
        rocksdb::DB* const db = (*database)->db();
        ASSERT_TRUE(db->Get(rocksdb::ReadOptions(), (*database)->family(record.family), record.key, &bytes).ok())
            << "it was not there";
        ASSERT_TRUE(db->Delete(rocksdb::WriteOptions(), (*database)->family(record.family), record.key).ok());
      }
    }
    Open();
  }

  void Overwrite(const Record& record, const std::string& bytes) {
    Close();
    {
      const auto database = storage::Database::Open(folder_, /*env=*/nullptr, absl::Now(), /*create_if_missing=*/false);
      ASSERT_TRUE(database.ok()) << database.status();
      ASSERT_TRUE(
          (*database)->db()->Put(rocksdb::WriteOptions(), (*database)->family(record.family), record.key, bytes).ok());
    }
    Open();
  }

  // The same with the figures in memory and without.
  std::vector<std::string> Problems() {
    std::vector<std::string> problems[2];
    for (const bool with_memory : {true, false}) {
      const auto report = VerifyStore(store_.get(), with_memory ? state_.get() : nullptr, [](const v1::Progress&) {});
      EXPECT_TRUE(report.ok()) << report.status();
      if (!report.ok()) return {};
      for (const v1::VerificationProblem& problem : report->problems()) {
        problems[with_memory].push_back(absl::StrCat(problem.place(), ": ", problem.problem()));
      }
    }
    EXPECT_EQ(problems[0], problems[1]);
    return problems[0];
  }
};

TEST_F(LostRecordsTest, AReturnWithAllItsRevisions) {
  Send({"RT1", kQuarter, 90, 80});
  const uint64_t first = store_->last_sequence();
  Send({"RT1", kQuarter, 90, 81});
  Send({"RT4", kQuarter, 90, 30});
  EXPECT_THAT(Problems(), IsEmpty());
  Lose({{Family::kReturns, RevisionKeyOf("RT1", 1)}, {Family::kReturns, RevisionKeyOf("RT1", 2)}});
  const std::string place = "test beds RT1 2025-26-Q1: ";
  EXPECT_THAT(
      Problems(),
      ElementsAre(
          AllOf(HasSubstr(place), HasSubstr(absl::StrCat("stored with commit ", first, ", and no revision of this"))),
          AllOf(HasSubstr(place), HasSubstr(absl::StrCat("stored with commit ", first + 1, ", and no revision")))));
}

TEST_F(LostRecordsTest, AWithdrawalSoThatItsReturnCountsAgain) {
  Send({"RT1", kQuarter, 90, 80});
  Withdraw("RT1", kQuarter);
  EXPECT_THAT(Problems(), IsEmpty());
  Lose({{Family::kWithdrawals, RevisionKeyOf("RT1", 1)}});
  EXPECT_THAT(Problems(), ElementsAre(AllOf(HasSubstr("test beds RT1 2025-26-Q1: "),
                                            HasSubstr(absl::StrCat("withdrawn with commit ", store_->last_sequence(),
                                                                   ", and no withdrawal of this commit is there")))));
}

TEST_F(LostRecordsTest, ARequestIdSoThatARetryCountsTwice) {
  Send({"RT1", kQuarter, 90, 80}, kFirstId);
  Withdraw("RT1", kQuarter, kSecondId);
  EXPECT_THAT(Problems(), IsEmpty());
  Lose({{Family::kRequests, IdBytes(kFirstId)}});
  EXPECT_THAT(Problems(), ElementsAre(AllOf(HasSubstr("test beds RT1 2025-26-Q1: "), HasSubstr(kFirstId),
                                            HasSubstr("a retry would count a second time"))));
  Lose({{Family::kRequests, IdBytes(kSecondId)}});
  EXPECT_THAT(Problems(), UnorderedElementsAre(HasSubstr(kFirstId), HasSubstr(kSecondId)));
}

// A request id tells of it, too, as in a store whose audit began later.
TEST_F(LostRecordsTest, WhatARequestIdWasUsedFor) {
  Send({"RT1", kQuarter, 90, 80}, kFirstId);
  Send({"RT4", kQuarter, 90, 30});
  Withdraw("RT4", kQuarter, kSecondId);
  EXPECT_THAT(Problems(), IsEmpty());
  Lose({{Family::kReturns, RevisionKeyOf("RT1", 1)}, {Family::kWithdrawals, RevisionKeyOf("RT4", 1)}});
  const std::vector<std::string> problems = Problems();
  EXPECT_EQ(problems.size(), 4u);
  EXPECT_THAT(problems, Contains(AllOf(HasSubstr("test beds RT1 2025-26-Q1 revision 1: "), HasSubstr(kFirstId),
                                       HasSubstr("not there with the content"))));
  EXPECT_THAT(problems, Contains(AllOf(HasSubstr("test beds RT4 2025-26-Q1 revision 1: "), HasSubstr(kSecondId),
                                       HasSubstr("not there with this reason"))));
}

TEST_F(LostRecordsTest, ARequestIdThatSaysSomethingElse) {
  Send({"RT1", kQuarter, 90, 80}, kFirstId);
  storage::v1::RequestRecord record;
  ASSERT_TRUE(store_
                  ->ScanRequests([&](const std::string& id, const storage::v1::RequestRecord& stored) {
                    EXPECT_EQ(RequestIdText(id), kFirstId);
                    record = stored;
                    return true;
                  })
                  .ok());
  storage::v1::RequestRecord other = record;
  other.set_content(std::string(64, '0'));
  Overwrite({Family::kRequests, IdBytes(kFirstId)}, storage::Serialize(other));
  EXPECT_THAT(Problems(), ElementsAre(AllOf(HasSubstr("revision 1: the request id"), HasSubstr(kFirstId))));
  Overwrite({Family::kRequests, IdBytes(kFirstId)}, "no record");
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("the request ids: ")));
  Overwrite({Family::kRequests, IdBytes(kFirstId)}, storage::Serialize(record));
  EXPECT_THAT(Problems(), IsEmpty());
  Overwrite({Family::kRequests, "short"}, storage::Serialize(record));
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("this is no request id")));
}

}  // namespace
}  // namespace quartermaster::server
