// The tokens that were made, by id and by the hash of their secrets.
#ifndef QUARTERMASTER_SERVER_TOKENS_H_
#define QUARTERMASTER_SERVER_TOKENS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "quartermaster/storage/v1/records.pb.h"
#include "server/principal.h"

namespace quartermaster::server {

// A value: copied to make the next moment, then shared unchanged between threads.
class Tokens {
 public:
  // Replaces what has the same id, whose secret is the same.
  void Put(const storage::v1::TokenRecord& record);

  const std::map<uint64_t, storage::v1::TokenRecord>& all() const { return all_; }

  // The token whose secret has this hash (server/secrets.h), be it revoked, expired or good; null if there is none. It
  // lives as long as this. The hashes are compared in a time that does not depend on where they differ.
  const v1::Token* FindByHash(absl::string_view secret_sha256) const;

  // Who calls with a token that there is.
  const Principal& PrincipalOf(uint64_t id) const { return principals_.at(id); }

 private:
  std::map<uint64_t, storage::v1::TokenRecord> all_;
  // Made once: a token may name hundreds of participants, and is asked for with each call.
  std::map<uint64_t, Principal> principals_;
  // Ids by the first bytes of the hash.
  std::map<std::string, std::set<uint64_t>> ids_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_TOKENS_H_
