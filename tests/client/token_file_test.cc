// The file of a new token: its owner's alone from the first moment, never over another file, gone if no token came.
#include "client/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "client/input_file.h"

namespace quartermaster::client {
namespace {

using ::testing::HasSubstr;

class TokenFileTest : public ::testing::Test {
 protected:
  TokenFileTest() {
    std::string pattern = ::testing::TempDir() + "token_file_XXXXXX";
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ + "/new.token";
  }
  ~TokenFileTest() override { std::filesystem::remove_all(folder_); }

  bool Exists() const { return std::filesystem::exists(std::filesystem::symlink_status(path_)); }

  std::string folder_;
  std::string path_;
};

TEST_F(TokenFileTest, IsReadAsATokenAndIsItsOwnersAlone) {
  const mode_t before = umask(0);
  auto file = TokenFile::Create(path_);
  umask(before);
  ASSERT_TRUE(file.ok()) << file.status();
  struct stat state;
  ASSERT_EQ(stat(path_.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 07777u, 0600u);
  EXPECT_EQ(state.st_size, 0);
  EXPECT_TRUE((*file)->Write("abc123").ok());
  file->reset();
  EXPECT_EQ(ReadTokenFile(path_).value(), "abc123");
}

TEST_F(TokenFileTest, IsGoneWhereNoTokenCame) {
  {
    const auto file = TokenFile::Create(path_);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE(Exists());
  }
  EXPECT_FALSE(Exists());
}

TEST_F(TokenFileTest, ReplacesNothing) {
  std::ofstream(path_) << "mine";
  const absl::Status status = TokenFile::Create(path_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(status.message()), HasSubstr(path_ + ": there is a file already"));
  EXPECT_EQ(ReadFile(path_, 100).value(), "mine");
  std::filesystem::remove(path_);
  std::filesystem::create_symlink(folder_ + "/elsewhere", path_);
  EXPECT_EQ(TokenFile::Create(path_).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/elsewhere"));
  EXPECT_TRUE(Exists());
}

TEST_F(TokenFileTest, SaysWhereItCannotBeMade) {
  const absl::Status status = TokenFile::Create(folder_ + "/no/such/folder").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnknown);
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot be written"));
}

}  // namespace
}  // namespace quartermaster::client
