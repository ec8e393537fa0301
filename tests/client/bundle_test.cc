// A bundle's file: whole or not at all, and nobody else's.
#include "client/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "client/input_file.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster::client {
namespace {

class BundleTest : public ::testing::Test {
 protected:
  BundleTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "qm_bundle_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    path_ = absl::StrCat(folder_, "/rt1.bundle");
    unfinished_ = absl::StrCat(path_, ".unfinished");
    bundle_.mutable_header()->set_sequence(1234);
    bundle_.mutable_header()->add_participants("RT1");
  }
  ~BundleTest() override { std::filesystem::remove_all(folder_); }

  void ExpectWritten() {
    const absl::Status written = WriteBundle(bundle_, path_);
    ASSERT_TRUE(written.ok()) << written;
    struct stat state;
    ASSERT_EQ(lstat(path_.c_str(), &state), 0);
    EXPECT_TRUE(S_ISREG(state.st_mode));
    EXPECT_EQ(state.st_mode & 0777, 0600u);
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(unfinished_)));
    const absl::StatusOr<v1::Bundle> read = ReadBundle(path_);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->header().sequence(), 1234u);
  }

  std::string folder_, path_, unfinished_;
  v1::Bundle bundle_;
};

TEST_F(BundleTest, IsReadableByItsOwnerAlone) {
  ExpectWritten();
  // Over an earlier one, and over one that everybody could read.
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  ExpectWritten();
}

TEST_F(BundleTest, TakesNothingFromWhatAnEarlierAttemptHasLeft) {
  std::ofstream(unfinished_) << std::string(1000, 'x');
  ASSERT_EQ(chmod(unfinished_.c_str(), 0644), 0);
  ExpectWritten();
}

TEST_F(BundleTest, FollowsNoLink) {
  const std::string other = absl::StrCat(folder_, "/other");
  std::ofstream(other) << "mine";
  ASSERT_EQ(symlink(other.c_str(), unfinished_.c_str()), 0);
  ExpectWritten();
  EXPECT_EQ(*ReadFile(other, 100), "mine");
}

TEST_F(BundleTest, NamesWhatCannotBeWritten) {
  const absl::Status no_folder = WriteBundle(bundle_, absl::StrCat(folder_, "/none/rt1.bundle"));
  EXPECT_THAT(std::string(no_folder.message()),
              ::testing::EndsWith(absl::StrCat("rt1.bundle: cannot be written: there is no folder ", folder_,
                                               "/none. Make it first.")));
  std::filesystem::create_directory(path_);
  const absl::Status a_folder = WriteBundle(bundle_, path_);
  EXPECT_EQ(a_folder.code(), absl::StatusCode::kUnknown);
  EXPECT_FALSE(std::filesystem::exists(unfinished_));
}

TEST_F(BundleTest, ThatDoesNotFitItselfIsRefused) {
  v1::Collection& collection = *bundle_.mutable_header()->mutable_collection();
  *collection.mutable_descriptor_set() = testing::DescriptorSetFromText(R"schema(syntax = "proto3";
    package quartermaster.collections.test.v1;
    import "quartermaster/schema/v1/annotations.proto";
    option (schema.v1.collection) = { id: "test" title: "Test" cadence: CADENCE_MONTH first_period: "2020-04" };
    message Beds {
      option (schema.v1.service) = { id: "beds" title: "Beds" };
      optional int64 beds = 1 [(schema.v1.field) = { label: "Beds" }];
    })schema");
  collection.set_file_name(testing::kCollectionFile);
  collection.set_version(1);
  ASSERT_TRUE(BundleReference::Make(bundle_).ok());
  v1::Participant& participant = *bundle_.add_participants();
  participant.set_code("RT1");
  participant.set_successor("RT2");
  participant.set_succeeded_from("2024-13");
  EXPECT_EQ(BundleReference::Make(bundle_).status().code(), absl::StatusCode::kInvalidArgument);
  participant.set_succeeded_from("2024-11");
  EXPECT_TRUE(BundleReference::Make(bundle_).ok());
}

}  // namespace
}  // namespace quartermaster::client
