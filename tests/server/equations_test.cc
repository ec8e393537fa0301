// What the attacker of disclosure_test.cc reckons with.
#include "tests/server/equations.h"

#include <gtest/gtest.h>

namespace quartermaster::server {
namespace {

TEST(EquationsTest, SolvesWhatFollows) {
  Equations equations;
  equations.Add({1, 2, 3});
  equations.Add({1, 2, 4});
  EXPECT_TRUE(equations.Solved().empty());
  equations.Add({3});
  EXPECT_EQ(equations.Solved(), (std::set<int>{3, 4}));
}

}  // namespace
}  // namespace quartermaster::server
