// Records to bytes and back, with what each record promises about its key.
//
// The same promise is checked twice: before a record is written, where breaking it is a fault of this program, and
// after it was read, where it means that the disk lies: DATA_LOSS.
#ifndef QUARTERMASTER_STORAGE_RECORDS_H_
#define QUARTERMASTER_STORAGE_RECORDS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "quartermaster/storage/v1/records.pb.h"
#include "storage/keys.h"

namespace quartermaster::storage {

// The version of the format that this program writes, and the newest that it reads. FORMAT.md has the history.
inline constexpr uint32_t kFormatVersion = 4;

// Of the secret of a token: a SHA-256.
inline constexpr size_t kSecretHashBytes = 32;

std::string Serialize(const RevisionKey& key, const v1::ReturnRecord& record);
std::string Serialize(const RevisionKey& key, const v1::WithdrawalRecord& record);
std::string Serialize(const v1::RequestRecord& record);
std::string Serialize(const v1::QueryRecord& record);
std::string Serialize(const CollectionKey& key, const v1::CollectionRecord& record);
std::string Serialize(const ParticipantKey& key, const v1::ParticipantRecord& record);
std::string Serialize(const PopulationKey& key, const v1::PopulationRecord& record);
std::string Serialize(const StandingExceptionKey& key, const v1::StandingExceptionRecord& record);
std::string Serialize(const EnrolmentKey& key, const v1::EnrolmentRecord& record);
std::string Serialize(const WindowGrantKey& key, const v1::WindowGrantRecord& record);
std::string Serialize(const TokenKey& key, const v1::TokenRecord& record);
std::string Serialize(const ShownKey& key, const v1::ShownRecord& record);
std::string Serialize(const ReleaseKey& key, const v1::ReleaseRecord& record);
std::string Serialize(const ReleasePartKey& key, const v1::ReleasePartRecord& record);
std::string Serialize(const v1::StoreRecord& record);
std::string Serialize(const v1::CommitRecord& record);
std::string Serialize(const v1::AuditRecord& record);

absl::StatusOr<v1::ReturnRecord> ParseReturn(const RevisionKey& key, absl::string_view bytes);
// Into a record of another return, whose memory is used again. On failure it holds anything.
absl::Status ParseReturnInto(const RevisionKey& key, absl::string_view bytes, v1::ReturnRecord* record);
absl::StatusOr<v1::WithdrawalRecord> ParseWithdrawal(const RevisionKey& key, absl::string_view bytes);
absl::StatusOr<v1::RequestRecord> ParseRequest(absl::string_view bytes);
absl::StatusOr<v1::QueryRecord> ParseQuery(absl::string_view bytes);
absl::StatusOr<v1::CollectionRecord> ParseCollection(const CollectionKey& key, absl::string_view bytes);
absl::StatusOr<v1::ParticipantRecord> ParseParticipant(const ParticipantKey& key, absl::string_view bytes);
absl::StatusOr<v1::PopulationRecord> ParsePopulation(const PopulationKey& key, absl::string_view bytes);
absl::StatusOr<v1::StandingExceptionRecord> ParseStandingException(const StandingExceptionKey& key,
                                                                   absl::string_view bytes);
absl::StatusOr<v1::EnrolmentRecord> ParseEnrolment(const EnrolmentKey& key, absl::string_view bytes);
absl::StatusOr<v1::WindowGrantRecord> ParseWindowGrant(const WindowGrantKey& key, absl::string_view bytes);
absl::StatusOr<v1::TokenRecord> ParseToken(const TokenKey& key, absl::string_view bytes);
absl::StatusOr<v1::ShownRecord> ParseShown(const ShownKey& key, absl::string_view bytes);
absl::StatusOr<v1::ReleaseRecord> ParseRelease(const ReleaseKey& key, absl::string_view bytes);
absl::StatusOr<v1::ReleasePartRecord> ParseReleasePart(const ReleasePartKey& key, absl::string_view bytes);
// FAILED_PRECONDITION, saying what to do, if the format is newer than kFormatVersion.
absl::StatusOr<v1::StoreRecord> ParseStore(absl::string_view bytes);
absl::StatusOr<v1::CommitRecord> ParseCommit(absl::string_view bytes);
absl::StatusOr<v1::AuditRecord> ParseAudit(absl::string_view bytes);

CollectionKey KeyOf(const v1::CollectionRecord& record);
ParticipantKey KeyOf(const v1::ParticipantRecord& record);
PopulationKey KeyOf(const v1::PopulationRecord& record);
StandingExceptionKey KeyOf(const v1::StandingExceptionRecord& record);
EnrolmentKey KeyOf(const v1::EnrolmentRecord& record);
WindowGrantKey KeyOf(const v1::WindowGrantRecord& record);
TokenKey KeyOf(const v1::TokenRecord& record);
ShownKey KeyOf(const v1::ShownRecord& record);
ReleaseKey KeyOf(const v1::ReleaseRecord& record);

// Adds the bytes of the message to `bytes`. INVALID_ARGUMENT if it would not read back: it holds text that is not
// UTF-8, lacks what proto2 requires, or is over 2 GiB. `what` names it in the message.
absl::Status CheckReadsBack(const google::protobuf::Message& message, absl::string_view what, size_t& bytes);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_RECORDS_H_
