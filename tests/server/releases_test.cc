// Releases over a real store: what they pin, that their bytes follow from their inputs alone, and what a correction
// changes.
#include "server/releases.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/errors.h"
#include "server/release_content.h"
#include "storage/sha256.h"
#include "tests/server/releases_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(ReleasesTest, PinsWhatItsFiguresAreMadeOf) {
  Send({"RT1", "2025-04", 300, 250});  // Not used: there will be a return for the quarter.
  for (const Beds& beds : Returns()) Send(beds);
  Send({"RT4", kQuarter, 90, 31});  // Revision 2.
  const v1::PublishReleaseResponse published = Published();
  const v1::Release& release = published.release();
  EXPECT_EQ(release.number(), 1U);
  EXPECT_EQ(release.publisher(), "steward");
  EXPECT_EQ(release.period(), kQuarter);
  EXPECT_EQ(release.returns(), 7U);
  EXPECT_EQ(release.participants(), 4U);
  EXPECT_EQ(release.method_version(), kMethodVersion);
  EXPECT_EQ(release.collection_version(), 1U);
  EXPECT_EQ(release.publish_time().seconds(), absl::ToUnixSeconds(*now_));
  EXPECT_EQ(release.data_sequence() + 1, state_->sequence());

  const std::string text = Text();
  EXPECT_EQ(Sha256Hex(text), release.sha256());
  const ReleaseContent content = ReadContent(text).value();
  std::vector<std::string> pinned;
  for (const PinnedReturn& one : content.returns) {
    pinned.push_back(absl::StrCat(one.participant, " ", one.period, " ", one.revision));
    const auto stored = store_->GetReturn({"test", one.service, one.participant, one.period}, one.revision);
    EXPECT_EQ(one.content_sha256, stored->record.receipt().content_sha256());
  }
  EXPECT_THAT(pinned, ElementsAre("RT1 2025-26-Q1 1", "RT2 2025-04 1", "RT2 2025-05 1", "RT2 2025-06 1",
                                  "RT3 2025-04 1", "RT3 2025-06 1", "RT4 2025-26-Q1 2"));
  std::vector<std::string> values;
  for (const ReleasedValue& one : content.values) {
    if (one.indicator != "occupancy") continue;
    values.push_back(absl::StrCat(one.participant, " ", one.value.ToString(), " ", one.months_present, "/",
                                  one.months_expected, one.counts ? " counts" : ""));
  }
  EXPECT_THAT(values, ElementsAre("RT1 90.055555556 3/3 counts", "RT2 69.258241758 3/3 counts", "RT3 92.5 2/3",
                                  "RT4 34.444444444 3/3 counts"));
  // In the order of the schema, of the service that nobody returned too.
  ASSERT_THAT(content.statistics, SizeIs(3));
  EXPECT_EQ(content.statistics[0].figures.service(), "wards");
  EXPECT_EQ(content.statistics[0].figures.n(), 0U);
  EXPECT_EQ(content.statistics[1].figures.indicator(), "occupancy");
  EXPECT_EQ(content.statistics[1].figures.n(), 3U);
  EXPECT_EQ(content.statistics[1].factor, Decimal::FromInteger(100));
}

