// The tokens that were made, by id.
#ifndef QUARTERMASTER_SERVER_TOKENS_H_
#define QUARTERMASTER_SERVER_TOKENS_H_

#include <cstdint>
#include <map>

#include "quartermaster/storage/v1/records.pb.h"

namespace quartermaster::server {

// A value: copied to make the next moment, then shared unchanged between threads.
class Tokens {
 public:
  // Replaces what has the same key.
  void Put(const storage::v1::TokenRecord& record) { all_[record.token().id()] = record; }

  const std::map<uint64_t, storage::v1::TokenRecord>& all() const { return all_; }

 private:
  std::map<uint64_t, storage::v1::TokenRecord> all_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_TOKENS_H_
