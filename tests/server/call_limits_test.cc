// Rates and places: who has used up its share waits, and nobody else does.
#include "server/call_limits.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/counted_address.h"
#include "server/errors.h"
#include "server/limits.h"
#include "server/worker.h"

namespace quartermaster::server {
namespace {

using ::testing::HasSubstr;
using std::string_literals::operator""s;

class CallLimitsTest : public ::testing::Test {
 protected:
  // How many of so many calls pass.
  static size_t Passed(TokenBuckets* buckets, const std::string& caller, size_t calls) {
    size_t passed = 0;
    for (size_t i = 0; i < calls; ++i) passed += buckets->Take(caller) ? 1 : 0;
    return passed;
  }

  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  const Clock clock_ = [this] { return now_; };
};

TEST_F(CallLimitsTest, ABucketGivesWhatItHoldsAndFills) {
  TokenBuckets buckets(10, 50, 100, clock_);
  EXPECT_EQ(Passed(&buckets, "jo", 80), 50u);
  EXPECT_EQ(Passed(&buckets, "kim", 80), 50u);
  now_ += absl::Milliseconds(100);
  EXPECT_EQ(Passed(&buckets, "jo", 5), 1u);
  now_ += absl::Seconds(2);
  EXPECT_EQ(Passed(&buckets, "jo", 80), 20u);
  now_ += absl::Hours(5);
  EXPECT_EQ(Passed(&buckets, "jo", 80), 50u);
  now_ -= absl::Hours(5);  // A clock that is set back opens nothing, and closes nothing for long.
  EXPECT_EQ(Passed(&buckets, "jo", 80), 0u);
  now_ += absl::Seconds(1);
  EXPECT_EQ(Passed(&buckets, "jo", 80), 10u);
}

TEST_F(CallLimitsTest, ABucketGivesSeveralTokensOrNone) {
  TokenBuckets buckets(10, 50, 100, clock_);
  EXPECT_TRUE(buckets.Take("jo", 30));
  EXPECT_FALSE(buckets.Take("jo", 30));
  EXPECT_TRUE(buckets.Take("jo", 20));
  EXPECT_FALSE(buckets.Take("jo"));
}

TEST_F(CallLimitsTest, WhatIsForgottenWasFull) {
  TokenBuckets buckets(10, 50, 1'000'000, clock_);
  size_t passed = 0;
  // Someone who asks all the time keeps to the rate through all generations.
  for (int i = 0; i < 10'000; ++i, now_ += absl::Milliseconds(10)) passed += buckets.Take("jo") ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(passed), 50 + 10 * 100, 2);
  for (int i = 0; i < 1'000; ++i) buckets.Take(absl::StrCat(i));
  EXPECT_EQ(buckets.known(), 1'001u);
  now_ += absl::Seconds(5);
  buckets.Take("jo");
  now_ += absl::Seconds(5);
  buckets.Take("jo");
  EXPECT_EQ(buckets.known(), 1u);
}

TEST_F(CallLimitsTest, MemoryIsBoundedWhoeverAsks) {
  TokenBuckets buckets(10, 50, 100, clock_);
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_TRUE(buckets.Take(absl::StrCat("caller ", i)));
    ASSERT_LE(buckets.known(), 200u);
  }
}

TEST_F(CallLimitsTest, CallsOfOneDoNotHoldUpAnother) {
  CallLimits limits(clock_);
  absl::Status last;
  for (int i = 0; i <= kCallsAtOnce; ++i) {
    EXPECT_TRUE(last.ok());
    last = limits.NoteCall("jo");
  }
  EXPECT_EQ(ReasonOf(last), "TOO_MANY_CALLS");
  EXPECT_TRUE(absl::IsResourceExhausted(last));
  EXPECT_THAT(std::string(last.message()), HasSubstr("jo makes more than 1000 calls a second"));
  EXPECT_TRUE(limits.NoteCall("kim").ok());
  now_ += absl::Seconds(1);
  EXPECT_TRUE(limits.NoteCall("jo").ok());
}

TEST_F(CallLimitsTest, WhatARoleMayNotCallCountsAsACall) {
  CallLimits limits(clock_);
  const absl::StatusOr<Principal> denied = WithHolder(PermissionDenied("A reason."), "jo");
  absl::Status last;
  for (int i = 0; i <= kCallsAtOnce; ++i) {
    EXPECT_TRUE(last.ok());
    last = limits.Note(denied, "ipv4:192.0.2.1:9");
  }
  EXPECT_EQ(ReasonOf(last), "TOO_MANY_CALLS");
  Principal jo;
  jo.name = "jo";
  EXPECT_EQ(ReasonOf(limits.Note(jo, "ipv4:192.0.2.1:9")), "TOO_MANY_CALLS");
  // Nobody's calls are another matter.
  EXPECT_TRUE(limits.Note(Unauthenticated("NO_VALID_TOKEN", "A reason."), "ipv4:192.0.2.1:9").ok());
}

TEST_F(CallLimitsTest, RefusalsCountByAddress) {
  CallLimits limits(clock_);
  for (int i = 0; i < kRefusalsAtOnce; ++i) {
    EXPECT_TRUE(limits.NoteRefusal(absl::StrCat("ipv4:192.0.2.1:", 10'000 + i)).ok());
  }
  EXPECT_EQ(ReasonOf(limits.NoteRefusal("ipv4:192.0.2.1:9")), "TOO_MANY_REFUSALS");
  EXPECT_TRUE(limits.NoteRefusal("ipv4:192.0.2.2:9").ok());
  EXPECT_TRUE(limits.NoteRefusal("ipv6:%5B2001:db8::1%5D:9").ok());
  EXPECT_TRUE(limits.NoteRefusal("").ok());
}

TEST_F(CallLimitsTest, RefusalsCountByNetworkOfIpv6) {
  CallLimits limits(clock_);
  for (int i = 0; i < kRefusalsAtOnce; ++i) {
    EXPECT_TRUE(limits.NoteRefusal(absl::StrCat("ipv6:%5B2001:db8:1:2::", absl::Hex(i), "%5D:9")).ok());
  }
  EXPECT_EQ(ReasonOf(limits.NoteRefusal("ipv6:%5B2001:db8:1:2:ffff::1%5D:7")), "TOO_MANY_REFUSALS");
  EXPECT_TRUE(limits.NoteRefusal("ipv6:%5B2001:db8:1:3::1%5D:9").ok());
}

TEST_F(CallLimitsTest, WhatCountsAsOneAddress) {
  EXPECT_EQ(CountedAddress("ipv4:192.0.2.1:53412"), "\xC0\x00\x02\x01"s);
  EXPECT_EQ(CountedAddress("ipv6:%5B::ffff:192.0.2.1%5D:9"), CountedAddress("ipv4:192.0.2.1:10"));
  EXPECT_EQ(CountedAddress("ipv6:[2001:db8::1]:9"), CountedAddress("ipv6:%5B2001:db8::2%5D:10"));
  EXPECT_EQ(CountedAddress("ipv6:%5Bfe80::1%25eth0%5D:9"), CountedAddress("ipv6:%5Bfe80::2%5D:9"));
  EXPECT_EQ(CountedAddress("ipv6:%5Bnone%5D:9"), "ipv6:%5Bnone%5D");
  EXPECT_EQ(CountedAddress("unix:/run/x"), "unix");
  EXPECT_EQ(CountedAddress(""), "");
}

TEST_F(CallLimitsTest, PlacesOfOneAndOfAll) {
  CallLimits limits(clock_);
  std::vector<StreamPlace> places;
  for (int i = 0; i < kMaxStreamsOfPrincipal; ++i) places.push_back(limits.Open(kReturnStreams, "jo").value());
  const absl::Status refused = limits.Open(kReturnStreams, "jo").status();
  EXPECT_EQ(ReasonOf(refused), "TOO_MANY_STREAMS");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("jo has 16 streams of returns open already"));
  std::vector<StreamPlace> watches;
  for (int i = 0; i < kMaxWatchesOfPrincipal; ++i) watches.push_back(limits.Open(kWatches, "jo").value());
  EXPECT_EQ(ReasonOf(limits.Open(kWatches, "jo").status()), "TOO_MANY_STREAMS");
  places.pop_back();
  places.push_back(limits.Open(kReturnStreams, "jo").value());

  for (int i = 0; i < kMaxStreams - kMaxStreamsOfPrincipal; ++i) {
    places.push_back(limits.Open(kReturnStreams, absl::StrCat("principal ", i)).value());
  }
  EXPECT_THAT(std::string(limits.Open(kReturnStreams, "kim").status().message()), HasSubstr("there are 256 streams"));
  EXPECT_TRUE(limits.Open(kWatches, "kim").ok());
  StreamPlace moved = std::move(places.back());
  places.pop_back();
  EXPECT_FALSE(limits.Open(kReturnStreams, "kim").ok());
  moved = StreamPlace();
  EXPECT_TRUE(limits.Open(kReturnStreams, "kim").ok());
}

TEST_F(CallLimitsTest, HalfOfTheDownloadsAreForOthers) {
  for (const StreamKind& kind : {kBundleDownloads, kReleaseDownloads, kExtracts}) {
    CallLimits limits(clock_);
    std::vector<StreamPlace> places;
    for (const char* principal : {"jo", "jo", "kim"}) places.push_back(limits.Open(kind, principal).value());
    EXPECT_THAT(std::string(limits.Open(kind, "jo").status().message()),
                HasSubstr(absl::StrCat("jo has 2 ", kind.name, " open already")));
    places.push_back(limits.Open(kind, "kim").value());
    const absl::Status refused = limits.Open(kind, "lee").status();
    EXPECT_EQ(ReasonOf(refused), "TOO_MANY_STREAMS");
    EXPECT_THAT(std::string(refused.message()), HasSubstr(absl::StrCat("there are 4 ", kind.name, " open already")));
    places.clear();
    EXPECT_TRUE(limits.Open(kind, "jo").ok());
  }
}

TEST_F(CallLimitsTest, WhoFindsTheWorkerBusyIsToldHowManyWait) {
  const absl::Status busy = Busy();
  EXPECT_EQ(ReasonOf(busy), "TOO_MANY_CALLS_WAITING");
  EXPECT_THAT(std::string(busy.message()), HasSubstr("as may wait for others wait already"));
}

TEST(WorkerTest, OneThatRestsFinishesWhatItTook) {
  int done = 0;
  {
    Worker worker(/*max_waiting=*/1000, /*share=*/1e-6);
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(worker.Do([&] { ++done; }));
    // Resting is for others' sake; at its end nobody comes first.
  }
  EXPECT_EQ(done, 1000);
}

}  // namespace
}  // namespace quartermaster::server
