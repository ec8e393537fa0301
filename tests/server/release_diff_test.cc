// What two contents differ in: changed, new and gone; in the order that the response promises.
#include "server/release_diff.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

PinnedReturn Return(const std::string& service, const std::string& participant, const std::string& period,
                    uint32_t revision) {
  return {service, participant, period, revision, ""};
}

ReleasedValue Value(const std::string& indicator, const std::string& category, const std::string& participant,
                    int64_t value, bool counts = true) {
  ReleasedValue released;
  released.service = "beds";
  released.indicator = indicator;
  released.category = category;
  released.participant = participant;
  released.value = Decimal::FromInteger(value);
  released.counts = counts;
  return released;
}

std::vector<std::string> ReturnsIn(const v1::DiffReleasesResponse& response) {
  std::vector<std::string> texts;
  for (const v1::ReturnChange& change : response.returns()) {
    texts.push_back(absl::StrCat(change.service(), " ", change.participant(), " ", change.period(), " ",
                                 change.has_from_revision() ? absl::StrCat(change.from_revision()) : "none", " to ",
                                 change.has_to_revision() ? absl::StrCat(change.to_revision()) : "none"));
  }
  return texts;
}

std::vector<std::string> Values(const v1::DiffReleasesResponse& response) {
  std::vector<std::string> texts;
  for (const v1::ValueChange& change : response.values()) {
    texts.push_back(absl::StrCat(change.service(), " ", change.indicator(), "/", change.category(), " ",
                                 change.participant(), " ", change.has_from() ? absl::StrCat(change.from()) : "none",
                                 " to ", change.has_to() ? absl::StrCat(change.to()) : "none"));
  }
  return texts;
}

v1::DiffReleasesResponse Diff(ReleaseContent from, ReleaseContent to) {
  SortContent(&from);
  SortContent(&to);
  v1::DiffReleasesResponse response;
  DiffContents(from, to, &response);
  return response;
}

TEST(ReleaseDiffTest, ReturnsWithAnotherRevisionThatCameOrWent) {
  ReleaseContent from;
  from.returns = {Return("beds", "RT1", "2025-04", 1), Return("beds", "RT2", "2025-04", 1),
                  Return("beds", "RT2", "2025-05", 3), Return("wards", "RT1", "2025-04", 1)};
  ReleaseContent to;
  to.returns = {Return("beds", "RT1", "2025-04", 2), Return("beds", "RT2", "2025-05", 3),
                Return("beds", "RT3", "2025-04", 1), Return("audit", "RT9", "2025-04", 4)};
  EXPECT_THAT(ReturnsIn(Diff(from, to)),
              ElementsAre("audit RT9 2025-04 none to 4", "beds RT1 2025-04 1 to 2", "beds RT2 2025-04 1 to none",
                          "beds RT3 2025-04 none to 1", "wards RT1 2025-04 1 to none"));
  EXPECT_THAT(ReturnsIn(Diff(from, from)), IsEmpty());
  EXPECT_EQ(ReturnsIn(Diff({}, from)).size(), 4U);
  EXPECT_EQ(ReturnsIn(Diff(from, {})).size(), 4U);
}

TEST(ReleaseDiffTest, ValuesThatChangedAsTheFiguresSeeThem) {
  ReleaseContent from;
  from.values = {Value("los", "", "RT1", 10),     Value("los", "", "RT2", 20),
                 Value("los", "", "RT3", 30),     Value("los", "", "RT4", 40, /*counts=*/false),
                 Value("mix", "white", "RT1", 1), Value("los", "", "RT6", 60, /*counts=*/false),
                 Value("beds", "", "RT1", 5),     Value("los", "", "RT7", 70)};
  ReleaseContent to;
  to.values = {Value("los", "", "RT1", 11),     Value("los", "", "RT2", 20),
               Value("los", "", "RT5", 50),     Value("los", "", "RT4", 40),
               Value("mix", "black", "RT1", 1), Value("los", "", "RT6", 61, /*counts=*/false),
               Value("zeal", "", "RT1", 0),     Value("los", "", "RT7", 70, /*counts=*/false)};
  EXPECT_THAT(Values(Diff(from, to)),
              ElementsAre("beds beds/ RT1 5 to none", "beds los/ RT1 10 to 11", "beds los/ RT3 30 to none",
                          "beds los/ RT4 none to 40", "beds los/ RT5 none to 50", "beds los/ RT7 70 to none",
                          "beds mix/black RT1 none to 1", "beds mix/white RT1 1 to none", "beds zeal/ RT1 none to 0"));
  EXPECT_THAT(Values(Diff(to, to)), IsEmpty());
}

StatisticsList Statistics(const std::vector<std::pair<std::string, double>>& means) {
  StatisticsList list;
  for (const auto& [indicator, mean] : means) {
    v1::NationalStatistics& one = *list.Add();
    one.set_service("beds");
    one.set_indicator(indicator);
    one.set_mean(mean);
  }
  return list;
}

TEST(ReleaseDiffTest, StatisticsThatMovedInTheOrderOfTheLaterSchema) {
  const StatisticsList from = Statistics({{"old", 1}, {"same", 2}, {"a", 3}, {"older", 1}, {"z", 4}});
  StatisticsList to = Statistics({{"z", 5}, {"new", 6}, {"same", 2}, {"a", 7}});
  to.Mutable(2)->set_title("Another title moves nothing");
  v1::DiffReleasesResponse response;
  DiffStatistics(from, to, &response);
  std::vector<std::string> texts;
  for (const v1::StatisticsChange& change : response.statistics()) {
    const v1::NationalStatistics& either = change.has_to() ? change.to() : change.from();
    texts.push_back(absl::StrCat(either.indicator(), " ", change.has_from() ? absl::StrCat(change.from().mean()) : "-",
                                 " ", change.has_to() ? absl::StrCat(change.to().mean()) : "-"));
  }
  EXPECT_THAT(texts, ElementsAre("z 4 5", "new - 6", "a 3 7", "old 1 -", "older 1 -"));
}

}  // namespace
}  // namespace quartermaster::server