// From the definitions, and from nothing but the value lines.
TEST_F(ReleasesTest, StatisticsFollowFromTheValueLines) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  for (int i = 1; i <= 6; ++i) {
    const auto hundredths = static_cast<int64_t>(10'000 + random() % 100'000);
    const double available = static_cast<double>(hundredths) / 100;
    Send({absl::StrCat("RT", i), i % 2 == 0 ? kQuarter : "2025-05", available,
          static_cast<double>(random() % 10'000) / 100});
    if (i % 2 == 0) continue;
    Send({absl::StrCat("RT", i), "2025-04", available, 7});
    if (i != 5) Send({absl::StrCat("RT", i), "2025-06", static_cast<double>(hundredths / 2) / 100, 9});
  }
  Published();
  const ReleaseContent content = ReadContent(Text()).value();
  for (const ReleasedStatistics& statistics : content.statistics) {
    const v1::NationalStatistics& figures = statistics.figures;
    SCOPED_TRACE(figures.indicator());
    std::vector<Int128> values;
    Int128 sum = 0, numerators = 0, denominators = 0;
    for (const ReleasedValue& value : content.values) {
      if (value.indicator != figures.indicator() || value.service != figures.service() || !value.counts) continue;
      values.push_back(value.value.raw());
      sum += value.value.raw();
      numerators += value.numerator.raw();
      denominators += value.denominator.raw();
    }
    ASSERT_EQ(values.size(), figures.n());
    if (values.empty()) continue;
    std::sort(values.begin(), values.end());
    const auto count = static_cast<Int128>(values.size());
    // Once, half to even, at 9 places.
    const auto rounded = [](Int128 dividend, Int128 divisor) {
      const std::optional<Decimal> quotient =
          Divide(Decimal::FromRaw(dividend), Decimal::FromRaw(divisor * Decimal::kOne));
      return quotient->ToDouble();
    };
    const auto quantile = [&](int numerator, int denominator) {
      const size_t position = (values.size() - 1) * static_cast<size_t>(numerator);
      const size_t below = position / static_cast<size_t>(denominator);
      const auto weight = static_cast<Int128>(position % static_cast<size_t>(denominator));
      const Int128 above = values[std::min(below + 1, values.size() - 1)];
      return rounded(values[below] * (denominator - weight) + above * weight, denominator);
    };
    EXPECT_EQ(figures.mean(), rounded(sum, count));
    EXPECT_EQ(figures.median(), quantile(1, 2));
    EXPECT_EQ(figures.lower_quartile(), quantile(1, 4));
    EXPECT_EQ(figures.upper_quartile(), quantile(3, 4));
    EXPECT_EQ(figures.percentile_10(), quantile(1, 10));
    EXPECT_EQ(figures.percentile_90(), quantile(9, 10));
    EXPECT_EQ(figures.minimum(), Decimal::FromRaw(values.front()).ToDouble());
    EXPECT_EQ(figures.maximum(), Decimal::FromRaw(values.back()).ToDouble());
    long double squares = 0;
    for (const Int128 value : values) {
      const long double distance = (static_cast<long double>(value) - static_cast<long double>(sum) / count) / 1e9L;
      squares += distance * distance;
    }
    EXPECT_NEAR(figures.standard_deviation(), static_cast<double>(std::sqrt(squares / (count - 1))), 1e-9);
    EXPECT_EQ(figures.has_pooled(), statistics.factor.has_value());
    if (statistics.factor) {
      EXPECT_EQ(
          figures.pooled(),
          MultiplyDivide(Decimal::FromRaw(numerators), *statistics.factor, Decimal::FromRaw(denominators))->ToDouble());
    }
  }
}

TEST_F(ReleasesTest, TheSameInputsGiveTheSameBytesAnywhere) {
  for (const Beds& beds : Returns()) Send(beds);
  Send({"RT4", kQuarter, 90, 31});
  const v1::Release first = Published().release();
  const std::string text = Text();
  Close();
  Open();
  EXPECT_EQ(Preview().release().sha256(), first.sha256());
  EXPECT_EQ(Text(), text);
  EXPECT_EQ(Get(Everybody())->release().DebugString(), first.DebugString());

  ReleaseServer other;
  other.now_ = At("2025-08-01T00:00:00Z");
  other.Send({"RT6", kQuarter, 1, 1});  // Comes and goes.
  std::vector<Beds> backwards(Returns().rbegin(), Returns().rend());
  for (const Beds& beds : backwards) other.Send(beds);
  other.Send({"RT4", kQuarter, 90, 31});
  EXPECT_NE(other.Preview().release().sha256(), first.sha256());
  other.Withdraw("RT6", kQuarter);
  v1::PublishReleaseRequest request = PublishRequest("Q1 2025/26");
  request.set_note("Another note");
  request.set_embargoed_until("2025-09-01");
  EXPECT_EQ(other.releases_->Publish(request, "somebody else")->release().sha256(), first.sha256());
  EXPECT_EQ(other.Text(), text);
}

TEST_F(ReleasesTest, WhatIsPublishedAlreadyIsNotPublishedAgain) {
  for (const Beds& beds : Returns()) Send(beds);
  const v1::PublishReleaseResponse first = Published();
  EXPECT_FALSE(first.unchanged());
  const uint64_t sequence = store_->last_sequence();
  v1::PublishReleaseRequest again = PublishRequest();
  again.set_note("Another note");
  const v1::PublishReleaseResponse second = Published(again);
  EXPECT_TRUE(second.unchanged());
  EXPECT_EQ(second.release().DebugString(), first.release().DebugString());
  EXPECT_EQ(store_->last_sequence(), sequence);
  // Back to what an earlier one had is a new one: the newest says what is so.
  Send({"RT1", "2025-07", 5, 5});
  EXPECT_TRUE(Published().unchanged());
  Send({"RT5", kQuarter, 10, 5});
  EXPECT_EQ(Published().release().number(), 2U);
  Withdraw("RT5", kQuarter);
  const v1::PublishReleaseResponse third = Published();
  EXPECT_EQ(third.release().number(), 3U);
  EXPECT_EQ(third.release().sha256(), first.release().sha256());
}

TEST_F(ReleasesTest, OtherFiguresThanExpectedAreNotPublished) {
  for (const Beds& beds : Returns()) Send(beds);
  v1::PublishReleaseRequest request = PublishRequest();
  request.set_expected_sha256(absl::AsciiStrToUpper(Preview().release().sha256()));
  Send({"RT5", kQuarter, 10, 5});
  const auto refused = releases_->Publish(request, "steward");
  EXPECT_TRUE(absl::IsAborted(refused.status())) << refused.status();
  EXPECT_EQ(ReasonOf(refused.status()), "RELEASE_CHANGED");
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(Preview().release().sha256()));
  EXPECT_THAT(Listed(Everybody()), IsEmpty());
  Withdraw("RT5", kQuarter);
  EXPECT_FALSE(Published(request).unchanged());
  EXPECT_TRUE(Published(request).unchanged());
  request.set_expected_sha256("9f86");
  EXPECT_EQ(FieldOf(releases_->Publish(request, "steward").status()), "expected_sha256");
}

TEST_F(ReleasesTest, ACorrectionLeavesTheOldReleaseAndShowsInTheDiff) {
  for (const Beds& beds : Returns()) Send(beds);
  Published();
  const std::string before = Text();
  const std::string statistics = Get(Everybody())->DebugString();
  EXPECT_EQ(ReasonOf(Diff().status()), "NO_EARLIER_RELEASE");
  Send({"RT1", kQuarter, 900, 900});
  Send({"RT3", "2025-05", 100, 95});  // Completes its quarter.
  Withdraw("RT4", kQuarter);
  EXPECT_EQ(Published().release().number(), 2U);
  EXPECT_EQ(Text(1), before);
  EXPECT_EQ(Get(Everybody(), 1)->DebugString(), statistics);

  const v1::DiffReleasesResponse diff = Diff().value();
  EXPECT_EQ(diff.from().number(), 1U);
  EXPECT_EQ(diff.to().number(), 2U);
  std::vector<std::string> returns;
  for (const v1::ReturnChange& change : diff.returns()) {
    returns.push_back(absl::StrCat(change.participant(), " ", change.period(), " ", change.from_revision(), " ",
                                   change.to_revision(), change.has_to_revision() ? "" : " gone"));
  }
  EXPECT_THAT(returns, ElementsAre("RT1 2025-26-Q1 1 2", "RT3 2025-05 0 1", "RT4 2025-26-Q1 1 0 gone"));
  std::vector<std::string> values;
  for (const v1::ValueChange& change : diff.values()) {
    values.push_back(absl::StrCat(change.indicator(), " ", change.participant(), " ", change.from(), " ", change.to()));
  }
  EXPECT_THAT(values, ElementsAre("available RT3 0 300", "available RT4 90 0", "occupancy RT1 90.0556 100",
                                  "occupancy RT3 0 93.3333", "occupancy RT4 33.3333 0"));
  ASSERT_THAT(diff.statistics(), SizeIs(2));
  EXPECT_EQ(diff.statistics(0).from().indicator(), "occupancy");
  EXPECT_EQ(diff.statistics(0).from().title(), "Occupancy");
  EXPECT_EQ(diff.statistics(0).from().minimum(), 33.333333333);
  EXPECT_EQ(diff.statistics(0).to().maximum(), 100);
  EXPECT_EQ(diff.statistics(1).to().indicator(), "available");

  Send({"RT1", kQuarter, 900, 901});
  Published();
  EXPECT_THAT(Diff(1, 3)->returns(), SizeIs(3));
  EXPECT_THAT(Diff(2)->returns(), SizeIs(1));
  EXPECT_THAT(Diff(absl::nullopt, 2)->returns(), SizeIs(3));
  EXPECT_EQ(FieldOf(Diff(2, 2).status()), "from");
  EXPECT_EQ(FieldOf(Diff(3).status()), "from");
  EXPECT_EQ(ReasonOf(Diff(0).status()), "RELEASE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Diff(1, 4).status()), "RELEASE_NOT_FOUND");
}

TEST_F(ReleasesTest, AnotherVersionOfTheCollectionIsAnotherRelease) {
  for (const Beds& beds : Returns()) Send(beds);
  const std::string first = Published().release().sha256();
  Publish(
      CollectionText(R"(option (schema.v1.indicator) = { id: "free" title: "Free" value: "available - occupied" };)"));
  const v1::Release second = Published().release();
  EXPECT_EQ(second.number(), 2U);
  EXPECT_EQ(second.collection_version(), 2U);
  const v1::DiffReleasesResponse diff = Diff().value();
  EXPECT_THAT(diff.returns(), IsEmpty());
  EXPECT_THAT(diff.values(), SizeIs(3));  // RT3 does not count.
  ASSERT_THAT(diff.statistics(), SizeIs(1));
  EXPECT_FALSE(diff.statistics(0).has_from());
  EXPECT_EQ(diff.statistics(0).to().indicator(), "free");
}

TEST_F(ReleasesTest, SaysWhatIsMissingAndUnexplained) {
  Send({"RT1", "2025-04", 300, 301});  // Not pinned.
  for (const Beds& beds : Returns()) Send(beds);
  Send({"RT4", kQuarter, 90, 91});     // A query of the quarter.
  Send({"RT2", "2025-05", 310, 311});  // And of a month of it.
  Send({"RT1", "2025-07", 300, 301});  // Of another quarter.
  for (const char* code : {"RT1", "RT3", "RT5"}) Enrol("beds", code, "", "");
  Enrol("beds", "RT6", "2025-05", "");  // Not for all of the quarter.
  Enrol("beds", "RT4", "2024-04", "2025-06");
  Enrol("wards", "RT2", "", "");
  Enrol("wards", "RT1", "", "2025-05");
  const v1::PreviewReleaseResponse preview = Preview();
  std::vector<std::string> missing;
  for (const v1::MissingReturn& one : preview.missing()) {
    missing.push_back(absl::StrCat(one.service(), " ", one.participant(), " ", one.months_present()));
  }
  EXPECT_THAT(missing, ElementsAre("wards RT2 0", "beds RT3 2", "beds RT5 0"));
  EXPECT_EQ(preview.release().missing(), 3U);
  std::vector<std::string> queries;
  for (const v1::OpenQuery& one : preview.open_queries()) {
    queries.push_back(absl::StrCat(one.participant(), " ", one.period(), " ", one.rule_id()));
  }
  EXPECT_THAT(queries, ElementsAre("RT2 2025-05 within", "RT4 2025-26-Q1 within"));
  EXPECT_EQ(preview.release().open_queries(), 2U);
  EXPECT_EQ(preview.release().number(), 0U);
  EXPECT_FALSE(preview.release().has_publish_time());
  EXPECT_THAT(preview.statistics(), SizeIs(3));
  EXPECT_THAT(Listed(Everybody()), IsEmpty());

  ASSERT_TRUE(Say(v1::QueryEvent::KIND_EXPLAINED, "A ward was over-occupied.", "RT2", "2025-05").ok());
  const v1::PublishReleaseResponse published = Published();
  EXPECT_EQ(published.release().open_queries(), 1U);
  EXPECT_THAT(published.open_queries(), SizeIs(1));
  EXPECT_THAT(published.missing(), SizeIs(3));
  // What was explained is no part of the content.
  EXPECT_EQ(published.release().sha256(), preview.release().sha256());
}

TEST_F(ReleasesTest, ThereMustBeSomethingToRelease) {
  const auto reason = [&](const std::string& collection, const std::string& period) {
    v1::PublishReleaseRequest request = PublishRequest(period);
    request.set_collection(collection);
    v1::PreviewReleaseRequest preview;
    preview.set_collection(collection);
    preview.set_period(period);
    const absl::Status status = releases_->Publish(request, "steward").status();
    EXPECT_EQ(releases_->Preview(preview).status(), status);
    return ReasonOf(status);
  };
  EXPECT_EQ(reason("test", kQuarter), "NOTHING_TO_RELEASE");
  Send({"RT1", kQuarter, 1, 1});
  EXPECT_EQ(reason("test", "2025-26-Q2"), "NOTHING_TO_RELEASE");
  Withdraw("RT1", kQuarter);
  EXPECT_EQ(reason("test", kQuarter), "NOTHING_TO_RELEASE");
  EXPECT_EQ(reason("tset", kQuarter), "COLLECTION_NOT_FOUND");
  EXPECT_EQ(reason("test", "2025Q2"), "INVALID_FIELD");
  v1::PublishReleaseRequest noted = PublishRequest();
  noted.set_note(std::string(1001, 'x'));
  EXPECT_EQ(FieldOf(releases_->Publish(noted, "steward").status()), "note");
}

TEST_F(ReleasesTest, ALargeContentGoesInParts) {
  std::string indicators;
  constexpr int kIndicators = 1000;
  for (int i = 0; i < kIndicators; ++i) {
    absl::StrAppend(&indicators, "option (schema.v1.indicator) = { id: \"i", i, "\" title: \"I\" value: \"available + ",
                    i, "\" };\n");
  }
  Publish(CollectionText(indicators));
  for (int i = 1; i <= 6; ++i) Send({absl::StrCat("RT", i), kQuarter, 100.0 * i, 1});
  EXPECT_GT(Published().release().bytes(), uint64_t{1} << 20);
  EXPECT_THAT(ReadContent(Text())->values, SizeIs(6 * (kIndicators + 2)));
}

TEST_F(ReleasesTest, AContentThatIsNotWhatWasPublishedIsNotServed) {
  storage::CatalogueChange change;
  storage::NewRelease& release = change.releases.emplace_back();
  release.record.mutable_release()->set_collection("test");
  release.record.mutable_release()->set_period(kQuarter);
  release.record.mutable_release()->set_number(1);
  release.record.mutable_release()->set_sha256(Sha256Hex("something else"));
  release.parts = {"something"};
  Change(change);
  v1::DownloadReleaseRequest request;
  request.set_collection("test");
  request.set_period(kQuarter);
  EXPECT_TRUE(absl::IsDataLoss(releases_->Download(request).status()));
}

}  // namespace
}  // namespace quartermaster::server
