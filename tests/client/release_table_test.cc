// What the commands about releases print as tables.
#include "client/release_table.h"

#include <gtest/gtest.h>

#include "tests/client/table_texts.h"

namespace quartermaster::client {
namespace {

v1::NationalStatistics Statistics(const std::string& indicator, uint32_t n) {
  v1::NationalStatistics statistics;
  statistics.set_service("beds");
  statistics.set_indicator(indicator);
  statistics.set_title("Title of " + indicator);
  statistics.set_decimals(1);
  statistics.set_n(n);
  return statistics;
}

void AddValue(v1::DiffReleasesResponse* diff, const std::string& indicator, const std::string& category,
              absl::optional<double> from, absl::optional<double> to) {
  v1::ValueChange& change = *diff->add_values();
  change.set_service("beds");
  change.set_indicator(indicator);
  change.set_category(category);
  change.set_participant("RT1");
  if (from) change.set_from(*from);
  if (to) change.set_to(*to);
}

// One indicator that moved, one that the later release lacks, one of which only a value is there.
v1::DiffReleasesResponse Diff() {
  v1::DiffReleasesResponse diff;
  diff.mutable_to()->set_period("2025-26-Q1");
  v1::ReturnChange& changed = *diff.add_returns();
  changed.set_service("beds");
  changed.set_participant("RT1");
  changed.set_period("2025-04");
  changed.set_to_revision(3);
  AddValue(&diff, "los", "", 91.25, 91.5);
  AddValue(&diff, "los", "", 91.22, 91.24);
  AddValue(&diff, "los", "", absl::nullopt, 0);
  AddValue(&diff, "mix", "white", 1.0 / 3, absl::nullopt);
  v1::StatisticsChange& moved = *diff.add_statistics();
  *moved.mutable_from() = Statistics("los", 2);
  *moved.mutable_to() = Statistics("los", 3);
  moved.mutable_from()->set_mean(90.01);
  moved.mutable_to()->set_mean(90.02);
  moved.mutable_from()->set_median(5);
  moved.mutable_to()->set_median(5);
  moved.mutable_to()->set_standard_deviation(0);
  *diff.add_statistics()->mutable_from() = Statistics("gone", 7);
  return diff;
}

TEST(ReleaseTableTest, MissingReturnsWithTheMonthsThatAreThere) {
  MissingReturns missing;
  missing.Add()->set_participant("RT1");
  missing.Add()->set_participant("RT2");
  missing.Mutable(0)->set_service("beds");
  missing.Mutable(1)->set_service("beds");
  missing.Mutable(1)->set_months_present(2);
  EXPECT_EQ(Aligned(MissingTable(missing, "2025-26-Q1")),
            "PARTICIPANT  SERVICE  MONTHS THERE\n"
            "RT1          beds     -\n"
            "RT2          beds     2 of 3\n");
  OpenQueries queries;
  queries.Add()->set_participant("RT1");
  queries.Mutable(0)->set_service("beds");
  queries.Mutable(0)->set_period("2025-04");
  queries.Mutable(0)->set_rule_id("within");
  queries.Mutable(0)->set_subject("=occupied");
  EXPECT_EQ(Aligned(OpenQueryTable(queries)),
            "PARTICIPANT  SERVICE  PERIOD    RULE    ABOUT\n"
            "RT1          beds     Apr 2025  within  =occupied\n");
  v1::PreviewReleaseResponse preview;
  preview.mutable_release()->set_period("2025-26-Q1");
  *preview.mutable_missing() = missing;
  *preview.mutable_open_queries() = queries;
  preview.add_undisclosed_services("wards");
  EXPECT_EQ(Csv(ObstacleTable(preview)),
            "obstacle,participant,service,period,months_present,rule_id,subject\n"
            "missing,RT1,beds,2025-26-Q1,0,,\n"
            "missing,RT2,beds,2025-26-Q1,2,,\n"
            "query,RT1,beds,2025-04,,within,'=occupied\n"
            "undisclosed,,wards,2025-26-Q1,,,\n");
}

TEST(ReleaseTableTest, AChangeIsNeverRoundedAway) {
  EXPECT_EQ(Aligned(ValueChangeTable(Diff())),
            "PARTICIPANT  SERVICE  INDICATOR                 BEFORE  AFTER\n"
            "RT1          beds     Title of los                91.2   91.5\n"
            "RT1          beds     Title of los               91.22  91.24\n"
            "RT1          beds     Title of los                   -    0.0\n"
            "RT1          beds     mix/white     0.3333333333333333      -\n");
  EXPECT_EQ(Aligned(StatisticsChangeTable(Diff())),
            "SERVICE  INDICATOR      FIGURE  BEFORE  AFTER\n"
            "beds     Title of los   N            2      3\n"
            "beds     Title of los   MEAN     90.01  90.02\n"
            "beds     Title of los   SD           -    0.0\n"
            "beds     Title of gone  N            7      -\n");
  EXPECT_EQ(Aligned(ReturnChangeTable(Diff())),
            "PARTICIPANT  SERVICE  PERIOD    REVISION BEFORE  AFTER\n"
            "RT1          beds     Apr 2025                -      3\n");
}

TEST(ReleaseTableTest, ProgramsGetOneTableWithFiguresInFull) {
  EXPECT_EQ(Csv(DiffTable(Diff())),
            "change,service,indicator,category,participant,period,figure,before,after\n"
            "return,beds,,,RT1,2025-04,revision,,3\n"
            "value,beds,los,,RT1,2025-26-Q1,value,91.25,91.5\n"
            "value,beds,los,,RT1,2025-26-Q1,value,91.22,91.24\n"
            "value,beds,los,,RT1,2025-26-Q1,value,,0\n"
            "value,beds,mix,white,RT1,2025-26-Q1,value,0.3333333333333333,\n"
            "statistic,beds,los,,,2025-26-Q1,n,2,3\n"
            "statistic,beds,los,,,2025-26-Q1,mean,90.01,90.02\n"
            "statistic,beds,los,,,2025-26-Q1,standard_deviation,,0\n"
            "statistic,beds,gone,,,2025-26-Q1,n,7,\n");
}

}  // namespace
}  // namespace quartermaster::client
