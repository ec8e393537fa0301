// When returns are taken: both edges of windows to the second, in summer and winter time, and what grants add to them.
#include "server/windows.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/errors.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

Period PeriodOf(const std::string& text) { return Period::Parse(text).value(); }

// A collection of all cadences with these windows.
std::shared_ptr<const CollectionSchema> Collection(const std::string& windows) {
  return testing::CollectionFromText(absl::StrCat(R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "mhlda" title: "Test" first_period: "2015-04"
  cadence: [CADENCE_MONTH, CADENCE_QUARTER, CADENCE_YEAR] )schema",
                                                  windows, R"schema( };
message Beds { option (schema.v1.service) = { id: "beds" title: "Beds" };
  optional double a = 1 [(schema.v1.field) = { label: "A" }]; }
)schema"));
}

constexpr char kQuarters[] =
    "window: { cadence: CADENCE_QUARTER due_days: 28 closes_days: 42 release_days: 42 contact: \"the test team\" }";

Windows None() { return Windows(std::make_shared<WindowGrants>()); }

// The windows with these grants; each gets the next id.
Windows With(std::vector<v1::WindowGrant> grants) {
  auto all = std::make_shared<WindowGrants>();
  uint64_t id = 0;
  for (v1::WindowGrant& grant : grants) {
    storage::v1::WindowGrantRecord record;
    grant.set_id(++id);
    *record.mutable_grant() = grant;
    all->Put(record);
  }
  return Windows(all);
}

v1::WindowGrant Grant(const std::string& participant, const std::string& from, const std::string& to,
                      const std::string& until) {
  v1::WindowGrant grant;
  grant.set_collection("mhlda");
  grant.set_participant(participant);
  grant.set_from(from);
  grant.set_to(to);
  grant.set_until(until);
  return grant;
}

