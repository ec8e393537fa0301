// The keys under which RocksDB holds records, as types. FORMAT.md gives the grammar and a worked example.
//
// Keys compare as bytes just as the tuples of their parts do, but for the revision: the newest comes first, so that the
// latest revision of a return is the first key after its prefix. Any bytes are allowed in a part. Decode refuses with
// DATA_LOSS whatever Encode cannot have made.
#ifndef QUARTERMASTER_STORAGE_KEYS_H_
#define QUARTERMASTER_STORAGE_KEYS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "storage/store.h"

namespace quartermaster::storage {

// A request id is a UUID in its 16 bytes; it is its own key.
inline constexpr size_t kRequestIdBytes = 16;

// The keys of the family "meta".
inline constexpr char kStoreRecordKey[] = "store";
inline constexpr char kCommitRecordKey[] = "commit";
inline constexpr char kAuditRecordKey[] = "audit";

// Of the families "returns" and "withdrawals".
struct RevisionKey {
  ReturnKey return_key;
  // From 1.
  uint32_t revision = 0;

  std::string Encode() const;
  static absl::StatusOr<RevisionKey> Decode(absl::string_view bytes);
  friend bool operator==(const RevisionKey&, const RevisionKey&) = default;
};

// Of the family "queries".
struct QueryKey {
  QueryName name;

  std::string Encode() const;
  static absl::StatusOr<QueryKey> Decode(absl::string_view bytes);
  friend bool operator==(const QueryKey&, const QueryKey&) = default;
};

// The kinds of record in the family "catalogue", told apart by the first byte of the key. Never renumbered.
enum class CatalogueKind : char {
  kCollection = 1,
  kParticipant = 2,
  kPopulation = 3,
  kStandingException = 4,
  kEnrolment = 5,
  kWindowGrant = 6,
  kToken = 7,
  kShown = 8,
};

// For messages: "standing exception".
const char* NameOf(CatalogueKind kind);

struct CollectionKey {
  std::string id;
  uint32_t version = 0;

  std::string Encode() const;
  static absl::StatusOr<CollectionKey> Decode(absl::string_view bytes);
  // What all keys of this kind start with.
  static std::string Prefix();
  friend auto operator<=>(const CollectionKey&, const CollectionKey&) = default;
};

struct ParticipantKey {
  std::string code;

  std::string Encode() const;
  static absl::StatusOr<ParticipantKey> Decode(absl::string_view bytes);
  static std::string Prefix();
  friend auto operator<=>(const ParticipantKey&, const ParticipantKey&) = default;
};

struct PopulationKey {
  std::string participant;
  std::string age_band;
  // The first month, or empty for "from ever"; that sorts first.
  std::string from;

  std::string Encode() const;
  static absl::StatusOr<PopulationKey> Decode(absl::string_view bytes);
  static std::string Prefix();
  friend auto operator<=>(const PopulationKey&, const PopulationKey&) = default;
};

struct EnrolmentKey {
  std::string collection;
  std::string service;
  std::string participant;

  std::string Encode() const;
  static absl::StatusOr<EnrolmentKey> Decode(absl::string_view bytes);
  static std::string Prefix();
  friend auto operator<=>(const EnrolmentKey&, const EnrolmentKey&) = default;
};

struct ShownKey {
  std::string collection;
  std::string service;
  std::string period;

  std::string Encode() const;
  static absl::StatusOr<ShownKey> Decode(absl::string_view bytes);
  static std::string Prefix();
  friend auto operator<=>(const ShownKey&, const ShownKey&) = default;
};

// Of what begins with a commit, whose sequence number is the id, and may be ended by a later one.
template <CatalogueKind kKind>
struct GrantKey {
  // From 1.
  uint64_t id = 0;

  std::string Encode() const;
  static absl::StatusOr<GrantKey> Decode(absl::string_view bytes);
  static std::string Prefix();
  friend auto operator<=>(const GrantKey&, const GrantKey&) = default;
};

using StandingExceptionKey = GrantKey<CatalogueKind::kStandingException>;
using WindowGrantKey = GrantKey<CatalogueKind::kWindowGrant>;
using TokenKey = GrantKey<CatalogueKind::kToken>;

// Of the family "releases". A release comes before its parts, and they before the next release.
struct ReleaseKey {
  std::string collection;
  std::string period;
  // From 1.
  uint32_t number = 0;

  std::string Encode() const;
  static absl::StatusOr<ReleaseKey> Decode(absl::string_view bytes);
  friend auto operator<=>(const ReleaseKey&, const ReleaseKey&) = default;
};

struct ReleasePartKey {
  ReleaseKey release;
  // From 0.
  uint32_t part = 0;

  std::string Encode() const;
  static absl::StatusOr<ReleasePartKey> Decode(absl::string_view bytes);
  friend auto operator<=>(const ReleasePartKey&, const ReleasePartKey&) = default;
};

// Of the family "audit".
struct AuditKey {
  // From 1.
  uint64_t number = 0;

  std::string Encode() const;
  static absl::StatusOr<AuditKey> Decode(absl::string_view bytes);
  friend auto operator<=>(const AuditKey&, const AuditKey&) = default;
};

// What the keys of all releases of a period and of their parts start with, and no other key does.
std::string PeriodPrefix(const std::string& collection, const std::string& period);

// What the keys of one release and of its parts start with.
std::string ReleasePrefix(const ReleaseKey& key);

// What the keys of all revisions of a return and of all its queries start with, and no other key does.
std::string ReturnPrefix(const ReturnKey& key);

// What the keys of all returns and queries start with that agree with the filter up to its first empty part.
std::string FilterPrefix(const ReturnFilter& filter);

// The first key after all that start with `prefix`. Empty, for "there is none", if the prefix is.
std::string PrefixEnd(std::string prefix);

// For messages: the parts with a space between, anything unprintable escaped.
std::string Describe(const ReturnKey& key);
std::string Describe(const RevisionKey& key);
std::string Describe(const QueryName& name);
std::string Describe(const ReleaseKey& key);
template <CatalogueKind kKind>
std::string Describe(const GrantKey<kKind>& key) {
  return absl::StrCat(NameOf(kKind), " ", key.id);
}

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_KEYS_H_
