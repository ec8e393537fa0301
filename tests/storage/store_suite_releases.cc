// Every engine: releases, whose content lies in parts.
#include "google/protobuf/util/time_util.h"
#include "tests/storage/store_suite.h"

namespace quartermaster::storage {
namespace {

using absl::StatusCode;
using google::protobuf::util::TimeUtil;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kQuarter[] = "2025-26-Q1";

CatalogueChange Publish(const std::string& collection, uint32_t number, std::vector<std::string> parts) {
  CatalogueChange change;
  NewRelease& release = change.releases.emplace_back();
  release.record.mutable_release()->set_collection(collection);
  release.record.mutable_release()->set_period(kQuarter);
  release.record.mutable_release()->set_number(number);
  release.record.add_statistics()->set_n(number);
  release.parts = std::move(parts);
  return change;
}

// At most `most` parts.
absl::StatusOr<std::vector<std::string>> ReadParts(const Store& store, const std::string& collection, uint32_t number,
                                                   size_t most = 1000) {
  std::vector<std::string> parts;
  const absl::Status status = store.ReadRelease(collection, kQuarter, number, [&](std::string part) {
    parts.push_back(std::move(part));
    return parts.size() < most;
  });
  if (!status.ok()) return status;
  return parts;
}

TEST_P(StoreSuite, AReleaseComesBackWithItsParts) {
  const std::vector<std::string> parts = {"one", "", std::string("\0\xff", 2), "four"};
  ASSERT_EQ(*ChangeAndWait(store(), Publish("mhlda", 1, parts)), 1);
  ASSERT_EQ(*ChangeAndWait(store(), Publish("mhlda", 2, {"other"})), 2);
  ASSERT_EQ(*ChangeAndWait(store(), Publish("mhld", 1, {"near"})), 3);
  for (int opening = 0; opening < 2; ++opening) {
    EXPECT_EQ(*ReadParts(store(), "mhlda", 1), parts);
    EXPECT_THAT(*ReadParts(store(), "mhlda", 1, 2), ElementsAre("one", ""));
    EXPECT_THAT(*ReadParts(store(), "mhlda", 2), ElementsAre("other"));
    EXPECT_THAT(*ReadParts(store(), "mhld", 1), ElementsAre("near"));
    const auto catalogue = store().ReadCatalogue();
    ASSERT_TRUE(catalogue.ok() && catalogue->releases.size() == 3) << catalogue.status();
    EXPECT_EQ(catalogue->releases[0].release().collection(), "mhld");
    v1::ReleaseRecord expected = Publish("mhlda", 1, {}).releases[0].record;
    expected.set_parts(4);
    expected.set_sequence(1);
    *expected.mutable_release()->mutable_publish_time() = TimeUtil::MicrosecondsToTimestamp(kNowUs);
    EXPECT_EQ(catalogue->releases[1].DebugString(), expected.DebugString());
    EXPECT_EQ(catalogue->releases[2].release().number(), 2);
    Reopen();
  }
}

TEST_P(StoreSuite, AReleaseHasTheNextNumber) {
  const auto expect_aborted = [this](uint32_t number, const std::string& saying) {
    const auto result = ChangeAndWait(store(), Publish("mhlda", number, {"a"}));
    ASSERT_THAT(result, HasCode(StatusCode::kAborted));
    EXPECT_THAT(result.status().message(), HasSubstr(saying));
  };
  expect_aborted(0, "release 0 of mhlda 2025-26-Q1 cannot be stored: the next one is number 1");
  expect_aborted(2, "the next one is number 1");
  ASSERT_TRUE(ChangeAndWait(store(), Publish("mhlda", 1, {"a"})).ok());
  ASSERT_TRUE(ChangeAndWait(store(), Publish("mhlda2", 1, {"a"})).ok());
  expect_aborted(1, "release 1 of mhlda 2025-26-Q1 cannot be stored: the next one is number 2");
  Reopen();
  expect_aborted(1, "the next one is number 2");
  expect_aborted(3, "the next one is number 2");
  EXPECT_EQ(store().last_sequence(), 2);
  EXPECT_THAT(*ReadParts(store(), "mhlda", 1), ElementsAre("a"));
}

// Two stewards publish in the same moment.
TEST_P(StoreSuite, OfTwoReleasesInOneGroupOneIsStored) {
  Answer<uint64_t> first, second, next;
  Obstacle obstacle(store());
  store().ChangeCatalogue(Publish("mhlda", 1, {"first"}), nullptr, first.Done());
  store().ChangeCatalogue(Publish("mhlda", 1, {"second"}), nullptr, second.Done());
  store().ChangeCatalogue(Publish("mhlda", 2, {"next"}), nullptr, next.Done());
  obstacle.Remove();
  EXPECT_TRUE(first.Wait().ok());
  EXPECT_THAT(second.Wait(), HasCode(StatusCode::kAborted));
  EXPECT_TRUE(next.Wait().ok());
  EXPECT_THAT(*ReadParts(store(), "mhlda", 1), ElementsAre("first"));
  EXPECT_THAT(*ReadParts(store(), "mhlda", 2), ElementsAre("next"));
}

TEST_P(StoreSuite, AReleaseThatIsNotThereIsNotFound) {
  EXPECT_THAT(ReadParts(store(), "mhlda", 1), HasCode(StatusCode::kNotFound));
  ASSERT_TRUE(ChangeAndWait(store(), Publish("mhlda", 1, {"a"})).ok());
  const auto second = ReadParts(store(), "mhlda", 2);
  ASSERT_THAT(second, HasCode(StatusCode::kNotFound));
  EXPECT_EQ(second.status().message(), "there is no release 2 of mhlda 2025-26-Q1");
  EXPECT_THAT(ReadParts(store(), "mhld", 1), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(ReadParts(store(), "mhlda", 0), HasCode(StatusCode::kNotFound));
}

TEST_P(StoreSuite, ReleasesThatCannotBeStoredAreRefused) {
  EXPECT_THAT(ChangeAndWait(store(), Publish("mhlda", 1, {})), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(ChangeAndWait(store(), Publish("\xff", 1, {"a"})), HasCode(StatusCode::kInvalidArgument));
  CatalogueChange change = Publish("mhlda", 1, {"a", std::string(kMaxReleasePartBytes + 1, 'x')});
  EXPECT_THAT(ChangeAndWait(store(), change), HasCode(StatusCode::kInvalidArgument));
  change = Publish("mhlda", 1, {"a"});
  change.releases.push_back(Publish("mhlda2", 1, {"a"}).releases[0]);
  EXPECT_THAT(ChangeAndWait(store(), change), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(store().last_sequence(), 0);
  EXPECT_THAT(store().ReadCatalogue()->releases, IsEmpty());
}

// A year of the largest national collection: far more than a group of returns holds.
TEST_P(StoreSuite, AReleaseOfThirtyMebibytesIsStored) {
  std::vector<std::string> parts;
  for (char letter = 'A'; parts.size() < 30; ++letter) parts.emplace_back(kMaxReleasePartBytes, letter);
  Answer<uint64_t> published;
  Answer<SubmissionResult> submitted;
  Obstacle obstacle(store());
  store().ChangeCatalogue(Publish("mhlda", 1, parts), nullptr, published.Done());
  store().Submit(MakeSubmission(Key("RT1"), "a"), nullptr, submitted.Done());  // It waits behind it, and is taken too.
  obstacle.Remove();
  ASSERT_TRUE(published.Wait().ok()) << published.Wait().status();
  ASSERT_TRUE(submitted.Wait().ok()) << submitted.Wait().status();
  for (int opening = 0; opening < 2; ++opening) {
    const auto read = ReadParts(store(), "mhlda", 1);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(*read == parts);
    Reopen();
  }
}

}  // namespace
}  // namespace quartermaster::storage
