// The gRPC channel behind client/server.h. Only the files that make calls include it.
#ifndef QUARTERMASTER_CLIENT_CONNECTION_H_
#define QUARTERMASTER_CLIENT_CONNECTION_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "client/server.h"
#include "google/rpc/status.pb.h"

namespace quartermaster::client {

// Whether the same request may be answered if it is sent again, by what Explain has made of the failure: the server was
// away, does not know what became of the request, or could not take it just then. Not where it is there, and no
// connection comes about for a reason that lasts.
bool MaySendAgain(const absl::Status& status);

// Thread-safe.
class Server::Connection {
 public:
  explicit Connection(ServerOptions options);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  int timeout_seconds() const { return options_.timeout_seconds; }
  // Adds the token.
  void Authorise(grpc::ClientContext* context) const;
  // What a call's end means for a person: OK, or the server's message, what its details add, and what to do. The code
  // is gRPC's, but OUT_OF_RANGE for a message that gRPC finds too large, which no retry makes smaller.
  absl::Status Explain(const grpc::Status& status) const;
  // The same for one return of a stream.
  absl::Status Explain(const google::rpc::Status& status) const;
  // Waits between attempt number `attempt`, counted from 1, and the next one, twice as long each time; then, for a
  // second at most, until there is a connection.
  void WaitAfter(int attempt) const;

 private:
  // Why the server cannot be connected to, where it is there all the same; OK if there is nothing to say.
  absl::Status ExplainNoConnection() const;

  const ServerOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_CONNECTION_H_
