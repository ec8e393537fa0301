// The service as a whole: store, memory, RPCs, in the order in which they come up and go down.
#ifndef QUARTERMASTER_SERVER_SERVER_H_
#define QUARTERMASTER_SERVER_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "quartermaster/config/v1/server_config.pb.h"
#include "server/listening.h"

namespace quartermaster::server {

struct ServerOptions {
  // Holds the store, the operator's token, the key of receipts with its public half, and nothing else. Made if it does
  // not exist.
  std::string data_dir;
  ListeningOptions listening;
  // Who may call by certificate.
  std::vector<config::v1::CertificatePrincipal> certificate_principals;
  // Writes are refused while the disk of data_dir has less free. 0: as storage::RocksDbStoreOptions says.
  uint64_t reserved_bytes = 0;
  // The folder of backups; empty: none are made.
  std::string backup_dir;
};

// What a client asks gRPC's health service for that only reads: SERVING while the server runs. The server as a whole
// (the empty name) is NOT_SERVING while the store takes no writes.
inline constexpr char kReadsHealthName[] = "quartermaster.reads";

// A server that serves from Start to Shutdown.
class Server {
 public:
  // Opens the store, rebuilds what is derived from it, publishes the shipped collections where the store is new, and
  // serves. The error says what to do about it. It takes as long as the store is large, and cannot be stopped; who must
  // stop meanwhile ends the process, which loses nothing.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options);
  // Shuts down.
  ~Server();

  // HOST:PORT, with the port that is really listened on.
  const std::string& address() const;

  // Takes no new calls, ends watches, finishes the calls in flight, then closes the store. Once. A backup or a check
  // that is under way is given up: CANCELLED, after the file, collection or release that it is at. Other calls are cut
  // off after kShutdownSeconds, but for the bundles and releases that were taken, which take their seconds each.
  void Shutdown();

  // A submission takes milliseconds; a client that holds its stream open longer than this is cut off.
  static constexpr int kShutdownSeconds = 10;

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVER_H_
