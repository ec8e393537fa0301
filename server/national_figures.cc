#include "server/national_figures.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/errors.h"
#include "server/expected.h"
#include "server/find_services.h"
#include "server/peer_groups.h"
#include "server/permissions.h"
#include "server/trend.h"
#include "validation/suggest.h"

namespace quartermaster::server {
namespace {

using Services = std::vector<const ServiceSchema*>;

// What a request is about, of one moment.
struct Scope {
  std::shared_ptr<const LiveCollection> collection;
  std::shared_ptr<const Participants> participants;
  Services services;
  Period period;
  uint64_t sequence;
};

// NOT_FOUND for an indicator that none of the services has.
absl::Status CheckIndicators(const Services& services, const google::protobuf::RepeatedPtrField<std::string>& wanted) {
  std::vector<absl::string_view> known;
  for (const ServiceSchema* service : services) {
    for (const IndicatorSchema& indicator : service->indicators()) known.push_back(indicator.id);
  }
  for (const std::string& id : wanted) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    return NotFound("indicator", id, DidYouMean(NearestName(id, known), "`qm collection show` lists them."));
  }
  return absl::OkStatus();
}

template <typename Request>
absl::StatusOr<Scope> ReadScope(const LiveState& state, const Request& request) {
  // Read first: a commit that comes while the figures are read may be in them, but none up to this one is missing.
  const uint64_t sequence = state.sequence();
  if (sequence < request.at_least_sequence()) {
    return NotReached(absl::StrCat("the figures contain the commits up to ", sequence, ", not yet ",
                                   request.at_least_sequence(), ". Ask again; or is it of another server's receipt?"));
  }
  const auto collection = state.FindCollection(request.collection());
  if (!collection.ok()) return collection.status();
  const absl::StatusOr<Period> period = Period::Parse(request.period());
  if (!period.ok()) return InvalidField("period", period.status().message());
  const absl::StatusOr<Services> services = FindServices(*(*collection)->schema, request.service());
  if (!services.ok()) return services.status();
  const std::shared_ptr<const Participants> participants = state.participants();
  if (absl::Status status = CheckFilters(*participants, request.peers(), "peers"); !status.ok()) return status;
  return Scope{*collection, participants, *services, *period, sequence};
}

national::Grouping GroupingOf(const PeerGroups& groups) {
  return {groups.size(), [&groups](const std::string& code) { return groups.GroupOf(code); }};
}

// How many are expected of each service, in groups.
class Expected {
 public:
  Expected(const LiveState& state, const Scope& scope) {
    for (const ServiceSchema* service : scope.services) {
      codes_[service->id()] = ExpectedParticipants(state, *scope.collection, *service, scope.period);
    }
  }

  // Null `groups`: everybody.
  uint32_t Count(const std::string& service, const PeerGroups* groups, int group) const {
    const std::vector<std::string>& codes = codes_.at(service);
    if (groups == nullptr) return static_cast<uint32_t>(codes.size());
    return static_cast<uint32_t>(std::count_if(
        codes.begin(), codes.end(), [&](const std::string& code) { return groups->GroupOf(code) == group; }));
  }

