// Makes the rows of an extract from what a service has in a period.
#ifndef QUARTERMASTER_SERVER_EXTRACT_ROWS_H_
#define QUARTERMASTER_SERVER_EXTRACT_ROWS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "quartermaster/v1/extract_service.pb.h"
#include "server/extract_values.h"
#include "server/peer_groups.h"
#include "storage/store.h"
#include "validation/return_values.h"
#include "validation/schema.h"

namespace quartermaster::server {

// Whose values are wanted.
using Whose = std::function<bool(const std::string& participant)>;

// Gathers rows in messages.
class RowWriter {
 public:
  // Of rows: the message itself takes a few bytes more a row, and stays below 1 MiB.
  static constexpr size_t kMaxBytes = 900 << 10;

  explicit RowWriter(absl::FunctionRef<absl::Status(v1::ExtractResponse*)> write) : write_(write) {}

  // The rows that follow are of this period and service.
  void Begin(const Period& period, const ServiceSchema& service);
  // Fills in the row that `fill` is given. Gives what writing a full message gave.
  absl::Status Add(absl::FunctionRef<void(v1::ExtractRow*)> fill);
  // Writes what is left.
  absl::Status Finish();

 private:
  const absl::FunctionRef<absl::Status(v1::ExtractResponse*)> write_;
  v1::ExtractResponse message_;
  size_t bytes_ = 0;
  std::string period_;
  std::string service_;
};

// The fields of each return, as far as they were given. A revision never changes, so it may be read after the values.
absl::Status AddFields(const ServiceValues& values, const std::string& collection, const ServiceSchema& service,
                       const storage::Store& store, const Whose& whose, RowWriter* writer);

absl::Status AddValues(const ServiceValues& values, const Whose& whose, RowWriter* writer);

// The statistics of each indicator that the collection has, of those who are in a group of `groups`: a row a group.
// `expected` are the codes of those of whom a return is expected.
absl::Status AddGroupStatistics(const ServiceValues& values, const ServiceSchema& service, const PeerGroups& groups,
                                const std::vector<std::string>& expected, RowWriter* writer);

// What may be published of each indicator that the collection has, of `minimum_n` participants on: a row of the whole
// country and, unless `groups` is null, one a group (server/suppression.h).
absl::Status AddPublicRows(const ServiceValues& values, uint32_t minimum_n, const PeerGroups* groups,
                           RowWriter* writer);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_EXTRACT_ROWS_H_
