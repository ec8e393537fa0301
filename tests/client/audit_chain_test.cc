// The verifier against every way of changing a small export: each byte, each line removed, each two swapped, each end
// cut off. The chains are made here with a few lines of their own, as the server's format is described.
#include "client/audit_chain.h"

#include <random>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quartermaster::client {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kLines = 7;

std::string MakeLine(uint64_t number, const std::string& previous) {
  const std::string commit = number % 2 == 0 ? absl::StrCat(",\"sequence\":", 90 + number) : "";
  return absl::StrCat("{\"number\":", number, ",\"time\":\"2026-04-07T09:30:00.00000", number, "Z\",\"previous\":\"",
                      previous, "\"", commit, ",\"principal\":\"jo\",\"outcome\":\"stored\"}");
}

std::vector<std::string> MakeChain() {
  std::vector<std::string> lines;
  std::string previous(64, '0');
  for (uint64_t number = 1; number <= kLines; ++number) {
    lines.push_back(MakeLine(number, previous));
    previous = HashAuditLine(lines.back());
  }
  return lines;
}

std::string Text(const std::vector<std::string>& lines) { return absl::StrJoin(lines, "\n") + "\n"; }

AuditMark MarkOf(const std::vector<std::string>& lines, uint64_t number) {
  return {number, HashAuditLine(lines[number - 1])};
}

// What the verifier says of a file, with these marks kept elsewhere.
absl::Status Verify(const std::string& text, const std::vector<AuditMark>& kept = {}, uint64_t first = 1) {
  AuditChain chain(first);
  for (const AuditMark& mark : kept) chain.Expect(mark);
  std::istringstream in(text);
  return AddAllLines(in, &chain);
}

// Whether the message names this line as the first one that is not as it was, or as one of two.
bool Names(const absl::Status& status, uint64_t number) {
  return absl::StrContains(status.message(), absl::StrCat("line ", number, " "));
}

TEST(AuditChainTest, AHashIsSha256) {
  EXPECT_EQ(HashAuditLine("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(AuditChainTest, AnUnchangedChainHolds) {
  const std::vector<std::string> lines = MakeChain();
  EXPECT_TRUE(Verify(Text(lines)).ok()) << Verify(Text(lines));
  EXPECT_TRUE(Verify("").ok());
  std::string without_feed = Text(lines);
  without_feed.pop_back();
  EXPECT_TRUE(Verify(without_feed).ok());
  for (uint64_t number = 1; number <= kLines; ++number) {
    EXPECT_TRUE(Verify(Text(lines), {MarkOf(lines, number)}).ok());
  }
  AuditChain chain(1);
  for (const std::string& line : lines) ASSERT_TRUE(chain.Add(line).ok());
  EXPECT_TRUE(chain.Finish().ok());
  EXPECT_EQ(chain.count(), kLines);
  EXPECT_EQ(chain.first(), 1);
  EXPECT_EQ(chain.last().number, kLines);
  EXPECT_EQ(chain.last().sha256, HashAuditLine(lines.back()));
}

TEST(AuditChainTest, APartOfAChainIsCheckedFromItsFirstLine) {
  std::vector<std::string> lines = MakeChain();
  const AuditMark last = MarkOf(lines, kLines);
  lines.erase(lines.begin(), lines.begin() + 3);
  EXPECT_TRUE(Verify(Text(lines), {last}, 4).ok());
  EXPECT_THAT(std::string(Verify(Text(lines)).message()), HasSubstr("line 1 is missing or was changed"));
  EXPECT_THAT(std::string(Verify(Text(lines), {}, 3).message()), HasSubstr("line 3 is missing or was changed"));
  lines[1][lines[1].size() - 5] ^= 1;
  EXPECT_THAT(std::string(Verify(Text(lines), {}, 4).message()), HasSubstr("line 5 was changed"));
}

// The last line has none after it that would name its hash; a mark that was kept does.
TEST(AuditChainTest, EveryChangedByteIsFoundAndItsLineNamed) {
  const std::vector<std::string> lines = MakeChain();
  const std::string text = Text(lines);
  const AuditMark kept = MarkOf(lines, kLines);
  std::mt19937 random(20'260'407);
  uint64_t line = 1;
  for (size_t place = 0; place + 1 < text.size(); ++place) {
    std::string changed = text;
    changed[place] = static_cast<char>(changed[place] ^ (1 + random() % 255));
    const absl::Status status = Verify(changed, {kept});
    ASSERT_TRUE(absl::IsDataLoss(status)) << "byte " << place << " of line " << line << ": " << status;
    // A line feed belongs to the line before; without it two lines are one.
    const bool is_feed = text[place] == '\n';
    ASSERT_TRUE(Names(status, line) || (is_feed && Names(status, line + 1))) << "byte " << place << ": " << status;
    const bool is_end = line == kLines || (is_feed && line + 1 == kLines);
    ASSERT_TRUE(is_end || !Verify(changed).ok()) << "byte " << place << " of line " << line;
    if (is_feed) ++line;
  }
  EXPECT_EQ(line, kLines);
}

TEST(AuditChainTest, ALineThatWasChangedAloneIsNamedForCertain) {
  for (uint64_t number = 1; number + 1 < kLines; ++number) {
    std::vector<std::string> lines = MakeChain();
    const size_t at = lines[number - 1].find("stored");
    lines[number - 1].replace(at, 6, "denied");
    EXPECT_EQ(Verify(Text(lines)).message(), absl::StrCat("line ", number, " was changed."));
  }
}

TEST(AuditChainTest, EveryRemovedLineIsMissed) {
  for (uint64_t number = 1; number <= kLines; ++number) {
    std::vector<std::string> lines = MakeChain();
    const AuditMark kept = MarkOf(lines, kLines);
    lines.erase(lines.begin() + static_cast<ptrdiff_t>(number - 1));
    const absl::Status status = Verify(Text(lines), {kept});
    ASSERT_TRUE(absl::IsDataLoss(status)) << number;
    EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat("line ", number, " is missing")));
    EXPECT_EQ(Verify(Text(lines)).ok(), number == kLines) << "without a mark only the end can go unnoticed";
  }
}

