// The median of the others and their deviation, against the plain computation over a copy; and which period of the
// country a value is compared with.
#include "server/national/peers.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/national/national_state.h"
#include "tests/server/national/fixture.h"
#include "tests/server/national/random.h"

namespace quartermaster::national {
namespace {

// With each value left out in turn, and with none.
void ExpectTheSame(const std::vector<Decimal>& values) {
  Distribution distribution;
  for (const Decimal value : values) distribution.Insert(value);
  for (size_t out = 0; out <= values.size(); ++out) {
    std::vector<Decimal> others = values;
    absl::optional<Decimal> left_out;
    if (out < values.size()) {
      left_out = values[out];
      others.erase(others.begin() + static_cast<ptrdiff_t>(out));
    }
    const absl::optional<MedianAndDeviation> found = ComputePeers(distribution, left_out);
    ASSERT_EQ(found.has_value(), !others.empty());
    if (!found) continue;
    const MedianAndDeviation expected = ComputeMedianAndDeviation(others);
    ASSERT_EQ(found->median, expected.median) << values.size() << " values without the " << out << "th";
    ASSERT_EQ(found->deviation, expected.deviation) << values.size() << " values without the " << out << "th";
  }
}

// All multisets of up to 7 of these four values; the last two are half a billionth from each other's mean.
TEST(Peers, EqualsThePlainComputationOnAllSmallInputs) {
  const std::vector<std::vector<Decimal>> scales = {
      {Decimal::FromInteger(0), Decimal::FromInteger(1), Decimal::FromInteger(2), Decimal::FromInteger(3)},
      {Decimal::FromRaw(-1), Decimal::FromRaw(0), Decimal::FromRaw(1), Decimal::FromRaw(4)},
  };
  int inputs = 0;
  for (const std::vector<Decimal>& scale : scales) {
    for (int code = 0; code < 8 * 8 * 8 * 8; ++code) {
      const int counts[] = {code % 8, code / 8 % 8, code / 64 % 8, code / 512};
      if (counts[0] + counts[1] + counts[2] + counts[3] > 7) continue;
      std::vector<Decimal> values;
      for (size_t i = 0; i < 4; ++i) values.insert(values.end(), static_cast<size_t>(counts[i]), scale[i]);
      ExpectTheSame(values);
      ++inputs;
    }
  }
  EXPECT_EQ(inputs, 2 * 330);  // 330 = (7 + 4 choose 4).
}

TEST(Peers, EqualsThePlainComputationOnRandomInputs) {
  Random random;
  for (int round = 0; round < 1000; ++round) {
    std::vector<Decimal> values(random.Below(60) + 1);
    // Few different values have many ties, many have few; raw ones are rounded in the middle.
    const int64_t range = random.OneIn(3) ? 5 : random.OneIn(2) ? 100 : int64_t{1'000'000'000'000};
    const bool raw = random.OneIn(2);
    for (Decimal& value : values) {
      const int64_t number = random.Between(-range, range);
      value = raw ? Decimal::FromRaw(number) : Decimal::FromInteger(number);
    }
    ExpectTheSame(values);
    if (HasFatalFailure()) return;
  }
}

// A country of the "waiting" of service "ward", a number a participant.
class Country : public ::testing::Test {
 protected:
  // So many participants, P0 and on, have a return with these values: 10, 20, 30, ...
  void Put(const std::string& period, int participants, const std::string& field = "waiting") {
    for (int i = 0; i < participants; ++i) Put(absl::StrCat("P", i), period, {{field, 10.0 * (i + 1)}});
  }
  void Put(const std::string& participant, const std::string& period, const std::map<std::string, double>& values) {
    state_.Put(service_, participant, At(period), Return(service_, values), 1);
  }

  // "57 others in 2025-03: 10 +- 2", or "nobody".
  std::string Peers(const std::string& period, const std::string& participant = "RT1",
                    const std::string& indicator = "waiting") const {
    for (const IndicatorSchema& schema : service_.indicators()) {
      if (schema.name() != indicator) continue;
      const absl::optional<PeerBaseline> peers = state_.Peers(service_, schema, participant, At(period), settled_);
      if (!peers) return "nobody";
      return absl::StrCat(peers->others, " others in ", peers->period.ToString(), ": ", peers->median.ToString(),
                          " +- ", peers->deviation.ToString());
    }
    ADD_FAILURE() << "no indicator " << indicator;
    return "";
  }

