#include "client/connection.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/connection_probe.h"
#include "google/rpc/error_details.pb.h"

namespace quartermaster::client {
namespace {

// A page of returns with all their findings, or a collection with its source code info, stays far below it.
constexpr int kMaxReplyBytes = 64 << 20;

// What a stream may have on its way to a reader that is slower than the server: one message of an extract. gRPC's own
// measuring of the line would let tens of megabytes pile up.
constexpr int kStreamAheadBytes = 1 << 20;

// So long each attempt waits for a server that was not there: a restart takes a second or two.
constexpr int kComeUpMilliseconds = 1'000;

// A server on a busy machine is slow to greet; one that is not there refuses at once.
constexpr int kConnectMilliseconds = 10'000;

// Marks an error that the next attempt will meet again.
constexpr char kLasting[] = "quartermaster/lasting";

// gRPC takes no version of TLS before 1.2, and checks the server's name.
std::shared_ptr<grpc::ChannelCredentials> MakeCredentials(const TransportSecurity& security) {
  if (!security.is_encrypted) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = security.authorities;
  options.pem_private_key = security.private_key;
  options.pem_cert_chain = security.certificate;
  return grpc::SslCredentials(options);
}

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address, const TransportSecurity& security) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReplyBytes);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kStreamAheadBytes);
  // So that a retry after a refused connection really connects again.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // gRPC waits so long for a connection, too.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMilliseconds);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // Before it connects again, gRPC looks the address up again, which it would put off for half a minute.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 100);
  // Proxies that are set up for the web would be asked for the loopback address otherwise.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Retries happen here, where they are bounded, and with the same request_id.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return grpc::CreateCustomChannel(address, MakeCredentials(security), arguments);
}

// A sentence ends with a full stop.
std::string Sentence(std::string text) {
  if (!text.empty() && !absl::EndsWith(text, ".") && !absl::EndsWith(text, "?") && !absl::EndsWith(text, "!"))
    text += '.';
  return text;
}

// What the details say and the message does not.
std::string DescribeDetails(const google::rpc::Status& status) {
  std::string description;
  for (const google::protobuf::Any& detail : status.details()) {
    google::rpc::BadRequest bad_request;
    if (!detail.UnpackTo(&bad_request)) continue;
    for (const auto& violation : bad_request.field_violations()) {
      if (absl::StrContains(status.message(), violation.description())) continue;
      absl::StrAppend(&description, " ", violation.field(), ": ", Sentence(violation.description()));
    }
  }
  return description;
}

// Whether qm-server itself has answered. Its errors carry an ErrorInfo; those that gRPC makes, of a refused connection
// or a message that is too large, carry none.
bool IsAnswer(const google::rpc::Status& status) {
  return std::any_of(status.details().begin(), status.details().end(),
                     [](const google::protobuf::Any& detail) { return detail.Is<google::rpc::ErrorInfo>(); });
}

}  // namespace

bool MaySendAgain(const absl::Status& status) {
  return (absl::IsUnavailable(status) || absl::IsResourceExhausted(status)) && !status.GetPayload(kLasting);
}

Server::Connection::Connection(ServerOptions options)
    : options_(std::move(options)), channel_(OpenChannel(options_.address, options_.security)) {}

void Server::Connection::Authorise(grpc::ClientContext* context) const {
  if (!options_.token.empty()) context->AddMetadata("authorization", absl::StrCat("Bearer ", options_.token));
}

// A server that is not proven counts as not reached: nothing was sent, and a new certificate at the server mends it.
// One that wants another certificate of the client does not permit the call.
absl::Status Server::Connection::ExplainNoConnection() const {
  const ProbeResult probe = ProbeConnection(options_.address, options_.security);
  if (probe.kind == ProbeResult::Kind::kNothing) return absl::OkStatus();
  absl::Status status(
      probe.kind == ProbeResult::Kind::kUntrusted ? absl::StatusCode::kUnavailable : absl::StatusCode::kUnauthenticated,
      absl::StrCat("no connection to ", options_.address, ". ", probe.explanation));
  status.SetPayload(kLasting, absl::Cord());
  return status;
}

absl::Status Server::Connection::Explain(const grpc::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status rich;
  // The details are optional, and a proxy may have cut them.
  if (!rich.ParseFromString(status.error_details()) || rich.code() != static_cast<int>(status.error_code()))
    rich.Clear();
  rich.set_code(static_cast<int>(status.error_code()));
  rich.set_message(status.error_message());
  return Explain(rich);
}

absl::Status Server::Connection::Explain(const google::rpc::Status& status) const {
  auto code = static_cast<absl::StatusCode>(status.code());
  // Nobody hears of the calls that this program cancels itself: a server that stops has dropped this one.
  const bool is_dropped = code == absl::StatusCode::kCancelled && !IsAnswer(status);
  if (is_dropped) code = absl::StatusCode::kUnavailable;
  std::string message = absl::StrCat(Sentence(status.message()), DescribeDetails(status));
  if (IsAnswer(status)) return absl::Status(code, message);
  switch (code) {
    case absl::StatusCode::kUnavailable:
      if (absl::Status found = ExplainNoConnection(); !found.ok()) return found;
      // What follows in gRPC's own message is about sockets.
      message = absl::StrCat(
          "no answer from ", options_.address, " (",
          is_dropped ? "it dropped the call" : status.message().substr(0, status.message().find("; last error")),
          "). Check that qm-server runs there, or name another with --server or QM_SERVER; running the "
          "command again is safe.");
      break;
    case absl::StatusCode::kDeadlineExceeded:
      message = absl::StrCat(options_.address, " did not answer within ", options_.timeout_seconds,
                             " s. Running the command again is safe; --timeout-seconds waits longer.");
      break;
    case absl::StatusCode::kResourceExhausted:
      // A message that is too large will be so again; it must not be taken for a server that is busy.
      code = absl::StatusCode::kOutOfRange;
      absl::StrAppend(&message, " It is more than the server takes in one call: send less at once.");
      break;
    case absl::StatusCode::kUnimplemented:
      absl::StrAppend(&message, " The server at ", options_.address, " is older than this program, or no qm-server.");
      break;
    default:
      break;
  }
  return absl::Status(code, message);
}

void Server::Connection::WaitAfter(int attempt) const {
  // Not all of it, so that clients that were turned away together do not come back together.
  std::random_device random;
  const double share = std::uniform_real_distribution<double>(0.5, 1)(random);
  absl::SleepFor(options_.first_retry_wait * (1 << (attempt - 1)) * share);
  // A call does not wait for a connection that was refused, so a server that is just coming up would be missed.
  channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::milliseconds(kComeUpMilliseconds));
}

}  // namespace quartermaster::client
