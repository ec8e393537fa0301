// Extracts over a real store: which rows each viewer gets, in which order, now and as released, and what may be
// published.
#include "server/extract.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/server/extract_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

using ExtractTest = ExtractFixture;

TEST_F(ExtractTest, RowsAreOrderedByPeriodServiceAndKind) {
  Put("team", "RT1", "2024-04", {{"caseload", 7}});
  Occupy("RT2", "2024-04", 30);
  Put("ward", "RT1", "2024-04",
      {{"occupied", 50}, {"available", 100}, {"lost", 20}, {"split.day", 3}, {"split.night", 1}});
  Occupy("RT1", "2024-05", 60);
  v1::ExtractRequest request = Request("Apr 2024", "2024-05");
  request.clear_service();
  EXPECT_THAT(Rows(request, Builder(), " open"),
              ElementsAre("2024-04 survey statistics open: n 0", "2024-05 survey statistics open: n 0"));
  std::vector<std::string> rows = Rows(request, Builder());
  std::erase_if(rows, [](const std::string& row) { return absl::StrContains(row, " survey "); });
  EXPECT_THAT(rows,
              ElementsAre("2024-04 ward value occupancy RT1: 50 = 50 / 100",  //
                          "2024-04 ward value occupancy RT2: 30 = 30 / 100",  //
                          "2024-04 ward value growth RT1: 30 = 30",           //
                          "2024-04 ward value split/day RT1: 75 = 3 / 4",     //
                          "2024-04 ward value split/night RT1: 25 = 1 / 4",   //
                          "2024-04 ward statistics occupancy: n 2, mean 40, median 40",
                          "2024-04 ward statistics growth: n 1, mean 30, median 30",
                          "2024-04 ward statistics split/day: n 1, mean 75, median 75",
                          "2024-04 ward statistics split/night: n 1, mean 25, median 25",
                          "2024-04 team value caseload RT1: 7 = 7",  //
                          "2024-04 team value growth RT1: 7 = 7",    //
                          "2024-04 team statistics caseload: n 1, mean 7, median 7",
                          "2024-04 team statistics growth: n 1, mean 7, median 7",
                          "2024-05 ward value occupancy RT1: 60 = 60 / 100",  //
                          "2024-05 ward statistics occupancy: n 1, mean 60, median 60",
                          "2024-05 ward statistics growth: n 0",       //
                          "2024-05 ward statistics split/day: n 0",    //
                          "2024-05 ward statistics split/night: n 0",  //
                          "2024-05 team statistics caseload: n 0",     //
                          "2024-05 team statistics growth: n 0"));
}

TEST_F(ExtractTest, PartialValuesAreThereAndDoNotCount) {
  for (const char* month : {"2024-04", "2024-05", "2024-06"}) Occupy("RT1", month, 50);
  Occupy("RT2", "2024-04", 90);
  EXPECT_THAT(Rows(Request("2024-25-Q1", "2024-25-Q1"), Builder(), "occupancy"),
              ElementsAre("2024-25-Q1 ward value occupancy RT1: 50 = 150 / 300",
                          "2024-25-Q1 ward value occupancy RT2: 90 = 90 / 100 partial",
                          "2024-25-Q1 ward statistics occupancy: n 1, mean 50, median 50"));
}

TEST_F(ExtractTest, FieldsAreThoseOfTheReturnsForJustThePeriod) {
  Occupy("RT2", "2024-25-Q1", 1);
  v1::SubmitReturnRequest sent =
      Return("ward", "RT1", "2024-04", {{"available", 10.25}, {"open", 0}, {"kind", 1}, {"split.day", 3}}, "=1+1");
  sent.mutable_content()->add_not_available()->set_field("occupied");
  sent.mutable_content()->mutable_not_available(0)->set_reason("A fire.");
  Send(sent);
  Occupy("RT3", "2024-04", 5);
  v1::WithdrawReturnRequest withdraw;
  withdraw.set_collection("test");
  withdraw.set_service("ward");
  withdraw.set_participant("RT3");
  withdraw.set_period("2024-04");
  withdraw.set_reason("A mistake.");
  ASSERT_TRUE(Await<storage::StoredReturn>([&](auto done) {
                submissions_->Withdraw(withdraw, Everybody(), std::move(done));
              }).ok());
  v1::ExtractRequest request = Request();
  request.set_fields(true);
  EXPECT_THAT(Rows(request, Builder(), "field"),
              ElementsAre("2024-04 ward field RT1 available: 10.25", "2024-04 ward field RT1 occupied: NA A fire.",
                          "2024-04 ward field RT1 split.day: 3", "2024-04 ward field RT1 note: =1+1",
                          "2024-04 ward field RT1 open: no", "2024-04 ward field RT1 kind: acute"));
}

