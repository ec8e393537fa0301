#include "server/collection_trial.h"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/errors.h"
#include "server/imports.h"
#include "server/judging.h"
#include "server/query_index.h"
#include "validation/rule_list.h"
#include "validation/schema_evolution.h"
#include "validation/validate.h"

namespace quartermaster::server {
namespace {

constexpr int kMaxExamples = 5;  // Enough to see what a rule means by what it finds.

using RuleName = std::tuple<std::string, std::string, std::string>;  // service, rule, subject of a rule of our own

// The rules that are tried, and what each has found.
class Trial {
 public:
  // `before` and `after` may be the same: then the shadow rules are tried.
  Trial(const CollectionSchema& before, const CollectionSchema& after) {
    std::map<RuleName, ListedRule> known;
    for (const auto& service : before.services()) {
      for (const ListedRule& rule : ListRules(*service)) {
        known.emplace(RuleName(service->id(), rule.rule_id, rule.subject), rule);
      }
    }
    const bool shadow_only = &before == &after;
    for (const auto& service : after.services()) {
      for (const ListedRule& rule : ListRules(*service)) {
        const RuleName name(service->id(), rule.rule_id, rule.subject);
        const auto old = known.find(name);
        const bool same =
            old != known.end() && old->second.digest == rule.digest && old->second.severity == rule.severity;
        if (shadow_only ? !rule.shadow : same && old->second.shadow == rule.shadow) continue;
        Add(name, rule,
            same && shadow_only  ? v1::RuleTrial::CHANGE_UNCHANGED
            : old == known.end() ? v1::RuleTrial::CHANGE_NEW
                                 : v1::RuleTrial::CHANGE_CHANGED);
      }
    }
  }

  // Rules that `before` has and `after` has not.
  void AddGone(const CollectionSchema& before, const CollectionSchema& after) {
    std::set<RuleName> kept;
    for (const auto& service : after.services()) {
      for (const ListedRule& rule : ListRules(*service)) kept.emplace(service->id(), rule.rule_id, rule.subject);
    }
    for (const auto& service : before.services()) {
      for (const ListedRule& rule : ListRules(*service)) {
        const RuleName name(service->id(), rule.rule_id, rule.subject);
        if (kept.count(name) == 0) Add(name, rule, v1::RuleTrial::CHANGE_GONE);
      }
    }
  }

  bool empty() const { return trials_.empty(); }

  void Count(const storage::ReturnKey& key, const v1::Finding& finding) {
    auto found = index_.find(RuleName(key.service, finding.rule_id(), SubjectOf(finding)));
    if (found == index_.end()) found = index_.find(RuleName(key.service, finding.rule_id(), ""));
    if (found == index_.end()) return;
    v1::RuleTrial& trial = trials_[found->second];
    // What could not be computed is an INFO, and no hit.
    if (finding.severity() != trial.severity()) return;
    trial.set_hits(trial.hits() + 1);
    if (trial.examples_size() == kMaxExamples) return;
    v1::RuleTrialExample* example = trial.add_examples();
    example->set_participant(key.participant);
    example->set_period(key.period);
    *example->mutable_finding() = finding;
  }

  void MoveTo(v1::CheckCollectionResponse* response) {
    for (v1::RuleTrial& trial : trials_) *response->add_rules() = std::move(trial);
  }

 private:
  void Add(const RuleName& name, const ListedRule& rule, v1::RuleTrial::Change change) {
    index_.emplace(name, trials_.size());
    v1::RuleTrial& trial = trials_.emplace_back();
    trial.set_service(std::get<0>(name));
    trial.set_rule_id(rule.rule_id);
    trial.set_subject(rule.subject);
    trial.set_change(change);
    trial.set_severity(rule.severity);
    trial.set_shadow(rule.shadow);
  }

