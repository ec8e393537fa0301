#include "server/principal_check.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "re2/re2.h"
#include "server/audit_entry.h"
#include "server/errors.h"
#include "validation/suggest.h"
#include "validation/utf8.h"

namespace quartermaster::server {
namespace {

constexpr int kMaxPrincipalParticipants = 200;  // Twice a large national collection.
constexpr int kMaxCollections = 200;            // More than any country has of them.

// Who acts without a token that was made: the server itself, whoever holds the token in the data folder, and the
// publisher of the collections that come with the server. Nobody else may stand beside these in the audit or a record,
// however the name is written.
constexpr const char* kOwnNames[] = {kOwnPrincipal, "operator", "shipped"};

absl::Status CheckName(const std::string& name) {
  static const RE2& pattern = *new RE2("[A-Za-z0-9._@-]{1,64}");
  for (const absl::string_view own : kOwnNames) {
    if (!absl::EqualsIgnoreCase(name, own)) continue;
    return InvalidField("principal", absl::StrCat("the server keeps the name ", own,
                                                  " for what it does itself. Write another one, such as that of a "
                                                  "person."));
  }
  if (RE2::FullMatch(name, pattern)) return absl::OkStatus();
  return InvalidField("principal", "write 1 to 64 letters, digits and .-_@ such as jo.bloggs@rt1.nhs.uk.");
}

// Each once. protobuf takes any number for a role.
absl::StatusOr<std::set<v1::Role>> ReadRoles(const google::protobuf::RepeatedField<int>& roles) {
  if (roles.empty()) {
    return InvalidField("roles", "name at least one of submitter, report builder, steward, operator.");
  }
  for (const int role : roles) {
    if (role == v1::ROLE_UNSPECIFIED || !v1::Role_IsValid(role)) {
      return InvalidField("roles", absl::StrCat("there is no role ", role, "."));
    }
  }
  std::set<v1::Role> read;
  for (const int role : roles) read.insert(static_cast<v1::Role>(role));
  return read;
}

// Each once.
absl::StatusOr<std::set<std::string>> ReadParticipants(const google::protobuf::RepeatedPtrField<std::string>& codes,
                                                       bool is_submitter, const Participants& registered) {
  if (!is_submitter && !codes.empty()) {
    return InvalidField("participants", "only a submitter has participants. Leave them out, or add that role.");
  }
  if (is_submitter && (codes.empty() || codes.size() > kMaxPrincipalParticipants)) {
    return InvalidField("participants", absl::StrCat("a submitter has 1 to ", kMaxPrincipalParticipants,
                                                     " participants. Name those whose returns it sends."));
  }
  for (const std::string& code : codes) {
    if (registered.Find(code) != nullptr) continue;
    return NotFound("participant", ShortText(code),
                    DidYouMean(registered.Suggest(code), "`qm participant list` lists them."));
  }
  return std::set<std::string>(codes.begin(), codes.end());
}

// Each once.
absl::StatusOr<std::set<std::string>> ReadCollections(const google::protobuf::RepeatedPtrField<std::string>& ids,
                                                      bool is_steward) {
  if (!is_steward && !ids.empty()) {
    return InvalidField("collections", "only a steward has collections. Leave them out, or add that role.");
  }
  if (ids.size() > kMaxCollections) {
    return InvalidField("collections", absl::StrCat("at most ", kMaxCollections, ". Name none for a steward of all."));
  }
  static const RE2& pattern = *new RE2("[a-z0-9-]{1,64}");
  for (const std::string& id : ids) {
    if (RE2::FullMatch(id, pattern)) continue;
    return InvalidField("collections", absl::StrCat("\"", ShortText(id), "\" is no id of a collection. ",
                                                    "`qm collection list` lists them."));
  }
  return std::set<std::string>(ids.begin(), ids.end());
}

}  // namespace

absl::StatusOr<Principal> MakePrincipal(const std::string& name, const google::protobuf::RepeatedField<int>& roles,
                                        const google::protobuf::RepeatedPtrField<std::string>& participants,
                                        const google::protobuf::RepeatedPtrField<std::string>& collections,
                                        const Participants& registered) {
  if (absl::Status status = CheckName(name); !status.ok()) return status;
  absl::StatusOr<std::set<v1::Role>> read_roles = ReadRoles(roles);
  if (!read_roles.ok()) return read_roles.status();
  absl::StatusOr<std::set<std::string>> codes =
      ReadParticipants(participants, read_roles->count(v1::ROLE_SUBMITTER) > 0, registered);
  if (!codes.ok()) return codes.status();
  absl::StatusOr<std::set<std::string>> ids = ReadCollections(collections, read_roles->count(v1::ROLE_STEWARD) > 0);
  if (!ids.ok()) return ids.status();
  Principal principal;
  principal.name = name;
  principal.roles = *std::move(read_roles);
  principal.participants = *std::move(codes);
  principal.collections = *std::move(ids);
  return principal;
}

}  // namespace quartermaster::server
