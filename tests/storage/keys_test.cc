// Keys: round trip, exact bytes (they lie on disks), the order of bytes against the order of tuples, and garbage
// refused.
#include "storage/keys.h"

#include <algorithm>
#include <random>
#include <tuple>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

// These bytes are in FORMAT.md and on disks: never change an expectation, make a new format version.
TEST(KeysTest, ExactBytes) {
  const ReturnKey key = {"kh03", "beds", "RT1", "2025-04"};
  EXPECT_EQ(Hex(RevisionKey{key, 2}.Encode()),
            "6b683033"
            "0001"
            "62656473"
            "0001"
            "525431"
            "0001"
            "323032352d3034"
            "0001"
            "fffffffd");
  EXPECT_EQ(Hex(RevisionKey{{std::string("a\0", 2), "", "\xff", "\x01"}, 1}.Encode()),
            "6100ff0001"
            "0001"
            "ff0001"
            "010001"
            "fffffffe");
  EXPECT_EQ(Hex(CollectionKey{"kh03", 258}.Encode()), "016b683033000100000102");
  EXPECT_EQ(Hex(ParticipantKey{"RT1"}.Encode()), "025254310001");
  EXPECT_EQ(Hex(PopulationKey{"RT1", "65+", "2024-04"}.Encode()), "03525431000136352b0001323032342d30340001");
  EXPECT_EQ(Hex(StandingExceptionKey{258}.Encode()), "040000000000000102");
  EXPECT_EQ(Hex(StandingExceptionKey{0xfedcba9876543210}.Encode()), "04fedcba9876543210");
  EXPECT_EQ(Hex(EnrolmentKey{"kh03", "beds", "RT1"}.Encode()),
            "056b683033000162656473000152543100"
            "01");
  EXPECT_EQ(Hex(WindowGrantKey{258}.Encode()), "060000000000000102");
  EXPECT_EQ(Hex(TokenKey{258}.Encode()), "070000000000000102");
  EXPECT_EQ(Hex(ShownKey{"kh03", "beds", "2025-04"}.Encode()),
            "086b683033000162656473000132"
            "3032352d30340001");
  const ReleaseKey release = {"kh03", "2025-26-Q1", 258};
  EXPECT_EQ(Hex(release.Encode()),
            "6b6830330001323032352d32362d51310001"
            "00000102"
            "00000000");
  EXPECT_EQ(Hex(ReleasePartKey{release, 0}.Encode()),
            "6b6830330001323032352d32362d51310001"
            "00000102"
            "00000001");
  EXPECT_EQ(Hex(ReleasePartKey{release, 257}.Encode()),
            "6b6830330001323032352d32362d51310001"
            "00000102"
            "00000102");
  EXPECT_EQ(Hex(QueryKey{{key, "maximum", "beds.open"}}.Encode()),
            "6b683033"
            "0001"
            "62656473"
            "0001"
            "525431"
            "0001"
            "323032352d3034"
            "0001"
            "6d6178696d756d"
            "0001"
            "626564732e6f70656e"
            "0001");
  EXPECT_EQ(Hex(QueryKey{{{"", "", "", ""}, std::string("\0", 1), ""}}.Encode()), "000100010001000100ff00010001");
  EXPECT_EQ(Hex(ReturnPrefix({"a", "b", "c", "d"})), "610001620001630001640001");
  EXPECT_STREQ(kStoreRecordKey, "store");
  EXPECT_STREQ(kCommitRecordKey, "commit");
}

TEST(KeysTest, PrefixesOfFilters) {
  ReturnFilter filter;
  EXPECT_EQ(FilterPrefix(filter), "");
  filter.service = "b";  // Without a collection there is nothing that all keys start with.
  EXPECT_EQ(FilterPrefix(filter), "");
  filter.collection = "a";
  filter.period = "d";
  EXPECT_EQ(Hex(FilterPrefix(filter)), "610001620001");
  EXPECT_EQ(Hex(PrefixEnd(FilterPrefix(filter))), "610001620002");
  EXPECT_EQ(PrefixEnd(""), "");
  EXPECT_EQ(PrefixEnd("a\xff\xff"), "b");
  EXPECT_EQ(PrefixEnd("\xff"), "");
}