  std::vector<v1::RuleTrial> trials_;
  std::map<RuleName, size_t> index_;
};

// Judges all current returns by the version of `collection`. Standing exceptions are left out: what they cover is
// found.
absl::Status JudgeAll(const LiveCollection& collection, const LiveState& state, const storage::Store& store,
                      absl::Time now, const std::function<bool()>& is_cancelled, Trial* trial,
                      v1::CheckCollectionResponse* response) {
  const std::shared_ptr<const Participants> participants = state.participants();
  const StandingExceptions no_exceptions;
  const ReferenceData reference =
      MakeReference(collection, *participants, no_exceptions, Windows(state.window_grants()), nullptr, now);
  storage::ReturnFilter filter;
  filter.collection = collection.schema->id();
  bool cancelled = false;
  const absl::Status scanned = store.ScanReturns(filter, [&](const storage::StoredReturn& stored) {
    cancelled = is_cancelled();
    if (cancelled) return false;
    const ServiceSchema* service = collection.schema->FindService(stored.key.service);
    if (stored.withdrawal || service == nullptr) return true;
    v1::ReturnContent content;
    content.set_collection(stored.key.collection);
    content.set_service(stored.key.service);
    content.set_participant(stored.key.participant);
    content.set_period(stored.key.period);
    content.mutable_data()->set_type_url(absl::StrCat("type.googleapis.com/", service->descriptor()->full_name()));
    content.mutable_data()->set_value(stored.record.data());
    *content.mutable_not_available() = stored.record.not_available();
    const Judgement judgement = Judge(*collection.schema, content, reference);
    for (const v1::Finding& finding : judgement.findings) trial->Count(stored.key, finding);
    for (const v1::Finding& finding : judgement.shadow_findings) trial->Count(stored.key, finding);
    response->set_returns(response->returns() + 1);
    if (!judgement.accepted()) response->set_rejected(response->rejected() + 1);
    return true;
  });
  return cancelled ? absl::CancelledError("the trial was stopped before its end") : scanned;
}

}  // namespace

absl::StatusOr<v1::CheckCollectionResponse> TryRules(const v1::CheckCollectionRequest& request, const LiveState& state,
                                                     const storage::Store& store, absl::Time now,
                                                     const std::function<bool()>& is_cancelled) {
  v1::CheckCollectionResponse response;
  if (!request.collection().empty()) {
    if (!request.descriptor_set().file().empty()) {
      return InvalidField("collection", "give either the id of a collection or a descriptor set.");
    }
    const auto current = state.FindCollection(request.collection());
    if (!current.ok()) return current.status();
    response.set_current_version((*current)->record.version());
    Trial trial(*(*current)->schema, *(*current)->schema);
    if (trial.empty()) return response;
    if (absl::Status status = JudgeAll(**current, state, store, now, is_cancelled, &trial, &response); !status.ok())
      return status;
    trial.MoveTo(&response);
    return response;
  }
  if (request.descriptor_set().file().empty()) return InvalidField("descriptor_set", "it holds no file.");
  SchemaResult compiled = CollectionSchema::Compile(request.descriptor_set(), request.file_name(), 1);
  if (compiled.schema == nullptr) {
    AddProblems(compiled.problems, response.mutable_problems());
    return response;
  }
  const auto current = state.FindCollection(compiled.schema->id());
  if (!current.ok()) {
    return NotFound(
        "collection", compiled.schema->id(),
        "It has no version yet, so there is nothing to compare with; `qm collection publish --check` checks "
        "a first one.");
  }
  response.set_current_version((*current)->record.version());
  AddProblems(EvolutionProblems(*(*current)->schema, *compiled.schema), response.mutable_problems());
  if (!response.problems().empty()) return response;
  Trial trial(*(*current)->schema, *compiled.schema);
  // The figures of the new version: its indicators and fields may be others.
  const auto candidate = state.MakeCollection((*current)->record, compiled.schema);
  if (!candidate.ok()) return candidate.status();
  if (absl::Status status = JudgeAll(**candidate, state, store, now, is_cancelled, &trial, &response); !status.ok())
    return status;
  trial.AddGone(*(*current)->schema, *compiled.schema);
  trial.MoveTo(&response);
  return response;
}

}  // namespace quartermaster::server