TEST(WindowsTest, BothEdgesToTheSecond) {
  struct Row {
    std::string says;
    std::string window;
    std::string period;
    std::string opens;
    std::string late_from;
    std::string closed_from;
  };
  const std::string quarter = "cadence: CADENCE_QUARTER due_days: 28 closes_days: 42";
  const std::string month = "cadence: CADENCE_MONTH due_days: 0 opens_days: 0";
  for (const Row& row : std::vector<Row>{
           {"Open in British summer time, closed in it: 11 August.", quarter, "2025-26-Q1", "2025-06-30T23:00:00Z",
            "2025-07-28T23:00:00Z", "2025-08-11T23:00:00Z"},
           {"Summer time ends within the window: 11 November.", quarter, "2025-26-Q2", "2025-09-30T23:00:00Z",
            "2025-10-29T00:00:00Z", "2025-11-12T00:00:00Z"},
           {"The new year begins with the window: 11 February.", quarter, "2025-26-Q3", "2026-01-01T00:00:00Z",
            "2026-01-29T00:00:00Z", "2026-02-12T00:00:00Z"},
           {"After the change to summer time: 12 May.", quarter, "2025-26-Q4", "2026-03-31T23:00:00Z",
            "2026-04-28T23:00:00Z", "2026-05-12T23:00:00Z"},
           {"The last day is the one of 23 hours.", absl::StrCat(month, " closes_days: 30"), "2025-02",
            "2025-02-28T00:00:00Z", "2025-03-01T00:00:00Z", "2025-03-30T23:00:00Z"},
           {"The last day is the one of 25 hours.", absl::StrCat(month, " closes_days: 26"), "2025-09",
            "2025-09-29T23:00:00Z", "2025-09-30T23:00:00Z", "2025-10-27T00:00:00Z"},
           {"The window opens on the day of 23 hours,",
            "cadence: CADENCE_MONTH opens_days: 30 due_days: 30 closes_days: 31", "2025-02", "2025-03-30T00:00:00Z",
            "2025-03-30T23:00:00Z", "2025-03-31T23:00:00Z"},
           {"and on that of 25.", "cadence: CADENCE_MONTH opens_days: 26 due_days: 26 closes_days: 27", "2025-09",
            "2025-10-25T23:00:00Z", "2025-10-27T00:00:00Z", "2025-10-28T00:00:00Z"},
           {"It closes with the year,", absl::StrCat(month, " closes_days: 31"), "2025-11", "2025-11-30T00:00:00Z",
            "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"},
           {"or on New Year's Day.", absl::StrCat(month, " closes_days: 32"), "2025-11", "2025-11-30T00:00:00Z",
            "2025-12-01T00:00:00Z", "2026-01-02T00:00:00Z"},
           {"A leap day counts.", absl::StrCat(month, " closes_days: 1"), "2024-02", "2024-02-29T00:00:00Z",
            "2024-03-01T00:00:00Z", "2024-03-02T00:00:00Z"},
           {"It may open before the period is over.",
            "cadence: CADENCE_QUARTER opens_days: -10 due_days: 0 closes_days: 1", "2025-26-Q1", "2025-06-19T23:00:00Z",
            "2025-06-30T23:00:00Z", "2025-07-01T23:00:00Z"},
           {"A month may be amended until its quarter closes, the first one",
            absl::StrCat(month, " closes_days: 42 closes_with: CADENCE_QUARTER"), "2025-04", "2025-04-29T23:00:00Z",
            "2025-04-30T23:00:00Z", "2025-08-11T23:00:00Z"},
           {"as the last one.", absl::StrCat(month, " closes_days: 42 closes_with: CADENCE_QUARTER"), "2025-06",
            "2025-06-29T23:00:00Z", "2025-06-30T23:00:00Z", "2025-08-11T23:00:00Z"},
           {"A month may close with its year, which ends in March.",
            absl::StrCat(month, " closes_days: 10 closes_with: CADENCE_YEAR"), "2025-04", "2025-04-29T23:00:00Z",
            "2025-04-30T23:00:00Z", "2026-04-10T23:00:00Z"},
           {"A year.", "cadence: CADENCE_YEAR due_days: 90 closes_days: 120", "FY2024-25", "2025-03-31T23:00:00Z",
            "2025-06-29T23:00:00Z", "2025-07-29T23:00:00Z"},
           {"In New York.", absl::StrCat(quarter, " time_zone: \"America/New_York\""), "2025-26-Q1",
            "2025-07-01T04:00:00Z", "2025-07-29T04:00:00Z", "2025-08-12T04:00:00Z"},
           {"East of Greenwich midnight comes first.", absl::StrCat(quarter, " time_zone: \"Asia/Kolkata\""),
            "2025-26-Q1", "2025-06-30T18:30:00Z", "2025-07-28T18:30:00Z", "2025-08-11T18:30:00Z"},
           {"Where the midnight at the end does not exist, it ends as the next day begins.",
            absl::StrCat(month, " closes_days: 3 time_zone: \"America/Sao_Paulo\""), "2018-10", "2018-10-31T03:00:00Z",
            "2018-11-01T03:00:00Z", "2018-11-04T03:00:00Z"},
       }) {
    const auto schema = Collection(absl::StrCat("window: { ", row.window, " contact: \"x\" }"));
    const auto state = [&](const std::string& time, int seconds) {
      return None().StateOf(*schema, PeriodOf(row.period), At(time) + absl::Seconds(seconds));
    };
    EXPECT_EQ(state(row.opens, -1), v1::WINDOW_STATE_NOT_OPEN_YET) << row.says;
    EXPECT_EQ(state(row.opens, 0), v1::WINDOW_STATE_OPEN) << row.says;
    EXPECT_EQ(state(row.late_from, -1), v1::WINDOW_STATE_OPEN) << row.says;
    EXPECT_EQ(state(row.late_from, 0), v1::WINDOW_STATE_LATE) << row.says;
    EXPECT_EQ(state(row.closed_from, -1), v1::WINDOW_STATE_LATE) << row.says;
    EXPECT_EQ(state(row.closed_from, 0), v1::WINDOW_STATE_CLOSED) << row.says;
    EXPECT_EQ(DueInstant(*schema, PeriodOf(row.period)), At(row.late_from)) << row.says;
  }
}

