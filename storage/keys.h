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
#include "absl/strings/string_view.h"
#include "storage/store.h"

namespace quartermaster::storage {

// A request id is a UUID in its 16 bytes; it is its own key.
inline constexpr size_t kRequestIdBytes = 16;

// The keys of the family "meta".
inline constexpr char kStoreRecordKey[] = "store";
inline constexpr char kCommitRecordKey[] = "commit";

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

// Of the family "catalogue": the four kinds of record, told apart by the first byte.
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

struct StandingExceptionKey {
  uint64_t id = 0;

  std::string Encode() const;
  static absl::StatusOr<StandingExceptionKey> Decode(absl::string_view bytes);
  static std::string Prefix();
  friend auto operator<=>(const StandingExceptionKey&, const StandingExceptionKey&) = default;
};

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

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_KEYS_H_
