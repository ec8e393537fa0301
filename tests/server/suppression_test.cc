// What may be published, and what an attacker who subtracts learns from it.
#include "server/suppression.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace quartermaster::server {
namespace {

using Counts = std::vector<int>;

// Of an indicator, which has one category.
PublishableTable SuppressOne(const std::vector<GroupCounts>& groups) {
  const std::vector<std::vector<GroupCounts>> categories = {groups};
  return Suppress(categories).at(0);
}

// Groups that have so many participants, and so many of everything else.
PublishableTable SuppressParticipants(const Counts& participants) {
  std::vector<GroupCounts> groups;
  for (const int count : participants) {
    groups.push_back({Decimal::FromInteger(count), Decimal::FromInteger(count), Decimal::FromInteger(count)});
  }
  return SuppressOne(groups);
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
  const std::vector<PublishableTable> tables = Suppress(categories);
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

// What an attacker, who knows how tables are published and has tried all of them too, takes for possible: what the
// count has in all tables that would be published as this one.
class Attacker {
 public:
  // Of a table: what is published, and for each count how large it is, or -1 where it is shown.
  void Learn(const std::string& published, const Counts& withheld) {
    std::vector<std::set<int>>& sets = possible_[published];
    sets.resize(withheld.size());
    for (size_t i = 0; i < withheld.size(); ++i) {
      if (withheld[i] >= 0) sets[i].insert(withheld[i]);
    }
  }
  // Nothing from 0 to 4 is ever ruled out for what is withheld. Of tables where `is_known_in_full` gives false not all
  // were tried that would be published alike.
  void ExpectNothingRuledOut(const std::function<bool(const std::string&)>& is_known_in_full) const {
    int withheld = 0;
    for (const auto& [published, sets] : possible_) {
      if (!is_known_in_full(published)) continue;
      for (const std::set<int>& set : sets) {
        if (set.empty()) continue;
        ++withheld;
        for (int count = 0; count < 5; ++count) EXPECT_EQ(set.count(count), 1u) << published << " rules out " << count;
      }
    }
    EXPECT_GT(withheld, 7);
  }

 private:
  std::map<std::string, std::vector<std::set<int>>> possible_;
};

// Calls `visit` with all lists of so many numbers below `limit`.
void ForAll(size_t size, int limit, const std::function<void(const Counts&)>& visit) {
  Counts counts(size);
  const std::function<void(size_t)> fill = [&](size_t place) {
    if (place == size) return visit(counts);
    for (counts[place] = 0; counts[place] < limit; ++counts[place]) fill(place + 1);
  };
  fill(0);
}

TEST(SuppressionTest, AnAttackerWhoSubtractsRulesNothingOut) {
  for (const auto& [group_count, limit] : std::vector<std::pair<size_t, int>>{{2, 40}, {3, 26}, {4, 14}}) {
    SCOPED_TRACE(absl::StrCat(group_count, " groups"));
    Attacker attacker;
    ForAll(group_count, limit, [&](const Counts& counts) {
      const PublishableTable table = SuppressParticipants(counts);
      Counts withheld;
      for (size_t i = 0; i < counts.size(); ++i) withheld.push_back(table.groups[i].participants ? -1 : counts[i]);
      attacker.Learn(Text(table, &PublishableCounts::participants), withheld);
    });
    attacker.ExpectNothingRuledOut([bound = limit - 3](const std::string& published) {
      return published[0] == '*' || std::stoi(published) <= bound;
    });
  }
}

// Two categories of two groups, with both ways to add up.
TEST(SuppressionTest, AnAttackerWhoAlsoAddsCategoriesRulesNothingOut) {
  constexpr int kLimit = 13;
  Attacker attacker;
  ForAll(4, kLimit, [&](const Counts& counts) {
    const std::string published = PublishedDistribution({{counts[0], counts[1]}, {counts[2], counts[3]}});
    // The groups' numerators stand in their order after each colon.
    std::vector<std::string> shown;
    for (const absl::string_view category : absl::StrSplit(published.substr(0, published.find('/')), ';')) {
      const std::vector<std::string> parts = absl::StrSplit(category, ' ', absl::SkipEmpty());
      if (parts.size() == 3) shown.insert(shown.end(), {parts[1], parts[2]});
    }
    ASSERT_EQ(shown.size(), counts.size()) << published;
    Counts withheld;
    for (size_t i = 0; i < counts.size(); ++i) withheld.push_back(shown[i] == "*" ? counts[i] : -1);
    attacker.Learn(published, withheld);
  });
  attacker.ExpectNothingRuledOut([](const std::string& published) {
    const std::string denominator = published.substr(published.find('/') + 2);
    return denominator[0] == '*' || std::stoi(denominator) <= kLimit - 3;
  });
}

}  // namespace
}  // namespace quartermaster::server
