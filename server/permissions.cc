#include "server/permissions.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "server/errors.h"
#include "validation/utf8.h"

namespace quartermaster::server {
namespace {

using Roles = std::set<v1::Role>;

const std::map<std::string, Roles, std::less<>>& Table() {
  static const auto& table = *[] {
    const Roles submitters = {v1::ROLE_SUBMITTER};
    const Roles stewards = {v1::ROLE_STEWARD};
    const Roles operators = {v1::ROLE_OPERATOR};
    const Roles builders = {v1::ROLE_REPORT_BUILDER, v1::ROLE_STEWARD};
    const Roles readers = {v1::ROLE_SUBMITTER, v1::ROLE_REPORT_BUILDER, v1::ROLE_STEWARD};
    const Roles senders = {v1::ROLE_SUBMITTER, v1::ROLE_STEWARD};
    const Roles everybody = {v1::ROLE_SUBMITTER, v1::ROLE_REPORT_BUILDER, v1::ROLE_STEWARD, v1::ROLE_OPERATOR};
    return new std::map<std::string, Roles, std::less<>>{
        {"SubmitReturn", submitters},
        {"SubmitReturns", submitters},
        {"GetReceiptKey", everybody},
        {"GetReturn", readers},
        {"ListReturns", readers},
        {"WithdrawReturn", senders},
        {"ListNationalStatistics", readers},
        {"GetPosition", readers},
        {"GetTrend", readers},
        {"PublishCollection", stewards},
        {"CheckCollection", stewards},
        {"GetCollection", everybody},
        {"ListCollections", everybody},
        {"ImportParticipants", stewards},
        {"ImportPopulations", stewards},
        {"ImportEnrolments", stewards},
        {"ListParticipants", everybody},
        {"ListEnrolments", builders},
        {"ListQueries", readers},
        {"ExplainQuery", submitters},
        {"CommentOnQuery", senders},
        {"AcceptQuery", stewards},
        {"ReturnQuery", stewards},
        {"GrantStandingException", stewards},
        {"EndStandingException", stewards},
        {"ListStandingExceptions", readers},
        {"ListExceptionUses", builders},
        {"DownloadBundle", readers},
        {"GetWindow", everybody},
        {"GrantWindow", stewards},
        {"EndWindowGrant", stewards},
        {"ListWindowGrants", builders},
        {"PreviewRelease", builders},
        {"PublishRelease", stewards},
        {"ListReleases", readers},
        {"GetRelease", readers},
        {"DownloadRelease", builders},
        {"DiffReleases", builders},
        {"GetStatus", readers},
        {"Watch", builders},
        {"Extract", readers},
        {"CreateBackup", operators},
        {"ListBackups", operators},
        {"VerifyStore", operators},
        {"CreateToken", operators},
        {"ListTokens", operators},
        {"RevokeToken", operators},
        {"ReadAudit", operators},
    };
  }();
  return table;
}

// "report builder" for ROLE_REPORT_BUILDER.
std::string RoleName(v1::Role role) {
  const absl::string_view name = absl::StripPrefix(v1::Role_Name(role), "ROLE_");
  return absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", " "}});
}

}  // namespace

std::set<std::string> RpcsWithRoles() {
  std::set<std::string> rpcs;
  for (const auto& [rpc, roles] : Table()) rpcs.insert(rpc);
  return rpcs;
}

std::set<v1::Role> RolesFor(absl::string_view rpc) {
  const auto found = Table().find(rpc);
  return found == Table().end() ? Roles() : found->second;
}

absl::Status CheckMayCall(const Principal& principal, absl::string_view rpc) {
  const Roles allowed = RolesFor(rpc);
  std::vector<std::string> names;
  for (const v1::Role role : allowed) {
    if (principal.Has(role)) return absl::OkStatus();
    names.push_back(RoleName(role));
  }
  return PermissionDenied(absl::StrCat(principal.name, " may not call ", rpc, ". It is for the role ",
                                       absl::StrJoin(names, " or "), ". Ask the operator for a token that has it."));
}

absl::StatusOr<Principal> InCallAbout(const std::set<std::string>& collections, absl::string_view rpc,
                                      Principal principal) {
  const Roles allowed = RolesFor(rpc);
  const bool is_for_everybody = allowed.count(v1::ROLE_OPERATOR) > 0 && allowed.count(v1::ROLE_STEWARD) > 0;
  if (is_for_everybody || principal.collections.empty()) return principal;
  const bool has_all =
      std::includes(principal.collections.begin(), principal.collections.end(), collections.begin(), collections.end());
  if (has_all && !collections.empty()) return principal;
  principal.roles.erase(v1::ROLE_STEWARD);
  for (const v1::Role role : allowed) {
    if (principal.Has(role)) return principal;
  }
  return PermissionDenied(absl::StrCat(principal.name, " is a steward of ", absl::StrJoin(principal.collections, ", "),
                                       " alone, and this is about ", collections.empty() ? "all" : "another",
                                       ". Name one of its collections, or use the token of another steward."));
}

absl::Status CheckMayRead(const Principal& principal, const std::string& participant) {
  if (principal.MayRead(participant)) return absl::OkStatus();
  return PermissionDenied(
      absl::StrCat("\"", ShortText(participant), "\" is not a participant of ", principal.name, "."));
}

absl::Status CheckOwns(const Principal& principal, const std::string& participant) {
  if (principal.Owns(participant)) return absl::OkStatus();
  return PermissionDenied(absl::StrCat("\"", ShortText(participant), "\" is not a participant of ", principal.name,
                                       ". Use the token of the participant's own submitter."));
}

absl::Status CheckOwnsOrSteward(const Principal& principal, const std::string& participant) {
  return principal.Has(v1::ROLE_STEWARD) ? absl::OkStatus() : CheckOwns(principal, participant);
}

}  // namespace quartermaster::server