 private:
  std::map<std::string, std::vector<std::string>> codes_;
};

void Add(Statistics statistics, const Expected& expected, const PeerGroups* groups, int group,
         v1::ListNationalStatisticsResponse* response) {
  std::map<std::string, uint32_t> counts;
  for (v1::NationalStatistics& each : statistics) {
    const auto [count, is_new] = counts.try_emplace(each.service(), 0);
    if (is_new) count->second = expected.Count(each.service(), groups, group);
    each.set_n_expected(count->second);
    if (groups != nullptr) *each.mutable_peers() = groups->filters(static_cast<size_t>(group));
    *response->add_statistics() = std::move(each);
  }
}

void ListExactly(const LiveState& state, const Scope& scope, const v1::ListNationalStatisticsRequest& request,
                 v1::ListNationalStatisticsResponse* response) {
  const Expected expected(state, scope);
  const std::vector<std::string> wanted(request.indicators().begin(), request.indicators().end());
  const national::NationalState& national = *scope.collection->national;
  const std::vector<v1::PeerAttribute> attributes = AttributesOf(request.group_by());
  if (request.peers().empty()) {
    Add(national.Statistics(scope.services, scope.period, wanted), expected, nullptr, 0, response);
  } else {
    const PeerGroups all(*scope.participants, request.peers(), {});
    Add(national.GroupStatistics(scope.services, scope.period, wanted, GroupingOf(all)).front(), expected, &all, 0,
        response);
  }
  if (attributes.empty()) return;
  const PeerGroups groups(*scope.participants, request.peers(), attributes);
  std::vector<Statistics> by_group = national.GroupStatistics(scope.services, scope.period, wanted, GroupingOf(groups));
  for (size_t group = 0; group < groups.size(); ++group) {
    Add(std::move(by_group[group]), expected, &groups, static_cast<int>(group), response);
  }
}

// That there are such figures of these participants, and that the viewer sees none of them.
void AddWithheld(const Statistics& statistics, const PeerFilters& peers, v1::ListNationalStatisticsResponse* response) {
  for (const v1::NationalStatistics& each : statistics) {
    v1::NationalStatistics& withheld = *response->add_statistics();
    withheld = Withhold(each, v1::WITHHELD_NOT_FOR_THIS_VIEWER);
    *withheld.mutable_peers() = peers;
  }
}

// For a viewer who sees what is disclosed: of peer groups nothing but their names.
void ListDisclosed(const LiveState& state, const Disclosure& disclosure, const Scope& scope,
                   const v1::ListNationalStatisticsRequest& request, v1::ListNationalStatisticsResponse* response) {
  const Expected expected(state, scope);
  const auto& wanted = request.indicators();
  Statistics country;
  for (const ServiceSchema* service : scope.services) {
    for (v1::NationalStatistics& each : disclosure.Shown(*scope.collection, *service, scope.period)) {
      if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), each.indicator()) == wanted.end()) continue;
      each.set_n_expected(expected.Count(each.service(), nullptr, 0));
      country.push_back(std::move(each));
    }
  }
  if (request.peers().empty()) {
    for (const v1::NationalStatistics& each : country) *response->add_statistics() = each;
  } else {
    AddWithheld(country, request.peers(), response);
  }
  const std::vector<v1::PeerAttribute> attributes = AttributesOf(request.group_by());
  if (attributes.empty()) return;
  const PeerGroups groups(*scope.participants, request.peers(), attributes);
  for (size_t group = 0; group < groups.size(); ++group) AddWithheld(country, groups.filters(group), response);
}

absl::Status CheckParticipant(const Participants& participants, const std::string& code) {
  if (participants.Find(code) != nullptr) return absl::OkStatus();
  return NotFound("participant", code, DidYouMean(participants.Suggest(code), "`qm participant list` lists them."));
}

}  // namespace

void NationalFigures::List(const v1::ListNationalStatisticsRequest& request, const Principal& viewer,
                           ListDone done) const {
  const absl::StatusOr<Scope> scope = ReadScope(*state_, request);
  if (!scope.ok()) return done(scope.status());
  if (absl::Status status = CheckIndicators(scope->services, request.indicators()); !status.ok()) return done(status);
  if (absl::Status status = CheckAttributes(AttributesOf(request.group_by()), "group_by"); !status.ok()) {
    return done(status);
  }
  v1::ListNationalStatisticsResponse response;
  response.set_collection(request.collection());
  response.set_period(scope->period.ToString());
  response.set_sequence(scope->sequence);
  if (disclosure_->SeesExactly(viewer, *scope->collection)) {
    ListExactly(*state_, *scope, request, &response);
    return done(std::move(response));
  }
  disclosure_->Step(scope->collection, scope->services, {scope->period},
                    [this, scope = *scope, request, response, done = std::move(done)]() mutable {
                      ListDisclosed(*state_, *disclosure_, scope, request, &response);
                      done(std::move(response));
                    });
}