// Strings over few bytes, the troublesome ones, so that prefixes and equal parts are frequent.
class RandomKeys {
 public:
  explicit RandomKeys(uint64_t seed) : generator_(seed) {}
  std::string Part() {
    static constexpr char kBytes[] = {'\x00', '\x01', '\x02', 'a', '\xfe', '\xff'};
    std::string part(generator_() % 4, '\0');
    for (char& byte : part) byte = kBytes[generator_() % sizeof(kBytes)];
    return part;
  }
  uint32_t Number() { return generator_() % 2 == 0 ? generator_() % 3 + 1 : static_cast<uint32_t>(generator_() | 1); }
  uint64_t LongNumber() { return generator_() % 2 == 0 ? Number() : generator_() | 1; }
  QueryKey Query() { return {{{Part(), Part(), Part(), Part()}, Part(), Part()}}; }
  ReleaseKey Release() { return {Part(), Part(), Number()}; }
  RevisionKey Revision() { return {{Part(), Part(), Part(), Part()}, Number()}; }

 private:
  std::mt19937_64 generator_;
};

// As the header promises: tuples in order, but the newest revision first.
bool Before(const RevisionKey& a, const RevisionKey& b) {
  return std::tie(a.return_key, b.revision) < std::tie(b.return_key, a.revision);
}

TEST(KeysTest, RandomKeysKeepTheirOrderAndComeBack) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed));
  RandomKeys random(seed);
  for (int i = 0; i < 20000; ++i) {
    const RevisionKey a = random.Revision();
    const RevisionKey b = random.Revision();
    ASSERT_EQ(a.Encode() < b.Encode(), Before(a, b)) << Hex(a.Encode()) << " " << Hex(b.Encode());
    ASSERT_EQ(*RevisionKey::Decode(a.Encode()), a);
    const CollectionKey c = {random.Part(), random.Number()};
    const CollectionKey d = {random.Part(), random.Number()};
    ASSERT_EQ(c.Encode() < d.Encode(), c < d);
    ASSERT_EQ(*CollectionKey::Decode(c.Encode()), c);
    const PopulationKey e = {random.Part(), random.Part(), random.Part()};
    const PopulationKey f = {random.Part(), random.Part(), random.Part()};
    ASSERT_EQ(e.Encode() < f.Encode(), e < f);
    ASSERT_EQ(*PopulationKey::Decode(e.Encode()), e);
    const ParticipantKey g = {random.Part()};
    const ParticipantKey h = {random.Part()};
    ASSERT_EQ(g.Encode() < h.Encode(), g < h);
    ASSERT_EQ(*ParticipantKey::Decode(g.Encode()), g);
    const QueryKey k = random.Query();
    const QueryKey l = random.Query();
    ASSERT_EQ(k.Encode() < l.Encode(), k.name < l.name) << Hex(k.Encode()) << " " << Hex(l.Encode());
    ASSERT_EQ(*QueryKey::Decode(k.Encode()), k);
    const EnrolmentKey o = {random.Part(), random.Part(), random.Part()};
    const EnrolmentKey p = {random.Part(), random.Part(), random.Part()};
    ASSERT_EQ(o.Encode() < p.Encode(), o < p);
    ASSERT_EQ(*EnrolmentKey::Decode(o.Encode()), o);
    const ShownKey q = {random.Part(), random.Part(), random.Part()};
    const ShownKey r = {random.Part(), random.Part(), random.Part()};
    ASSERT_EQ(q.Encode() < r.Encode(), q < r);
    ASSERT_EQ(*ShownKey::Decode(q.Encode()), q);
    const StandingExceptionKey m = {random.LongNumber()};
    const StandingExceptionKey n = {random.LongNumber()};
    ASSERT_EQ(m.Encode() < n.Encode(), m < n);
    ASSERT_EQ(*StandingExceptionKey::Decode(m.Encode()), m);
    ASSERT_EQ(*WindowGrantKey::Decode(WindowGrantKey{m.id}.Encode()), WindowGrantKey{m.id});
    ASSERT_EQ(*TokenKey::Decode(TokenKey{m.id}.Encode()), TokenKey{m.id});
  }
}

