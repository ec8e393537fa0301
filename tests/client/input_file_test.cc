// Reading what a person named, within limits.
#include "client/input_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace quartermaster::client {
namespace {

using ::testing::HasSubstr;

class InputFileTest : public ::testing::Test {
 protected:
  InputFileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "qm_input_file_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~InputFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& bytes, mode_t mode = 0600) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }

  std::filesystem::path folder_;
};

TEST_F(InputFileTest, ReadsAllBytes) {
  const std::string bytes("a\0b\n", 4);
  EXPECT_EQ(*ReadFile(Write("f", bytes), kMaxFileBytes), bytes);
  EXPECT_EQ(*ReadFile(Write("empty", ""), kMaxFileBytes), "");
}

TEST_F(InputFileTest, SaysWhatIsWrongWithAPath) {
  EXPECT_EQ(ReadFile((folder_ / "none").string(), 10).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(ReadFile(folder_.string(), 10).status().message()), HasSubstr("folder"));
  const std::string pipe = (folder_ / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(std::string(ReadFile(pipe, 10).status().message()), HasSubstr("not an ordinary file"));
}

TEST_F(InputFileTest, RefusesALargeFileWithoutReadingIt) {
  // 200 MB that take no room: the size is what counts.
  const std::string path = Write("large", "");
  std::filesystem::resize_file(path, 200'000'000);
  const absl::Status status = ReadFile(path, kMaxFileBytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(std::string(status.message()), HasSubstr("190.7 MB and at most 64.0 MB"));
  EXPECT_TRUE(ReadFile(Write("exact", "12345"), 5).ok());
  EXPECT_FALSE(ReadFile(Write("past", "123456"), 5).ok());
}

// What standard input gives when a file is piped into it.
absl::StatusOr<std::string> ReadPiped(const std::string& path, uint64_t max_bytes) {
  const int kept = dup(STDIN_FILENO);
  std::FILE* pipe = popen(("cat '" + path + "'").c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  EXPECT_EQ(dup2(fileno(pipe), STDIN_FILENO), STDIN_FILENO);
  absl::StatusOr<std::string> bytes = ReadStandardInput(max_bytes);
  EXPECT_EQ(dup2(kept, STDIN_FILENO), STDIN_FILENO);
  close(kept);
  pclose(pipe);
  return bytes;
}

TEST_F(InputFileTest, ReadsStandardInputToItsEnd) {
  const std::string large(300'000, 'x');  // Several fillings of a pipe.
  EXPECT_EQ(*ReadPiped(Write("large", large), kMaxFileBytes), large);
  EXPECT_EQ(*ReadPiped(Write("empty", ""), kMaxFileBytes), "");
  EXPECT_EQ(*ReadPiped(Write("exact", "12345"), 5), "12345");
  const absl::Status status = ReadPiped(Write("past", large), 100'000).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(std::string(status.message()), HasSubstr("standard input: there is more than the 0.1 MB"));
}

TEST_F(InputFileTest, ReadsATokenThatOnlyItsOwnerCanRead) {
  EXPECT_EQ(*ReadTokenFile(Write("token", "abc123\n")), "abc123");
  EXPECT_EQ(*ReadTokenFile(Write("readonly", "abc123", 0400)), "abc123");
  for (const mode_t mode : {0640u, 0604u, 0644u, 0660u, 0610u}) {
    const absl::Status status = ReadTokenFile(Write("open", "abc123", mode)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << mode;
    EXPECT_THAT(std::string(status.message()), HasSubstr("chmod 600")) << mode;
  }
}

TEST_F(InputFileTest, RefusesWhatCannotBeAToken) {
  EXPECT_FALSE(ReadTokenFile(Write("empty", " \n")).ok());
  EXPECT_FALSE(ReadTokenFile(Write("lines", "abc\ndef\n")).ok());
  EXPECT_FALSE(ReadTokenFile(Write("bytes", "abc\x01")).ok());
  EXPECT_FALSE(ReadTokenFile(Write("long", std::string(kMaxTokenBytes + 1, 'a'))).ok());
}

}  // namespace
}  // namespace quartermaster::client
