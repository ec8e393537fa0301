// Certificates that change while the server runs: looks at their files every second, and serves what is in them as soon
// as it is good. A broken new file changes nothing but a line in the log.
//
// gRPC's own watching of files (FileWatcherCertificateProvider) is behind it, the only way by which gRPC 1.51 changes
// certificates under a lock; with that of SSL credentials a handshake may use what another thread has freed (issue
// 36693 of grpc/grpc). But it takes whatever a file holds, half-written or not, and then no connection more. So it is
// given files that exist in memory only, in which stands nothing that was not judged (server/certificate_files.h). They
// are replaced as a whole. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_CERTIFICATE_RELOAD_H_
#define QUARTERMASTER_SERVER_CERTIFICATE_RELOAD_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/certificate_files.h"
#include "server/clock.h"

namespace quartermaster::server {

// Thread-safe.
class CertificateReload {
 public:
  // How often the files are looked at. What has changed is judged when it looks the same twice, so that a file that is
  // being written is not, and then at every look until it is good.
  static constexpr int kSecondsBetweenLooks = 1;
  // So long before the certificate expires the log says so: time to ask for another one, with a holiday in between.
  static constexpr absl::Duration kExpiryNotice = absl::Hours(24 * 14);

  // Gets a sentence about what was taken, or was not, and why.
  using Log = std::function<void(const std::string& line)>;

  // Reads and judges the files; errors as server/certificate_files.h says, and INTERNAL where the system gives no files
  // in memory. `clock` and `log` are called on a thread of its own.
  static absl::StatusOr<std::unique_ptr<CertificateReload>> Start(const CertificateFiles& files, Clock clock, Log log);
  // Ends the thread.
  ~CertificateReload();
  CertificateReload(const CertificateReload&) = delete;
  CertificateReload& operator=(const CertificateReload&) = delete;

  // Where gRPC finds the private key and the certificate chain, and the authorities of clients' certificates, as long
  // as this lives. They have no name in any folder: other processes of this user, and root, can open them through
  // /proc, and nobody else.
  std::string identity_path() const { return identity_.path(); }
  std::string client_authority_path() const { return client_authorities_.path(); }

 private:
  // A file without a name whose contents change at once: who opens the path gets all of the old or all of the new ones.
  class MemoryFile {
   public:
    MemoryFile() = default;
    ~MemoryFile();
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    // Its time of change moves by a second each time: gRPC reads the file twice and compares that time, in seconds, to
    // know whether both readings belong together. INTERNAL; then it is as it was.
    absl::Status Replace(const std::string& contents);
    std::string path() const;

   private:
    int descriptor_ = -1;
    int replaced_ = 0;
  };

  CertificateReload(const CertificateFiles& files, Clock clock, Log log);
  absl::Status Serve(const ServerCertificates& certificates);
  void Run();
  void Look();
  void WarnOfExpiry();
  void LogOnce(const std::string& line);

  const CertificateFiles files_;
  const Clock clock_;
  const Log log_;
  MemoryFile identity_;
  MemoryFile client_authorities_;
  // What stands in them; in the files when they were last looked at; and in the files when they were last good, or
  // nothing while they are not. Of the thread alone.
  ServerCertificates served_;
  CertificateTexts seen_;
  CertificateTexts good_;
  std::string last_line_;
  absl::Time expiry_told_ = absl::InfinitePast();

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_CERTIFICATE_RELOAD_H_
