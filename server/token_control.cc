#include "server/token_control.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/audit_entry.h"
#include "server/clock.h"
#include "server/errors.h"
#include "server/paging.h"
#include "server/principal_check.h"
#include "server/secrets.h"

namespace quartermaster::server {
namespace {

constexpr uint32_t kMaxTokenDays = 1096;     // Three years with a leap day. Who still needs it then gets a new one.
constexpr uint32_t kDefaultTokenDays = 366;  // From one financial year's first return to the next one's.

// What the token allows; not the secret, which nobody keeps.
std::string AuditOf(absl::string_view rpc, const v1::Token& token, const std::string& author) {
  std::vector<std::string> roles;
  for (const int role : token.roles()) roles.push_back(v1::Role_Name(static_cast<v1::Role>(role)));
  return AuditEntry(author, rpc, kStored)
      .About(token)
      .Text("roles", absl::StrJoin(roles, " "))
      .Text("collections", absl::StrJoin(token.collections(), " "))
      .members();
}

}  // namespace

TokenControl::TokenControl(storage::Store* store, LiveState* state, Clock clock)
    : store_(store), state_(state), clock_(std::move(clock)) {}

absl::StatusOr<v1::Token> TokenControl::Make(const v1::CreateTokenRequest& request, const std::string& author) const {
  const absl::StatusOr<Principal> principal = MakePrincipal(
      request.principal(), request.roles(), request.participants(), request.collections(), *state_->participants());
  if (!principal.ok()) return principal.status();
  if (request.days() > kMaxTokenDays) {
    return InvalidField("days", absl::StrCat("it is 1 to ", kMaxTokenDays, ", which are three years."));
  }
  const absl::Time now = clock_();
  v1::Token token;
  token.set_principal(principal->name);
  for (const v1::Role role : principal->roles) token.add_roles(role);
  for (const std::string& code : principal->participants) token.add_participants(code);
  for (const std::string& id : principal->collections) token.add_collections(id);
  *token.mutable_create_time() = ToTimestamp(now);
  const uint32_t days = request.days() == 0 ? kDefaultTokenDays : request.days();
  *token.mutable_expire_time() = ToTimestamp(now + days * absl::Hours(24));
  token.set_created_by(author);
  return token;
}

void TokenControl::Create(const v1::CreateTokenRequest& request, const std::string& author, CreateDone done) {
  const absl::StatusOr<v1::Token> made = Make(request, author);
  if (!made.ok()) return done(made.status());
  const absl::StatusOr<std::string> secret = NewSecret();
  if (!secret.ok()) return done(secret.status());
  storage::CatalogueChange change;
  storage::v1::TokenRecord& record = change.tokens.emplace_back();
  *record.mutable_token() = *made;
  record.set_secret_sha256(HashSecret(*secret));
  change.audit = AuditOf("CreateToken", *made, author);
  v1::CreateTokenResponse response;
  *response.mutable_token() = *made;
  response.set_secret(*secret);
  StoreAndMove(
      store_, state_, change,
      [response = std::move(response), done = std::move(done)](const absl::StatusOr<uint64_t>& sequence) mutable {
        if (!sequence.ok()) return done(sequence.status());
        response.mutable_token()->set_id(*sequence);
        done(std::move(response));
      });
}

void TokenControl::Revoke(const v1::RevokeTokenRequest& request, const std::string& author, RevokeDone done) {
  turns_.Do(std::move(done),
            [this, id = request.id(), author](RevokeDone turn_done) { RevokeNow(id, author, std::move(turn_done)); });
}

void TokenControl::RevokeNow(uint64_t id, const std::string& author, RevokeDone done) {
  const std::shared_ptr<const Tokens> tokens = state_->tokens();
  const auto found = tokens->all().find(id);
  if (found == tokens->all().end()) {
    return done(NotFound("token", absl::StrCat(id), "`qm admin token list` lists them."));
  }
  v1::RevokeTokenResponse response;
  *response.mutable_token() = found->second.token();
  if (response.token().revoked_by() == author) return done(std::move(response));  // A retry.
  if (!response.token().revoked_by().empty()) {
    return done(Refused("TOKEN_REVOKED", absl::StrCat("the token ", id, " was revoked by ",
                                                      response.token().revoked_by(), " already.")));
  }
  response.mutable_token()->set_revoked_by(author);
  *response.mutable_token()->mutable_revoke_time() = ToTimestamp(clock_());
  storage::CatalogueChange change;
  storage::v1::TokenRecord& record = change.tokens.emplace_back(found->second);
  *record.mutable_token() = response.token();
  change.audit = AuditOf("RevokeToken", response.token(), author);
  StoreAndMove(
      store_, state_, change,
      [response = std::move(response), done = std::move(done)](const absl::StatusOr<uint64_t>& sequence) mutable {
        if (!sequence.ok()) return done(sequence.status());
        done(std::move(response));
      });
}

absl::StatusOr<v1::ListTokensResponse> TokenControl::List(const v1::ListTokensRequest& request) const {
  const absl::StatusOr<size_t> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  uint64_t after = 0;
  if (!request.page_token().empty() && !absl::SimpleAtoi(request.page_token(), &after)) {
    return InvalidField("page_token", "it is not one that this server gave. Start again without it.");
  }
  const std::shared_ptr<const Tokens> tokens = state_->tokens();
  v1::ListTokensResponse response;
  size_t page_bytes = 0;
  for (auto next = tokens->all().upper_bound(after); next != tokens->all().end(); ++next) {
    if (static_cast<size_t>(response.tokens_size()) == *page_size || page_bytes >= kMaxPageBytes) {
      response.set_next_page_token(absl::StrCat(response.tokens(response.tokens_size() - 1).id()));
      break;
    }
    *response.add_tokens() = next->second.token();
    page_bytes += next->second.token().ByteSizeLong();
  }
  return response;
}

}  // namespace quartermaster::server
