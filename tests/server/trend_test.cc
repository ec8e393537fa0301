// Trends: the values, what is beside them, what is left out of limits and signs, and what cannot be asked.
#include "server/trend.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/errors.h"
#include "tests/server/figures_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::HasSubstr;

class TrendTest : public FiguresFixture {
 protected:
  TrendTest() { ImportParticipants({"RT1", "RT2"}); }

  static v1::GetTrendRequest Request(const std::string& indicator = "occupancy") {
    v1::GetTrendRequest request;
    request.set_participant("RT1");
    request.set_collection("test");
    request.set_service("ward");
    request.set_indicator(indicator);
    return request;
  }

  v1::GetTrendResponse Trend(const v1::GetTrendRequest& request) const {
    const auto trend = MakeTrend(*state_, request);
    EXPECT_TRUE(trend.ok()) << trend.status();
    return trend.ok() ? *trend : v1::GetTrendResponse();
  }

  // "2024-04=50 2024-05=- 2024-06=40?": what is partial has a question mark, what is of predecessors a plus.
  static std::string Text(const v1::GetTrendResponse& trend) {
    std::string text;
    for (const v1::TrendPoint& point : trend.points()) {
      absl::StrAppend(&text, text.empty() ? "" : " ", point.period(), "=",
                      point.has_value() ? absl::StrCat(point.value()) : "-", point.partial() ? "?" : "",
                      point.from_predecessors() ? "+" : "");
    }
    return text;
  }

  void Occupy(const std::string& participant, const std::string& period, double occupied) {
    Put("ward", participant, period, {{"occupied", occupied}, {"available", 100}});
  }
};

TEST_F(TrendTest, EveryPeriodFromTheFirstToTheLastThatAnybodyHas) {
  EXPECT_EQ(Text(Trend(Request())), "");
  Occupy("RT1", "2024-05", 50);
  Occupy("RT1", "2024-06", 60);
  Occupy("RT2", "2024-06", 70);
  Occupy("RT2", "2024-08", 80);
  const v1::GetTrendResponse trend = Trend(Request());
  EXPECT_EQ(Text(trend), "2024-04=- 2024-05=50 2024-06=60 2024-07=- 2024-08=-");
  EXPECT_EQ(trend.sequence(), state_->sequence());
  EXPECT_EQ(trend.title(), "Occupancy");
  EXPECT_EQ(trend.unit(), "%");
  EXPECT_EQ(trend.decimals(), 1u);
  EXPECT_EQ(trend.polarity(), schema::v1::POLARITY_LOWER_IS_BETTER);
  const std::vector<uint32_t> n = {0, 1, 2, 0, 1};
  for (size_t i = 0; i < n.size(); ++i) EXPECT_EQ(trend.points(static_cast<int>(i)).national().n(), n[i]);
  EXPECT_EQ(trend.points(2).national().mean(), 65);
  EXPECT_FALSE(trend.points(0).national().has_mean());
  // Mean 55, range 10.
  EXPECT_EQ(trend.limits().points(), 2u);
  EXPECT_DOUBLE_EQ(trend.limits().upper(), 81.6);
  EXPECT_DOUBLE_EQ(trend.limits().lower(), 28.4);

  v1::GetTrendRequest part = Request();
  part.set_from("May 2024");
  part.set_to("2024-05");
  EXPECT_EQ(Text(Trend(part)), "2024-05=50");
  EXPECT_FALSE(Trend(part).has_limits());
}

TEST_F(TrendTest, QuartersAndYearsAreRolledUpAndPartialOnesLeftOut) {
  for (const char* month : {"2024-04", "2024-05", "2024-06", "2024-07", "2024-08"}) Occupy("RT1", month, 50);
  Occupy("RT1", "2024-09", 80);
  Occupy("RT1", "2024-10", 10);
  Occupy("RT2", "2024-25-Q3", 40);
  v1::GetTrendRequest request = Request();
  request.set_cadence(schema::v1::CADENCE_QUARTER);
  const v1::GetTrendResponse quarters = Trend(request);
  EXPECT_EQ(Text(quarters), "2024-25-Q1=50 2024-25-Q2=60 2024-25-Q3=10?");
  EXPECT_EQ(quarters.limits().points(), 2u);
  EXPECT_EQ(quarters.limits().mean(), 55);
  EXPECT_EQ(quarters.points(2).national().n(), 1u);
  request.set_cadence(schema::v1::CADENCE_YEAR);
  request.set_to("FY2024-25");
  EXPECT_EQ(Text(Trend(request)), "FY2024-25=48.5714?");  // 340 of 700.
}

TEST_F(TrendTest, OfNoNamedCadenceTheShortestWithAValueIsShown) {
  Occupy("RT1", "2024-25-Q1", 40);
  Occupy("RT2", "2024-04", 50);
  EXPECT_EQ(Text(Trend(Request())), "2024-25-Q1=40");
  v1::GetTrendRequest other = Request();
  other.set_participant("RT2");
  EXPECT_EQ(Text(Trend(other)), "2024-04=50");
  v1::GetTrendRequest from = Request();
  from.set_to("FY2024-25");
  EXPECT_EQ(Text(Trend(from)), "FY2024-25=40?");
  from.clear_to();
  from.set_from("2024-04");
  EXPECT_EQ(Text(Trend(from)), "2024-04=-");
  from.set_from("2024");
  EXPECT_EQ(FieldOf(MakeTrend(*state_, from).status()), "from");
}

