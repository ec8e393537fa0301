// The text of a release: a golden one, what comes back from it, and texts that nearly are one.
#include "server/release_content.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quartermaster::server {
namespace {

using ::testing::HasSubstr;

constexpr char kHash[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

constexpr char kGolden[] =
    R"({"kind":"release","format":1,"collection":"test","period":"2025-26-Q1","collection_version":3,"method_version":1}
{"kind":"return","service":"beds","participant":"RT1","period":"2025-04","revision":2,"content_sha256":"HASH"}
{"kind":"return","service":"beds","participant":"RT1","period":"2025-05","revision":1,"content_sha256":"HASH"}
{"kind":"return","service":"beds","participant":"RT2","period":"2025-26-Q1","revision":10,"content_sha256":"HASH"}
{"kind":"value","service":"beds","indicator":"occupancy","category":"","participant":"RT1","value":91.200000001,"numerator":912000000.01,"denominator":10000000,"months_present":2,"months_expected":3,"counts":false,"from_predecessors":true}
{"kind":"value","service":"beds","indicator":"occupancy","category":"","participant":"RT2","value":-0.5,"numerator":-0.005,"denominator":1,"months_present":3,"months_expected":3,"counts":true,"from_predecessors":false}
{"kind":"value","service":"beds","indicator":"split","category":"a \"b\"\\\u000a\u001f)"
    "\xC3\xA9"
    R"(","participant":"RT2","value":0,"numerator":0,"denominator":1,"months_present":3,"months_expected":3,"counts":true,"from_predecessors":false}
{"kind":"statistics","service":"beds","indicator":"occupancy","category":"","n":1,"mean":-0.5,"median":-0.5,"lower_quartile":-0.5,"upper_quartile":-0.5,"percentile_10":-0.5,"percentile_90":-0.5,"minimum":-0.5,"maximum":-0.5,"pooled":-0.5,"factor":100}
{"kind":"statistics","service":"beds","indicator":"empty","category":"","n":0}
{"kind":"statistics","service":"beds","indicator":"large","category":"","n":2,"mean":0.1,"median":0.000000001,"maximum":100000000000000000000,"standard_deviation":0.30000000000000004}
)";

std::string Golden() { return absl::StrReplaceAll(kGolden, {{"HASH", kHash}}); }

Decimal Billionths(int64_t count) { return Decimal::FromRaw(count); }

ReleasedStatistics Statistics(const std::string& indicator, uint32_t n) {
  ReleasedStatistics statistics;
  statistics.figures.set_service("beds");
  statistics.figures.set_indicator(indicator);
  statistics.figures.set_n(n);
  return statistics;
}

ReleaseContent Content() {
  ReleaseContent content;
  content.collection = "test";
  content.period = "2025-26-Q1";
  content.collection_version = 3;
  content.returns = {{"beds", "RT2", "2025-26-Q1", 10, kHash},
                     {"beds", "RT1", "2025-05", 1, kHash},
                     {"beds", "RT1", "2025-04", 2, kHash}};
  content.values = {{"beds", "split", "a \"b\"\\\n\x1F\xC3\xA9", "RT2", Decimal(), Decimal(), Decimal::FromInteger(1),
                     3, 3, true, false},
                    {"beds", "occupancy", "", "RT2", Billionths(-500'000'000), Billionths(-5'000'000),
                     Decimal::FromInteger(1), 3, 3, true, false},
                    {"beds", "occupancy", "", "RT1", Billionths(91'200'000'001), Billionths(912'000'000'010'000'000),
                     Decimal::FromInteger(10'000'000), 2, 3, false, true}};
  ReleasedStatistics occupancy = Statistics("occupancy", 1);
  v1::NationalStatistics& figures = occupancy.figures;
  figures.set_title("Not in the text");
  for (auto set : {&v1::NationalStatistics::set_mean, &v1::NationalStatistics::set_median,
                   &v1::NationalStatistics::set_lower_quartile, &v1::NationalStatistics::set_upper_quartile,
                   &v1::NationalStatistics::set_percentile_10, &v1::NationalStatistics::set_percentile_90,
                   &v1::NationalStatistics::set_minimum, &v1::NationalStatistics::set_maximum,
                   &v1::NationalStatistics::set_pooled}) {
    (figures.*set)(-0.5);
  }
  occupancy.factor = Decimal::FromInteger(100);
  ReleasedStatistics large = Statistics("large", 2);
  large.figures.set_mean(0.1);
  large.figures.set_median(1e-9);
  large.figures.set_maximum(1e20);
  large.figures.set_standard_deviation(0.1 + 0.2);
  content.statistics = {occupancy, Statistics("empty", 0), large};
  return content;
}

TEST(ReleaseContentTest, IsWrittenAsEver) {
  ReleaseContent content = Content();
  SortContent(&content);
  EXPECT_EQ(WriteContent(content), Golden());
}

TEST(ReleaseContentTest, ReadsBackWhole) {
  const absl::StatusOr<ReleaseContent> read = ReadContent(Golden());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(WriteContent(*read), Golden());
  EXPECT_EQ(read->collection_version, 3U);
  ASSERT_EQ(read->values.size(), 3U);
  EXPECT_EQ(read->values[0].value, Billionths(91'200'000'001));
  EXPECT_FALSE(read->values[0].counts);
  EXPECT_TRUE(read->values[0].from_predecessors);
  EXPECT_EQ(read->values[2].category, "a \"b\"\\\n\x1F\xC3\xA9");
  ASSERT_EQ(read->statistics.size(), 3U);
  EXPECT_FALSE(read->statistics[0].figures.has_standard_deviation());
  EXPECT_EQ(read->statistics[0].factor, Decimal::FromInteger(100));
  EXPECT_FALSE(read->statistics[1].figures.has_mean());
  EXPECT_EQ(read->statistics[2].figures.standard_deviation(), 0.1 + 0.2);
}

TEST(ReleaseContentTest, EveryTextThatIsCutShortIsRefused) {
  const std::string golden = Golden();
  for (size_t size = 0; size < golden.size(); ++size) {
    const bool ends_a_line = size > 0 && golden[size - 1] == '\n';
    // Whole lines are a content of their own: only the hash of all of it tells that some are lost.
    EXPECT_EQ(ReadContent(golden.substr(0, size)).ok(), ends_a_line) << size;
  }
}

TEST(ReleaseContentTest, WhatIsNearlyOneIsRefused) {
  struct Row {
    std::string says;
    std::string from;
    std::string to;
  };
  for (const Row& row : std::vector<Row>{
           {"A space.", "\"format\":1", "\"format\": 1"},
           {"Another format.", "\"format\":1", "\"format\":2"},
           {"A zero before.", "\"revision\":2", "\"revision\":02"},
           {"A sign.", "\"revision\":2", "\"revision\":+2"},
           {"A negative number.", "\"revision\":2", "\"revision\":-2"},
           {"More than 32 bits.", "\"revision\":2", "\"revision\":4294967296"},
           {"A zero after.", "\"value\":-0.5", "\"value\":-0.50"},
           {"No digit before the point.", "\"value\":-0.5", "\"value\":-.5"},
           {"An exponent.", "\"denominator\":10000000,", "\"denominator\":1e7,"},
           {"No number.", "\"value\":-0.5", "\"value\":nan"},
           {"Ten places.", "\"value\":91.200000001", "\"value\":91.2000000011"},
           {"Past 128 bits.", "\"denominator\":10000000,", "\"denominator\":340282366920938463463374607431,"},
           {"A minus zero.", "\"value\":0,", "\"value\":-0,"},
           {"More digits than a double has.", "\"mean\":0.1,", "\"mean\":0.10000000000000000001,"},
           {"An infinite figure.", "\"mean\":0.1,", "\"mean\":inf,"},
           {"A comma in place of a point.", "\"mean\":0.1,", "\"mean\":0,1,"},
           {"Another truth.", "\"counts\":true", "\"counts\":TRUE"},
           {"A truth as a number.", "\"counts\":true", "\"counts\":1"},
           {"No counts.", ",\"counts\":true", ""},
           {"A member more.", "\"n\":0}", "\"n\":0,\"mode\":1}"},
           {"A member twice.", "\"n\":0}", "\"n\":0,\"n\":0}"},
           {"Another order of members.", "\"collection_version\":3,\"method_version\":1",
            "\"method_version\":1,\"collection_version\":3"},
           {"Another kind.", "\"kind\":\"statistics\"", "\"kind\":\"peers\""},
           {"A kind before its turn.", "\"kind\":\"return\"", "\"kind\":\"value\""},
           {"Another escape.", "\\u000a", "\\n"},
           {"Capital letters.", "\\u001f", "\\u001F"},
           {"An escape that is not needed.", "RT2", "RT\\u0032"},
           {"Half an escape.", "\\u001f", "\\u1"},
           {"A bare control character.", "\\u001f", "\x1F"},
           {"A bare quotation mark.", "a \\\"b", "a \"b"},
           {"No UTF-8.", "\xC3\xA9", "\xC3"},
           {"An overlong form.", "\xC3\xA9", "\xC0\xAF"},
           {"Line ends of Windows.", "\n", "\r\n"},
           {"A blank line.", "}\n{\"kind\":\"value\"", "}\n\n{\"kind\":\"value\""},
           {"Something after.", "0.30000000000000004}\n", "0.30000000000000004}\n "},
       }) {
    const std::string text = absl::StrReplaceAll(Golden(), {{row.from, row.to}});
    ASSERT_NE(text, Golden()) << row.says;
    const absl::StatusOr<ReleaseContent> read = ReadContent(text);
    EXPECT_TRUE(absl::IsDataLoss(read.status())) << row.says << " " << read.status();
  }
}

TEST(ReleaseContentTest, AnotherOrderOrALineTwiceIsRefusedWithItsNumber) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(Golden(), '\n', absl::SkipEmpty())) {
    lines.push_back(absl::StrCat(line, "\n"));
  }
  const auto joined = [](const std::vector<std::string>& parts) { return absl::StrJoin(parts, ""); };
  ASSERT_EQ(joined(lines), Golden());
  for (size_t i = 0; i + 1 < 7; ++i) {
    std::vector<std::string> swapped = lines;
    std::swap(swapped[i], swapped[i + 1]);
    EXPECT_TRUE(absl::IsDataLoss(ReadContent(joined(swapped)).status())) << i;
  }
  std::vector<std::string> twice = lines;
  twice.insert(twice.begin() + 5, twice[4]);
  EXPECT_THAT(std::string(ReadContent(joined(twice)).status().message()), HasSubstr("line 6 "));
}

TEST(ReleaseContentTest, FiguresAreComparedAndNothingElse) {
  v1::NationalStatistics one = Content().statistics[2].figures;
  v1::NationalStatistics other = one;
  other.set_title("Another title");
  EXPECT_TRUE(HaveSameFigures(one, other));
  other.set_pooled(0);  // Which is not the same as none.
  EXPECT_FALSE(HaveSameFigures(one, other));
  other = one;
  other.set_n(3);
  EXPECT_FALSE(HaveSameFigures(one, other));
  other = one;
  other.set_mean(0.2);
  EXPECT_FALSE(HaveSameFigures(one, other));
}

}  // namespace
}  // namespace quartermaster::server
