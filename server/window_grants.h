// What stewards granted beyond the windows of their collections.
#ifndef QUARTERMASTER_SERVER_WINDOW_GRANTS_H_
#define QUARTERMASTER_SERVER_WINDOW_GRANTS_H_

#include <cstdint>
#include <map>

#include "quartermaster/storage/v1/records.pb.h"

namespace quartermaster::server {

// A value: copied to make the next moment, then shared unchanged between threads.
class WindowGrants {
 public:
  // Replaces what has the same key.
  void Put(const storage::v1::WindowGrantRecord& record) { all_[record.grant().id()] = record; }

  const std::map<uint64_t, storage::v1::WindowGrantRecord>& all() const { return all_; }

 private:
  std::map<uint64_t, storage::v1::WindowGrantRecord> all_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_WINDOW_GRANTS_H_
