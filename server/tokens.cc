#include "server/tokens.h"

#include "server/secrets.h"

namespace quartermaster::server {
namespace {

// So much of a hash is looked up; the rest is compared. How long the look-up takes may tell of these bytes, but they
// lead nobody to a secret.
constexpr size_t kIndexedBytes = 8;

Principal DescribedBy(const v1::Token& token) {
  Principal principal;
  principal.name = token.principal();
  for (const int role : token.roles()) principal.roles.insert(static_cast<v1::Role>(role));
  principal.participants = std::set<std::string>(token.participants().begin(), token.participants().end());
  principal.collections.insert(token.collections().begin(), token.collections().end());
  return principal;
}

}  // namespace

void Tokens::Put(const storage::v1::TokenRecord& record) {
  ids_[record.secret_sha256().substr(0, kIndexedBytes)].insert(record.token().id());
  all_[record.token().id()] = record;
  principals_[record.token().id()] = DescribedBy(record.token());
}

const v1::Token* Tokens::FindByHash(absl::string_view secret_sha256) const {
  const auto found = ids_.find(std::string(secret_sha256.substr(0, kIndexedBytes)));
  if (found == ids_.end()) return nullptr;
  for (const uint64_t id : found->second) {
    const storage::v1::TokenRecord& record = all_.at(id);
    if (SameSecret(record.secret_sha256(), secret_sha256)) return &record.token();
  }
  return nullptr;
}

}  // namespace quartermaster::server
