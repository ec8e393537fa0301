#include "server/connection_acceptor.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/optional.h"
#include "server/counted_address.h"
#include "server/limits.h"

namespace quartermaster::server {
namespace {

// Where a limit is reached, asking the kernel of a thousand connections takes some 0.3 ms: so often it costs nothing.
constexpr absl::Duration kRefreshInterval = absl::Milliseconds(50);

// While no file can be opened, new connections wait in the kernel for so long.
constexpr int kWaitForFilesMilliseconds = 100;
// So often it looks for them where the kernel does not tell.
constexpr absl::Duration kPaceWithoutPoll = absl::Milliseconds(100);

// Then it looks whether it shall stop; what is left waits no longer for that.
constexpr int kAcceptsInARow = 64;

// A server that may open so few files is not worth its limits.
constexpr size_t kFewestConnections = 64;

bool IsLoopback(const addrinfo& address) {
  const auto is_127 = [](const unsigned char* bytes) { return bytes[0] == 127; };
  if (address.ai_family == AF_INET) {
    const in_addr& ipv4 = reinterpret_cast<const sockaddr_in*>(address.ai_addr)->sin_addr;
    return is_127(reinterpret_cast<const unsigned char*>(&ipv4));
  }
  const in6_addr& ipv6 = reinterpret_cast<const sockaddr_in6*>(address.ai_addr)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&ipv6) || (IN6_IS_ADDR_V4MAPPED(&ipv6) && is_127(ipv6.s6_addr + 12));
}

// absl::nullopt where the descriptor is closed or no socket.
absl::optional<ino_t> SocketOf(int descriptor) {
  struct stat file;
  if (fstat(descriptor, &file) != 0 || !S_ISSOCK(file.st_mode)) return absl::nullopt;
  return file.st_ino;
}

absl::Status CannotListen(const std::string& host, int port, absl::string_view why) {
  return absl::UnavailableError(
      absl::StrCat("--listen: cannot listen on ", host, ":", port, ": ", why, ". Choose another port or address"));
}

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses Resolve(const std::string& host, int port, int* error) {
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  *error = getaddrinfo((in_brackets ? host.substr(1, host.size() - 2) : host).c_str(), absl::StrCat(port).c_str(),
                       &hints, &found);
  return Addresses(found, freeaddrinfo);
}

// A socket that listens on the address, or -1 with errno set.
// A lone IPv6 address, such as [::], takes IPv4 as well where the machine does.
int OpenListener(const addrinfo& address, bool is_alone) {
  const int listener = socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) return -1;
  const int on = 1;
  // A server that starts again does not wait for the connections of the one before. Two servers on one port would each
  // get half of the calls; without SO_REUSEPORT the second fails.
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const int only_v6 = is_alone ? 0 : 1;
  if (address.ai_family == AF_INET6) setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
  if (bind(listener, address.ai_addr, address.ai_addrlen) == 0 && listen(listener, SOMAXCONN) == 0) return listener;
  const int error = errno;
  close(listener);
  errno = error;
  return -1;
}

int PortOf(int listener) {
  sockaddr_storage own = {};
  socklen_t size = sizeof own;
  if (getsockname(listener, reinterpret_cast<sockaddr*>(&own), &size) != 0) return 0;
  return ntohs(own.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(own).sin_port
                                        : reinterpret_cast<sockaddr_in6&>(own).sin6_port);
}

void SetPort(int port, addrinfo* address) {
  const in_port_t in_order = htons(static_cast<uint16_t>(port));
  if (address->ai_family == AF_INET) {
    reinterpret_cast<sockaddr_in*>(address->ai_addr)->sin_port = in_order;
  } else {
    reinterpret_cast<sockaddr_in6*>(address->ai_addr)->sin6_port = in_order;
  }
}

}  // namespace

