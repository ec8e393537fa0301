#include "server/release_maker.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/errors.h"
#include "server/expected.h"
#include "server/national/cell.h"
#include "server/national/messages.h"
#include "storage/sha256.h"

namespace quartermaster::server {
namespace {

struct ServiceValues {
  const ServiceSchema* service;
  std::vector<national::ParticipantValues> values;  // ordered by participant
};

// What everybody has in every service, in the order of the schema, and the steps of the same moment. Values are only
// copied here, since nothing moves meanwhile.
std::vector<ServiceValues> GatherValues(const std::shared_ptr<const LiveCollection>& collection, const Period& period,
                                        const absl::optional<national::ReleaseEmbargo>& to_publish,
                                        std::shared_ptr<TakenSteps>* steps) {
  std::vector<const ServiceSchema*> services;
  std::vector<ServiceValues> gathered;
  for (const auto& service : collection->schema->services()) {
    services.push_back(service.get());
    gathered.push_back({service.get(), {}});
  }
  size_t place = 0;
  const auto gather = [&](const ServiceSchema& service, const national::ParticipantValues& values) {
    while (gathered[place].service != &service) ++place;
    gathered[place].values.push_back(values);
  };
  if (!to_publish) {
    collection->national->VisitValues(services, period, gather);
  } else {
    const national::NationalState::ReleaseStep release{gather, *to_publish};
    auto taken = collection->national->Step(services, period, collection->schema->minimum_n(), &release);
    *steps = std::make_shared<TakenSteps>(collection, std::move(services), period, std::move(taken), to_publish);
  }
  return gathered;
}

void AddValues(const ServiceValues& of, ReleaseContent* content) {
  const std::vector<IndicatorSchema>& indicators = of.service->indicators();
  for (const national::ParticipantValues& values : of.values) {
    for (size_t i = 0; i < values.contributions.size(); ++i) {
      if (!values.contributions[i]) continue;
      const Contribution& contribution = *values.contributions[i];
      content->values.push_back(
          {of.service->id(), indicators[i].id, indicators[i].category, values.participant, contribution.value,
           contribution.numerator, contribution.denominator, static_cast<uint32_t>(values.months_present),
           static_cast<uint32_t>(values.months_expected), values.counts, values.from_predecessors});
    }
  }
}

// Of the values that count, and of nothing else.
void AddStatistics(const ServiceValues& of, ReleaseContent* content) {
  const std::vector<IndicatorSchema>& indicators = of.service->indicators();
  for (size_t i = 0; i < indicators.size(); ++i) {
    national::Cell cell;
    for (const national::ParticipantValues& values : of.values) {
      if (values.counts) cell.Replace(absl::nullopt, values.contributions[i]);
    }
    ReleasedStatistics& statistics = content->statistics.emplace_back();
    statistics.figures = national::MakeStatistics(*of.service, indicators[i], cell);
    if (indicators[i].is_ratio()) statistics.factor = indicators[i].factor;
  }
}

// Each return once, whoever's values it is in. A revision never changes, so its hash may be read after the figures.
absl::Status AddReturns(const std::vector<ServiceValues>& gathered, const std::string& collection,
                        const storage::Store& store, ReleaseContent* content) {
  std::map<storage::ReturnKey, uint32_t> revisions;
  for (const ServiceValues& of : gathered) {
    for (const national::ParticipantValues& values : of.values) {
      for (const auto& used : values.returns) {
        revisions[{collection, of.service->id(), used.participant, used.period.ToString()}] = used.revision;
      }
    }
  }
  for (const auto& [key, revision] : revisions) {
    const absl::StatusOr<storage::StoredReturn> stored = store.GetReturn(key, revision);
    if (!stored.ok()) return stored.status();
    content->returns.push_back(
        {key.service, key.participant, key.period, revision, stored->record.receipt().content_sha256()});
  }
  return absl::OkStatus();
}

void AddMissing(const LiveState& state, const LiveCollection& collection, const Period& period,
                const std::vector<ServiceValues>& gathered, MadeRelease* made) {
  uint32_t count = 0;
  for (const ServiceValues& of : gathered) {
    std::map<std::string, const national::ParticipantValues*> present;
    for (const national::ParticipantValues& values : of.values) present.emplace(values.participant, &values);
    for (const std::string& code : ExpectedParticipants(state, collection, *of.service, period)) {
      const auto found = present.find(code);
      if (found != present.end() && !found->second->partial()) continue;
      ++count;
      if (made->missing.size() == kMaxListed) continue;
      v1::MissingReturn& missing = *made->missing.Add();
      missing.set_participant(code);
      missing.set_service(of.service->id());
      if (found != present.end()) missing.set_months_present(static_cast<uint32_t>(found->second->months_present));
    }
  }
  made->release.set_missing(count);
}

// Of the returns that are pinned, those whose explanation was returned included.
void AddOpenQueries(const LiveState& state, const ReleaseContent& content, MadeRelease* made) {
  std::set<std::tuple<std::string, std::string, std::string>> pinned;
  std::set<std::string> periods;
  for (const PinnedReturn& one : content.returns) {
    pinned.emplace(one.service, one.participant, one.period);
    periods.insert(one.period);
  }
  v1::ListQueriesRequest request;
  request.set_collection(content.collection);
  request.add_states(v1::QUERY_STATE_OPEN);
  request.add_states(v1::QUERY_STATE_RETURNED);
  uint32_t count = 0;
  for (const std::string& period : periods) {
    for (const QueryIndex::Selected& selected :
         state.queries().Select(request, period, absl::nullopt, std::numeric_limits<size_t>::max())) {
      const storage::ReturnKey& key = selected.key;
      if (pinned.count({key.service, key.participant, key.period}) == 0) continue;
      ++count;
      if (made->open_queries.size() == kMaxListed) continue;
      v1::OpenQuery& query = *made->open_queries.Add();
      query.set_participant(key.participant);
      query.set_service(key.service);
      query.set_period(key.period);
      query.set_rule_id(selected.entry.rule_id);
      query.set_subject(selected.entry.subject);
    }
  }
  made->release.set_open_queries(count);
}

void Describe(const ReleaseContent& content, uint64_t sequence, MadeRelease* made) {
  v1::Release& release = made->release;
  release.set_collection(content.collection);
  release.set_period(content.period);
  release.set_sha256(Sha256Hex(made->content));
  release.set_bytes(made->content.size());
  release.set_collection_version(content.collection_version);
  release.set_method_version(content.method_version);
  release.set_data_sequence(sequence);
  release.set_returns(static_cast<uint32_t>(content.returns.size()));
  std::set<std::string> participants;
  for (const ReleasedValue& value : content.values) participants.insert(value.participant);
  release.set_participants(static_cast<uint32_t>(participants.size()));
  for (const ReleasedStatistics& statistics : content.statistics) *made->statistics.Add() = statistics.figures;
}

}  // namespace

void AddFigures(const std::shared_ptr<const LiveCollection>& collection, const Period& period,
                ReleaseContent* content) {
  for (const ServiceValues& of : GatherValues(collection, period, /*to_publish=*/absl::nullopt, nullptr)) {
    AddValues(of, content);
    AddStatistics(of, content);
  }
  SortContent(content);
}

absl::StatusOr<MadeRelease> MakeRelease(const std::string& collection_id, const std::string& period_text,
                                        const absl::optional<national::ReleaseEmbargo>& to_publish,
                                        const LiveState& state, const storage::Store& store) {
  // Read first: a commit that comes while the figures are read may be in them, but none up to this one is missing.
  const uint64_t sequence = state.sequence();
  const auto collection = state.FindCollection(collection_id);
  if (!collection.ok()) return collection.status();
  const absl::StatusOr<Period> period = Period::Parse(period_text);
  if (!period.ok()) return InvalidField("period", period.status().message());

  MadeRelease made;
  const std::vector<ServiceValues> gathered = GatherValues(*collection, *period, to_publish, &made.steps);
  ReleaseContent content;
  content.collection = collection_id;
  content.period = period->ToString();
  content.collection_version = (*collection)->record.version();
  if (absl::Status status = AddReturns(gathered, collection_id, store, &content); !status.ok()) return status;
  if (content.returns.empty()) {
    return Refused("NOTHING_TO_RELEASE", absl::StrCat("nobody has a return of ", collection_id, " for ",
                                                      period->ToDisplayString(), ", so there is nothing to release."));
  }
  for (const ServiceValues& of : gathered) {
    AddValues(of, &content);
    AddStatistics(of, &content);
  }
  SortContent(&content);

  made.content = WriteContent(content);
  if (made.content.size() > kMaxReleaseBytes) {
    return Refused("RELEASE_TOO_LARGE", absl::StrCat("the release would have more than ", kMaxReleaseBytes >> 20,
                                                     " MiB. Release a shorter period, or split the collection."));
  }
  Describe(content, sequence, &made);
  AddMissing(state, **collection, *period, gathered, &made);
  AddOpenQueries(state, content, &made);
  return made;
}

}  // namespace quartermaster::server
