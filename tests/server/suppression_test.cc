// What may be published, and what an attacker who subtracts learns from it.
#include "server/suppression.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace quartermaster::server {
namespace {

using Counts = std::vector<int>;

// Groups that have so many participants, and so many of everything else.
PublishableTable SuppressParticipants(const Counts& participants) {
  std::vector<GroupCounts> groups;
  for (const int count : participants) {
    groups.push_back({Decimal::FromInteger(count), Decimal::FromInteger(count), Decimal::FromInteger(count)});
  }
  return Suppress(groups);
}

std::string Text(const absl::optional<Decimal>& count) { return count ? count->ToString() : "*"; }

// The total, then the groups: "25: 15 10".
std::string Text(const PublishableTable& table, absl::optional<Decimal> PublishableCounts::*count) {
  std::string text = absl::StrCat(Text(table.total.*count), ":");
  for (const PublishableCounts& group : table.groups) absl::StrAppend(&text, " ", Text(group.*count));
  return text;
}

std::string Published(const Counts& participants) {
  return Text(SuppressParticipants(participants), &PublishableCounts::participants);
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
  const PublishableTable table = Suppress(std::vector<GroupCounts>{{number(20), number(3), number(1000)},
                                                                   {number(30), number(40), number(2000)},
                                                                   {number(40), number(60), number(3000)}});
  EXPECT_EQ(Text(table, &PublishableCounts::participants), "90: 20 30 40");
  EXPECT_EQ(Text(table, &PublishableCounts::numerator), "105: * * 60");  // 103.
  EXPECT_EQ(Text(table, &PublishableCounts::denominator), "6000: 1000 2000 3000");
}

// The numerator of two participants is theirs to within what each knows of its own, however large it is.
TEST(SuppressionTest, NothingOfFewParticipantsIsShownOrGivenAway) {
  const auto number = [](int value) { return Decimal::FromInteger(value); };
  const PublishableTable table = Suppress(std::vector<GroupCounts>{{number(2), number(900), number(9000)},
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
  const PublishableTable table = Suppress(std::vector<GroupCounts>{{number(9), number(4.999999999), number(7.5)},
                                                                   {number(9), number(5), number(12.5)},
                                                                   {number(9), number(12.500000001), number(-8)}});
  EXPECT_EQ(Text(table, &PublishableCounts::participants), "25: 10 10 10");  // 27.
  EXPECT_EQ(Text(table, &PublishableCounts::numerator), "20: * * 15");       // 22.5 is between 4 and 5 steps: even.
  EXPECT_EQ(Text(table, &PublishableCounts::denominator), "10: * * *");      // -8 and 7.5 together are small.
}

// Every table of so many groups with counts below `limit`. The attacker knows how tables are published and has tried
// all of them too: what is possible for a withheld group is what it has in the tables that would be published as this
// one. Nothing from 0 to 4 is ever ruled out for a group that has it, nor for one that went with it.
void ExpectNothingRuledOut(size_t group_count, int limit) {
  SCOPED_TRACE(absl::StrCat(group_count, " groups"));
  std::map<std::string, std::vector<std::set<int>>> possible;
  Counts counts(group_count);
  const std::function<void(size_t)> try_all = [&](size_t group) {
    if (group < group_count) {
      for (counts[group] = 0; counts[group] < limit; ++counts[group]) try_all(group + 1);
      return;
    }
    const PublishableTable table = SuppressParticipants(counts);
    std::vector<std::set<int>>& sets = possible[Text(table, &PublishableCounts::participants)];
    sets.resize(group_count);
    for (size_t i = 0; i < group_count; ++i) {
      if (!table.groups[i].participants) sets[i].insert(counts[i]);
    }
  };
  try_all(0);
  int withheld = 0;
  for (const auto& [published, sets] : possible) {
    // Of a larger total not all tables were tried.
    if (published[0] != '*' && std::stoi(published) > limit - 8) continue;
    for (const std::set<int>& set : sets) {
      if (set.empty()) continue;
      ++withheld;
      for (int count = 0; count < 5; ++count) EXPECT_EQ(set.count(count), 1u) << published << " rules out " << count;
    }
  }
  EXPECT_GT(withheld, 7);
}

TEST(SuppressionTest, AnAttackerWhoSubtractsRulesNothingOut) {
  ExpectNothingRuledOut(2, 40);
  ExpectNothingRuledOut(3, 26);
  ExpectNothingRuledOut(4, 14);
}

}  // namespace
}  // namespace quartermaster::server
