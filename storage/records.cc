// Serialisation, and the promises of records.h: each KeepsPromise is used before writing and after reading.
#include "storage/records.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "storage/catalogue.h"
#include "storage/check.h"

namespace quartermaster::storage {
namespace {

bool KeepsPromise(const RevisionKey& key, const v1::ReturnRecord& record) {
  return key.revision > 0 && record.receipt().revision() == key.revision && record.receipt().sequence() > 0 &&
         record.receipt().has_commit_time();
}

bool KeepsPromise(const RevisionKey& key, const v1::WithdrawalRecord& record) {
  return key.revision > 0 && record.revision() == key.revision && record.sequence() > 0;
}

bool KeepsPromise(const v1::RequestRecord& record) {
  return record.revision() > 0 &&
         (record.kind() == v1::RequestRecord::KIND_SUBMISSION || record.kind() == v1::RequestRecord::KIND_WITHDRAWAL);
}

bool KeepsPromise(const v1::QueryRecord& record) {
  uint64_t before = 0;
  for (const quartermaster::v1::QueryEvent& event : record.events()) {
    if (event.kind() == quartermaster::v1::QueryEvent::KIND_UNSPECIFIED || event.sequence() <= before) return false;
    before = event.sequence();
  }
  return before > 0;
}

bool KeepsPromise(const CollectionKey& key, const v1::CollectionRecord& record) {
  return KeyOf(record) == key && record.sequence() > 0;
}

bool KeepsPromise(const ParticipantKey& key, const v1::ParticipantRecord& record) {
  return KeyOf(record) == key && record.sequence() > 0;
}

bool KeepsPromise(const PopulationKey& key, const v1::PopulationRecord& record) {
  return KeyOf(record) == key && record.sequence() > 0;
}

bool KeepsPromise(const EnrolmentKey& key, const v1::EnrolmentRecord& record) {
  return KeyOf(record) == key && record.sequence() > 0;
}

bool KeepsPromise(const ShownKey& key, const v1::ShownRecord& record) {
  return KeyOf(record) == key && record.sequence() > 0;
}

// Nothing is older than the commit that made it.
template <CatalogueKind kKind, typename Record>
bool KeepsPromise(const GrantKey<kKind>& key, const Record& record) {
  return KeyOf(record) == key && key.id > 0 && record.sequence() >= key.id;
}

bool KeepsPromise(const TokenKey& key, const v1::TokenRecord& record) {
  return KeepsPromise<CatalogueKind::kToken>(key, record) && record.secret_sha256().size() == kSecretHashBytes;
}

bool KeepsPromise(const ReleaseKey& key, const v1::ReleaseRecord& record) {
  return KeyOf(record) == key && key.number > 0 && record.parts() > 0 && record.sequence() > 0 &&
         record.release().has_publish_time();
}

bool KeepsPromise(const ReleasePartKey& key, const v1::ReleasePartRecord& record) {
  return key.release.number > 0 && record.content().size() <= kMaxReleasePartBytes;
}

bool KeepsPromise(const v1::StoreRecord& record) { return record.format_version() > 0; }

bool KeepsPromise(const v1::CommitRecord&) { return true; }

bool KeepsPromise(const v1::AuditRecord& record) {
  return record.lines() > 0 && record.last_sha256().size() == kSecretHashBytes;
}

template <typename Record, typename... Key>
std::string SerializeChecked(const Record& record, const Key&... key) {
  Check(KeepsPromise(key..., record), "a record fits its key");
  std::string bytes;
  Check(record.SerializePartialToString(&bytes), "a record can be serialised");
  return bytes;
}

template <typename Record, typename... Key>
absl::Status ParseInto(Record* record, absl::string_view bytes, const Key&... key) {
  // What is longer than an int was never written: CheckReadsBack refuses it.
  if (bytes.size() > 0x7fffffff || !record->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError(absl::StrCat("a record does not read back as ", record->GetTypeName()));
  }
  if (!KeepsPromise(key..., *record)) {
    return absl::DataLossError(absl::StrCat("a record lies under a key that is not its own, or lacks what every ",
                                            record->GetTypeName(),
                                            " has: ", record->ShortDebugString().substr(0, 300)));
  }
  return absl::OkStatus();
}

template <typename Record, typename... Key>
absl::StatusOr<Record> ParseChecked(absl::string_view bytes, const Key&... key) {
  Record record;
  absl::Status parsed = ParseInto(&record, bytes, key...);
  if (!parsed.ok()) return parsed;
  return record;
}

}  // namespace

std::string Serialize(const RevisionKey& key, const v1::ReturnRecord& record) { return SerializeChecked(record, key); }
std::string Serialize(const RevisionKey& key, const v1::WithdrawalRecord& record) {
  return SerializeChecked(record, key);
}
std::string Serialize(const v1::RequestRecord& record) { return SerializeChecked(record); }
std::string Serialize(const v1::QueryRecord& record) { return SerializeChecked(record); }
std::string Serialize(const CollectionKey& key, const v1::CollectionRecord& record) {
  return SerializeChecked(record, key);
}
std::string Serialize(const ParticipantKey& key, const v1::ParticipantRecord& record) {
  return SerializeChecked(record, key);
}
std::string Serialize(const PopulationKey& key, const v1::PopulationRecord& record) {
  return SerializeChecked(record, key);
}
std::string Serialize(const StandingExceptionKey& key, const v1::StandingExceptionRecord& record) {
  return SerializeChecked(record, key);
}
std::string Serialize(const EnrolmentKey& key, const v1::EnrolmentRecord& record) {
  return SerializeChecked(record, key);
}
std::string Serialize(const WindowGrantKey& key, const v1::WindowGrantRecord& record) {
  return SerializeChecked(record, key);
}
std::string Serialize(const TokenKey& key, const v1::TokenRecord& record) { return SerializeChecked(record, key); }
std::string Serialize(const ShownKey& key, const v1::ShownRecord& record) { return SerializeChecked(record, key); }
std::string Serialize(const ReleaseKey& key, const v1::ReleaseRecord& record) { return SerializeChecked(record, key); }
std::string Serialize(const ReleasePartKey& key, const v1::ReleasePartRecord& record) {
  return SerializeChecked(record, key);
}
std::string Serialize(const v1::StoreRecord& record) { return SerializeChecked(record); }
std::string Serialize(const v1::CommitRecord& record) { return SerializeChecked(record); }
std::string Serialize(const v1::AuditRecord& record) { return SerializeChecked(record); }

absl::StatusOr<v1::ReturnRecord> ParseReturn(const RevisionKey& key, absl::string_view bytes) {
  return ParseChecked<v1::ReturnRecord>(bytes, key);
}
absl::Status ParseReturnInto(const RevisionKey& key, absl::string_view bytes, v1::ReturnRecord* record) {
  return ParseInto(record, bytes, key);
}
absl::StatusOr<v1::WithdrawalRecord> ParseWithdrawal(const RevisionKey& key, absl::string_view bytes) {
  return ParseChecked<v1::WithdrawalRecord>(bytes, key);
}
absl::StatusOr<v1::RequestRecord> ParseRequest(absl::string_view bytes) {
  return ParseChecked<v1::RequestRecord>(bytes);
}
absl::StatusOr<v1::QueryRecord> ParseQuery(absl::string_view bytes) { return ParseChecked<v1::QueryRecord>(bytes); }
absl::StatusOr<v1::CollectionRecord> ParseCollection(const CollectionKey& key, absl::string_view bytes) {
  return ParseChecked<v1::CollectionRecord>(bytes, key);
}
absl::StatusOr<v1::ParticipantRecord> ParseParticipant(const ParticipantKey& key, absl::string_view bytes) {
  return ParseChecked<v1::ParticipantRecord>(bytes, key);
}
absl::StatusOr<v1::PopulationRecord> ParsePopulation(const PopulationKey& key, absl::string_view bytes) {
  return ParseChecked<v1::PopulationRecord>(bytes, key);
}
absl::StatusOr<v1::StandingExceptionRecord> ParseStandingException(const StandingExceptionKey& key,
                                                                   absl::string_view bytes) {
  return ParseChecked<v1::StandingExceptionRecord>(bytes, key);
}
absl::StatusOr<v1::EnrolmentRecord> ParseEnrolment(const EnrolmentKey& key, absl::string_view bytes) {
  return ParseChecked<v1::EnrolmentRecord>(bytes, key);
}
absl::StatusOr<v1::WindowGrantRecord> ParseWindowGrant(const WindowGrantKey& key, absl::string_view bytes) {
  return ParseChecked<v1::WindowGrantRecord>(bytes, key);
}
absl::StatusOr<v1::TokenRecord> ParseToken(const TokenKey& key, absl::string_view bytes) {
  return ParseChecked<v1::TokenRecord>(bytes, key);
}
absl::StatusOr<v1::ShownRecord> ParseShown(const ShownKey& key, absl::string_view bytes) {
  return ParseChecked<v1::ShownRecord>(bytes, key);
}
absl::StatusOr<v1::ReleaseRecord> ParseRelease(const ReleaseKey& key, absl::string_view bytes) {
  return ParseChecked<v1::ReleaseRecord>(bytes, key);
}
absl::StatusOr<v1::ReleasePartRecord> ParseReleasePart(const ReleasePartKey& key, absl::string_view bytes) {
  return ParseChecked<v1::ReleasePartRecord>(bytes, key);
}
absl::StatusOr<v1::CommitRecord> ParseCommit(absl::string_view bytes) { return ParseChecked<v1::CommitRecord>(bytes); }
absl::StatusOr<v1::AuditRecord> ParseAudit(absl::string_view bytes) { return ParseChecked<v1::AuditRecord>(bytes); }

absl::StatusOr<v1::StoreRecord> ParseStore(absl::string_view bytes) {
  absl::StatusOr<v1::StoreRecord> record = ParseChecked<v1::StoreRecord>(bytes);
  if (record.ok() && record->format_version() > kFormatVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("the store has format version ", record->format_version(), "; this program reads up to ",
                     kFormatVersion, ". Start the version of the program that wrote it, or a later one."));
  }
  return record;
}

