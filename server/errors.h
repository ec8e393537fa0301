// Errors of requests that could not be judged: one table from reasons to codes, used by all services.
//
// An error is an absl::Status that carries a reason (stable, UPPER_SNAKE_CASE) and, where one field of the request is
// wrong, its path. server/grpc_status turns it into what goes over the wire.
#ifndef QUARTERMASTER_SERVER_ERRORS_H_
#define QUARTERMASTER_SERVER_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace quartermaster::server {

// INVALID_ARGUMENT, reason INVALID_FIELD: `field` is the path in the request; `problem` says what is wrong and what to
// do.
absl::Status InvalidField(absl::string_view field, absl::string_view problem);

// NOT_FOUND with reasons COLLECTION_NOT_FOUND, SERVICE_NOT_FOUND, ...: `kind` is "collection", `hint` what to do.
absl::Status NotFound(absl::string_view kind, absl::string_view id, absl::string_view hint);

// FAILED_PRECONDITION with a reason of its own: `problem` says what is so and what to do.
absl::Status Refused(absl::string_view reason, absl::string_view problem);

// The same error with a sentence more.
absl::Status WithSentence(const absl::Status& status, absl::string_view sentence);

// UNAUTHENTICATED with reasons NO_VALID_TOKEN, TOKEN_REVOKED, TOKEN_EXPIRED, CERTIFICATE_NOT_MAPPED,
// CERTIFICATE_EXPIRED.
absl::Status Unauthenticated(absl::string_view reason, absl::string_view problem);

// PERMISSION_DENIED, reason NOT_PERMITTED.
absl::Status PermissionDenied(absl::string_view problem);

// ABORTED with a reason of its own: what the request rests on is so no more; `problem` says what is so and what to do.
absl::Status Overtaken(absl::string_view reason, absl::string_view problem);

// UNAVAILABLE, reason SEQUENCE_NOT_REACHED: figures that contain a commit are asked for before it is in them.
absl::Status NotReached(absl::string_view problem);

// RESOURCE_EXHAUSTED, reason TOO_MANY_CALLS_WAITING: a worker (server/worker.h) has as many waiting as it takes.
absl::Status Busy();

// RESOURCE_EXHAUSTED with a reason of its own: `problem` says what there is too much of, and what to do.
absl::Status Exhausted(absl::string_view reason, absl::string_view problem);

// UNAVAILABLE, reason SERVER_STOPS: a stream ends because the server does. `problem` says how to go on.
absl::Status Stopping(absl::string_view problem);

// The same error, with the name of the principal whose credential it is about. The audit gets the name; it is not sent.
absl::Status WithHolder(absl::Status status, absl::string_view principal);

// That name, or empty.
std::string HolderOf(const absl::Status& status);

// The reason that an error carries; for one that came from storage, the reason that its code has there.
std::string ReasonOf(const absl::Status& status);

// The path of the field that is wrong, or empty.
std::string FieldOf(const absl::Status& status);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_ERRORS_H_