TEST_F(ExtractTest, TheOwnViewHidesOthersAndWhatWouldTellOfThem) {
  for (const char* code : {"RT1", "RT2", "RT3"}) Occupy(code, "2024-25-Q1", 50);
  v1::ExtractRequest request = Request("2024-25-Q1", "2024-25-Q1");
  request.set_fields(true);
  const std::vector<std::string> own = Rows(request, Submitter("RT2"));
  EXPECT_THAT(own, IsSupersetOf({"2024-25-Q1 ward field RT2 occupied: 50",
                                 "2024-25-Q1 ward value occupancy RT2: 50 = 50 / 100"}));
  EXPECT_THAT(own, Each(Not(::testing::AnyOf(HasSubstr("RT1"), HasSubstr("RT3"), HasSubstr("mean")))));
  EXPECT_THAT(Rows(request, Submitter("RT2"), "statistics occupancy"), ElementsAre(HasSubstr("WITHHELD")));
  request.set_view(v1::EXTRACT_VIEW_OWN);
  EXPECT_EQ(Rows(request, Submitter("RT2")), own);
  EXPECT_THAT(Rows(request, Submitter("RT9"), "RT"), IsEmpty());
  // A report builder sees the country exactly, but has no participants of its own.
  EXPECT_THAT(Rows(request, Builder(), "RT"), IsEmpty());
  EXPECT_THAT(Rows(request, Builder(), "statistics occupancy"), ElementsAre(HasSubstr("mean 50")));
}

TEST_F(ExtractTest, GroupsHaveStatisticsOfTheirOwn) {
  SetNation("RT1", "Wales");
  SetNation("RT2", "wales");
  Occupy("RT1", "2024-04", 50);
  Occupy("RT2", "2024-04", 70);
  Occupy("RT3", "2024-04", 90);
  v1::ExtractRequest request = Request();
  request.add_group_by(v1::PEER_ATTRIBUTE_NATION);
  request.add_group_by(v1::PEER_ATTRIBUTE_REGION);
  EXPECT_THAT(Rows(request, Builder(), "statistics occupancy"),
              ElementsAre("2024-04 ward statistics occupancy: n 3, mean 70, median 70",
                          "2024-04 ward statistics occupancy of \"\": n 1, mean 90, median 90",
                          "2024-04 ward statistics occupancy of \"Wales\": n 2, mean 60, median 60",
                          "2024-04 ward statistics occupancy of \"\": n 3, mean 70, median 70"));
}

// Nobody is enrolled, so those are expected who returned in the year before.
TEST_F(ExtractTest, StatisticsSayHowManyWereExpected) {
  SetNation("RT1", "Wales");
  Occupy("RT1", "2024-04", 50);
  Occupy("RT2", "2024-04", 70);
  Occupy("RT2", "2024-05", 70);
  v1::ExtractRequest request = Request("2024-05", "2024-05");
  request.add_group_by(v1::PEER_ATTRIBUTE_NATION);
  std::vector<std::string> expected;
  const auto take = [&expected](v1::ExtractResponse* message) {
    for (const v1::ExtractRow& row : message->rows()) {
      if (row.statistics().indicator() != "occupancy") continue;
      expected.push_back(absl::StrCat(row.statistics().n(), " of ", row.statistics().n_expected()));
    }
    return absl::OkStatus();
  };
  ASSERT_TRUE(Make(request, Builder(), take).ok());
  EXPECT_THAT(expected, ElementsAre("1 of 2", "1 of 1", "0 of 1"));  // The country, nowhere, Wales.
}

TEST_F(ExtractTest, ReleasedPeriodsStandStill) {
  Occupy("RT1", "2024-04", 50);
  Occupy("RT2", "2024-04", 70);
  Occupy("RT1", "2024-05", 50);
  Release("2024-04");
  Occupy("RT1", "2024-04", 10);
  Occupy("RT3", "2024-04", 10);
  v1::ExtractRequest request = Request("2024-04", "2024-05");
  request.set_released(true);
  request.set_fields(true);
  request.add_group_by(v1::PEER_ATTRIBUTE_NATION);
  const std::vector<std::string> rows = Rows(request, Builder());
  EXPECT_THAT(rows, Each(HasSubstr("2024-04")));  // May has no release.
  EXPECT_THAT(rows,
              IsSupersetOf({"2024-04 ward field RT1 occupied: 50", "2024-04 ward value occupancy RT1: 50 = 50 / 100",
                            "2024-04 ward value occupancy RT2: 70 = 70 / 100"}));
  EXPECT_THAT(rows, Each(Not(HasSubstr("RT3"))));
  EXPECT_THAT(Rows(request, Builder(), "statistics occupancy"),
              ElementsAre(HasSubstr("n 2,"), AllOf(HasSubstr("of \"\""), HasSubstr("mean 60"))));
  // The newest counts.
  Release("2024-04");
  EXPECT_THAT(Rows(request, Builder(), "value occupancy"),
              ElementsAre(HasSubstr("RT1: 10"), HasSubstr("RT2: 70"), HasSubstr("RT3: 10")));
  request.clear_group_by();
  EXPECT_THAT(Rows(request, Submitter("RT3"), "value occupancy"), ElementsAre(HasSubstr("RT3: 10")));
}

