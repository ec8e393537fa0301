// Rules that are tried on what is stored: counted, and given up once nobody waits for it.
#include "server/collection_trial.h"

#include "tests/server/releases_fixture.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster::server {
namespace {

class CollectionTrialTest : public ReleaseServer {
 protected:
  CollectionTrialTest() {
    for (const char* participant : {"RT1", "RT2", "RT3", "RT4"}) {
      Send({participant, kQuarter, 10, 8});
    }
    *request_.mutable_descriptor_set() = testing::DescriptorSetFromText(CollectionText(
        R"(option (schema.v1.rule) = { id: "few" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
             expression: "occupied <= 7" message: "Too many." };)"));
    request_.set_file_name(testing::kCollectionFile);
  }

  absl::StatusOr<v1::CheckCollectionResponse> Try(const std::function<bool()>& is_cancelled) const {
    return TryRules(request_, *state_, *store_, *now_, is_cancelled);
  }

  v1::CheckCollectionRequest request_;
};

TEST_F(CollectionTrialTest, CountsWhatANewRuleFinds) {
  const v1::CheckCollectionResponse tried = Try([] { return false; }).value();
  EXPECT_EQ(tried.returns(), 4u);
  ASSERT_EQ(tried.rules_size(), 1);
  EXPECT_EQ(tried.rules(0).rule_id(), "few");
  EXPECT_EQ(tried.rules(0).hits(), 4u);
}

TEST_F(CollectionTrialTest, EndsAtTheNextReturnOnceItIsCancelled) {
  int asked = 0;
  EXPECT_TRUE(absl::IsCancelled(Try([&asked] { return ++asked == 3; }).status()));
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace quartermaster::server
