#include "server/certificate_reload.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/x509.h"

namespace quartermaster::server {
namespace {

absl::Status MemoryError() {
  return absl::InternalError(
      absl::StrCat("the certificates cannot be put into a file in memory: ", std::strerror(errno)));
}

bool WriteAll(int descriptor, const std::string& contents) {
  size_t written = 0;
  while (written < contents.size()) {
    const ssize_t count = write(descriptor, contents.data() + written, contents.size() - written);
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) written += static_cast<size_t>(count);
  }
  return true;
}

}  // namespace

CertificateReload::MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status CertificateReload::MemoryFile::Replace(const std::string& contents) {
  const int made = memfd_create("certificates", MFD_CLOEXEC);
  if (made < 0) return MemoryError();
  const timespec changed{.tv_sec = replaced_ + 1, .tv_nsec = 0};
  const timespec times[] = {changed, changed};
  const bool filled = WriteAll(made, contents) && fchmod(made, S_IRUSR | S_IWUSR) == 0 && futimens(made, times) == 0;
  // The number stays, and with it the path.
  const bool placed = filled && (descriptor_ < 0 || dup3(made, descriptor_, O_CLOEXEC) >= 0);
  const absl::Status status = placed ? absl::OkStatus() : MemoryError();
  if (placed) ++replaced_;
  if (placed && descriptor_ < 0) {
    descriptor_ = made;
  } else {
    close(made);
  }
  return status;
}

std::string CertificateReload::MemoryFile::path() const { return absl::StrCat("/proc/self/fd/", descriptor_); }

CertificateReload::CertificateReload(const CertificateFiles& files, Clock clock, Log log)
    : files_(files), clock_(std::move(clock)), log_(std::move(log)) {}

absl::StatusOr<std::unique_ptr<CertificateReload>> CertificateReload::Start(const CertificateFiles& files, Clock clock,
                                                                            Log log) {
  const absl::StatusOr<CertificateTexts> texts = ReadCertificateFiles(files);
  if (!texts.ok()) return texts.status();
  const absl::StatusOr<ServerCertificates> judged = JudgeCertificates(files, *texts, clock());
  if (!judged.ok()) return judged.status();
  std::unique_ptr<CertificateReload> reload(new CertificateReload(files, std::move(clock), std::move(log)));
  if (absl::Status status = reload->Serve(*judged); !status.ok()) return status;
  // gRPC would find out at the first connection only.
  if (access(reload->identity_path().c_str(), R_OK) != 0) {
    return absl::InternalError(absl::StrCat(reload->identity_path(), " cannot be opened (", std::strerror(errno),
                                            "). TLS needs /proc; mount it."));
  }
  reload->seen_ = reload->good_ = *texts;
  if (!judged->notice.empty()) reload->log_(judged->notice);
  reload->thread_ = std::thread([raw = reload.get()] { raw->Run(); });
  return reload;
}

CertificateReload::~CertificateReload() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// The authorities first: between the two a client may be refused that would be taken, and never the other way round.
absl::Status CertificateReload::Serve(const ServerCertificates& certificates) {
  if (!files_.client_authority.empty() && certificates.client_authorities != served_.client_authorities) {
    if (absl::Status status = client_authorities_.Replace(certificates.client_authorities); !status.ok()) return status;
    served_.client_authorities = certificates.client_authorities;
  }
  if (certificates.identity != served_.identity) {
    if (absl::Status status = identity_.Replace(certificates.identity); !status.ok()) return status;
  }
  served_ = certificates;
  return absl::OkStatus();
}

void CertificateReload::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::seconds(kSecondsBetweenLooks), [this] { return stopping_; })) {
    lock.unlock();
    Look();
    lock.lock();
  }
}

// What is not good, or could not be served, is judged again at every look: it may be good from a time on that comes,
// and memory may be free again.
void CertificateReload::Look() {
  WarnOfExpiry();
  const absl::StatusOr<CertificateTexts> texts = ReadCertificateFiles(files_);
  if (!texts.ok()) return LogOnce(absl::StrCat(texts.status().message(), " The certificate before is served on."));
  const bool is_settled = *texts == seen_;
  seen_ = *texts;
  if (!is_settled || seen_ == good_) return;
  good_ = {};
  const absl::StatusOr<ServerCertificates> judged = JudgeCertificates(files_, seen_, clock_());
  const absl::Status status = judged.ok() ? Serve(*judged) : judged.status();
  if (!status.ok()) return LogOnce(absl::StrCat(status.message(), " The certificate before is served on."));
  good_ = seen_;
  if (!judged->notice.empty()) log_(judged->notice);
  LogOnce(absl::StrCat("new connections get the certificate that now stands in ", files_.certificate,
                       ". It is good until ", UtcText(served_.expires), "."));
}

void CertificateReload::WarnOfExpiry() {
  if (clock_() + kExpiryNotice < served_.expires) return;
  if (expiry_told_ == served_.expires) return;
  expiry_told_ = served_.expires;
  log_(absl::StrCat("the certificate that is served is good until ", UtcText(served_.expires),
                    " only. Have a new one put into ", files_.certificate, "; no restart is needed."));
}

// What goes wrong at every look is said once.
void CertificateReload::LogOnce(const std::string& line) {
  if (line == last_line_) return;
  last_line_ = line;
  log_(line);
}

}  // namespace quartermaster::server
