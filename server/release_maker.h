// Makes what a release of a period would be now, from the figures in memory.
#ifndef QUARTERMASTER_SERVER_RELEASE_MAKER_H_
#define QUARTERMASTER_SERVER_RELEASE_MAKER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "google/protobuf/repeated_field.h"
#include "quartermaster/v1/release_service.pb.h"
#include "server/disclosure.h"
#include "server/live_state.h"
#include "server/national/figure_marks.h"
#include "server/release_content.h"
#include "storage/store.h"

namespace quartermaster::server {

struct MadeRelease {
  // Without what publishing gives it: number, time, publisher, note, embargo.
  v1::Release release;
  std::string content;
  // As in the content, with how people call them.
  google::protobuf::RepeatedPtrField<v1::NationalStatistics> statistics;
  // What stands against it: at most kMaxListed each, counted in full in `release`.
  google::protobuf::RepeatedPtrField<v1::MissingReturn> missing;
  google::protobuf::RepeatedPtrField<v1::OpenQuery> open_queries;
  // Only of one that is made to be published.
  std::shared_ptr<TakenSteps> steps;
};

inline constexpr int kMaxListed = 1000;  // Fits an answer; who has more of them is not about to publish.

// All values and figures are of one moment. INVALID_ARGUMENT for the period; NOT_FOUND for the collection;
// FAILED_PRECONDITION, reason NOTHING_TO_RELEASE, or RELEASE_TOO_LARGE past kMaxReleaseBytes. One that is to be
// published, `to_publish`, takes the steps that it may (disclosure.h). It takes seconds.
// Thread-safe.
absl::StatusOr<MadeRelease> MakeRelease(const std::string& collection, const std::string& period,
                                        const absl::optional<national::ReleaseEmbargo>& to_publish,
                                        const LiveState& state, const storage::Store& store);

// Puts the values and statistics of the collection's figures into a content that has none, and everything into the
// order of the text.
void AddFigures(const std::shared_ptr<const LiveCollection>& collection, const Period& period, ReleaseContent* content);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_RELEASE_MAKER_H_
