// Standing exceptions as stewards grant and end them, several at once too.
#include "server/exception_grants.h"

#include "server/errors.h"
#include "tests/server/releases_fixture.h"

namespace quartermaster::server {
namespace {

class ExceptionGrantsTest : public ReleaseServer {
 protected:
  static v1::StandingException ExceptionOf(const std::string& participant) {
    v1::StandingException exception;
    exception.set_collection("test");
    exception.set_service("beds");
    exception.set_participant(participant);
    exception.set_rule_id("within");
    exception.set_until("2025-12-31");
    exception.set_reason("It is being rebuilt.");
    return exception;
  }

  auto Granting(const std::string& participant, const std::string& steward) {
    return [this, participant, steward](auto done) { grants_.Grant(ExceptionOf(participant), steward, done); };
  }
  auto Ending(uint64_t id, const std::string& steward) {
    return [this, id, steward](auto done) { grants_.End(id, steward, done); };
  }

  ExceptionGrants grants_{store_.get(), state_.get(), [this] { return *now_; }};
};

TEST_F(ExceptionGrantsTest, OfTwoThatAreTheSameOneIsGranted) {
  const auto [first, second] = AtOnce<v1::StandingException>(Granting("RT1", "one"), Granting("RT1", "another"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ReasonOf(second.status()), "EXCEPTION_STANDS");
  ASSERT_EQ(state_->exceptions()->all().size(), 1);
  EXPECT_EQ(state_->exceptions()->all().begin()->second.granted_by(), "one");
}

TEST_F(ExceptionGrantsTest, TwoThatDifferAreBothGranted) {
  const auto [first, second] = AtOnce<v1::StandingException>(Granting("RT1", "one"), Granting("RT2", "another"));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_LT(first->id(), second->id());
}

TEST_F(ExceptionGrantsTest, OfTwoWhoEndOneTheSecondIsTold) {
  const auto granted = Await<v1::StandingException>(Granting("RT1", "one"));
  ASSERT_TRUE(granted.ok()) << granted.status();
  const auto [first, second] =
      AtOnce<v1::StandingException>(Ending(granted->id(), "one"), Ending(granted->id(), "another"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ReasonOf(second.status()), "EXCEPTION_ENDED");
  EXPECT_EQ(state_->exceptions()->all().begin()->second.ended_by(), "one");
}

}  // namespace
}  // namespace quartermaster::server