bool ConnectionTable::Admit(int connection, absl::Time now) {
  Forget(connection);
  sockaddr_storage peer = {};
  socklen_t size = sizeof peer;
  const absl::optional<ino_t> socket = SocketOf(connection);
  if (!socket || getpeername(connection, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;  // It has gone.
  Connection noted{*socket, CountedAddress(peer)};
  if (IsBlocked(noted.address, now)) return false;
  const auto has_room = [&] {
    const auto found = of_address_.find(noted.address);
    return connections_.size() < max_ && (found == of_address_.end() || found->second < max_of_address_);
  };
  if (!has_room()) {
    if (now - refreshed_ < kRefreshInterval && now >= refreshed_) return false;
    refreshed_ = now;
    Refresh();
    if (!has_room()) return false;
  }
  ++of_address_[noted.address];
  connections_.emplace(connection, std::move(noted));
  return true;
}

bool ConnectionTable::Block(absl::string_view address, absl::Time now) {
  if (IsBlocked(address, now)) return false;
  absl::erase_if(blocked_, [&](const auto& blocked) { return !IsBlocked(blocked.first, now); });
  blocked_.emplace(address, now);
  for (const auto& [connection, noted] : connections_) {
    // Dissolved, not shut down: whoever reads would still be given all that has come (connect(2), AF_UNSPEC).
    const sockaddr nobody = {AF_UNSPEC, {}};
    if (noted.address == address && SocketOf(connection) == noted.socket) connect(connection, &nobody, sizeof nobody);
  }
  return true;
}

bool ConnectionTable::IsBlocked(absl::string_view address, absl::Time now) const {
  const auto found = blocked_.find(address);
  // A clock that was put back does not make it longer.
  return found != blocked_.end() && now >= found->second && now - found->second < kBlockedFor;
}

void ConnectionTable::Forget(int connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  const auto count = of_address_.find(found->second.address);
  if (--count->second == 0) of_address_.erase(count);
  connections_.erase(found);
}

void ConnectionTable::Refresh() {
  std::vector<int> closed;
  for (const auto& [connection, noted] : connections_) {
    if (SocketOf(connection) != noted.socket) closed.push_back(connection);
  }
  for (const int connection : closed) Forget(connection);
}

absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> ConnectionAcceptor::Listen(const std::string& host, int port,
                                                                               Reach reach) {
  int error = 0;
  const Addresses addresses = Resolve(host, port, &error);
  if (error != 0) return CannotListen(host, port, gai_strerror(error));
  auto acceptor = absl::WrapUnique(new ConnectionAcceptor);
  acceptor->port_ = port;
  for (addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
    if (address->ai_family != AF_INET && address->ai_family != AF_INET6) continue;
    if (reach == Reach::kThisMachine && !IsLoopback(*address)) {
      return absl::FailedPreconditionError(
          absl::StrCat("--listen: ", host,
                       " has an address on this machine that is not of the loopback, and over it tokens and returns "
                       "would be sent in clear. Listen on 127.0.0.1, or give --certificate-file and "
                       "--private-key-file"));
    }
    // The kernel picks once for all addresses.
    SetPort(acceptor->port_, address);
    const int listener = OpenListener(*address, addresses->ai_next == nullptr);
    if (listener < 0) {
      // A name may have an address of a kind that this machine has not.
      if (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL) continue;
      return CannotListen(host, port, errno == EADDRINUSE ? "another program listens there" : std::strerror(errno));
    }
    acceptor->listeners_.push_back(listener);
    acceptor->port_ = PortOf(listener);
  }
  if (acceptor->listeners_.empty()) return CannotListen(host, port, "this machine has no such address");
  acceptor->stop_event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (acceptor->stop_event_ < 0) return CannotListen(host, port, std::strerror(errno));
  acceptor->table_ = std::make_unique<ConnectionTable>(RoomForConnections(), kMaxConnectionsOfAddress);
  return acceptor;
}

ConnectionAcceptor::~ConnectionAcceptor() {
  Stop();
  if (stop_event_ >= 0) close(stop_event_);
}

size_t ConnectionAcceptor::RoomForConnections() {
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return kFewestConnections;
  const rlim_t wanted = kMaxConnections + kOtherFiles;
  if (files.rlim_cur < wanted && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = std::min(wanted, files.rlim_max);
    setrlimit(RLIMIT_NOFILE, &files);
  }
  if (files.rlim_cur >= wanted) return kMaxConnections;
  const size_t room =
      files.rlim_cur > kOtherFiles + kFewestConnections ? files.rlim_cur - kOtherFiles : kFewestConnections;
  std::cerr << "qm-server: only " << room << " connections at once, because this process may open only "
            << files.rlim_cur << " files; " << wanted << " would do (ulimit -n, LimitNOFILE)" << std::endl;
  return room;
}

void ConnectionAcceptor::Start(Take take) {
  thread_ = std::thread([this, take = std::move(take)] { Run(take); });
}

void ConnectionAcceptor::Block(absl::string_view peer) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!table_->Block(CountedAddress(peer), absl::Now())) return;
  }
  std::cerr << "qm-server: " << peer << " makes calls and takes them back at once; all connections of its address are "
            << "closed, and none is taken for " << absl::FormatDuration(kBlockedFor) << std::endl;
}

void ConnectionAcceptor::Stop() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    // An event always has room for the first write.
    [[maybe_unused]] const ssize_t written = write(stop_event_, &one, sizeof one);
    thread_.join();
  }
  for (const int listener : listeners_) close(listener);
  listeners_.clear();
}

void ConnectionAcceptor::Run(const Take& take) {
  bool has_files = true;
  while (AwaitConnections(has_files)) {
    has_files = true;
    for (const int listener : listeners_) has_files = AcceptAll(listener, take) && has_files;
  }
}

bool ConnectionAcceptor::AwaitConnections(bool has_files) {
  std::vector<pollfd> watched = {{stop_event_, POLLIN, 0}};
  if (has_files) {
    for (const int listener : listeners_) watched.push_back({listener, POLLIN, 0});
  }
  const int ready = poll(watched.data(), watched.size(), has_files ? -1 : kWaitForFilesMilliseconds);
  if (ready >= 0 || errno == EINTR) {
    waits_in_vain_ = false;
    return ready <= 0 || watched.front().revents == 0;
  }
  if (!waits_in_vain_) {
    std::cerr << "qm-server: the system does not tell when connections come (" << std::strerror(errno)
              << "); they are looked for ten times a second" << std::endl;
  }
  waits_in_vain_ = true;
  absl::SleepFor(kPaceWithoutPoll);
  uint64_t stops = 0;
  return read(stop_event_, &stops, sizeof stops) < 0;
}

int ConnectionAcceptor::Accept(int listener, bool* is_admitted) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const int connection = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  *is_admitted = connection >= 0 && table_->Admit(connection, absl::Now());
  if (connection >= 0 && !*is_admitted) close(connection);
  return connection;
}

bool ConnectionAcceptor::AcceptAll(int listener, const Take& take) {
  for (int accepted = 0; accepted < kAcceptsInARow; ++accepted) {
    bool is_admitted = false;
    const int connection = Accept(listener, &is_admitted);
    if (connection < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    }
    if (!is_admitted) continue;
    const int on = 1;  // Replies are small and are waited for.
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    take(listener, connection);
  }
  return true;
}

}  // namespace quartermaster::server
