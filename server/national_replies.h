// The answers about national figures as they go over the wire. Those of report builders depend on nothing but the
// request and what is stored, so they are made once and serve until the next commit: while a quarter is looked at more
// often than it changes, a look costs little more than sending its bytes.
#ifndef QUARTERMASTER_SERVER_NATIONAL_REPLIES_H_
#define QUARTERMASTER_SERVER_NATIONAL_REPLIES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "quartermaster/v1/national_service.pb.h"
#include "server/live_state.h"
#include "server/national_figures.h"
#include "server/principal.h"

namespace quartermaster::server {

// Thread-safe. The state and the figures must outlive it.
class NationalReplies {
 public:
  // A table of 2,000 indicators has 300 KB: this keeps what some hundred readers look at.
  static constexpr size_t kMaxKeptBytes = 32 << 20;

  NationalReplies(const LiveState* state, const NationalFigures* figures) : state_(state), figures_(figures) {}

  // A serialised ListNationalStatisticsResponse or GetPositionResponse. Errors, and when `done` is called, as
  // NationalFigures says.
  using Reply = std::shared_ptr<const std::string>;
  using Done = std::function<void(absl::StatusOr<Reply>)>;
  void List(const v1::ListNationalStatisticsRequest& request, const Principal& viewer, Done done);
  void Position(const v1::GetPositionRequest& request, const Principal& viewer, Done done);

 private:
  template <typename Response, typename Request, typename Make>
  void Answer(const Request& request, const Principal& viewer, Make make, Done done);
  Reply Find(uint64_t sequence, const std::string& key);
  void Keep(uint64_t sequence, const std::string& key, const Reply& reply);

  const LiveState* const state_;
  const NationalFigures* const figures_;
  std::mutex mutex_;  // Guards what follows.
  uint64_t sequence_ = 0;
  size_t kept_bytes_ = 0;
  absl::flat_hash_map<std::string, Reply> replies_;  // By the request and its type, as of sequence_.
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_NATIONAL_REPLIES_H_
