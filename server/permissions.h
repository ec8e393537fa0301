// Which role may call what: one row a call, so that what is not said is not allowed.
#ifndef QUARTERMASTER_SERVER_PERMISSIONS_H_
#define QUARTERMASTER_SERVER_PERMISSIONS_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/principal.h"

namespace quartermaster::server {

// The roles that may call an RPC, by its name without its service; RPCs of different services have different names.
// Empty for one that the table does not have. Whose returns a submitter may touch is the service's to check.
std::set<v1::Role> RolesFor(absl::string_view rpc);

// Every RPC that the table has.
std::set<std::string> RpcsWithRoles();

// PERMISSION_DENIED, naming the roles that may, unless the principal has one of them.
absl::Status CheckMayCall(const Principal& principal, absl::string_view rpc);

// The principal as it is in a call of the RPC about these collections: a steward of named ones is none where another is
// asked about, or whichever there are. PERMISSION_DENIED where it may not call it then. What everybody may call stays.
absl::StatusOr<Principal> InCallAbout(const std::set<std::string>& collections, absl::string_view rpc,
                                      Principal principal);

// PERMISSION_DENIED unless the principal may read, or send, for the participant. They are asked before anything of the
// participant is looked up, so that a denial tells nothing of what is there.
absl::Status CheckMayRead(const Principal& principal, const std::string& participant);
absl::Status CheckOwns(const Principal& principal, const std::string& participant);
// The same for what a participant's submitters do to their returns and queries, and stewards to all.
absl::Status CheckOwnsOrSteward(const Principal& principal, const std::string& participant);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_PERMISSIONS_H_
