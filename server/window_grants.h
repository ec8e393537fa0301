// What stewards granted beyond the windows of their collections.
#ifndef QUARTERMASTER_SERVER_WINDOW_GRANTS_H_
#define QUARTERMASTER_SERVER_WINDOW_GRANTS_H_

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "quartermaster/storage/v1/records.pb.h"
#include "validation/period.h"

namespace quartermaster::server {

// A value: copied to make the next moment, then shared unchanged between threads.
class WindowGrants {
 public:
  // Replaces what has the same key.
  void Put(const storage::v1::WindowGrantRecord& record);

  const std::map<uint64_t, storage::v1::WindowGrantRecord>& all() const { return all_; }

  // Those that bear on a period of a collection, ended and past ones too, ordered by participant (reopenings first) and
  // id. The pointers live as long as this.
  std::vector<const v1::WindowGrant*> For(absl::string_view collection, const Period& period) const;

 private:
  std::map<uint64_t, storage::v1::WindowGrantRecord> all_;
  // The first and last period of each, read once: every return asks.
  std::map<uint64_t, std::pair<Period, Period>> periods_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_WINDOW_GRANTS_H_