TEST_F(TrendTest, WhatPredecessorsHadIsSaidToBeTheirs) {
  v1::Participant old;
  old.set_code("RT0");
  old.set_name("Before");
  old.set_successor("RT1");
  old.set_succeeded_from("2024-06");
  Occupy("RT1", "2024-06", 50);
  v1::Participant plain = old;
  plain.clear_successor();
  plain.clear_succeeded_from();
  Register(plain);
  Occupy("RT0", "2024-04", 30);
  Occupy("RT0", "2024-05", 40);
  Register(old);
  EXPECT_EQ(Text(Trend(Request())), "2024-04=30+ 2024-05=40+ 2024-06=50");
}

TEST_F(TrendTest, SignsStandAtTheirPoints) {
  // Six that rise are a trend. 10 20 30 40 50 60: mean 35, ranges 10, limits 8.4 and 61.6, border of the outer third
  // 17.27 and 52.73.
  for (int month = 1; month <= 6; ++month) Occupy("RT1", Period::Month(2024, 3 + month).ToString(), 10 * month);
  v1::GetTrendResponse trend = Trend(Request());
  for (const v1::TrendPoint& point : trend.points()) {
    EXPECT_THAT(point.signs(), ::testing::ElementsAre(v1::SPECIAL_CAUSE_TREND)) << point.period();
  }
  // And one far out: 400 of 100 available. Sum 610 of seven, mean 87.14; ranges 50 and 340, mean 65; upper 260.04.
  Occupy("RT1", "2024-10", 400);
  trend = Trend(Request());
  EXPECT_THAT(trend.points(6).signs(),
              ::testing::ElementsAre(v1::SPECIAL_CAUSE_OUTSIDE_LIMITS, v1::SPECIAL_CAUSE_TREND));
}

TEST_F(TrendTest, TheLowerLimitIsBelowZeroOnlyWhereAValueCanBe) {
  for (const auto& [month, occupied] : std::vector<std::pair<const char*, double>>{{"2024-04", 1}, {"2024-05", 99}}) {
    Put("ward", "RT1", month, {{"occupied", occupied}, {"available", 100}, {"lost", 0}});
    Put("team", "RT1", month, {{"caseload", occupied}});
  }
  // Mean 50, range 98.
  EXPECT_EQ(Trend(Request("occupancy")).limits().lower(), 0);
  EXPECT_DOUBLE_EQ(Trend(Request("growth")).limits().lower(), -210.68);  // What was lost is taken off.
  v1::GetTrendRequest request = Request("growth");
  request.set_service("team");
  EXPECT_EQ(Trend(request).limits().lower(), 0);
}

TEST_F(TrendTest, ADistributionIsAskedForByCategory) {
  Put("ward", "RT1", "2024-04", {{"split.day", 3}, {"split.night", 1}});
  v1::GetTrendRequest request = Request("split");
  EXPECT_THAT(MakeTrend(*state_, request).status().message(), HasSubstr("name one of day, night."));
  request.set_category("night");
  const v1::GetTrendResponse trend = Trend(request);
  EXPECT_EQ(Text(trend), "2024-04=25");
  EXPECT_EQ(trend.points(0).national().category(), "night");
  EXPECT_EQ(trend.category(), "night");
}

TEST_F(TrendTest, WhatCannotBeAskedIsSaid) {
  Occupy("RT1", "2024-05", 50);
  const struct {
    std::function<void(v1::GetTrendRequest*)> change;
    absl::StatusCode code;
    const char* says;
  } rows[] = {
      {[](auto* r) { r->set_collection("none"); }, absl::StatusCode::kNotFound, "test"},
      {[](auto* r) { r->set_participant("RT9"); }, absl::StatusCode::kNotFound, "RT1"},
      {[](auto* r) { r->set_participant(""); }, absl::StatusCode::kNotFound, "qm participant list"},
      {[](auto* r) { r->set_service("wards"); }, absl::StatusCode::kNotFound, "wards"},
      {[](auto* r) { r->set_indicator("ocupancy"); }, absl::StatusCode::kNotFound, "Did you mean occupancy?"},
      {[](auto* r) { r->set_indicator("caseload"); }, absl::StatusCode::kNotFound,
       "caseload"},  // Of the other service.
      {[](auto* r) { (r->clear_service(), r->set_indicator("growth")); }, absl::StatusCode::kInvalidArgument,
       "ward, team. Name one."},
      {[](auto* r) { r->set_category("day"); }, absl::StatusCode::kInvalidArgument, "Leave it out."},
      {[](auto* r) { r->set_cadence(static_cast<schema::v1::Cadence>(9)); }, absl::StatusCode::kInvalidArgument,
       "month and longer"},
      {[](auto* r) { (r->set_from("2024-25-Q1"), r->set_to("2024-04")); }, absl::StatusCode::kInvalidArgument,
       "the series is one by financial quarter"},
      {[](auto* r) { (r->set_from("2024-25-Q1"), r->set_cadence(schema::v1::CADENCE_MONTH)); },
       absl::StatusCode::kInvalidArgument, "the series is one by month"},
      {[](auto* r) { r->set_from("2024Q1"); }, absl::StatusCode::kInvalidArgument, "Q"},
      {[](auto* r) { r->set_to("2024-03"); }, absl::StatusCode::kInvalidArgument, "is before Apr 2024"},
      {[](auto* r) { r->set_to("2190-01"); }, absl::StatusCode::kInvalidArgument, "at most 400"},
  };
  for (const auto& row : rows) {
    v1::GetTrendRequest request = Request();
    row.change(&request);
    const absl::Status status = MakeTrend(*state_, request).status();
    EXPECT_EQ(status.code(), row.code) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.says));
  }
  v1::GetTrendRequest request = Request("caseload");
  request.clear_service();
  EXPECT_EQ(Trend(request).service(), "team");
}

}  // namespace
}  // namespace quartermaster::server
