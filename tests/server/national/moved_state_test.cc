// A state that moved return by return is the state rebuilt from the returns that are left, and says what a plain
// recomputation says.
#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "server/national/national_state.h"
#include "tests/server/national/fixture.h"
#include "tests/server/national/random.h"

namespace quartermaster::national {
namespace {

using Key = std::tuple<const ServiceSchema*, std::string, Period>;
using Values = std::map<std::string, double>;

class MovedStateTest : public ::testing::Test {
 protected:
  MovedStateTest() {
    const Period first = Period::Year(2024);
    for (const Period& year : {first, first.Plus(1)}) {
      periods_.push_back(year);
      for (const Period& quarter : year.Parts()) {
        periods_.push_back(quarter);
        // Months thrice, so that whole quarters of them come about.
        for (const Period& month : quarter.Parts()) periods_.insert(periods_.end(), 3, month);
      }
    }
    for (int i = 1; i <= 9; ++i) participants_.push_back("RT" + std::to_string(i));
  }

  // Few different numbers, so that there are ties; gaps; now and then numbers that need 128 bits.
  Values RandomValues(const ServiceSchema& service) {
    Values values;
    for (const FieldSchema& field : service.fields()) {
      if (field.type == ValueType::kString || random_.OneIn(12)) continue;
      int64_t number = random_.Between(0, field.type == ValueType::kBool     ? 1
                                          : field.type == ValueType::kChoice ? 2
                                                                             : 9);
      if (field.path == "cost" && random_.OneIn(2)) number *= 100'000'000'000;
      const bool fraction = field.places > 0 && random_.OneIn(2);
      values[field.path] = static_cast<double>(number) + (fraction ? 0.25 : 0);
    }
    return values;
  }

  Key RandomKey() {
    const ServiceSchema* service = schema_->services()[random_.Below(2)].get();
    return {service, participants_[random_.Below(participants_.size())], periods_[random_.Below(periods_.size())]};
  }

  // Whoever merges goes into one with a larger code, so that there is no circle. Some mergers are undone.
  void ChangeSuccession() {
    mergers_.erase(participants_[random_.Below(4)]);
    if (random_.OneIn(2)) {
      const size_t predecessor = random_.Below(4);
      const std::string& successor = participants_[predecessor + 1 + random_.Below(3)];
      mergers_.insert_or_assign(participants_[predecessor],
                                std::pair(successor, Period::Month(2024, 4).Plus(static_cast<int>(random_.Below(24)))));
    }
    auto succession = std::make_shared<Succession>();
    for (const auto& [predecessor, merger] : mergers_) succession->Put(predecessor, merger.first, merger.second);
    succession_ = succession;
    state_.SuccessionChanged(succession);
  }

  void MoveOnce() {
    if (random_.OneIn(400)) {
      register_.populations[participants_[random_.Below(participants_.size())]] = random_.Between(0, 5);
      state_.PopulationsChanged();
      return;
    }
    if (with_mergers_ && random_.OneIn(100)) {
      ChangeSuccession();
      return;
    }
    const Key key = RandomKey();
    const auto& [service, participant, period] = key;
    if (random_.OneIn(4)) {
      state_.Remove(*service, participant, period);
      current_.erase(key);
      return;
    }
    const Values values = RandomValues(*service);
    const ReturnValues read = Return(*service, values);
    std::string foretold;
    if (random_.OneIn(5)) foretold = Text(Foretold(state_, *service, participant, period, read));
    state_.Put(*service, participant, period, read, 1);
    current_[key] = values;
    if (!foretold.empty()) {
      EXPECT_EQ(foretold, Text(PositionsOf(state_, {service}, participant, period)));
    }
  }

  // From what is left, in another order: one by one, or all at once as a start does.
  std::string DumpOfRebuilt(bool at_once) {
    std::vector<Key> keys;
    for (const auto& entry : current_) keys.push_back(entry.first);
    std::shuffle(keys.begin(), keys.end(), random_.engine());
    NationalState rebuilt(schema_, register_.Source(), succession_);
    const auto add = at_once ? &NationalState::Keep : &NationalState::Put;
    for (const Key& key : keys) {
      const auto& [service, participant, period] = key;
      (rebuilt.*add)(*service, participant, period, Return(*service, current_[key]), 1);
    }
    if (at_once) rebuilt.CountKept();
    return rebuilt.Dump();
  }