  const std::shared_ptr<const CollectionSchema> schema_ = TestCollection();
  const ServiceSchema& service_ = *schema_->FindService("ward");
  Register register_;
  NationalState state_{schema_, register_.Source(), NoMergers()};
  std::function<bool(const Period&)> settled_ = [](const Period&) { return true; };
};

TEST_F(Country, IsThatOfThePeriodBefore) {
  EXPECT_EQ(Peers("2025-04"), "nobody");
  Put("2025-03", 5);
  EXPECT_EQ(Peers("2025-04"), "5 others in 2025-03: 30 +- 10");
  // Neither the period itself nor a later one is looked at.
  Put("2025-04", 9);
  Put("2025-05", 9);
  EXPECT_EQ(Peers("2025-04"), "5 others in 2025-03: 30 +- 10");
}

TEST_F(Country, LeavesTheParticipantOut) {
  Put("2025-03", 5);
  EXPECT_EQ(Peers("2025-04", "P0"), "4 others in 2025-03: 35 +- 10");
  EXPECT_EQ(Peers("2025-04", "P2"), "4 others in 2025-03: 30 +- 15");
  EXPECT_EQ(Peers("2025-04", "P9"), "5 others in 2025-03: 30 +- 10");
  // Who has a return without the value takes no part.
  Put("P8", "2025-03", {{"staff", 3}});
  EXPECT_EQ(Peers("2025-04", "P8"), "5 others in 2025-03: 30 +- 10");
}

TEST_F(Country, NeedsSomebodyElse) {
  Put("2025-03", 1);
  EXPECT_EQ(Peers("2025-04", "P0"), "nobody");
  EXPECT_EQ(Peers("2025-04", "P1"), "1 others in 2025-03: 10 +- 0");
}

TEST_F(Country, IsCompleteWithNineInTen) {
  Put("2025-02", 10);
  Put("2025-03", 9);
  EXPECT_EQ(Peers("2025-04"), "9 others in 2025-03: 50 +- 20");
  state_.Remove(service_, "P8", At("2025-03"));
  EXPECT_EQ(Peers("2025-04"), "10 others in 2025-02: 55 +- 25");
  Put("P9", "2025-03", {{"waiting", 90}});
  EXPECT_EQ(Peers("2025-04"), "9 others in 2025-03: 50 +- 20");
}

TEST_F(Country, IsHeldAgainstTheFullestOfFourPeriods) {
  Put("2024-12", 10);
  Put("2025-03", 5);
  EXPECT_EQ(Peers("2025-04"), "10 others in 2024-12: 55 +- 25");
  // A month on, December is no longer among the four up to April, so March is complete; April itself has nobody.
  EXPECT_EQ(Peers("2025-05"), "10 others in 2024-12: 55 +- 25");
  Put("2025-04", 5);
  EXPECT_EQ(Peers("2025-05"), "5 others in 2025-04: 30 +- 10");
}

TEST_F(Country, IsSearchedForAYear) {
  Put("2024-04", 5);
  EXPECT_EQ(Peers("2025-04"), "5 others in 2024-04: 30 +- 10");
  EXPECT_EQ(Peers("2025-05"), "nobody");
}

TEST_F(Country, OfQuartersIsSearchedForAYear) {
  Put("2024-25-Q1", 5);
  EXPECT_EQ(Peers("2025-26-Q1"), "5 others in 2024-25-Q1: 30 +- 10");
  EXPECT_EQ(Peers("2025-26-Q2"), "nobody");
}

TEST_F(Country, OfYearsIsSearchedForTwo) {
  Put("FY2023-24", 5);
  EXPECT_EQ(Peers("FY2025-26"), "5 others in FY2023-24: 30 +- 10");
  EXPECT_EQ(Peers("FY2026-27"), "nobody");
}

TEST_F(Country, IsOfTheSameKindOfPeriod) {
  Put("2025-03", 5);
  EXPECT_EQ(Peers("2025-26-Q1"), "nobody");
  // Three months make a quarter, whose position is that of the last.
  Put("2025-01", 5);
  Put("2025-02", 5, "cost");
  EXPECT_EQ(Peers("2025-26-Q1"), "5 others in 2024-25-Q4: 30 +- 10");
  Put("2025-26-Q1", 5);
  EXPECT_EQ(Peers("2025-07"), "5 others in 2025-03: 30 +- 10");
}

TEST_F(Country, IsOfASettledPeriod) {
  Put("2025-01", 6);
  Put("2025-02", 6);
  Put("2025-03", 5);
  settled_ = [](const Period& period) { return period < At("2025-02"); };
  EXPECT_EQ(Peers("2025-04"), "6 others in 2025-01: 35 +- 15");
  settled_ = [](const Period&) { return false; };
  EXPECT_EQ(Peers("2025-04"), "nobody");
}

TEST_F(Country, IsOfTheIndicator) {
  Put("2025-02", 10);
  Put("2025-03", 4);
  Put("2025-03", 4, "cost");
  for (int i = 0; i < 4; ++i) Put(absl::StrCat("P", i), "2025-03", {{"waiting", 1}, {"cost", i}});
  EXPECT_EQ(Peers("2025-04", "RT1", "cost"), "4 others in 2025-03: 1.5 +- 1");
  EXPECT_EQ(Peers("2025-04"), "10 others in 2025-02: 55 +- 25");
}

}  // namespace
}  // namespace quartermaster::national
