// What may be published, and what an attacker who subtracts learns from it.
#include "server/suppression.h"

#include <functional>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace quartermaster::server {
namespace {

using Counts = std::vector<int>;

// Of an indicator, which has one category.
PublishableTable SuppressOne(const std::vector<GroupCounts>& groups, uint32_t minimum_n = 5) {
  const std::vector<std::vector<GroupCounts>> categories = {groups};
  return Suppress(categories, minimum_n).at(0);
}

// Groups that have so many participants, and so many of everything else.
PublishableTable SuppressParticipants(const Counts& participants, uint32_t minimum_n = 5) {
  std::vector<GroupCounts> groups;
  for (const int count : participants) {
    groups.push_back({Decimal::FromInteger(count), Decimal::FromInteger(count), Decimal::FromInteger(count)});
  }
  return SuppressOne(groups, minimum_n);
}

std::string Text(const absl::optional<Decimal>& count) { return count ? count->ToString() : "*"; }

// The total, then the groups: "25: 15 10".
std::string Text(const PublishableTable& table, absl::optional<Decimal> PublishableCounts::*count) {
  std::string text = absl::StrCat(Text(table.total.*count), ":");
  for (const PublishableCounts& group : table.groups) absl::StrAppend(&text, " ", Text(group.*count));
  return text;
}

std::string Published(const Counts& participants, uint32_t minimum_n = 5) {
  return Text(SuppressParticipants(participants, minimum_n), &PublishableCounts::participants);
}

TEST(SuppressionTest, SmallCountsAreWithheldAndOthersRounded) {
  EXPECT_EQ(Published({}), "*:");
  EXPECT_EQ(Published({0}), "*: *");
  EXPECT_EQ(Published({4}), "*: *");
  EXPECT_EQ(Published({5}), "5: 5");
  EXPECT_EQ(Published({7}), "5: 5");
  EXPECT_EQ(Published({8}), "10: 10");
  EXPECT_EQ(Published({12, 13, 22}), "45: 10 15 20");  // 47.
}

TEST(SuppressionTest, FewerParticipantsThanTheCollectionsMinimumAreWithheld) {
  EXPECT_EQ(Published({9}, 10), "*: *");
  EXPECT_EQ(Published({10}, 10), "10: 10");
  EXPECT_EQ(Published({30, 20, 9}, 10), "60: 30 * *");  // 20 with the 9.
  EXPECT_EQ(Published({4}, 3), "*: *");                 // Small is small.
}

TEST(SuppressionTest, WhatTheTotalWouldGiveAwayIsWithheldToo) {
  EXPECT_EQ(Published({50, 20, 4}), "75: 50 * *");  // 20 with the 4.
  EXPECT_EQ(Published({4, 50, 20}), "75: * 50 *");  // In any order.
  EXPECT_EQ(Published({50, 20, 0}), "70: 50 * *");  // None is small, too.
  EXPECT_EQ(Published({50, 4}), "55: * *");
  EXPECT_EQ(Published({30, 30, 3}), "65: * 30 *");        // One of equal ones is enough.
  EXPECT_EQ(Published({50, 20, 3, 4}), "75: 50 20 * *");  // Seven together.
  EXPECT_EQ(Published({50, 20, 1, 2}), "75: 50 * * *");   // Three together are a small count themselves.
  EXPECT_EQ(Published({200, 7, 0, 0}), "205: 200 * * *");
  EXPECT_EQ(Published({1, 1, 2}), "*: * * *");
  EXPECT_EQ(Published({3, 3}), "5: * *");
}

TEST(SuppressionTest, EachCountIsATableOfItsOwn) {
  const auto number = [](int value) { return Decimal::FromInteger(value); };
  // The numerator of the first is small, and the second's is the next smallest; nothing else is.
  const PublishableTable table = SuppressOne({{number(20), number(3), number(1000)},
                                              {number(30), number(40), number(2000)},
                                              {number(40), number(60), number(3000)}});
  EXPECT_EQ(Text(table, &PublishableCounts::participants), "90: 20 30 40");
  EXPECT_EQ(Text(table, &PublishableCounts::numerator), "105: * * 60");  // 103.
  EXPECT_EQ(Text(table, &PublishableCounts::denominator), "6000: 1000 2000 3000");
}

// The numerator of two participants is theirs to within what each knows of its own, however large it is.
TEST(SuppressionTest, NothingOfFewParticipantsIsShownOrGivenAway) {
  const auto number = [](int value) { return Decimal::FromInteger(value); };
  const PublishableTable table = SuppressOne({{number(2), number(900), number(9000)},
                                              {number(2), number(800), number(8000)},
                                              {number(30), number(700), number(6000)},
                                              {number(40), number(750), number(5000)}});
  // The two small groups together are of four participants; so the smallest of the others goes with them.
  EXPECT_EQ(Text(table, &PublishableCounts::participants), "75: * * * 40");
  EXPECT_EQ(Text(table, &PublishableCounts::numerator), "3150: * * * 750");
  EXPECT_EQ(Text(table, &PublishableCounts::denominator), "28000: * * 6000 *");
}

TEST(SuppressionTest, CountsNeedNotBeWhole) {
  const auto number = [](double value) { return ReadDecimal(value, Decimal::kPlaces).value; };
  const PublishableTable table = SuppressOne({{number(9), number(4.999999999), number(7.5)},
                                              {number(9), number(5), number(12.5)},
                                              {number(9), number(12.500000001), number(-8)}});
  EXPECT_EQ(Text(table, &PublishableCounts::participants), "25: 10 10 10");  // 27.
  EXPECT_EQ(Text(table, &PublishableCounts::numerator), "20: * * 15");       // 22.5 is between 4 and 5 steps: even.
  EXPECT_EQ(Text(table, &PublishableCounts::denominator), "10: * * *");      // -8 and 7.5 together are small.
}

// By category, the numerators of each group; every group has 1,000 participants, and as denominator what its categories
// have together. Gives "category total: groups; ... / denominator total: groups".
std::string PublishedDistribution(const std::vector<Counts>& numerators) {
  std::vector<std::vector<GroupCounts>> categories(numerators.size());
  for (size_t group = 0; group < numerators[0].size(); ++group) {
    int sum = 0;
    for (const Counts& category : numerators) sum += category[group];
    for (size_t i = 0; i < categories.size(); ++i) {
      categories[i].push_back(
          {Decimal::FromInteger(1000), Decimal::FromInteger(numerators[i][group]), Decimal::FromInteger(sum)});
    }
  }
  const std::vector<PublishableTable> tables = Suppress(categories, /*minimum_n=*/5);
  std::string text;
  for (const PublishableTable& table : tables) {
    absl::StrAppend(&text, Text(table, &PublishableCounts::numerator), "; ");
    EXPECT_EQ(Text(table, &PublishableCounts::denominator), Text(tables[0], &PublishableCounts::denominator));
  }
  return absl::StrCat(text, "/ ", Text(tables[0], &PublishableCounts::denominator));
}

TEST(SuppressionTest, CategoriesAddUpToo) {
  // Of one group: 3 of 213 would follow from the 200 and the 10.
  EXPECT_EQ(PublishedDistribution({{200}, {10}, {3}}), "200: 200; *: *; *: *; / 215: 215");
  EXPECT_EQ(PublishedDistribution({{200}, {10}, {6}}), "200: 200; 10: 10; 5: 5; / 215: 215");
  // Of two groups: the 3 takes the 50 beside it with it, each of them one of its category in the other group.
  EXPECT_EQ(PublishedDistribution({{100, 200}, {50, 60}, {3, 70}}), "300: 100 200; 110: * *; 75: * *; / 485: 155 330");
}

constexpr int kWithheld = -1;

// All counts of a table of categories by groups that add up: each category's groups and then their total, and at last
// the denominators in the same way.
std::vector<Counts> WithSums(const std::vector<Counts>& numerators) {
  std::vector<Counts> rows = numerators;
  rows.emplace_back(numerators[0].size());
  for (const Counts& category : numerators) {
    for (size_t i = 0; i < category.size(); ++i) rows.back()[i] += category[i];
  }
  for (Counts& row : rows) row.push_back(std::accumulate(row.begin(), row.end(), 0));
  return rows;
}

// The same as it is published.
std::vector<Counts> PublishedSums(const std::vector<Counts>& numerators) {
  std::vector<Counts> rows;
  for (absl::string_view row : absl::StrSplit(PublishedDistribution(numerators), absl::ByAnyChar(";/"))) {
    const std::vector<absl::string_view> parts = absl::StrSplit(row, absl::ByAnyChar(": "), absl::SkipEmpty());
    if (parts.empty()) continue;
    Counts& counts = rows.emplace_back();
    for (size_t i = 1; i <= parts.size(); ++i) {
      const absl::string_view part = parts[i % parts.size()];  // The total comes last.
      int count = kWithheld;
      EXPECT_TRUE(part == "*" || absl::SimpleAtoi(part, &count)) << part;
      counts.push_back(count);
    }
  }
  return rows;
}

bool CouldBe(const std::vector<Counts>& exact, const std::vector<Counts>& published) {
  for (size_t row = 0; row < exact.size(); ++row) {
    for (size_t i = 0; i < exact[row].size(); ++i) {
      const int nearest = (exact[row][i] + 2) / 5 * 5;
      if (published[row][i] != kWithheld && published[row][i] != nearest) return false;
    }
  }
  return true;
}

// All tables of so many numbers that add up to less than `limit`, `columns` in a row.
std::vector<std::vector<Counts>> AllTables(size_t rows, size_t columns, int limit) {
  std::vector<std::vector<Counts>> tables;
  std::vector<Counts> table(rows, Counts(columns));
  const std::function<void(size_t, int)> fill = [&](size_t place, int left) {
    if (place == rows * columns) return tables.push_back(table);
    int& count = table[place / columns][place % columns];
    for (count = 0; count < left; ++count) fill(place + 1, left - count);
    count = 0;
  };
  fill(0, limit);
  return tables;
}

// The attacker knows what is shown, how it was rounded, and what adds up to what: for a withheld count it takes for
// possible what the count is in any table that fits. Only tables with a shown total are tried, whose fitting tables are
// all among those below the limit.
TEST(SuppressionTest, AnAttackerWhoSubtractsFindsFiveNumbersPossible) {
  const struct {
    size_t categories, groups;
    int limit;
  } shapes[] = {{1, 2, 33}, {1, 3, 24}, {1, 4, 16}, {2, 1, 33}, {3, 1, 24}, {2, 2, 16}, {2, 3, 11}};
  for (const auto& shape : shapes) {
    SCOPED_TRACE(absl::StrCat(shape.categories, " categories of ", shape.groups, " groups"));
    std::vector<std::vector<Counts>> exact;
    std::set<std::vector<Counts>> all_published;
    for (const std::vector<Counts>& numerators : AllTables(shape.categories, shape.groups, shape.limit)) {
      exact.push_back(WithSums(numerators));
      all_published.insert(PublishedSums(numerators));
    }
    int withheld = 0;
    for (const std::vector<Counts>& published : all_published) {
      const int total = published.back().back();
      if (total == kWithheld || total + 2 >= shape.limit) continue;
      std::vector<std::vector<std::set<int>>> possible(published.size(), {published[0].size(), std::set<int>()});
      for (const std::vector<Counts>& table : exact) {
        if (!CouldBe(table, published)) continue;
        for (size_t row = 0; row < table.size(); ++row) {
          for (size_t i = 0; i < table[row].size(); ++i) possible[row][i].insert(table[row][i]);
        }
      }
      for (size_t row = 0; row < published.size(); ++row) {
        for (size_t i = 0; i < published[row].size(); ++i) {
          if (published[row][i] != kWithheld) continue;
          ++withheld;
          ASSERT_GE(possible[row][i].size(), 5u) << ::testing::PrintToString(published) << " row " << row << ", " << i;
        }
      }
    }
    EXPECT_GE(withheld, 10);
  }
}

}  // namespace
}  // namespace quartermaster::server
