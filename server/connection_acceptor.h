// Listens, and decides which connections are taken: gRPC itself takes all that come, until no file can be opened any
// more, the store's among them. It knows sockets alone; what is taken goes to gRPC
// (server/grpc_server.cc).
#ifndef QUARTERMASTER_SERVER_CONNECTION_ACCEPTOR_H_
#define QUARTERMASTER_SERVER_CONNECTION_ACCEPTOR_H_

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace quartermaster::server {

// Which connections are open here, though others close them and tell nobody; one that its peer has left counts until it
// is closed here too. The kernel gives new connections the lowest free number, so whoever had it before is gone; and
// where a limit is reached, the kernel is asked which are still there. Not thread-safe.
class ConnectionTable {
 public:
  ConnectionTable(size_t max, size_t max_of_address) : max_(max), max_of_address_(max_of_address) {}

  // Takes note of a connection that was just accepted. False, and it is not noted, where there are too many; `now` only
  // spares asking the kernel all the time.
  bool Admit(int connection, absl::Time now);

  // Cuts off all connections of the address (server/counted_address.h), whatever is under way, and admits none of it
  // for kBlockedFor. Returns whether it was not blocked already; then nothing is done. Nobody may accept meanwhile: the
  // new connection might get the number of a closed one.
  bool Block(absl::string_view address, absl::Time now);

  // As far as is known.
  size_t size() const { return connections_.size(); }

 private:
  struct Connection {
    ino_t socket;  // The kernel's number of it: another socket may have got the same descriptor since.
    std::string address;
  };
  bool IsBlocked(absl::string_view address, absl::Time now) const;
  void Forget(int connection);
  // Forgets those that are closed.
  void Refresh();

  const size_t max_;
  const size_t max_of_address_;
  absl::flat_hash_map<int, Connection> connections_;
  absl::flat_hash_map<std::string, size_t> of_address_;
  absl::flat_hash_map<std::string, absl::Time> blocked_;  // Since when.
  absl::Time refreshed_ = absl::InfinitePast();
};

// From where connections may come.
enum class Reach {
  kThisMachine,  // Over the loopback alone.
  kAnywhere,
};

// One thread that accepts. Thread-compatible, but for Block.
class ConnectionAcceptor {
 public:
  // Listens; connections wait until Start. `host` is a name, an address, or an IPv6 address in brackets, of which every
  // address is listened on; port 0 lets the kernel pick one. UNAVAILABLE where another program listens there or there
  // is no such address. FAILED_PRECONDITION where only this machine is to be reached and one of the addresses is not of
  // the loopback, as the machine may be set up to say of any name; then none is listened on.
  static absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> Listen(const std::string& host, int port, Reach reach);
  // Stops.
  ~ConnectionAcceptor();
  ConnectionAcceptor(const ConnectionAcceptor&) = delete;
  ConnectionAcceptor& operator=(const ConnectionAcceptor&) = delete;

  int port() const { return port_; }

  // Gives each connection that is admitted to `take`, which owns it, on the acceptor's thread, with the listener that
  // it came by. Others are closed at once. To be called once.
  using Take = std::function<void(int listener, int connection)>;
  void Start(Take take);

  // Cuts off all connections of the peer's address, which is gRPC's name of the other end, and takes none of it for
  // kBlockedFor; the log says so. Thread-safe. It waits for nobody: the thread that accepts may be held up by whoever
  // is to be blocked.
  void Block(absl::string_view peer);

  // Listens no more. Nothing is taken once this returns.
  void Stop();

 private:
  ConnectionAcceptor() = default;
  // Raises how many files this process may open, as far as it may, and gives the number of connections that fit.
  static size_t RoomForConnections();
  void Run(const Take& take);
  // Waits until the kernel tells of something, or says why it cannot and waits a little. False once it shall stop.
  bool AwaitConnections(bool has_files);
  // Takes what waits at one listener. False where no file can be opened just now.
  bool AcceptAll(int listener, const Take& take);
  // The next connection that waits, open or closed at once, or -1 with errno set.
  int Accept(int listener, bool* is_admitted);

  std::vector<int> listeners_;
  int port_ = 0;
  int stop_event_ = -1;
  bool waits_in_vain_ = false;  // The thread's alone: the kernel refuses to tell when a connection comes.
  std::mutex mutex_;            // Held while a connection is accepted, and guards the table.
  std::unique_ptr<ConnectionTable> table_;
  std::thread thread_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_CONNECTION_ACCEPTOR_H_
