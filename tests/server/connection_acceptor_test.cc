// Connections over real sockets: those within the limits are taken, others closed, and closed ones make room.
#include "server/connection_acceptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "server/counted_address.h"
#include "server/limits.h"

namespace quartermaster::server {
namespace {

// A socket that is closed in the end.
class Socket {
 public:
  explicit Socket(int descriptor = -1) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Socket Connect(const char* from, int port) {
  Socket client(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in own = {};
  own.sin_family = AF_INET;
  inet_pton(AF_INET, from, &own.sin_addr);
  EXPECT_EQ(bind(client.get(), reinterpret_cast<sockaddr*>(&own), sizeof own), 0);
  sockaddr_in server = own;
  inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);
  server.sin_port = htons(static_cast<uint16_t>(port));
  EXPECT_EQ(connect(client.get(), reinterpret_cast<sockaddr*>(&server), sizeof server), 0);
  return client;
}

class ConnectionTableTest : public ::testing::Test {
 protected:
  ConnectionTableTest() {
    sockaddr_in own = {};
    own.sin_family = AF_INET;
    inet_pton(AF_INET, "127.0.0.1", &own.sin_addr);
    EXPECT_EQ(bind(listener_.get(), reinterpret_cast<sockaddr*>(&own), sizeof own), 0);
    EXPECT_EQ(listen(listener_.get(), 100), 0);
    socklen_t size = sizeof own;
    EXPECT_EQ(getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&own), &size), 0);
    port_ = ntohs(own.sin_port);
  }

  // Connects from the address and accepts.
  int Accept(const char* from) {
    clients_.push_back(Connect(from, port_));
    return accept(listener_.get(), nullptr, nullptr);
  }

