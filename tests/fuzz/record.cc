// Keys and records on disk. The first byte chooses the kind; behind it are the bytes that a damaged disk might give.
#include <algorithm>

#include "storage/records.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/message_mutator.h"

namespace quartermaster::fuzz {
namespace {

using namespace storage;
namespace records = storage::v1;

template <typename Key>
void FuzzKey(absl::string_view bytes) {
  const absl::StatusOr<Key> key = Key::Decode(bytes);
  if (!key.ok()) {
    Require(absl::IsDataLoss(key.status()), "what is no key is lost data");
    return;
  }
  Require(key->Encode() == bytes, "what is decoded encodes to the same bytes");
  Require(*Key::Decode(key->Encode()) == *key, "what is encoded decodes to the same key");
}

// Its parts, between line feeds.
std::vector<std::string> PartsOf(absl::string_view bytes, size_t count) {
  std::vector<std::string> parts(count);
  for (size_t i = 0; i < count; ++i) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    parts[i] = std::string(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return parts;
}

// Of any parts, and their order.
void FuzzParts(absl::string_view bytes) {
  const std::vector<std::string> parts = PartsOf(bytes, 12);
  const auto number = [&](size_t i) { return 1 + static_cast<uint32_t>(parts[i].size()); };
  const RevisionKey revisions[] = {{{parts[0], parts[1], parts[2], parts[3]}, number(4)},
                                   {{parts[6], parts[7], parts[8], parts[9]}, number(10)}};
  for (const RevisionKey& key : revisions) {
    Require(*RevisionKey::Decode(key.Encode()) == key, "a key of a return decodes to itself");
    const QueryKey query{{key.return_key, parts[5], parts[11]}};
    Require(*QueryKey::Decode(query.Encode()) == query, "a key of a query decodes to itself");
    const std::string prefix = ReturnPrefix(key.return_key);
    Require(absl::string_view(key.Encode()).substr(0, prefix.size()) == prefix, "a key starts with its prefix");
    Require(key.Encode() < PrefixEnd(prefix), "a key lies before the end of its prefix");
  }
  // The newest revision first.
  const auto order = [](const RevisionKey& key) { return std::pair(key.return_key, ~key.revision); };
  Require((order(revisions[0]) <=> order(revisions[1])) == (revisions[0].Encode() <=> revisions[1].Encode()),
          "keys have the order of their parts");
  const ReleaseKey release{parts[0], parts[1], number(2)};
  Require(*ReleaseKey::Decode(release.Encode()) == release, "a key of a release decodes to itself");
  const ReleasePartKey part{release, number(3) - 1};
  Require(*ReleasePartKey::Decode(part.Encode()) == part, "a key of a part decodes to itself");
  Require(release.Encode() < part.Encode(), "a release comes before its parts");
}

// `parse` reads the record as one of `key`, which the record itself names.
template <typename Record, typename Parse, typename... Key>
void RequireReadsBack(absl::string_view bytes, Parse parse, const Key&... key) {
  const absl::StatusOr<Record> record = parse(key..., bytes);
  if (!record.ok()) {
    Require(absl::IsDataLoss(record.status()) || absl::IsFailedPrecondition(record.status()),
            "what does not read back is lost data, or too new");
    return;
  }
  const std::string written = Serialize(key..., *record);
  const absl::StatusOr<Record> again = parse(key..., written);
  Require(again.ok() && Serialize(key..., *again) == written, "what is written reads back");
}

template <typename Record>
Record Read(absl::string_view bytes) {
  Record record;
  record.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return record;
}

template <typename Record, typename Parse>
void FuzzRecord(absl::string_view bytes, Parse parse) {
  const auto key = KeyOf(Read<Record>(bytes));
  RequireReadsBack<Record>(bytes, parse, key);
  auto other = key;
  if constexpr (requires { other.id += 1; }) {
    other.id += 1;
  } else if constexpr (requires { other.participant += "X"; }) {
    other.participant += "X";
  } else if constexpr (requires { other.code += "X"; }) {
    other.code += "X";
  } else {
    other.period += "X";
  }
  Require(!parse(other, bytes).ok(), "a record under another key is refused");
}

void FuzzCatalogueKeys(absl::string_view bytes) {
  // Their first byte tells them apart.
  FuzzKey<CollectionKey>(bytes);
  FuzzKey<ParticipantKey>(bytes);
  FuzzKey<storage::PopulationKey>(bytes);
  FuzzKey<EnrolmentKey>(bytes);
  FuzzKey<ShownKey>(bytes);
  FuzzKey<StandingExceptionKey>(bytes);
  FuzzKey<WindowGrantKey>(bytes);
  FuzzKey<TokenKey>(bytes);
}

// A return does not hold its key, but for the revision.
RevisionKey RevisionOf(uint32_t revision) { return {{"mhlda", "adult-inpatient", "RT1", "2025-04"}, revision}; }

// What the first byte chooses. The order must stay: the seeds count on it.
struct Kind {
  const google::protobuf::Message* message;  // null for a key
  void (*fuzz)(absl::string_view bytes);
};
const std::vector<Kind>& Kinds() {
  static const auto& kinds = *new std::vector<Kind>{
      {nullptr, FuzzKey<RevisionKey>},
      {nullptr, FuzzKey<QueryKey>},
      {nullptr, FuzzKey<ReleaseKey>},
      {nullptr, FuzzKey<ReleasePartKey>},
      {nullptr, FuzzCatalogueKeys},
      {nullptr, FuzzParts},
      {&records::ReturnRecord::default_instance(),
       [](absl::string_view bytes) {
         const auto key = RevisionOf(Read<records::ReturnRecord>(bytes).receipt().revision());
         RequireReadsBack<records::ReturnRecord>(bytes, ParseReturn, key);
       }},
      {&records::WithdrawalRecord::default_instance(),
       [](absl::string_view bytes) {
         const auto key = RevisionOf(Read<records::WithdrawalRecord>(bytes).revision());
         RequireReadsBack<records::WithdrawalRecord>(bytes, ParseWithdrawal, key);
       }},
      {&records::RequestRecord::default_instance(),
       [](absl::string_view bytes) { RequireReadsBack<records::RequestRecord>(bytes, ParseRequest); }},
      {&records::QueryRecord::default_instance(),
       [](absl::string_view bytes) { RequireReadsBack<records::QueryRecord>(bytes, ParseQuery); }},
      {&records::CollectionRecord::default_instance(),
       [](absl::string_view bytes) { FuzzRecord<records::CollectionRecord>(bytes, ParseCollection); }},
      {&records::ParticipantRecord::default_instance(),
       [](absl::string_view bytes) { FuzzRecord<records::ParticipantRecord>(bytes, ParseParticipant); }},
      {&records::PopulationRecord::default_instance(),
       [](absl::string_view bytes) { FuzzRecord<records::PopulationRecord>(bytes, ParsePopulation); }},
      {&records::StandingExceptionRecord::default_instance(),
       [](absl::string_view bytes) { FuzzRecord<records::StandingExceptionRecord>(bytes, ParseStandingException); }},
      {&records::EnrolmentRecord::default_instance(),
       [](absl::string_view bytes) { FuzzRecord<records::EnrolmentRecord>(bytes, ParseEnrolment); }},
      {&records::WindowGrantRecord::default_instance(),
       [](absl::string_view bytes) { FuzzRecord<records::WindowGrantRecord>(bytes, ParseWindowGrant); }},
      {&records::TokenRecord::default_instance(),
       [](absl::string_view bytes) { FuzzRecord<records::TokenRecord>(bytes, ParseToken); }},
      {&records::ShownRecord::default_instance(),
       [](absl::string_view bytes) { FuzzRecord<records::ShownRecord>(bytes, ParseShown); }},
      {&records::ReleaseRecord::default_instance(),
       [](absl::string_view bytes) { FuzzRecord<records::ReleaseRecord>(bytes, ParseRelease); }},
      {&records::ReleasePartRecord::default_instance(),
       [](absl::string_view bytes) {
         const ReleasePartKey key{{"mhlda", "2025-04", 1}, 0};
         RequireReadsBack<records::ReleasePartRecord>(bytes, ParseReleasePart, key);
       }},
      {&records::StoreRecord::default_instance(),
       [](absl::string_view bytes) { RequireReadsBack<records::StoreRecord>(bytes, ParseStore); }},
      {&records::CommitRecord::default_instance(),
       [](absl::string_view bytes) { RequireReadsBack<records::CommitRecord>(bytes, ParseCommit); }},
  };
  return kinds;
}

}  // namespace
}  // namespace quartermaster::fuzz

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  using namespace quartermaster::fuzz;
  if (size == 0) return LLVMFuzzerMutate(data, size, max_size);
  const Kind& kind = Kinds()[data[0] % Kinds().size()];
  if (kind.message == nullptr) return LLVMFuzzerMutate(data, size, max_size);
  const std::unique_ptr<google::protobuf::Message> record(kind.message->New());
  return 1 + MutateInput(data + 1, size - 1, max_size - 1, seed, record.get());
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace quartermaster::fuzz;
  if (size == 0) return 0;
  Kinds()[data[0] % Kinds().size()].fuzz(AsText(data + 1, size - 1));
  return 0;
}
