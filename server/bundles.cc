#include "server/bundles.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "server/errors.h"
#include "server/imports.h"
#include "server/judging.h"
#include "server/paging.h"
#include "server/stored_returns.h"
#include "server/windows.h"

namespace quartermaster::server {
namespace {

// Puts what is added into parts of a size that goes over the wire.
class Parts {
 public:
  v1::Bundle* Next(size_t bytes) {
    total_ += bytes;
    if (parts_.empty() || filled_ + bytes > kMaxPageBytes) {
      parts_.emplace_back();
      filled_ = 0;
    }
    filled_ += bytes;
    return parts_.back().mutable_part();
  }
  bool too_large() const { return total_ > kMaxBundleBytes; }
  std::vector<v1::DownloadBundleResponse> Take() { return std::move(parts_); }

 private:
  std::vector<v1::DownloadBundleResponse> parts_;
  size_t filled_ = 0;
  size_t total_ = 0;
};

class BundleMaker {
 public:
  BundleMaker(const v1::DownloadBundleRequest& request, const LiveCollection& collection, const LiveState& state,
              const storage::Store& store, uint64_t sequence, absl::Time now)
      : collection_(collection),
        state_(state),
        store_(store),
        sequence_(sequence),
        now_(now),
        participants_(state.participants()),
        codes_(request.participants().begin(), request.participants().end()) {
    for (const std::string& code : codes_) AddBodies(code, 0);
  }

  absl::StatusOr<std::vector<v1::DownloadBundleResponse>> Make() {
    AddHeader();
    AddCatalogue();
    for (const std::string& code : bodies_) {
      if (absl::Status status = AddReturns(code); !status.ok()) return status;
      if (parts_.too_large()) break;
    }
    for (const std::string& code : codes_) {
      for (const auto& service : collection_.schema->services()) AddBaselines(code, *service);
      if (parts_.too_large()) break;
    }
    if (parts_.too_large()) {
      return InvalidField("participants", absl::StrCat("the bundle is larger than ", kMaxBundleBytes >> 20,
                                                       " MiB. Ask for fewer participants at a time."));
    }
    return parts_.Take();
  }

 private:
  // The participant and those who merged into it, whose returns are its past.
  void AddBodies(const std::string& code, int depth) {
    if (!bodies_.insert(code).second || depth == Succession::kMaxDepth) return;
    for (const std::string& predecessor : participants_->succession()->PredecessorsOf(code)) {
      AddBodies(predecessor, depth + 1);
    }
  }

  void AddHeader() {
    v1::BundleHeader header;
    *header.mutable_collection() = DescribeCollection(collection_.record, *collection_.schema);
    *header.mutable_collection()->mutable_descriptor_set() = collection_.record.descriptor_set();
    header.set_sequence(sequence_);
    *header.mutable_create_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(now_));
    for (const std::string& code : codes_) header.add_participants(code);
    *parts_.Next(header.ByteSizeLong())->mutable_header() = header;
  }

  void AddCatalogue() {
    for (const auto& [code, participant] : participants_->all()) {
      *parts_.Next(participant.ByteSizeLong())->add_participants() = participant;
    }
    participants_->VisitPopulations([this](const v1::Population& population) {
      if (bodies_.count(population.participant()) == 0) return;
      *parts_.Next(population.ByteSizeLong())->add_populations() = population;
    });
    for (const auto& [id, exception] : state_.exceptions()->all()) {
      const bool wanted = exception.collection() == collection_.schema->id() && exception.ended_by().empty() &&
                          codes_.count(exception.participant()) > 0;
      if (wanted) *parts_.Next(exception.ByteSizeLong())->add_exceptions() = exception;
    }
  }

  absl::Status AddReturns(const std::string& code) {
    for (const auto& service : collection_.schema->services()) {
      storage::ReturnFilter filter;
      filter.collection = collection_.schema->id();
      filter.service = service->id();
      filter.participant = code;
      const absl::Status scanned = store_.ScanReturns(filter, [&](const storage::StoredReturn& stored) {
        if (stored.withdrawal) return true;
        const v1::StoredReturn described = DescribeWithData(stored, v1::RETURN_STATE_CURRENT, *service);
        *parts_.Next(described.ByteSizeLong())->add_returns() = described;
        return !parts_.too_large();
      });
      if (!scanned.ok()) return scanned;
    }
    return absl::OkStatus();
  }

  // For each kind of period the complete ones that returns of the last two years or so are compared with.
  void AddBaselines(const std::string& code, const ServiceSchema& service) {
    const auto settled = Windows(state_.window_grants()).Settled(*collection_.schema, now_);
    for (const IndicatorSchema& indicator : service.indicators()) {
      if (!indicator.exceptional || !indicator.exceptional->national) continue;
      for (const auto cadence : collection_.schema->cadences()) {
        Period period = PeriodOfKind(static_cast<PeriodKind>(cadence));
        std::set<Period> added;
        for (int back = 0; back <= 2 * PeriodsSearchedForPeers(period.kind()); ++back, period = period.Plus(-1)) {
          const auto peers = collection_.national->Peers(service, indicator, code, period, settled);
          if (peers && added.insert(peers->period).second) AddBaseline(code, service, indicator, *peers);
        }
      }
    }
  }

  // The period of this kind that comes after the current one, so that the current one can be its base.
  Period PeriodOfKind(PeriodKind kind) const {
    Period period = MonthOf(now_);
    while (period.kind() != kind) period = period.Container();
    return period.Plus(1);
  }

  void AddBaseline(const std::string& code, const ServiceSchema& service, const IndicatorSchema& indicator,
                   const PeerBaseline& peers) {
    v1::PeerBaseline baseline;
    baseline.set_participant(code);
    baseline.set_service(service.id());
    baseline.set_indicator(indicator.id);
    baseline.set_category(indicator.category);
    baseline.set_period(peers.period.ToString());
    baseline.set_median_billionths(ToBillionths(peers.median));
    baseline.set_deviation_billionths(ToBillionths(peers.deviation));
    baseline.set_others(peers.others);
    *parts_.Next(baseline.ByteSizeLong())->add_peer_baselines() = baseline;
  }

  const LiveCollection& collection_;
  const LiveState& state_;
  const storage::Store& store_;
  const uint64_t sequence_;  // Read before anything else, so that all of it is in the bundle.
  const absl::Time now_;
  const std::shared_ptr<const Participants> participants_;
  const std::set<std::string> codes_;
  std::set<std::string> bodies_;
  Parts parts_;
};

}  // namespace

absl::StatusOr<std::vector<v1::DownloadBundleResponse>> MakeBundle(const v1::DownloadBundleRequest& request,
                                                                   const LiveState& state, const storage::Store& store,
                                                                   absl::Time now) {
  const uint64_t sequence = state.sequence();
  const auto collection = state.FindCollection(request.collection());
  if (!collection.ok()) return collection.status();
  if (request.participants().empty() || request.participants_size() > kMaxBundleParticipants) {
    return InvalidField("participants", absl::StrCat("name 1 to ", kMaxBundleParticipants, " participants."));
  }
  for (const std::string& code : request.participants()) {
    if (state.participants()->Find(code) == nullptr) {
      return NotFound("participant", code, "`qm participant list` lists them.");
    }
  }
  return BundleMaker(request, **collection, state, store, sequence, now).Make();
}

}  // namespace quartermaster::server
