// Backups of a server that stops.
#include "server/backups.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {
namespace {

using BackupsTest = ServerFixture;

TEST_F(BackupsTest, WhatIsAskedForAfterTheStopIsNotBegun) {
  const std::string folder = absl::StrCat(folder_, "-backups");
  Backups backups(store_.get(), folder);
  backups.Stop();
  int told = 0;
  const auto made = backups.Create([&](const v1::Progress&) { ++told; });
  EXPECT_TRUE(absl::IsCancelled(made.status())) << made.status();
  EXPECT_EQ(told, 0);
  EXPECT_FALSE(std::filesystem::exists(folder));
}

}  // namespace
}  // namespace quartermaster::server
