// What revisions, withdrawals and request ids are stored, so small that all of it can be held at once and looked for:
// the audit and the request ids tell of what must be there.
//
// It costs 16 bytes for each revision and each withdrawal, and 8 for each request id. Contents and request ids are held
// as hashes of 64 bits, so a loss passes for something that is there once in 10^12 times, with ten million records.
#ifndef QUARTERMASTER_SERVER_STORED_COMMITS_H_
#define QUARTERMASTER_SERVER_STORED_COMMITS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "quartermaster/storage/v1/records.pb.h"
#include "storage/returns.h"

namespace quartermaster::server {

// Not thread-safe. What was added can be looked for after Sort.
class StoredCommits {
 public:
  // A revision, and its withdrawal if it has one.
  void Add(const storage::StoredReturn& stored);
  // `id` has 16 bytes.
  void AddRequest(const std::string& id);
  void Sort();

  // Tells what an id was used for and is not stored as it was then: a revision with this content, a withdrawal for this
  // reason. `tell` gets the place and the problem.
  using Tell = absl::FunctionRef<void(const std::string& place, const std::string& problem)>;
  void CheckRequest(const std::string& id, const storage::v1::RequestRecord& record, Tell tell) const;

  // Tells what a line of the audit says was stored and is not: the return or withdrawal, by its commit, and its request
  // id. Lines of commits after `last_sequence` and lines without a commit are passed over; so is a request id that the
  // line does not name, as those did not that were written before lines named them.
  void CheckLine(uint64_t number, absl::string_view line, uint64_t last_sequence, Tell tell) const;

 private:
  std::vector<uint64_t> revisions_;    // Their sequence numbers.
  std::vector<uint64_t> withdrawals_;  // Their sequence numbers.
  std::vector<uint64_t> uses_;         // Hashes of what a request id can have been used for.
  std::vector<uint64_t> requests_;     // Hashes of request ids.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_STORED_COMMITS_H_