// A release, its parts in order, then the next release of the period.
TEST(KeysTest, AReleaseComesBeforeItsPartsAndTheyBeforeTheNextRelease) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed));
  RandomKeys random(seed);
  for (int i = 0; i < 20000; ++i) {
    const ReleaseKey a = random.Release();
    const ReleaseKey b = random.Release();
    const ReleasePartKey c = {a, random.Number() - 1};
    const ReleasePartKey d = {b, random.Number() - 1};
    ASSERT_EQ(a.Encode() < b.Encode(), a < b);
    ASSERT_EQ(c.Encode() < d.Encode(), c < d);
    ASSERT_EQ(a.Encode() < d.Encode(), a <= b) << Hex(a.Encode()) << " " << Hex(d.Encode());
    ASSERT_EQ(*ReleaseKey::Decode(a.Encode()), a);
    ASSERT_EQ(*ReleasePartKey::Decode(c.Encode()), c);
    ASSERT_EQ(absl::StartsWith(d.Encode(), ReleasePrefix(a)), a == b);
    ASSERT_EQ(absl::StartsWith(d.Encode(), PeriodPrefix(a.collection, a.period)),
              std::tie(a.collection, a.period) == std::tie(b.collection, b.period));
  }
}

TEST(KeysTest, APrefixCoversJustItsReturn) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(absl::StrCat("QM_TEST_SEED=", seed));
  RandomKeys random(seed);
  for (int i = 0; i < 20000; ++i) {
    const ReturnKey key = random.Revision().return_key;
    const RevisionKey other = random.Revision();
    const std::string bytes = other.Encode();
    const bool inside = bytes >= ReturnPrefix(key) && bytes < PrefixEnd(ReturnPrefix(key));
    ASSERT_EQ(inside, key == other.return_key);
    const QueryKey query = random.Query();
    ASSERT_EQ(absl::StartsWith(query.Encode(), ReturnPrefix(key)), key == query.name.return_key);
  }
}

template <typename Key>
void ExpectOnlyTheWholeIsRead(const Key& key) {
  const std::string bytes = key.Encode();
  ASSERT_TRUE(Key::Decode(bytes).ok());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(Key::Decode(bytes.substr(0, size)), HasCode(absl::StatusCode::kDataLoss)) << size;
  }
  EXPECT_THAT(Key::Decode(bytes + '\0'), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Key::Decode(bytes + "\xff\x00\x01"), HasCode(absl::StatusCode::kDataLoss));
}

TEST(KeysTest, AuditLinesAreInTheOrderOfTheirNumbers) {
  EXPECT_EQ(AuditKey{258}.Encode(), std::string("\0\0\0\0\0\0\x01\x02", 8));
  EXPECT_LT(AuditKey{255}.Encode(), AuditKey{256}.Encode());
  EXPECT_EQ(*AuditKey::Decode(AuditKey{~uint64_t{0}}.Encode()), AuditKey{~uint64_t{0}});
  EXPECT_THAT(AuditKey::Decode(AuditKey{0}.Encode()), HasCode(absl::StatusCode::kDataLoss));
}

