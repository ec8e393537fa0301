// When figures may move for viewers who must not see single values.
#include "server/national/changes_since_mark.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace quartermaster::national {
namespace {

absl::optional<Contribution> Value(int value, int denominator = 1) {
  return Contribution{Decimal::FromInteger(value * denominator), Decimal::FromInteger(denominator),
                      Decimal::FromInteger(value)};
}

const std::vector<bool> kAllShown = {false, false};
const std::vector<bool> kSecondWithheld = {false, true};

class ChangesSinceMarkTest : public ::testing::Test {
 protected:
  // Five organisations have values of both indicators, and they are shown.
  ChangesSinceMarkTest() {
    for (const char* code : {"RT1", "RT2", "RT3", "RT4", "RT5"}) changes_.Record(code, {}, {Value(1), Value(1)});
    EXPECT_TRUE(changes_.MayMove(kAllShown));
    changes_.Mark(kAllShown);
  }
  // Of the first indicator alone.
  void Change(const std::string& code, int from, int to) {
    changes_.Record(code, {Value(from), Value(1)}, {Value(to), Value(1)});
  }
  bool MayMove() const { return changes_.MayMove(kAllShown); }

  ChangesSinceMark changes_{2};
};

TEST_F(ChangesSinceMarkTest, ThreeOrganisationsWithNewValues) {
  Change("RT1", 1, 2);
  EXPECT_FALSE(MayMove());
  Change("RT2", 1, 2);
  EXPECT_FALSE(MayMove());
  Change("RT2", 2, 3);
  EXPECT_FALSE(MayMove()) << "the same organisation twice";
  changes_.Record("RT2-NORTH", {}, {Value(7), {}});
  EXPECT_FALSE(MayMove()) << "another site of the same organisation";
  Change("RT3", 1, 2);
  EXPECT_TRUE(MayMove());
  changes_.Mark(kAllShown);
  EXPECT_TRUE(MayMove()) << "nothing has changed, and the same figures tell nothing";
}

TEST_F(ChangesSinceMarkTest, WithoutAChangeThereIsNoNews) {
  EXPECT_FALSE(changes_.HasNews(kAllShown));
  EXPECT_FALSE(ChangesSinceMark(2).HasNews({true, true})) << "nothing was shown, and nothing is to be";
  Change("RT1", 1, 2);
  EXPECT_TRUE(changes_.HasNews(kAllShown));
  Change("RT1", 2, 1);
  EXPECT_FALSE(changes_.HasNews(kAllShown)) << "all is as it was shown";
  changes_.Resume({{true, true}, {"RT1"}, {}});
  EXPECT_TRUE(changes_.HasNews(kAllShown)) << "RT1 may have another value";
}

TEST_F(ChangesSinceMarkTest, ValueThatComesBackIsNoNewOne) {
  Change("RT1", 1, 2);
  Change("RT2", 1, 2);
  Change("RT3", 1, 2);
  Change("RT3", 2, 1);
  EXPECT_FALSE(MayMove());
}

TEST_F(ChangesSinceMarkTest, WithdrawalsAreNotNewValues) {
  Change("RT1", 1, 2);
  Change("RT2", 1, 2);
  for (const char* code : {"RT3", "RT4", "RT5"}) changes_.Record(code, {Value(1), Value(1)}, {});
  EXPECT_FALSE(MayMove());
}

TEST_F(ChangesSinceMarkTest, SameRateOfOtherCountsIsAChangeAndNoNewValue) {
  Change("RT1", 1, 2);
  Change("RT2", 1, 2);
  changes_.Record("RT3", {Value(1), Value(1)}, {Value(1, 50), Value(1)});
  EXPECT_FALSE(MayMove()) << "a pooled figure would tell the counts";
}

TEST_F(ChangesSinceMarkTest, AllIndicatorsMoveTogetherOrNone) {
  for (const char* code : {"RT1", "RT2", "RT3"}) Change(code, 1, 2);
  changes_.Record("RT4", {Value(1), Value(1)}, {Value(1), Value(9)});
  EXPECT_FALSE(MayMove()) << "the second indicator would tell the value of one";
  changes_.Record("RT4", {Value(1), Value(9)}, {Value(1), Value(1)});
  EXPECT_TRUE(MayMove());
}

TEST(ChangesSinceFirstMarkTest, IndicatorThatIsWithheldDoesNotHoldTheOthers) {
  ChangesSinceMark changes(2);
  changes.Record("RT1", {}, {Value(1), Value(1)});
  changes.Record("RT2", {}, {Value(1), {}});
  EXPECT_FALSE(changes.MayMove(kSecondWithheld));
  changes.Record("RT3", {}, {Value(1), {}});
  EXPECT_TRUE(changes.MayMove(kSecondWithheld));
  changes.Mark(kSecondWithheld);
  // Now the second gets enough to be shown, and what came before the first mark is new in it.
  changes.Record("RT2", {Value(1), {}}, {Value(1), Value(1)});
  EXPECT_FALSE(changes.MayMove(kAllShown));
  changes.Record("RT3", {Value(1), {}}, {Value(1), Value(1)});
  EXPECT_TRUE(changes.MayMove(kAllShown));
}

TEST_F(ChangesSinceMarkTest, UnmarkedIsAsBeforeTheMark) {
  Change("RT1", 1, 2);
  Change("RT2", 1, 2);
  Change("RT3", 1, 2);
  const uint64_t mark = changes_.Mark(kAllShown);
  Change("RT3", 2, 1);  // As it was shown, so nothing new once the mark is taken back.
  changes_.Unmark(mark);
  EXPECT_FALSE(MayMove());
  Change("RT4", 1, 2);
  EXPECT_TRUE(MayMove());
}

TEST_F(ChangesSinceMarkTest, MarkBehindALaterOneIsNotTakenBack) {
  const uint64_t abandoned = changes_.Mark(kAllShown);
  for (const char* code : {"RT1", "RT2", "RT3"}) Change(code, 1, 2);
  changes_.Mark(kAllShown);
  changes_.Unmark(abandoned);
  Change("RT4", 1, 2);
  EXPECT_FALSE(MayMove()) << "the others were shown with the later mark";
}

TEST_F(ChangesSinceMarkTest, WhatChangedUnseenBeforeAStartIsNotTrusted) {
  changes_.Resume({{true, true}, {"RT1"}, {}});
  EXPECT_FALSE(MayMove()) << "RT1 may have changed";
  for (const char* code : {"RT1", "RT2", "RT3"}) changes_.Record(code, {Value(1), Value(1)}, {Value(2), Value(2)});
  EXPECT_FALSE(MayMove()) << "RT1 may have what it had";
  changes_.Record("RT4", {Value(1), Value(1)}, {Value(2), Value(2)});
  EXPECT_TRUE(MayMove());
}

TEST(ChangesSinceAStartTest, WhoHadNothingWhenFiguresWereShownIsNew) {
  ChangesSinceMark changes(1);
  for (const char* code : {"RT1", "RT2", "RT3", "RT4"}) changes.Record(code, {}, {Value(1)});
  changes.Resume({{true}, {}, {"RT3", "RT4"}});
  EXPECT_FALSE(changes.MayMove({false}));
  changes.Record("RT1", {Value(1)}, {Value(2)});
  EXPECT_TRUE(changes.MayMove({false})) << "RT3 and RT4 came since, RT1 changed";
  changes.Record("RT4", {Value(1)}, {});
  EXPECT_FALSE(changes.MayMove({false})) << "RT4 has nothing again, as when they were shown";
}

}  // namespace
}  // namespace quartermaster::national