TEST(AuditChainTest, ANewNumberHidesNoGap) {
  for (uint64_t number = 2; number < kLines; ++number) {
    std::vector<std::string> lines = MakeChain();
    lines.erase(lines.begin() + static_cast<ptrdiff_t>(number - 1));
    // The line after is numbered and made to follow the one before; the one after that notices.
    lines[number - 1] = MakeLine(number, HashAuditLine(lines[number - 2]));
    const absl::Status status = Verify(Text(lines), {});
    EXPECT_EQ(status.ok(), number + 1 == kLines) << number << status;
  }
}

TEST(AuditChainTest, EveryTwoSwappedLinesAreFound) {
  for (uint64_t a = 1; a <= kLines; ++a) {
    for (uint64_t b = a + 1; b <= kLines; ++b) {
      std::vector<std::string> lines = MakeChain();
      std::swap(lines[a - 1], lines[b - 1]);
      const absl::Status status = Verify(Text(lines));
      ASSERT_TRUE(absl::IsDataLoss(status)) << a << " and " << b;
      EXPECT_TRUE(Names(status, a)) << status;
    }
  }
}

TEST(AuditChainTest, ARepeatedLineIsFound) {
  for (uint64_t number = 1; number <= kLines; ++number) {
    std::vector<std::string> lines = MakeChain();
    lines.insert(lines.begin() + static_cast<ptrdiff_t>(number), lines[number - 1]);
    EXPECT_TRUE(Names(Verify(Text(lines)), number + 1)) << number;
  }
}

TEST(AuditChainTest, AMarkFindsAnEndThatWasCutOff) {
  const std::vector<std::string> all = MakeChain();
  for (uint64_t left = 0; left < kLines; ++left) {
    std::vector<std::string> lines = all;
    lines.resize(left);
    const std::string text = left == 0 ? "" : Text(lines);
    EXPECT_TRUE(Verify(text).ok());
    for (uint64_t kept = left + 1; kept <= kLines; ++kept) {
      const absl::Status status = Verify(text, {MarkOf(all, kept)});
      ASSERT_TRUE(absl::IsDataLoss(status));
      EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat("line ", left + 1, " is missing")));
    }
  }
  // In the middle of a line as well, without a mark.
  const std::string text = Text(all);
  for (size_t size = text.rfind("{\"number\"") + 1; size + 2 < text.size(); ++size) {
    EXPECT_TRUE(Names(Verify(text.substr(0, size)), kLines)) << size;
  }
}

TEST(AuditChainTest, AMarkFindsAChainThatWasWrittenAnew) {
  const std::vector<std::string> all = MakeChain();
  std::vector<std::string> anew;
  std::string previous(64, '0');
  for (uint64_t number = 1; number <= kLines; ++number) {
    std::string line = MakeLine(number, previous);
    if (number == 3) line.replace(line.find("\"jo\""), 4, "\"al\"");
    previous = HashAuditLine(line);
    anew.push_back(line);
  }
  EXPECT_TRUE(Verify(Text(anew)).ok()) << "else this shows nothing";
  for (uint64_t kept = 1; kept <= kLines; ++kept) {
    const absl::Status status = Verify(Text(anew), {MarkOf(all, kept)});
    EXPECT_EQ(status.ok(), kept < 3) << kept;
    EXPECT_TRUE(kept < 3 || Names(status, kept)) << status;
  }
}

TEST(AuditChainTest, WhatIsNoAuditIsSaidToBeNone) {
  for (const std::string& garbage :
       {std::string("\n"), std::string("hello\n"), std::string("{}\n"), std::string(1, '\0'),
        std::string(AuditChain::kMaxLineBytes + 1, 'x'), std::string(300'000, '\0')}) {
    const absl::Status status = Verify(garbage);
    EXPECT_TRUE(absl::IsDataLoss(status)) << garbage.size();
    EXPECT_TRUE(Names(status, 1)) << status;
  }
}

}  // namespace
}  // namespace quartermaster::client
