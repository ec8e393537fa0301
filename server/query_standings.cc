#include "server/query_standings.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/errors.h"
#include "server/queries.h"
#include "server/query_index.h"

namespace quartermaster::server {
namespace {

// The explanation that is for a query, if there is one; one that names the field or indicator comes first.
const v1::QueryExplanation* FindExplanation(const Explanations& explanations, const v1::Finding& finding) {
  const v1::QueryExplanation* found = nullptr;
  for (const v1::QueryExplanation& explanation : explanations) {
    if (explanation.rule_id() != finding.rule_id()) continue;
    if (explanation.subject() == SubjectOf(finding)) return &explanation;
    if (explanation.subject().empty()) found = &explanation;
  }
  return found;
}

v1::QueryEvent MakeEvent(const v1::QueryExplanation& explanation, const v1::Finding& finding,
                         const std::string& author) {
  v1::QueryEvent event;
  event.set_kind(v1::QueryEvent::KIND_EXPLAINED);
  event.set_reason(explanation.reason());
  event.set_text(explanation.text());
  event.set_author(author);
  event.set_fingerprint(finding.fingerprint());
  return event;
}

// Whether the explanation moves a query that stands so.
bool SaysMore(const v1::QueryExplanation& explanation, const v1::QueryStanding& standing) {
  if (standing.state() == v1::QUERY_STATE_ACCEPTED) return false;
  return standing.state() != v1::QUERY_STATE_EXPLAINED || standing.explanation().text() != explanation.text() ||
         standing.explanation().reason() != explanation.reason();
}

}  // namespace

absl::Status CheckExplanations(const Explanations& explanations) {
  if (explanations.size() > kMaxExplanations) {
    return InvalidField("explanations", absl::StrCat("send at most ", kMaxExplanations, " with a return."));
  }
  for (int i = 0; i < explanations.size(); ++i) {
    const std::string place = absl::StrCat("explanations[", i, "].");
    absl::Status status = CheckText(absl::StrCat(place, "text"), explanations[i].text(), /*may_be_empty=*/false);
    status.Update(CheckReason(absl::StrCat(place, "reason"), explanations[i].reason()));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status AddStandings(const storage::Store& store, const storage::ReturnKey& key, const Explanations& explanations,
                          v1::Verdict* verdict) {
  for (int i = 0; i < verdict->findings_size(); ++i) {
    const v1::Finding& finding = verdict->findings(i);
    if (finding.severity() != schema::v1::SEVERITY_QUERY) continue;
    auto record = store.GetQuery({key, finding.rule_id(), SubjectOf(finding)});
    if (!record.ok()) return record.status();
    v1::QueryStanding* standing = verdict->add_queries();
    *standing = StandingOf(*record, finding.fingerprint());
    const v1::QueryExplanation* explanation = FindExplanation(explanations, finding);
    if (explanation != nullptr && SaysMore(*explanation, *standing)) {
      *record->add_events() = MakeEvent(*explanation, finding, "");
      *standing = StandingOf(*record, finding.fingerprint());
    }
    standing->set_finding_index(static_cast<uint32_t>(i));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<storage::NewQueryEvent>> NewExplanations(const storage::Store& store,
                                                                    const Explanations& explanations,
                                                                    const storage::ReturnKey& key,
                                                                    const std::vector<v1::Finding>& findings,
                                                                    const std::string& author) {
  std::vector<storage::NewQueryEvent> events;
  if (explanations.empty()) return events;
  for (const v1::Finding& finding : findings) {
    if (finding.severity() != schema::v1::SEVERITY_QUERY) continue;
    const v1::QueryExplanation* explanation = FindExplanation(explanations, finding);
    if (explanation == nullptr) continue;
    const auto record = store.GetQuery({key, finding.rule_id(), SubjectOf(finding)});
    if (!record.ok()) return record.status();
    if (!SaysMore(*explanation, StandingOf(*record, finding.fingerprint()))) continue;
    // A return is not refused because too much was said about one of its queries.
    if (static_cast<size_t>(record->events_size()) >= storage::kMaxQueryEvents) continue;
    events.push_back({finding.rule_id(), SubjectOf(finding), MakeEvent(*explanation, finding, author)});
  }
  return events;
}

}  // namespace quartermaster::server
