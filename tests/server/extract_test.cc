// Extracts over a real store: which rows each viewer gets, in which order, now and as released, and what may be
// published.
#include "server/extract.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/peer_groups.h"
#include "server/releases.h"
#include "tests/server/figures_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::string Name(const std::string& indicator, const std::string& category) {
  return category.empty() ? indicator : absl::StrCat(indicator, "/", category);
}

std::string PeersText(const PeerFilters& peers) {
  return peers.empty() ? "" : absl::StrCat(" of \"", peers[0].value(), "\"");
}

// "2024-04 ward value occupancy RT1: 50 = 50 / 100".
std::string Text(const v1::ExtractRow& row) {
  const auto count = [](bool is_there, double number) { return is_there ? absl::StrCat(number) : std::string("*"); };
  std::string text = absl::StrCat(row.period(), " ", row.service(), " ");
  switch (row.row_case()) {
    case v1::ExtractRow::kField: {
      const v1::FieldRow& field = row.field();
      return absl::StrCat(text, "field ", field.participant(), " ", field.field(), ": ",
                          field.not_available() ? "NA"
                          : field.has_number()  ? absl::StrCat(field.number())
                                                : field.text());
    }
    case v1::ExtractRow::kValue: {
      const v1::ValueRow& value = row.value();
      return absl::StrCat(text, "value ", Name(value.indicator(), value.category()), " ", value.participant(), ": ",
                          value.value(), " = ", value.numerator(),
                          value.has_denominator() ? absl::StrCat(" / ", value.denominator()) : "",
                          value.partial() ? " partial" : "");
    }
    case v1::ExtractRow::kStatistics: {
      const v1::NationalStatistics& statistics = row.statistics();
      return absl::StrCat(text, "statistics ", Name(statistics.indicator(), statistics.category()),
                          PeersText(statistics.peers()), ": n ", statistics.n(),
                          statistics.has_mean() ? absl::StrCat(", mean ", statistics.mean()) : "",
                          statistics.has_median() ? absl::StrCat(", median ", statistics.median()) : "",
                          statistics.withheld() == v1::WITHHELD_UNSPECIFIED
                              ? ""
                              : absl::StrCat(", ", v1::Withheld_Name(statistics.withheld())));
    }
    case v1::ExtractRow::kPublishable: {
      const v1::PublicRow& figures = row.publishable();
      return absl::StrCat(text, "public ", Name(figures.indicator(), figures.category()), PeersText(figures.peers()),
                          ": ", count(figures.has_participants(), figures.participants()), ", ",
                          count(figures.has_numerator(), figures.numerator()), " / ",
                          count(figures.has_denominator(), figures.denominator()), ", ",
                          count(figures.has_rate(), figures.rate()),
                          figures.withheld() == v1::WITHHELD_SUPPRESSED ? " withheld" : "");
    }
    case v1::ExtractRow::ROW_NOT_SET:
      break;
  }
  return text;
}

class ExtractTest : public FiguresFixture {
 protected:
  ExtractTest() { ImportParticipants({"RT1", "RT2", "RT3"}); }

  static v1::ExtractRequest Request(const std::string& from = "2024-04", const std::string& to = "2024-04") {
    v1::ExtractRequest request;
    request.set_collection("test");
    request.set_service("ward");
    request.set_from(from);
    request.set_to(to);
    return request;
  }

  static Principal Builder() {
    Principal principal;
    principal.name = "builder";
    principal.roles = {v1::ROLE_REPORT_BUILDER};
    return principal;
  }
  static Principal Submitter(const std::string& participant) {
    Principal principal;
    principal.name = "submitter";
    principal.roles = {v1::ROLE_SUBMITTER};
    principal.participants = {participant};
    return principal;
  }

  absl::Time Now() const { return now_.value_or(absl::Now()); }

  absl::Status Make(const v1::ExtractRequest& request, const Principal& caller, WriteExtract write) {
    const Disclosure disclosure(store_.get(), state_.get(), [this] { return Now(); });
    return MakeExtract(request, caller, *state_, *store_, disclosure, Now(), write);
  }

