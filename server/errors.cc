#include "server/errors.h"

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "storage/disk_full.h"

namespace quartermaster::server {
namespace {

constexpr char kReason[] = "quartermaster/reason";
constexpr char kField[] = "quartermaster/field";
constexpr char kHolder[] = "quartermaster/holder";

absl::Status WithReason(absl::Status status, absl::string_view reason) {
  status.SetPayload(kReason, absl::Cord(reason));
  return status;
}

}  // namespace

absl::Status InvalidField(absl::string_view field, absl::string_view problem) {
  absl::Status status = WithReason(absl::InvalidArgumentError(absl::StrCat(field, ": ", problem)), "INVALID_FIELD");
  status.SetPayload(kField, absl::Cord(field));
  return status;
}

absl::Status NotFound(absl::string_view kind, absl::string_view id, absl::string_view hint) {
  return WithReason(absl::NotFoundError(absl::StrCat("there is no ", kind, " \"", id, "\". ", hint)),
                    absl::StrCat(absl::AsciiStrToUpper(kind), "_NOT_FOUND"));
}

absl::Status Refused(absl::string_view reason, absl::string_view problem) {
  return WithReason(absl::FailedPreconditionError(problem), reason);
}

absl::Status WithSentence(const absl::Status& status, absl::string_view sentence) {
  absl::Status longer(status.code(), absl::StrCat(status.message(), " ", sentence));
  status.ForEachPayload(
      [&longer](absl::string_view url, const absl::Cord& payload) { longer.SetPayload(url, payload); });
  return longer;
}

absl::Status Unauthenticated(absl::string_view reason, absl::string_view problem) {
  return WithReason(absl::UnauthenticatedError(problem), reason);
}

absl::Status PermissionDenied(absl::string_view problem) {
  return WithReason(absl::PermissionDeniedError(problem), "NOT_PERMITTED");
}

absl::Status Overtaken(absl::string_view reason, absl::string_view problem) {
  return WithReason(absl::AbortedError(problem), reason);
}

absl::Status NotReached(absl::string_view problem) {
  return WithReason(absl::UnavailableError(problem), "SEQUENCE_NOT_REACHED");
}

absl::Status Busy() {
  return Exhausted(
      "TOO_MANY_CALLS_WAITING",
      "As many calls as may wait for others wait already. Nothing was done; send this one again in a minute.");
}

absl::Status Exhausted(absl::string_view reason, absl::string_view problem) {
  return WithReason(absl::ResourceExhaustedError(problem), reason);
}

absl::Status Stopping(absl::string_view problem) { return WithReason(absl::UnavailableError(problem), "SERVER_STOPS"); }

std::string ReasonOf(const absl::Status& status) {
  if (const absl::optional<absl::Cord> reason = status.GetPayload(kReason)) return std::string(*reason);
  if (storage::IsDiskFull(status)) return "DISK_FULL";
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return "INVALID_REQUEST";
    case absl::StatusCode::kAborted:
      return "REVISION_CONFLICT";
    case absl::StatusCode::kAlreadyExists:
      return "REQUEST_ID_REUSED";
    case absl::StatusCode::kNotFound:
      return "RETURN_NOT_FOUND";
    case absl::StatusCode::kFailedPrecondition:
      return "RETURN_WITHDRAWN";
    case absl::StatusCode::kResourceExhausted:
      return "TOO_MANY_WRITES_WAITING";
    case absl::StatusCode::kUnavailable:
      return "OUTCOME_UNKNOWN";
    case absl::StatusCode::kDataLoss:
      return "STORE_DAMAGED";
    default:
      return "INTERNAL";
  }
}

absl::Status WithHolder(absl::Status status, absl::string_view principal) {
  status.SetPayload(kHolder, absl::Cord(principal));
  return status;
}

std::string HolderOf(const absl::Status& status) {
  const absl::optional<absl::Cord> holder = status.GetPayload(kHolder);
  return holder ? std::string(*holder) : "";
}

std::string FieldOf(const absl::Status& status) {
  const absl::optional<absl::Cord> field = status.GetPayload(kField);
  return field ? std::string(*field) : "";
}

}  // namespace quartermaster::server