  // The sum of a field over the months of a quarter that has no return of its own, or of its return.
  absl::optional<double> QuarterSum(const std::string& participant, const Period& quarter, const std::string& field) {
    const ServiceSchema* clinic = schema_->FindService("clinic");
    if (const auto own = current_.find({clinic, participant, quarter}); own != current_.end()) {
      const auto value = own->second.find(field);
      return value == own->second.end() ? absl::nullopt : absl::make_optional(value->second);
    }
    double sum = 0;
    for (const Period& month : quarter.Parts()) {
      const auto part = current_.find({clinic, participant, month});
      if (part == current_.end() || part->second.count(field) == 0) return absl::nullopt;
      sum += part->second[field];
    }
    return sum;
  }

  // n and pooled of contacts per session, in small whole numbers that doubles hold exactly.
  void CheckAgainstPlainSums(const Period& quarter) {
    uint32_t n = 0;
    double contacts = 0;
    double sessions = 0;
    for (const std::string& participant : participants_) {
      const auto top = QuarterSum(participant, quarter, "contacts");
      const auto open = QuarterSum(participant, quarter, "sessions");
      const auto closed = QuarterSum(participant, quarter, "closed");
      if (!top || !open || !closed || *open - *closed <= 0) continue;
      ++n;
      contacts += *top;
      sessions += *open - *closed;
    }
    const auto row = Row(state_.Statistics({schema_->FindService("clinic")}, quarter, {}), "contacts-per-session");
    EXPECT_EQ(row.n(), n) << quarter.ToString();
    EXPECT_EQ(row.has_pooled(), n > 0);
    if (n > 0) {
      EXPECT_NEAR(row.pooled(), contacts / sessions, 1e-9) << quarter.ToString();
    }
  }

  Random random_;
  const std::shared_ptr<const CollectionSchema> schema_ = TestCollection();
  std::vector<std::string> participants_;
  std::vector<Period> periods_;
  Register register_;
  NationalState state_{schema_, register_.Source(), NoMergers()};
  std::map<Key, Values> current_;
  bool with_mergers_ = true;
  std::map<std::string, std::pair<std::string, Period>> mergers_;
  std::shared_ptr<const Succession> succession_ = NoMergers();
};

TEST_F(MovedStateTest, EqualsTheRebuiltOne) {
  for (int move = 1; move <= 8000; ++move) {
    MoveOnce();
    if (move % 800 == 0) {
      ASSERT_EQ(state_.Dump(), DumpOfRebuilt(/*at_once=*/false)) << "after " << move << " moves";
      ASSERT_EQ(state_.Dump(), DumpOfRebuilt(/*at_once=*/true)) << "after " << move << " moves";
    }
    ASSERT_FALSE(HasFailure()) << "after " << move << " moves";
  }
}

// merged_state_test works out by hand what mergers do.
TEST_F(MovedStateTest, HasThePlainSums) {
  with_mergers_ = false;
  for (int move = 1; move <= 4000; ++move) {
    MoveOnce();
    if (move % 400 != 0) continue;
    for (const Period& quarter : Period::Year(2024).Parts()) CheckAgainstPlainSums(quarter);
    ASSERT_FALSE(HasFailure()) << "after " << move << " moves";
  }
}

TEST_F(MovedStateTest, IsEmptyWhenAllAreWithdrawn) {
  for (int move = 0; move < 2000; ++move) MoveOnce();
  while (!current_.empty()) {
    const auto& [service, participant, period] = current_.begin()->first;
    state_.Remove(*service, participant, period);
    current_.erase(current_.begin());
  }
  EXPECT_EQ(state_.Dump(), NationalState(schema_, register_.Source(), NoMergers()).Dump());
}

}  // namespace
}  // namespace quartermaster::national