TEST(KeysTest, TruncatedAndLongerKeysAreRefused) {
  ExpectOnlyTheWholeIsRead(RevisionKey{{std::string("a\0b", 3), "", "RT1", "2025-04"}, 7});
  ExpectOnlyTheWholeIsRead(CollectionKey{"kh03", 1});
  ExpectOnlyTheWholeIsRead(ParticipantKey{std::string("\0", 1)});
  ExpectOnlyTheWholeIsRead(PopulationKey{"RT1", "65+", ""});
  ExpectOnlyTheWholeIsRead(QueryKey{{{std::string("a\0b", 3), "", "RT1", "2025-04"}, "maximum", ""}});
  ExpectOnlyTheWholeIsRead(StandingExceptionKey{258});
  ExpectOnlyTheWholeIsRead(EnrolmentKey{"kh03", "", "RT1"});
  ExpectOnlyTheWholeIsRead(WindowGrantKey{258});
  ExpectOnlyTheWholeIsRead(TokenKey{258});
  ExpectOnlyTheWholeIsRead(ShownKey{"kh03", "beds", ""});
  ExpectOnlyTheWholeIsRead(ReleaseKey{std::string("a\0b", 3), "2025-26-Q1", 7});
  ExpectOnlyTheWholeIsRead(ReleasePartKey{{"kh03", "", 7}, 0});
  ExpectOnlyTheWholeIsRead(AuditKey{258});
}

TEST(KeysTest, GarbageIsRefused) {
  const ReturnKey key = {"a", "b", "c", "d"};
  EXPECT_THAT(RevisionKey::Decode(RevisionKey{key, 0}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  std::string bad_escape = RevisionKey{{std::string("\0", 1), "b", "c", "d"}, 1}.Encode();
  bad_escape[1] = '\x02';
  EXPECT_THAT(RevisionKey::Decode(bad_escape), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(CollectionKey::Decode(ParticipantKey{"a"}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ParticipantKey::Decode(PopulationKey{"a", "b", "c"}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(PopulationKey::Decode(CollectionKey{"a", 1}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(StandingExceptionKey::Decode(ParticipantKey{"abcdef"}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(StandingExceptionKey::Decode(StandingExceptionKey{0}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(QueryKey::Decode(RevisionKey{key, 1}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(EnrolmentKey::Decode(ShownKey{"a", "b", "c"}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ShownKey::Decode(PopulationKey{"a", "b", "c"}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(WindowGrantKey::Decode(TokenKey{1}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(TokenKey::Decode(StandingExceptionKey{1}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(TokenKey::Decode(TokenKey{0}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  const ReleaseKey release = {"a", "b", 1};
  EXPECT_THAT(ReleaseKey::Decode(ReleasePartKey{release, 0}.Encode()), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ReleasePartKey::Decode(release.Encode()), HasCode(absl::StatusCode::kDataLoss));
  const ReleaseKey zeroth = {"a", "b", 0};
  EXPECT_THAT(ReleaseKey::Decode(zeroth.Encode()), HasCode(absl::StatusCode::kDataLoss));
}

TEST(KeysTest, DescriptionsAreReadable) {
  EXPECT_EQ(Describe(ReturnKey{"mhlda", "adult-inpatient", "RT1", "2025-04"}), "mhlda adult-inpatient RT1 2025-04");
  EXPECT_EQ(Describe(RevisionKey{{"a", "b\n", "c", std::string("\0", 1)}, 3}), "a b\\n c \\x00, revision 3");
  EXPECT_EQ(Describe(QueryName{{"a", "b", "c", "d"}, "maximum", "beds.open"}), "a b c d, query maximum of beds.open");
  EXPECT_EQ(Describe(QueryName{{"a", "b", "c", "d"}, "change\n", ""}), "a b c d, query change\\n");
  EXPECT_EQ(Describe(ReleaseKey{"mhlda", "2025-26-Q1\n", 3}), "release 3 of mhlda 2025-26-Q1\\n");
  EXPECT_EQ(Describe(WindowGrantKey{7}), "window grant 7");
  EXPECT_EQ(Describe(TokenKey{7}), "token 7");
}

}  // namespace
}  // namespace quartermaster::storage