void NationalFigures::Position(const v1::GetPositionRequest& request, const Principal& viewer,
                               PositionDone done) const {
  if (absl::Status status = CheckMayRead(viewer, request.participant()); !status.ok()) return done(status);
  const absl::StatusOr<Scope> scope = ReadScope(*state_, request);
  if (!scope.ok()) return done(scope.status());
  if (absl::Status status = CheckParticipant(*scope->participants, request.participant()); !status.ok()) {
    return done(status);
  }
  v1::GetPositionResponse response;
  response.set_participant(request.participant());
  response.set_collection(request.collection());
  response.set_period(scope->period.ToString());
  response.set_sequence(scope->sequence);
  const bool exactly = disclosure_->SeesExactly(viewer, *scope->collection);
  const PeerGroups peers(*scope->participants, request.peers(), {});
  const PeerGroups* among = request.peers().empty() ? nullptr : &peers;
  national::PositionOptions options;
  if (exactly && among != nullptr) options.among = GroupingOf(peers);
  options.name_ties = viewer.SeesEverybody();
  const Expected expected(*state_, *scope);
  scope->collection->national->AddPosition(scope->services, request.participant(), scope->period, options,
                                           response.mutable_position());
  for (v1::IndicatorPosition& position : *response.mutable_position()) {
    position.mutable_national()->set_n_expected(expected.Count(position.service(), among, 0));
    *position.mutable_national()->mutable_peers() = request.peers();
  }
  if (exactly) return done(std::move(response));
  if (among != nullptr) {
    for (v1::IndicatorPosition& position : *response.mutable_position()) {
      const auto withheld = Withhold(position.national(), v1::WITHHELD_NOT_FOR_THIS_VIEWER);
      position = LimitedPosition(position, withheld);
    }
    return done(std::move(response));
  }
  disclosure_->Step(scope->collection, scope->services, {scope->period},
                    [this, scope = *scope, viewer, response, done = std::move(done)]() mutable {
                      disclosure_->Limit(viewer, *scope.collection, scope.period, response.mutable_position());
                      done(std::move(response));
                    });
}

void NationalFigures::Trend(const v1::GetTrendRequest& request, const Principal& viewer, TrendDone done) const {
  if (absl::Status status = CheckMayRead(viewer, request.participant()); !status.ok()) return done(status);
  absl::StatusOr<v1::GetTrendResponse> trend = MakeTrend(*state_, request);
  if (!trend.ok()) return done(trend.status());
  const auto collection = state_->FindCollection(request.collection());
  if (!collection.ok()) return done(collection.status());
  if (disclosure_->SeesExactly(viewer, **collection)) return done(*std::move(trend));
  const ServiceSchema* service = (*collection)->schema->FindService(trend->service());
  std::vector<Period> periods;
  for (const v1::TrendPoint& point : trend->points()) {
    const absl::StatusOr<Period> period = Period::Parse(point.period());
    if (!period.ok()) return done(period.status());
    periods.push_back(*period);
  }
  // A version of the collection that came meanwhile may be without the service.
  if (service == nullptr) return done(Overtaken("COLLECTION_CHANGED", "the collection has just changed. Ask again."));
  disclosure_->Step(
      *collection, {service}, periods,
      [this, collection = *collection, service, periods, trend = *std::move(trend), done = std::move(done)]() mutable {
        for (size_t i = 0; i < periods.size(); ++i) {
          v1::TrendPoint& point = *trend.mutable_points(static_cast<int>(i));
          const uint32_t n_expected = point.national().n_expected();
          // A version of the collection that came meanwhile may be without the indicator.
          *point.mutable_national() = Withhold(point.national(), v1::WITHHELD_EMBARGOED);
          for (v1::NationalStatistics& each : disclosure_->Shown(*collection, *service, periods[i])) {
            const bool same = each.indicator() == trend.indicator() && each.category() == trend.category();
            if (same) *point.mutable_national() = std::move(each);
          }
          point.mutable_national()->set_n_expected(n_expected);
        }
        done(std::move(trend));
      });
}

}  // namespace quartermaster::server