TEST(WindowsTest, ARefusalNamesTheDateWhatToDoAndWhomToAsk) {
  const auto schema = Collection(kQuarters);
  const Period period = PeriodOf("2025-26-Q1");
  const absl::Status closed = None().CheckOpen(*schema, "RT1", period, At("2025-08-11T23:00:00Z"));
  EXPECT_EQ(closed.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(closed), "PERIOD_CLOSED");
  EXPECT_EQ(closed.message(),
            "Q1 2025/26 of mhlda closed on 11 August 2025. Ask the test team for an extension, then send it again.");
  const absl::Status early = None().CheckOpen(*schema, "RT1", period, At("2025-06-30T22:59:59Z"));
  EXPECT_EQ(early.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(early), "PERIOD_NOT_OPEN_YET");
  EXPECT_EQ(early.message(),
            "Q1 2025/26 of mhlda opens on 1 July 2025. Send it from that day on, or ask the test team.");
  // Half past nine in the evening of the last day, and the last second of it.
  EXPECT_TRUE(None().CheckOpen(*schema, "RT1", period, At("2025-08-11T20:30:00Z")).ok());
  EXPECT_TRUE(None().CheckOpen(*schema, "RT1", period, At("2025-08-11T22:59:59Z")).ok());
}

TEST(WindowsTest, WithoutAWindowAPeriodIsAlwaysOpen) {
  const auto schema = Collection(kQuarters);
  for (const char* period : {"2025-06", "FY2030-31"}) {
    EXPECT_TRUE(None().CheckOpen(*schema, "RT1", PeriodOf(period), At("2026-01-01T00:00:00Z")).ok());
    EXPECT_EQ(DueInstant(*schema, PeriodOf(period)), absl::nullopt);
    const v1::PeriodWindow window = None().DescribeWindow(*schema, PeriodOf(period), At("2026-01-01T00:00:00Z"));
    EXPECT_EQ(window.state(), v1::WINDOW_STATE_OPEN);
    EXPECT_EQ(window.closes(), "");
  }
}

TEST(WindowsTest, DatesAreDescribed) {
  const auto schema = Collection(kQuarters);
  struct Row {
    std::string period, opens, due, closes;
  };
  for (const Row& row : std::vector<Row>{{"2025-26-Q1", "2025-07-01", "2025-07-28", "2025-08-11"},
                                         {"2025-26-Q2", "2025-10-01", "2025-10-28", "2025-11-11"},
                                         {"2025-26-Q3", "2026-01-01", "2026-01-28", "2026-02-11"},
                                         {"2025-26-Q4", "2026-04-01", "2026-04-28", "2026-05-12"}}) {
    const v1::PeriodWindow window = None().DescribeWindow(*schema, PeriodOf(row.period), At("2030-01-01T00:00:00Z"));
    EXPECT_EQ(window.opens(), row.opens);
    EXPECT_EQ(window.due(), row.due);
    EXPECT_EQ(window.closes(), row.closes);
    EXPECT_EQ(window.release_by(), row.closes);
    EXPECT_EQ(window.time_zone(), "Europe/London");
    EXPECT_EQ(window.contact(), "the test team");
    EXPECT_EQ(window.state(), v1::WINDOW_STATE_CLOSED);
  }
}

