// The calls about releases.
#include <openssl/sha.h>

#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/ask.h"
#include "quartermaster/v1/release_service.grpc.pb.h"

namespace quartermaster::client {
namespace {

// Twice what a server gives.
constexpr size_t kMaxContentBytes = 256u << 20;

absl::Status CheckContent(const v1::DownloadReleaseResponse& whole) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(whole.content().data()), whole.content().size(), digest);
  const std::string sha256 =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), sizeof digest));
  if (sha256 == whole.release().sha256()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("what arrived is not the release: its SHA-256 is ", sha256, ", not ",
                                          whole.release().sha256(), ". Download it again."));
}

}  // namespace

absl::StatusOr<v1::PreviewReleaseResponse> Server::PreviewRelease(const v1::PreviewReleaseRequest& request) {
  v1::ReleaseService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::ReleaseService::Stub::PreviewRelease, request);
}

absl::StatusOr<v1::PublishReleaseResponse> Server::PublishRelease(const v1::PublishReleaseRequest& request) {
  v1::ReleaseService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::ReleaseService::Stub::PublishRelease, request);
}

absl::StatusOr<v1::GetReleaseResponse> Server::GetRelease(const v1::GetReleaseRequest& request) {
  v1::ReleaseService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::ReleaseService::Stub::GetRelease, request);
}

absl::StatusOr<v1::DownloadReleaseResponse> Server::DownloadRelease(const v1::DownloadReleaseRequest& request) {
  v1::ReleaseService::Stub stub(connection_->channel());
  for (int attempt = 1;; ++attempt) {
    grpc::ClientContext context;
    connection_->Authorise(&context);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(connection_->timeout_seconds()));
    const std::unique_ptr<grpc::ClientReader<v1::DownloadReleaseResponse>> reader =
        stub.DownloadRelease(&context, request);
    v1::DownloadReleaseResponse whole;
    v1::DownloadReleaseResponse part;
    while (reader->Read(&part)) {
      if (part.has_release()) *whole.mutable_release() = part.release();
      whole.mutable_content()->append(part.content());
      if (whole.content().size() > kMaxContentBytes) context.TryCancel();
    }
    const grpc::Status status = reader->Finish();
    if (whole.content().size() > kMaxContentBytes) {
      return absl::OutOfRangeError(absl::StrCat("the release has more than ", kMaxContentBytes >> 20, " MiB."));
    }
    if (status.ok()) {
      if (absl::Status checked = CheckContent(whole); !checked.ok()) return checked;
      return whole;
    }
    const absl::Status explained = connection_->Explain(status);
    if (!MaySendAgain(explained) || attempt == kMaxAttempts) return explained;
    connection_->WaitAfter(attempt);
  }
}

absl::StatusOr<v1::DiffReleasesResponse> Server::DiffReleases(const v1::DiffReleasesRequest& request) {
  v1::ReleaseService::Stub stub(connection_->channel());
  return Ask(*connection_, stub, &v1::ReleaseService::Stub::DiffReleases, request);
}

absl::StatusOr<v1::ListReleasesResponse> Server::ListReleases(v1::ListReleasesRequest request) {
  v1::ReleaseService::Stub stub(connection_->channel());
  return AskForAllPages(*connection_, stub, &v1::ReleaseService::Stub::ListReleases, std::move(request), kRowsPerPage,
                        &v1::ListReleasesResponse::mutable_releases);
}

}  // namespace quartermaster::client