  // The rows as text: those that have `part` in them.
  std::vector<std::string> Rows(const v1::ExtractRequest& request, const Principal& caller,
                                const std::string& part = "") {
    std::vector<std::string> rows;
    const absl::Status made = Make(request, caller, [&](v1::ExtractResponse* message) {
      for (const v1::ExtractRow& row : message->rows()) {
        if (std::string text = Text(row); absl::StrContains(text, part)) rows.push_back(std::move(text));
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(made.ok()) << made;
    return rows;
  }

  absl::Status Refusal(const v1::ExtractRequest& request, const Principal& caller) {
    return Make(request, caller, [](v1::ExtractResponse*) { return absl::OkStatus(); });
  }

  void Occupy(const std::string& participant, const std::string& period, double occupied, double available = 100) {
    Put("ward", participant, period, {{"occupied", occupied}, {"available", available}});
  }

  void SetNation(const std::string& code, const std::string& nation) {
    v1::Participant participant;
    participant.set_code(code);
    participant.set_name("Made up");
    participant.set_nation(nation);
    Register(participant);
  }

  void Release(const std::string& period, const std::string& embargoed_until = "") {
    v1::PublishReleaseRequest request;
    request.set_collection("test");
    request.set_period(period);
    request.set_embargoed_until(embargoed_until);
    const Disclosure disclosure(store_.get(), state_.get(), [this] { return Now(); });
    Releases releases(store_.get(), state_.get(), &disclosure, [this] { return Now(); });
    const auto published = releases.Publish(request, "test");
    ASSERT_TRUE(published.ok()) << published.status();
    ASSERT_FALSE(published->unchanged());
  }
};

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
              ElementsAre("2024-04 ward field RT1 available: 10.25", "2024-04 ward field RT1 occupied: NA",
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
TEST_F(ExtractTest, ThePublicViewIsSuppressedAndRounded) {
  std::vector<std::string> codes;
  for (int i = 10; i < 24; ++i) codes.push_back(absl::StrCat("P", i));
  ImportParticipants(codes);
  for (size_t i = 0; i < codes.size(); ++i) {
    if (i < 13) SetNation(codes[i], i < 9 ? "England" : "Wales");
    Put("ward", codes[i], "2024-04",
        {{"occupied", 8}, {"available", 10}, {"lost", 0}, {"split.day", i == 0 ? 3 : 0}, {"split.night", 30}});
  }
  v1::ExtractRequest request = Request("2024-04", "2024-05");
  request.set_view(v1::EXTRACT_VIEW_PUBLIC);
  EXPECT_THAT(Rows(request, Builder()), IsEmpty());  // Nothing is released.
  now_ = absl::FromCivil(absl::CivilDay(2026, 5, 1), absl::UTCTimeZone());
  Release("2024-04", "2026-05-01");
  EXPECT_THAT(Rows(request, Builder()), IsEmpty());
  now_ = absl::FromCivil(absl::CivilDay(2026, 5, 2), absl::UTCTimeZone());
  // 14 participants; 112 of 140; 3 of 423, which the 420 would tell.
  const std::vector<std::string> country = {"2024-04 ward public occupancy: 15, 110 / 140, 78.5714",
                                            "2024-04 ward public growth: 15, * / *, 8",
                                            "2024-04 ward public split/day: 15, * / 425, * withheld",
                                            "2024-04 ward public split/night: 15, * / 425, * withheld"};
  EXPECT_EQ(Rows(request, Builder()), country);
  request.add_group_by(v1::PEER_ATTRIBUTE_NATION);
  // One and four are five together, so that is what a subtraction may find; 8 of 10 and 32 of 40 are theirs.
  EXPECT_THAT(Rows(request, Builder(), "occupancy"),
              ElementsAre(country[0], "2024-04 ward public occupancy of \"\": *, * / *, * withheld",
                          "2024-04 ward public occupancy of \"England\": 10, 70 / 90, 77.7778",
                          "2024-04 ward public occupancy of \"Wales\": *, * / *, * withheld"));
  EXPECT_THAT(Rows(request, Builder(), "growth"),
              ElementsAre(country[1], "2024-04 ward public growth of \"\": *, * / *, * withheld",
                          "2024-04 ward public growth of \"England\": 10, * / *, 8",
                          "2024-04 ward public growth of \"Wales\": *, * / *, * withheld"));
}

// What is published must be no newer than what submitters see: the difference would be one participant's.
TEST_F(ExtractTest, AReleaseOfTooFewChangesIsNotPublic) {
  std::vector<std::string> codes;
  for (int i = 10; i < 24; ++i) codes.push_back(absl::StrCat("P", i));
  ImportParticipants(codes);
  for (const std::string& code : codes) Put("ward", code, "2024-04", {{"occupied", 80}, {"available", 100}});
  Release("2024-04");
  v1::ExtractRequest request = Request();
  request.set_view(v1::EXTRACT_VIEW_PUBLIC);
  const char* const before = "2024-04 ward public occupancy: 15, 1120 / 1400, 80";
  EXPECT_THAT(Rows(request, Builder(), "occupancy"), ElementsAre(before));
  for (size_t i = 0; i < 3; ++i) {
    Put("ward", codes[i], "2024-04", {{"occupied", 10}, {"available", 100}});
    Release("2024-04");
    EXPECT_THAT(Rows(request, Builder(), "occupancy"),
                ElementsAre(i < 2 ? before : "2024-04 ward public occupancy: 15, 910 / 1400, 65"));
  }
}

// Sixteen participants, of which three are open and six of another kind, with three beds together.
TEST_F(ExtractTest, ThePublicViewHasNoShareOrMeanThatTellsASmallCount) {
  std::vector<std::string> codes;
  for (int i = 10; i < 26; ++i) codes.push_back(absl::StrCat("P", i));
  ImportParticipants(codes);
  for (size_t i = 0; i < codes.size(); ++i) {
    Put("survey", codes[i], "2024-04", {{"open", i < 3 ? 1 : 0}, {"kind", i < 6 ? 2 : 1}, {"beds", i < 3 ? 1 : 0}});
  }
  Release("2024-04");
  v1::ExtractRequest request = Request();
  request.set_service("survey");
  request.set_view(v1::EXTRACT_VIEW_PUBLIC);
  // Ten of sixteen and six of sixteen, each rounded, are 10 and 5 of 15; the exact share would tell the six.
  EXPECT_THAT(Rows(request, Builder()), ElementsAre("2024-04 survey public open: 15, * / 15, * withheld",
                                                    "2024-04 survey public kind/acute: 15, 10 / 15, 66.6667",
                                                    "2024-04 survey public kind/other: 15, 5 / 15, 33.3333",
                                                    "2024-04 survey public beds: 15, * / *, * withheld"));
}

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