TEST(WindowsTest, AnExtensionIsOfOneParticipantAndEnds) {
  const auto schema = Collection(kQuarters);
  const Windows windows = With({Grant("RT1", "2025-26-Q1", "2025-26-Q1", "2025-10-26")});
  const Period period = PeriodOf("2025-26-Q1");
  const absl::Time last_second = At("2025-10-26T23:59:59Z");  // Of a day of 25 hours.
  EXPECT_TRUE(windows.CheckOpen(*schema, "RT1", period, last_second).ok());
  EXPECT_EQ(windows.StateFor(*schema, "RT1", period, last_second), v1::WINDOW_STATE_LATE);
  EXPECT_FALSE(windows.CheckOpen(*schema, "RT2", period, last_second).ok());
  EXPECT_EQ(windows.StateOf(*schema, period, last_second), v1::WINDOW_STATE_CLOSED);
  // A site is a participant of its own.
  EXPECT_FALSE(windows.CheckOpen(*schema, "RT1-NORTH", period, last_second).ok());
  const absl::Status ended = windows.CheckOpen(*schema, "RT1", period, last_second + absl::Seconds(1));
  EXPECT_EQ(ReasonOf(ended), "PERIOD_CLOSED");
  EXPECT_THAT(std::string(ended.message()), HasSubstr("The extension of RT1 ended on 26 October 2025. Ask"));
  const absl::Status never = windows.CheckOpen(*schema, "RT2", period, last_second + absl::Seconds(1));
  EXPECT_THAT(std::string(never.message()), Not(HasSubstr("extension of")));
}

TEST(WindowsTest, AReopeningIsForAllAndItsPeriods) {
  const auto schema = Collection(kQuarters);
  const Windows windows = With({Grant("", "2024-25-Q3", "2025-26-Q1", "2025-12-31")});
  const absl::Time now = At("2025-12-31T23:59:59Z");
  for (const auto& [period, open] : std::vector<std::pair<std::string, bool>>{{"2024-25-Q2", false},
                                                                              {"2024-25-Q3", true},
                                                                              {"2024-25-Q4", true},
                                                                              {"2025-26-Q1", true},
                                                                              {"2025-26-Q2", false}}) {
    EXPECT_EQ(windows.CheckOpen(*schema, "RT9", PeriodOf(period), now).ok(), open) << period;
    EXPECT_EQ(windows.StateOf(*schema, PeriodOf(period), now), open ? v1::WINDOW_STATE_LATE : v1::WINDOW_STATE_CLOSED);
    EXPECT_FALSE(windows.CheckOpen(*schema, "RT9", PeriodOf(period), now + absl::Seconds(1)).ok()) << period;
  }
}

TEST(WindowsTest, AGrantThatWasEndedHoldsNoMore) {
  const auto schema = Collection(kQuarters);
  v1::WindowGrant ended = Grant("", "2025-26-Q1", "2025-26-Q1", "2025-12-31");
  ended.set_ended_by("pat");
  const absl::Time now = At("2025-12-01T00:00:00Z");
  const absl::Status refused = With({ended}).CheckOpen(*schema, "RT1", PeriodOf("2025-26-Q1"), now);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("The reopening was ended early by pat."));
  // Another one beside it still does.
  const Windows both = With({ended, Grant("RT1", "2025-26-Q1", "2025-26-Q1", "2025-12-31")});
  EXPECT_TRUE(both.CheckOpen(*schema, "RT1", PeriodOf("2025-26-Q1"), now).ok());
  EXPECT_THAT(both.GrantsFor(*schema, PeriodOf("2025-26-Q1"), now), SizeIs(1));
}

TEST(WindowsTest, AGrantOpensNothingEarlyAndIsOfItsCollectionAndKind) {
  const auto schema = Collection(
      absl::StrCat(kQuarters, "window: { cadence: CADENCE_MONTH due_days: 21 closes_days: 30 contact: \"x\" }"));
  v1::WindowGrant other = Grant("", "2025-26-Q1", "2025-26-Q1", "2025-12-31");
  other.set_collection("other");
  const Windows windows = With({other, Grant("", "2024-25-Q1", "2026-27-Q1", "2026-01-15")});
  const absl::Time now = At("2025-12-01T00:00:00Z");
  EXPECT_TRUE(windows.CheckOpen(*schema, "RT1", PeriodOf("2025-26-Q2"), now).ok());
  EXPECT_EQ(ReasonOf(windows.CheckOpen(*schema, "RT1", PeriodOf("2025-26-Q3"), now)), "PERIOD_NOT_OPEN_YET");
  EXPECT_EQ(ReasonOf(windows.CheckOpen(*schema, "RT1", PeriodOf("2025-06"), now)), "PERIOD_CLOSED");
  EXPECT_FALSE(With({other}).CheckOpen(*schema, "RT1", PeriodOf("2025-26-Q1"), now).ok());
}

