// A bundle on the desk: what the server judges by, in a file, and in the form in which returns are judged.
#ifndef QUARTERMASTER_CLIENT_BUNDLE_H_
#define QUARTERMASTER_CLIENT_BUNDLE_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "quartermaster/v1/bundle_service.pb.h"
#include "validation/participants.h"
#include "validation/reference_data.h"
#include "validation/schema.h"
#include "validation/standing_exceptions.h"

namespace quartermaster::client {

// Fits what a server gives, with room for a decade more.
constexpr uint64_t kMaxBundleFileBytes = 256ull << 20;

// Writes the file whole or not at all; readable by its owner alone, since it holds returns.
absl::Status WriteBundle(const v1::Bundle& bundle, const std::string& path);

// INVALID_ARGUMENT, naming the file, where it is not there or no bundle.
absl::StatusOr<v1::Bundle> ReadBundle(const std::string& path);

// "Bundle of mhlda version 3 for RT1, as of 2026-11-24 16:00:00 UTC (sequence 1234)".
std::string DescribeBundle(const v1::Bundle& bundle);

// Immutable once made; thread-safe.
class BundleReference {
 public:
  // INVALID_ARGUMENT where the bundle does not fit itself: a schema that does not compile, a return that does not read.
  static absl::StatusOr<std::unique_ptr<const BundleReference>> Make(const v1::Bundle& bundle);

  const std::shared_ptr<const CollectionSchema>& schema() const { return schema_; }
  // Whether earlier returns and baselines of the participant are in the bundle. Without them a return of a registered
  // participant cannot be judged fully.
  bool Covers(const std::string& participant) const { return covered_.count(participant) > 0; }
  // What it judges by; `today` (2026-12-31) is for standing exceptions, and the current month is left open. The result
  // points here.
  ReferenceData Reference(const std::string& today) const;

 private:
  // service, participant, period
  using ReturnKey = std::tuple<std::string, std::string, Period>;
  // service, indicator with its category, participant
  using PeerKey = std::tuple<std::string, std::string, std::string>;

  absl::Status AddReturn(const v1::StoredReturn& stored);
  absl::Status AddPeers(const v1::PeerBaseline& baseline);

  std::shared_ptr<const CollectionSchema> schema_;
  Participants participants_;
  StandingExceptions exceptions_;
  std::map<ReturnKey, FieldRow> returns_;
  std::map<PeerKey, std::map<Period, PeerBaseline>> peers_;
  std::set<std::string> covered_;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_BUNDLE_H_
