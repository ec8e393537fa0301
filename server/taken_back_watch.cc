#include "server/taken_back_watch.h"

#include <grpc/grpc.h>
#include <grpc/support/alloc.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "re2/re2.h"
#include "server/counted_address.h"
#include "server/limits.h"

namespace quartermaster::server {
namespace {

// A flood makes a quarter of a million calls a second.
constexpr absl::Duration kInterval = absl::Milliseconds(100);

// What gRPC says, as JSON of the messages of grpc.channelz.v1, without spaces and with its names in order; empty where
// it says nothing, such as of a connection that has just been closed. It is searched, not read: that is done for each
// connection many times a second, and a reader of JSON takes four times as long as gRPC to write it.
std::string TextOf(char* json) {
  if (json == nullptr) return "";
  std::string text = json;
  gpr_free(json);
  return text;
}

// 0 is left out.
int64_t NumberIn(const std::string& json, const RE2& pattern) {
  int64_t number = 0;
  return RE2::PartialMatch(json, pattern, &number) ? number : 0;
}

}  // namespace

TakenBackWatch::TakenBackWatch(const Clock& clock, std::function<void(absl::string_view peer)> tell)
    : tell_(std::move(tell)),
      calls_(kTakenBackPerSecond, kTakenBackAtOnce, kMaxKnownCallers, clock),
      thread_([this] { Run(); }) {}

TakenBackWatch::~TakenBackWatch() {
  stop_.Notify();
  thread_.join();
}

void TakenBackWatch::Run() {
  while (!stop_.WaitForNotificationWithTimeout(kInterval)) Look();
}

void TakenBackWatch::Look() {
  static const RE2& calls_pattern = *new RE2(R"re("callsStarted":"(\d+)")re");
  static const RE2& server_pattern = *new RE2(R"re("serverId":"(\d+)")re");
  const std::string servers = TextOf(grpc_channelz_get_servers(0));
  int64_t calls = 0;
  re2::StringPiece left = servers;
  for (int64_t of_server = 0; RE2::FindAndConsume(&left, calls_pattern, &of_server);) calls += of_server;
  if (calls - calls_before_ < kMaxCallsOfConnection) return;
  calls_before_ = calls;
  before_ = std::exchange(taken_back_, {});
  left = servers;
  for (int64_t server = 0; RE2::FindAndConsume(&left, server_pattern, &server);) LookAtServer(server);
}

void TakenBackWatch::LookAtServer(int64_t server) {
  static const RE2& pattern = *new RE2(R"re("name":"(?:chttp2 )?([^"]*)","socketId":"(\d+)")re");
  int64_t from = 0;
  for (bool is_last = false; !is_last;) {
    const std::string page = TextOf(grpc_channelz_get_server_sockets(server, from, 0));
    is_last = true;
    re2::StringPiece left = page;
    std::string peer;
    for (int64_t socket = 0; RE2::FindAndConsume(&left, pattern, &peer, &socket);) {
      LookAt(socket, peer);
      from = socket + 1;
      is_last = false;
    }
  }
}

void TakenBackWatch::LookAt(int64_t socket, absl::string_view peer) {
  static const RE2& started = *new RE2(R"re("streamsStarted":"(\d+)")re");
  static const RE2& succeeded = *new RE2(R"re("streamsSucceeded":"(\d+)")re");
  const std::string counts = TextOf(grpc_channelz_get_socket(socket));
  // Those that are under way are no fault. They cannot be told from those that were taken back, but there are at most
  // so many: the rest was taken back.
  const int64_t taken_back = NumberIn(counts, started) - NumberIn(counts, succeeded) - kMaxCallsOfConnection;
  const auto found = before_.find(socket);
  const int64_t known = found == before_.end() ? 0 : found->second;
  taken_back_[socket] = std::max(known, taken_back);
  if (taken_back > known && !calls_.Take(CountedAddress(peer), static_cast<double>(taken_back - known))) tell_(peer);
}

}  // namespace quartermaster::server