TEST(WindowsTest, GrantsAreOrderedReopeningsFirst) {
  const auto schema = Collection(kQuarters);
  const Windows windows = With(
      {Grant("RT2", "2025-26-Q1", "2025-26-Q1", "2025-12-31"), Grant("", "2025-26-Q1", "2025-26-Q1", "2025-12-31"),
       Grant("RT1", "2025-26-Q1", "2025-26-Q4", "2025-12-31"), Grant("RT3", "2025-26-Q2", "2025-26-Q4", "2025-12-31"),
       Grant("RT4", "2025-26-Q1", "2025-26-Q4", "2025-11-30")});
  std::vector<std::string> participants;
  for (const v1::WindowGrant& grant : windows.GrantsFor(*schema, PeriodOf("2025-26-Q1"), At("2025-12-01T00:00:00Z"))) {
    participants.push_back(grant.participant());
  }
  EXPECT_THAT(participants, ElementsAre("", "RT1", "RT2"));
}

TEST(WindowsTest, APeriodIsSettledOnceNobodyCanMoveIt) {
  const auto schema = Collection(
      absl::StrCat(kQuarters,
                   "window: { cadence: CADENCE_MONTH due_days: 21 closes_days: 50 closes_with: CADENCE_QUARTER "
                   "contact: \"x\" }"));
  const absl::Time now = At("2025-08-19T22:59:59Z");  // The quarter closed on 11 August, its months close on 19.
  EXPECT_FALSE(None().Settled(*schema, now)(PeriodOf("2025-26-Q1")));
  EXPECT_FALSE(None().Settled(*schema, now)(PeriodOf("2025-04")));
  EXPECT_TRUE(None().Settled(*schema, now + absl::Seconds(1))(PeriodOf("2025-26-Q1")));
  EXPECT_TRUE(None().Settled(*schema, now)(PeriodOf("2024-25-Q4")));
  // A year is made of its parts, and one of them is to come.
  EXPECT_FALSE(None().Settled(*schema, now)(PeriodOf("FY2025-26")));
  EXPECT_TRUE(None().Settled(*schema, now)(PeriodOf("FY2024-25")));
  const Windows reopened = With({Grant("", "2024-05", "2024-05", "2025-12-31")});
  const auto settled = reopened.Settled(*schema, now);
  EXPECT_FALSE(settled(PeriodOf("2024-05")));
  EXPECT_FALSE(settled(PeriodOf("2024-25-Q1")));
  EXPECT_FALSE(settled(PeriodOf("FY2024-25")));
  EXPECT_FALSE(settled(PeriodOf("FY2024-25")));  // As remembered.
  EXPECT_TRUE(settled(PeriodOf("2024-06")));
}

TEST(WindowsTest, ATimeZoneThatIsNotThereIsNamed) {
  EXPECT_TRUE(CheckTimeZones(*Collection(kQuarters)).ok());
  const auto schema = Collection(
      "window: { cadence: CADENCE_QUARTER due_days: 28 closes_days: 42 contact: \"x\" time_zone: \"Mars/Olympus\" }");
  const absl::Status missing = CheckTimeZones(*schema);
  EXPECT_EQ(missing.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(missing.message()), HasSubstr("\"Mars/Olympus\""));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("apt-get install tzdata"));
  // A folder of the database, and a file of it that is no zone.
  for (const char* name : {"Europe", "tzdata"}) {
    EXPECT_THAT(TimeZoneProblems(*Collection(absl::StrCat(
                    "window: { cadence: CADENCE_QUARTER due_days: 28 closes_days: 42 contact: \"x\" time_zone: \"",
                    name, "\" }"))),
                SizeIs(1));
  }
}

}  // namespace
}  // namespace quartermaster::server
