// What an extract may publish: rounded, suppressed, and of releases that everybody sees.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/server/extract_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using ExtractPublicTest = ExtractFixture;

TEST_F(ExtractPublicTest, ThePublicViewIsSuppressedAndRounded) {
  std::vector<std::string> codes;
  for (int i = 10; i < 24; ++i) codes.push_back(absl::StrCat("P", i));
  ImportParticipants(codes);
  for (size_t i = 0; i < codes.size(); ++i) {
    if (i < 13) SetNation(codes[i], i < 9 ? "England" : "Wales");
    Put("ward", codes[i], "2024-04",
        {{"occupied", 8}, {"available", 10}, {"lost", 0}, {"split.day", i == 0 ? 3 : 0}, {"split.night", 30}});
  }
  v1::ExtractRequest request = Request("2024-04", "2024-05");
  request.set_view(v1::EXTRACT_VIEW_PUBLIC);
  EXPECT_THAT(Rows(request, Builder()), IsEmpty());  // Nothing is released.
  now_ = absl::FromCivil(absl::CivilDay(2026, 5, 1), absl::UTCTimeZone());
  Release("2024-04", "2026-05-01");
  EXPECT_THAT(Rows(request, Builder()), IsEmpty());
  now_ = absl::FromCivil(absl::CivilDay(2026, 5, 2), absl::UTCTimeZone());
  // 14 participants; 112 of 140; 3 of 423, which the 420 would tell.
  const std::vector<std::string> country = {"2024-04 ward public occupancy: 15, 110 / 140, 78.5714",
                                            "2024-04 ward public growth: 15, * / *, 8",
                                            "2024-04 ward public split/day: 15, * / 425, * withheld",
                                            "2024-04 ward public split/night: 15, * / 425, * withheld"};
  EXPECT_EQ(Rows(request, Builder()), country);
  request.add_group_by(v1::PEER_ATTRIBUTE_NATION);
  // One and four are five together, so that is what a subtraction may find; 8 of 10 and 32 of 40 are theirs.
  EXPECT_THAT(Rows(request, Builder(), "occupancy"),
              ElementsAre(country[0], "2024-04 ward public occupancy of \"\": *, * / *, * withheld",
                          "2024-04 ward public occupancy of \"England\": 10, 70 / 90, 77.7778",
                          "2024-04 ward public occupancy of \"Wales\": *, * / *, * withheld"));
  EXPECT_THAT(Rows(request, Builder(), "growth"),
              ElementsAre(country[1], "2024-04 ward public growth of \"\": *, * / *, * withheld",
                          "2024-04 ward public growth of \"England\": 10, * / *, 8",
                          "2024-04 ward public growth of \"Wales\": *, * / *, * withheld"));
}

// What is published must be no newer than what submitters see: the difference would be one participant's.
TEST_F(ExtractPublicTest, AReleaseOfTooFewChangesIsNotPublic) {
  std::vector<std::string> codes;
  for (int i = 10; i < 24; ++i) codes.push_back(absl::StrCat("P", i));
  ImportParticipants(codes);
  for (const std::string& code : codes) Put("ward", code, "2024-04", {{"occupied", 80}, {"available", 100}});
  Release("2024-04");
  v1::ExtractRequest request = Request();
  request.set_view(v1::EXTRACT_VIEW_PUBLIC);
  const char* const before = "2024-04 ward public occupancy: 15, 1120 / 1400, 80";
  EXPECT_THAT(Rows(request, Builder(), "occupancy"), ElementsAre(before));
  for (size_t i = 0; i < 3; ++i) {
    Put("ward", codes[i], "2024-04", {{"occupied", 10}, {"available", 100}});
    Release("2024-04");
    EXPECT_THAT(Rows(request, Builder(), "occupancy"),
                ElementsAre(i < 2 ? before : "2024-04 ward public occupancy: 15, 910 / 1400, 65"));
  }
}

// Sixteen participants, of which three are open and six of another kind, with three beds together.
TEST_F(ExtractPublicTest, ThePublicViewHasNoShareOrMeanThatTellsASmallCount) {
  std::vector<std::string> codes;
  for (int i = 10; i < 26; ++i) codes.push_back(absl::StrCat("P", i));
  ImportParticipants(codes);
  for (size_t i = 0; i < codes.size(); ++i) {
    Put("survey", codes[i], "2024-04", {{"open", i < 3 ? 1 : 0}, {"kind", i < 6 ? 2 : 1}, {"beds", i < 3 ? 1 : 0}});
  }
  Release("2024-04");
  v1::ExtractRequest request = Request();
  request.set_service("survey");
  request.set_view(v1::EXTRACT_VIEW_PUBLIC);
  // Ten of sixteen and six of sixteen, each rounded, are 10 and 5 of 15; the exact share would tell the six.
  EXPECT_THAT(Rows(request, Builder()), ElementsAre("2024-04 survey public open: 15, * / 15, * withheld",
                                                    "2024-04 survey public kind/acute: 15, 10 / 15, 66.6667",
                                                    "2024-04 survey public kind/other: 15, 5 / 15, 33.3333",
                                                    "2024-04 survey public beds: 15, * / *, * withheld"));
}

}  // namespace
}  // namespace quartermaster::server
