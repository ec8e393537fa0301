// The releases that were published, by collection, period and number.
#ifndef QUARTERMASTER_SERVER_RELEASE_INDEX_H_
#define QUARTERMASTER_SERVER_RELEASE_INDEX_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "quartermaster/storage/v1/records.pb.h"

namespace quartermaster::server {

// A value: copied to make the next moment, then shared unchanged between threads.
class ReleaseIndex {
 public:
  // Replaces what has the same key.
  void Put(const storage::v1::ReleaseRecord& record) { all_[{record.release().collection(), record.release().period(), record.release().number()}] = record; }

  const std::map<std::tuple<std::string, std::string, uint32_t>, storage::v1::ReleaseRecord>& all() const { return all_; }

 private:
  std::map<std::tuple<std::string, std::string, uint32_t>, storage::v1::ReleaseRecord> all_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_RELEASE_INDEX_H_