CollectionKey KeyOf(const v1::CollectionRecord& record) { return {record.id(), record.version()}; }
ParticipantKey KeyOf(const v1::ParticipantRecord& record) { return {record.participant().code()}; }
PopulationKey KeyOf(const v1::PopulationRecord& record) {
  return {record.population().participant(), record.population().age_band(), record.population().from()};
}
StandingExceptionKey KeyOf(const v1::StandingExceptionRecord& record) { return {record.exception().id()}; }
EnrolmentKey KeyOf(const v1::EnrolmentRecord& record) {
  return {record.enrolment().collection(), record.enrolment().service(), record.enrolment().participant()};
}
WindowGrantKey KeyOf(const v1::WindowGrantRecord& record) { return {record.grant().id()}; }
TokenKey KeyOf(const v1::TokenRecord& record) { return {record.token().id()}; }
ShownKey KeyOf(const v1::ShownRecord& record) { return {record.collection(), record.service(), record.period()}; }
ReleaseKey KeyOf(const v1::ReleaseRecord& record) {
  return {record.release().collection(), record.release().period(), record.release().number()};
}

absl::Status CheckReadsBack(const google::protobuf::Message& message, absl::string_view what, size_t& bytes) {
  std::string serialized;
  const std::unique_ptr<google::protobuf::Message> copy(message.New());
  if (!message.SerializePartialToString(&serialized) || !copy->ParseFromString(serialized)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " would not read back: a text in it is not UTF-8, a part is missing, or it is over 2 GiB"));
  }
  bytes += serialized.size();
  return absl::OkStatus();
}

}  // namespace quartermaster::storage