  Socket listener_{socket(AF_INET, SOCK_STREAM, 0)};
  int port_ = 0;
  std::vector<Socket> clients_;
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
};

// A peer that resets its connections frees no descriptor here: whoever serves them has yet to close them.
TEST_F(ConnectionTableTest, CountsThoseThatWereReset) {
  ConnectionTable table(5, 2);
  std::vector<Socket> taken;
  for (int i = 0; i < 2; ++i) {
    taken.emplace_back(Accept("127.0.0.2"));
    EXPECT_TRUE(table.Admit(taken.back().get(), now_));
  }
  const linger at_once = {1, 0};
  for (const Socket& client : clients_) {
    EXPECT_EQ(setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
  }
  clients_.clear();
  const Socket third(Accept("127.0.0.2"));
  EXPECT_FALSE(table.Admit(third.get(), now_ + absl::Seconds(1)));
  EXPECT_EQ(table.size(), 2u);
  taken.pop_back();
  EXPECT_TRUE(table.Admit(third.get(), now_ + absl::Seconds(2)));
}

TEST_F(ConnectionTableTest, BoundsEachAddressAndAll) {
  ConnectionTable table(5, 3);
  std::vector<Socket> taken;
  for (int i = 0; i < 3; ++i) {
    taken.emplace_back(Accept("127.0.0.2"));
    EXPECT_TRUE(table.Admit(taken.back().get(), now_));
  }
  const Socket fourth(Accept("127.0.0.2"));
  EXPECT_FALSE(table.Admit(fourth.get(), now_));
  for (int i = 0; i < 2; ++i) {
    taken.emplace_back(Accept("127.0.0.3"));
    EXPECT_TRUE(table.Admit(taken.back().get(), now_ + absl::Seconds(i + 1)));
  }
  const Socket sixth(Accept("127.0.0.4"));
  EXPECT_FALSE(table.Admit(sixth.get(), now_ + absl::Seconds(9)));
  EXPECT_EQ(table.size(), 5u);
}

TEST_F(ConnectionTableTest, WhatIsClosedMakesRoomWhoeverGetsItsNumber) {
  ConnectionTable table(3, 3);
  std::vector<Socket> taken;
  for (int i = 0; i < 3; ++i) {
    taken.emplace_back(Accept("127.0.0.2"));
    EXPECT_TRUE(table.Admit(taken.back().get(), now_));
  }
  // The number goes to the next connection, which is known by that.
  const int number = taken.back().get();
  taken.pop_back();
  taken.emplace_back(Accept("127.0.0.2"));
  // Accept has connected first, with the number; either way one has it, and one is free.
  EXPECT_TRUE(table.Admit(taken.back().get(), now_ + absl::Seconds(1)));
  EXPECT_EQ(table.size(), 3u);
  // What has the number now may be no connection at all.
  taken.pop_back();
  const Socket other(socket(AF_INET, SOCK_DGRAM, 0));
  taken.emplace_back(Accept("127.0.0.5"));
  EXPECT_TRUE(table.Admit(taken.back().get(), now_ + absl::Seconds(2)));
  EXPECT_EQ(table.size(), 3u);
  EXPECT_GE(number, 0);
}

TEST_F(ConnectionTableTest, AsksTheKernelNowAndThenOnly) {
  ConnectionTable table(1, 1);
  Socket first(Accept("127.0.0.2"));
  EXPECT_TRUE(table.Admit(first.get(), now_));
  const Socket second(Accept("127.0.0.2"));
  EXPECT_FALSE(table.Admit(second.get(), now_));
  { const Socket closed = std::move(first); }
  EXPECT_FALSE(table.Admit(second.get(), now_ + absl::Milliseconds(1)));
  EXPECT_TRUE(table.Admit(second.get(), now_ + absl::Seconds(1)));
}

TEST(ConnectionAcceptorTest, TakesListensAndStops) {
  auto acceptor = ConnectionAcceptor::Listen("127.0.0.1", 0, Reach::kAnywhere).value();
  EXPECT_GT(acceptor->port(), 0);
  EXPECT_TRUE(
      absl::IsUnavailable(ConnectionAcceptor::Listen("127.0.0.1", acceptor->port(), Reach::kAnywhere).status()));
  std::mutex mutex;
  std::vector<Socket> taken;
  std::promise<void> three;
  acceptor->Start([&](int, int connection) {
    const std::lock_guard<std::mutex> lock(mutex);
    taken.emplace_back(connection);
    if (taken.size() == 3) three.set_value();
  });
  std::vector<Socket> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(Connect("127.0.0.1", acceptor->port()));
  EXPECT_EQ(three.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
  const int port = acceptor->port();
  acceptor->Stop();
  acceptor->Stop();
  // Another one listens there at once, though connections of the first are open.
  EXPECT_TRUE(ConnectionAcceptor::Listen("127.0.0.1", port, Reach::kAnywhere).ok());
}

// What has come and was not read yet is gone too: a reader is not kept busy by it.
TEST_F(ConnectionTableTest, CutsOffABlockedAddressAndTakesItAgainLater) {
  ConnectionTable table(9, 9);
  const Socket rude(Accept("127.0.0.2"));
  const Socket honest(Accept("127.0.0.3"));
  for (const Socket* one : {&rude, &honest}) EXPECT_TRUE(table.Admit(one->get(), now_));
  for (const Socket& client : clients_) EXPECT_EQ(send(client.get(), "unread", 6, 0), 6);
  sockaddr_storage peer = {};
  socklen_t size = sizeof peer;
  ASSERT_EQ(getpeername(rude.get(), reinterpret_cast<sockaddr*>(&peer), &size), 0);
  EXPECT_TRUE(table.Block(CountedAddress(peer), now_));
  EXPECT_FALSE(table.Block(CountedAddress(peer), now_ + absl::Seconds(1)));
  char buffer[16];
  EXPECT_LE(recv(rude.get(), buffer, sizeof buffer, 0), 0);
  EXPECT_EQ(recv(honest.get(), buffer, sizeof buffer, 0), 6);
  const Socket again(Accept("127.0.0.2"));
  EXPECT_FALSE(table.Admit(again.get(), now_ + kBlockedFor - absl::Milliseconds(1)));
  EXPECT_TRUE(table.Admit(again.get(), now_ + kBlockedFor));
}

TEST(ConnectionAcceptorTest, BlocksWhileItsThreadIsHeldUp) {
  auto acceptor = ConnectionAcceptor::Listen("127.0.0.1", 0, Reach::kAnywhere).value();
  std::promise<int> taken;
  std::promise<void> go_on;
  acceptor->Start([&](int, int connection) {
    taken.set_value(connection);
    go_on.get_future().wait();
  });
  const Socket client = Connect("127.0.0.2", acceptor->port());
  const Socket connection(taken.get_future().get());
  acceptor->Block("ipv4:127.0.0.2:1");
  char buffer[16];
  EXPECT_LE(recv(client.get(), buffer, sizeof buffer, 0), 0);
  go_on.set_value();
  acceptor->Stop();
}

TEST(ConnectionAcceptorTest, ListensOnNamesAndOnIpv6WhereThereIsAny) {
  EXPECT_TRUE(ConnectionAcceptor::Listen("localhost", 0, Reach::kAnywhere).ok());
  EXPECT_TRUE(absl::IsUnavailable(ConnectionAcceptor::Listen("no.such.host.invalid", 0, Reach::kAnywhere).status()));
  EXPECT_TRUE(absl::IsUnavailable(ConnectionAcceptor::Listen("192.0.2.1", 0, Reach::kAnywhere).status()));
  const Socket ipv6(socket(AF_INET6, SOCK_STREAM, 0));
  sockaddr_in6 loopback = {};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr = in6addr_loopback;
  if (bind(ipv6.get(), reinterpret_cast<sockaddr*>(&loopback), sizeof loopback) != 0) GTEST_SKIP() << "no IPv6 here";
  EXPECT_TRUE(ConnectionAcceptor::Listen("[::1]", 0, Reach::kAnywhere).ok());
}

TEST(ConnectionAcceptorTest, WhereOnlyThisMachineMayCallNoOtherAddressIsListenedOn) {
  EXPECT_TRUE(ConnectionAcceptor::Listen("127.0.0.1", 0, Reach::kThisMachine).ok());
  EXPECT_TRUE(ConnectionAcceptor::Listen("127.8.9.10", 0, Reach::kThisMachine).ok());
  for (const char* host : {"0.0.0.0", "[::]", "192.0.2.1", "[::ffff:192.0.2.1]", "[2001:db8::1]"}) {
    const absl::Status refused = ConnectionAcceptor::Listen(host, 0, Reach::kThisMachine).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << host << refused;
  }
}

// A process that may open no files can wait for none of them either: poll fails. What comes meanwhile is taken later.
TEST(ConnectionAcceptorTest, GoesOnWhereTheKernelDoesNotTellOfConnections) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizers open files to look at objects, which nobody can for a while here";
#endif
  auto acceptor = ConnectionAcceptor::Listen("127.0.0.1", 0, Reach::kAnywhere).value();
  std::promise<int> taken;
  acceptor->Start([&](int, int connection) { taken.set_value(connection); });
  const Socket client(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in server = {};
  server.sin_family = AF_INET;
  inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);
  server.sin_port = htons(static_cast<uint16_t>(acceptor->port()));
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_EQ(connect(client.get(), reinterpret_cast<sockaddr*>(&server), sizeof server), 0);
  absl::SleepFor(absl::Milliseconds(500));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  std::future<int> came = taken.get_future();
  ASSERT_EQ(came.wait_for(std::chrono::seconds(60)), std::future_status::ready);
  const Socket connection(came.get());
  acceptor->Stop();
}

}  // namespace
}  // namespace quartermaster::server