TEST_F(ExtractTest, WhatIsUnderEmbargoIsForReportBuildersAndNeverPublic) {
  now_ = absl::FromCivil(absl::CivilDay(2026, 5, 1), absl::UTCTimeZone());
  Occupy("RT1", "2024-04", 50);
  Release("2024-04");
  Occupy("RT1", "2024-04", 60);
  Release("2024-04", "2026-05-03");
  v1::ExtractRequest request = Request();
  request.set_released(true);
  EXPECT_THAT(Rows(request, Builder(), "value occupancy"), ElementsAre(HasSubstr("RT1: 60")));
  EXPECT_THAT(Rows(request, Submitter("RT1"), "value occupancy"), ElementsAre(HasSubstr("RT1: 50")));
  now_ = absl::FromCivil(absl::CivilDay(2026, 5, 4), absl::UTCTimeZone());
  EXPECT_THAT(Rows(request, Submitter("RT1"), "value occupancy"), ElementsAre(HasSubstr("RT1: 60")));
}

// Fourteen participants: nine of England, four of Wales, one of nowhere.
TEST_F(ExtractTest, WhatCannotBeAskedIsSaid) {
  const struct {
    std::function<void(v1::ExtractRequest*)> change;
    Principal caller;
    absl::StatusCode code;
    const char* says;
  } rows[] = {
      {[](auto* r) { r->set_collection("none"); }, Builder(), absl::StatusCode::kNotFound, "test"},
      {[](auto* r) { r->set_service("none"); }, Builder(), absl::StatusCode::kNotFound, "ward, team"},
      {[](auto* r) { r->set_from(""); }, Builder(), absl::StatusCode::kInvalidArgument, ""},
      {[](auto* r) { r->set_to("2024-25-Q1"); }, Builder(), absl::StatusCode::kInvalidArgument, "of one kind"},
      {[](auto* r) { r->set_to("2024-03"); }, Builder(), absl::StatusCode::kInvalidArgument, "is before Apr 2024"},
      {[](auto* r) { r->set_to("2057-09"); }, Builder(), absl::StatusCode::kInvalidArgument, "at most 401"},
      {[](auto* r) { r->set_view(v1::EXTRACT_VIEW_EXACT); }, Submitter("RT1"), absl::StatusCode::kPermissionDenied,
       "for report builders"},
      {[](auto* r) { r->set_view(v1::EXTRACT_VIEW_PUBLIC); }, Submitter("RT1"), absl::StatusCode::kPermissionDenied,
       "Ask for the own view"},
      {[](auto* r) { r->set_view(static_cast<v1::ExtractView>(9)); }, Builder(), absl::StatusCode::kInvalidArgument,
       "none of"},
      {[](auto* r) { r->add_group_by(v1::PEER_ATTRIBUTE_NATION); }, Submitter("RT1"),
       absl::StatusCode::kPermissionDenied, "Leave group_by out"},
      {[](auto* r) { (r->add_group_by(v1::PEER_ATTRIBUTE_NATION), r->add_group_by(v1::PEER_ATTRIBUTE_NATION)); },
       Builder(), absl::StatusCode::kInvalidArgument, "once at most"},
      {[](auto* r) { r->add_group_by(v1::PEER_ATTRIBUTE_UNSPECIFIED); }, Builder(), absl::StatusCode::kInvalidArgument,
       "nation"},
      {[](auto* r) { (r->set_view(v1::EXTRACT_VIEW_PUBLIC), r->set_fields(true)); }, Builder(),
       absl::StatusCode::kInvalidArgument, "no fields"},
      {[](auto* r) {
         r->set_view(v1::EXTRACT_VIEW_PUBLIC);
         r->add_group_by(v1::PEER_ATTRIBUTE_NATION);
         r->add_group_by(v1::PEER_ATTRIBUTE_REGION);
       },
       Builder(), absl::StatusCode::kInvalidArgument, "one attribute"},
  };
  for (const auto& row : rows) {
    v1::ExtractRequest request = Request();
    row.change(&request);
    const absl::Status status = Refusal(request, row.caller);
    EXPECT_EQ(status.code(), row.code) << status;
    EXPECT_THAT(status.message(), HasSubstr(row.says));
  }
}

TEST_F(ExtractTest, MessagesStayBelowAMebibyteAndAnErrorEndsThem) {
  const std::string note(4'000, 'x');
  std::vector<std::string> codes;
  for (int i = 100; i < 400; ++i) codes.push_back(absl::StrCat("P", i));
  ImportParticipants(codes);
  for (const std::string& code : codes) Send(Return("ward", code, "2024-04", {{"available", 1}}, note));
  v1::ExtractRequest request = Request();
  request.set_fields(true);
  size_t messages = 0;
  size_t fields = 0;
  EXPECT_TRUE(Make(request, Builder(), [&](v1::ExtractResponse* message) {
                EXPECT_LT(message->ByteSizeLong(), size_t{1} << 20);
                ++messages;
                for (const v1::ExtractRow& row : message->rows()) fields += row.has_field() ? 1 : 0;
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(fields, 600u);
  EXPECT_EQ(messages, 2u);
  messages = 0;
  EXPECT_EQ(Make(request, Builder(),
                 [&](v1::ExtractResponse*) {
                   ++messages;
                   return absl::CancelledError("gone");
                 })
                .code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(messages, 1u);
}

}  // namespace
}  // namespace quartermaster::server
