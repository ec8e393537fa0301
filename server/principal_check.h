// What may be said of who calls, wherever it is said: in a token, or of the holder of a certificate.
#ifndef QUARTERMASTER_SERVER_PRINCIPAL_CHECK_H_
#define QUARTERMASTER_SERVER_PRINCIPAL_CHECK_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "server/principal.h"
#include "validation/participants.h"

namespace quartermaster::server {

// A principal with roles, each once, of a submitter the participants, and of a steward the collections, which need not
// be published yet. INVALID_ARGUMENT, naming one of the fields principal, roles, participants and collections: the name
// is not 1 to 64 of letters, digits and .-_@ or is one by which the server itself and the owner of its folder are known
// (quartermaster, operator, shipped), there is no role or one that does not exist, a submitter has no participants or
// more than 200, or another has any, one who is no steward has collections or there are more than 200, or one is no id.
// NOT_FOUND where a participant is not registered.
absl::StatusOr<Principal> MakePrincipal(const std::string& name, const google::protobuf::RepeatedField<int>& roles,
                                        const google::protobuf::RepeatedPtrField<std::string>& participants,
                                        const google::protobuf::RepeatedPtrField<std::string>& collections,
                                        const Participants& registered);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_PRINCIPAL_CHECK_H_
