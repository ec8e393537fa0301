// Releases: published, read and compared. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_RELEASES_H_
#define QUARTERMASTER_SERVER_RELEASES_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "quartermaster/v1/release_service.pb.h"
#include "server/clock.h"
#include "server/disclosure.h"
#include "server/live_state.h"
#include "server/principal.h"
#include "server/release_maker.h"
#include "storage/store.h"

namespace quartermaster::server {

// So long an embargo is a mistyped year; it could not be taken back, since a release never changes.
inline constexpr int kMaxEmbargoYears = 1;

// qm takes 64 MiB. Another client, which takes 4 MiB unless it asks for more, needs more than that where some fifty
// thousand values changed.
inline constexpr size_t kMaxDiffBytes = 32u << 20;

// Thread-safe. The store, the state and the disclosure must outlive it. Errors as ReleaseService says, and DATA_LOSS
// where the content of a release is not what was published. Who may call what is the permission table's to say; here it
// is seen to that whoever does not see everybody sees no release under embargo: as if it were not there.
class Releases {
 public:
  Releases(storage::Store* store, LiveState* state, const Disclosure* disclosure, Clock clock);

  // These four take seconds: they are for the worker.
  absl::StatusOr<v1::PreviewReleaseResponse> Preview(const v1::PreviewReleaseRequest& request) const;
  // One publication at a time. It waits for the store, so it must not be called on the store's thread.
  absl::StatusOr<v1::PublishReleaseResponse> Publish(const v1::PublishReleaseRequest& request,
                                                     const std::string& publisher);
  // The whole content, in parts of at most 1 MiB, the release in the first.
  absl::StatusOr<std::vector<v1::DownloadReleaseResponse>> Download(const v1::DownloadReleaseRequest& request) const;
  // FAILED_PRECONDITION also where the answer would have more than kMaxDiffBytes.
  absl::StatusOr<v1::DiffReleasesResponse> Diff(const v1::DiffReleasesRequest& request) const;

  absl::StatusOr<v1::ListReleasesResponse> List(const v1::ListReleasesRequest& request, const Principal& caller) const;
  absl::StatusOr<v1::GetReleaseResponse> Get(const v1::GetReleaseRequest& request, const Principal& caller) const;

 private:
  using Record = ReleaseIndex::Record;

  // Those of one period that the viewer sees, by number. Null `viewer`: all.
  absl::StatusOr<std::vector<Record>> Find(const std::string& collection, const std::string& period,
                                           const Principal* viewer) const;
  // The one with the number, or the last. NOT_FOUND, with the numbers that there are.
  absl::StatusOr<Record> Find(const std::string& collection, const std::string& period, absl::optional<uint32_t> number,
                              const Principal* viewer) const;
  bool IsVisible(const v1::Release& release, const Principal* viewer) const;
  absl::Status CheckEmbargo(const v1::PublishReleaseRequest& request) const;
  // The newest release of the period, null if there is none. ABORTED where another than what was made is expected.
  absl::StatusOr<Record> FindNewest(const v1::PublishReleaseRequest& request, const v1::Release& made) const;
  // The answer of a publication: of a record that was stored, now or before.
  static v1::PublishReleaseResponse Published(const storage::v1::ReleaseRecord& record, bool unchanged,
                                              MadeRelease made);
  // Publishes what was made as the one after `newest`.
  absl::StatusOr<v1::PublishReleaseResponse> StoreNext(const v1::PublishReleaseRequest& request,
                                                       const std::string& publisher, const Record& newest,
                                                       MadeRelease made) const;
  bool NewestIsUnseen(const v1::PublishReleaseRequest& request) const;
  // The last day of the embargoes on earlier releases of the period, 2026-08-10; empty if none lasts. What a later one
  // discloses may be what they do, and with it tells of them.
  std::string LastEmbargo(const v1::PublishReleaseRequest& request) const;
  // Stores it as the next of its period, with what it discloses, and takes both into memory.
  absl::Status Store(storage::NewRelease release, std::shared_ptr<TakenSteps> steps) const;
  absl::StatusOr<std::string> ReadText(const v1::Release& release) const;

  storage::Store* const store_;
  LiveState* const state_;
  const Disclosure* const disclosure_;
  const Clock clock_;
  std::mutex publishing_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_RELEASES_H_
