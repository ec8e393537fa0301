#include "server/national_replies.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::server {

void NationalReplies::List(const v1::ListNationalStatisticsRequest& request, const Principal& viewer, Done done) {
  Answer<v1::ListNationalStatisticsResponse>(
      request, viewer, [&](auto made) { figures_->List(request, viewer, std::move(made)); }, std::move(done));
}

void NationalReplies::Position(const v1::GetPositionRequest& request, const Principal& viewer, Done done) {
  Answer<v1::GetPositionResponse>(
      request, viewer, [&](auto made) { figures_->Position(request, viewer, std::move(made)); }, std::move(done));
}

template <typename Response, typename Request, typename Make>
void NationalReplies::Answer(const Request& request, const Principal& viewer, Make make, Done done) {
  // What others see also depends on who they are, on what was shown, and on embargoes that end with time.
  if (!viewer.SeesEverybody()) {
    return make([done = std::move(done)](const absl::StatusOr<Response>& response) {
      if (!response.ok()) return done(response.status());
      done(std::make_shared<const std::string>(response->SerializeAsString()));
    });
  }
  // Read first: a reply that is made while a commit comes is kept for the state before it, which nobody asks for again.
  const uint64_t sequence = state_->sequence();
  std::string key = absl::StrCat(Request::descriptor()->name(), " ", request.SerializeAsString());
  if (Reply kept = Find(sequence, key)) return done(std::move(kept));
  make([this, sequence, key = std::move(key), done = std::move(done)](const absl::StatusOr<Response>& response) {
    if (!response.ok()) return done(response.status());
    auto reply = std::make_shared<const std::string>(response->SerializeAsString());
    Keep(sequence, key, reply);
    done(std::move(reply));
  });
}

NationalReplies::Reply NationalReplies::Find(uint64_t sequence, const std::string& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (sequence != sequence_) return nullptr;
  const auto found = replies_.find(key);
  return found == replies_.end() ? nullptr : found->second;
}

void NationalReplies::Keep(uint64_t sequence, const std::string& key, const Reply& reply) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (sequence < sequence_) return;
  const size_t bytes = key.size() + reply->size();
  if (sequence > sequence_ || kept_bytes_ + bytes > kMaxKeptBytes) {
    replies_.clear();
    kept_bytes_ = 0;
    sequence_ = sequence;
  }
  if (bytes <= kMaxKeptBytes && replies_.try_emplace(key, reply).second) kept_bytes_ += bytes;
}

}  // namespace quartermaster::server
