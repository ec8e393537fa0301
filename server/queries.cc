#include "server/queries.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/audit_entry.h"
#include "server/errors.h"
#include "server/paging.h"
#include "server/permissions.h"
#include "server/submissions.h"
#include "validation/rule_list.h"
#include "validation/utf8.h"

namespace quartermaster::server {
namespace {

constexpr size_t kMaxNamedQueries = 10;  // What fits a message; `qm query show` has all.

// A query of a stored return.
v1::Query Describe(const storage::StoredReturn& stored, const v1::Finding& finding,
                   const storage::v1::QueryRecord& record) {
  v1::Query query;
  v1::QueryName& name = *query.mutable_name();
  name.set_collection(stored.key.collection);
  name.set_service(stored.key.service);
  name.set_participant(stored.key.participant);
  name.set_period(stored.key.period);
  name.set_rule_id(finding.rule_id());
  name.set_subject(SubjectOf(finding));
  query.set_revision(stored.record.receipt().revision());
  *query.mutable_finding() = finding;
  query.set_state(StandingOf(record, finding.fingerprint()).state());
  *query.mutable_events() = record.events();
  return query;
}

// The query among the findings. NOT_FOUND; INVALID_ARGUMENT where the rule has several and no subject is given.
absl::StatusOr<const v1::Finding*> FindQuery(const storage::StoredReturn& stored, const v1::QueryName& name) {
  const v1::Finding* found = nullptr;
  for (const v1::Finding& finding : stored.record.findings()) {
    if (finding.severity() != schema::v1::SEVERITY_QUERY || finding.rule_id() != name.rule_id()) continue;
    if (!name.subject().empty() && name.subject() != SubjectOf(finding)) continue;
    if (found != nullptr) {
      return InvalidField("name.subject",
                          absl::StrCat("the return has several queries of the rule ", name.rule_id(),
                                       "; name the field or indicator, such as ", SubjectOf(*found), "."));
    }
    found = &finding;
  }
  if (found != nullptr) return found;
  std::vector<std::string> queries;
  for (const v1::Finding& finding : stored.record.findings()) {
    if (finding.severity() != schema::v1::SEVERITY_QUERY) continue;
    if (queries.size() == kMaxNamedQueries) break;
    queries.push_back(absl::StrCat(finding.rule_id(), " ", SubjectOf(finding)));
  }
  return NotFound("query", absl::StrCat(name.rule_id(), name.subject().empty() ? "" : " ", name.subject()),
                  queries.empty() ? "The current revision of the return raises none."
                                  : absl::StrCat("There are: ", absl::StrJoin(queries, ", "), "."));
}

absl::Status CheckMove(const v1::QueryEvent& event, v1::QueryState state) {
  const v1::QueryEvent::Kind kind = event.kind();
  if (kind == v1::QueryEvent::KIND_ACCEPTED && state != v1::QUERY_STATE_EXPLAINED && event.text().empty()) {
    return InvalidField("text", "nobody has explained the query; say why it is accepted all the same.");
  }
  if (kind == v1::QueryEvent::KIND_EXPLAINED && state == v1::QUERY_STATE_ACCEPTED) {
    return Refused("QUERY_ACCEPTED", "the query is accepted already and needs no explanation. A comment can be added.");
  }
  if (kind == v1::QueryEvent::KIND_RETURNED && (state == v1::QUERY_STATE_OPEN || state == v1::QUERY_STATE_RETURNED)) {
    return Refused("QUERY_NOT_EXPLAINED",
                   "nobody has explained the query since it was last asked. Add a comment to chase it.");
  }
  return absl::OkStatus();
}

bool HasRule(const CollectionSchema& schema, const std::string& rule_id) {
  return std::any_of(schema.services().begin(), schema.services().end(),
                     [&](const auto& service) { return MayBeExcepted(*service, rule_id); });
}

// Whether it is a retry: the last event says it already.
bool SaysTheSame(const storage::v1::QueryRecord& record, const v1::QueryEvent& event) {
  if (record.events().empty()) return false;
  const v1::QueryEvent& last = record.events(record.events_size() - 1);
  return last.kind() == event.kind() && last.reason() == event.reason() && last.text() == event.text() &&
         last.author() == event.author() && last.revision() == event.revision() &&
         last.fingerprint() == event.fingerprint();
}

absl::Status CheckRoom(v1::QueryEvent::Kind kind, const storage::v1::QueryRecord& record) {
  const auto said = static_cast<size_t>(record.events_size());
  if (said < (kind == v1::QueryEvent::KIND_COMMENTED ? kMaxCommentedEvents : storage::kMaxQueryEvents)) {
    return absl::OkStatus();
  }
  return Refused("QUERY_FULL", absl::StrCat("so much was said about the query, ", said,
                                            " times, that no more is taken. Talk to each other."));
}

absl::string_view RpcOf(v1::QueryEvent::Kind kind) {
  switch (kind) {
    case v1::QueryEvent::KIND_EXPLAINED:
      return "ExplainQuery";
    case v1::QueryEvent::KIND_ACCEPTED:
      return "AcceptQuery";
    case v1::QueryEvent::KIND_RETURNED:
      return "ReturnQuery";
    default:
      return "CommentOnQuery";
  }
}

// What is said in the event is not in it.
std::string AuditOf(const storage::QueryName& name, const v1::QueryEvent& event) {
  const storage::ReturnKey& key = name.return_key;
  AuditEntry entry(event.author(), RpcOf(event.kind()), kStored);
  entry.Text("collection", key.collection).Text("service", key.service);
  entry.Text("participant", key.participant).Text("period", key.period);
  return entry.Text("rule", name.rule_id).Text("subject", name.subject).members();
}

}  // namespace

absl::Status CheckReason(absl::string_view field, v1::ExplanationReason reason) {
  if (v1::ExplanationReason_IsValid(reason)) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("there is no reason ", static_cast<int>(reason), "."));
}

absl::Status CheckText(absl::string_view field, const std::string& text, bool may_be_empty, size_t max_characters) {
  const bool is_blank = absl::StripAsciiWhitespace(text).empty();
  if ((is_blank && !(may_be_empty && text.empty())) || CountCharacters(text) > max_characters) {
    return InvalidField(field,
                        absl::StrCat("write ", may_be_empty ? "at most " : "1 to ", max_characters, " characters."));
  }
  const bool is_readable = std::all_of(text.begin(), text.end(), [](char c) {
    return !absl::ascii_iscntrl(static_cast<unsigned char>(c)) || c == '\n' || c == '\t';
  });
  if (is_readable) return absl::OkStatus();
  return InvalidField(field, "it holds control characters. Write plain text.");
}

Queries::Queries(storage::Store* store, LiveState* state) : store_(store), state_(state) {}

absl::StatusOr<v1::ListQueriesResponse> Queries::List(const v1::ListQueriesRequest& request,
                                                      const Principal& caller) const {
  if (!request.participant().empty()) {
    if (absl::Status status = CheckMayRead(caller, request.participant()); !status.ok()) return status;
  }
  const auto collection = state_->FindCollection(request.collection());
  if (!collection.ok()) return collection.status();
  if (!request.service().empty() && (*collection)->schema->FindService(request.service()) == nullptr) {
    return NotFound("service", request.service(), "`qm collection show` lists them.");
  }
  if (!request.participant().empty() && state_->participants()->Find(request.participant()) == nullptr) {
    return NotFound("participant", request.participant(), "`qm participant list` lists them.");
  }
  if (!request.rule_id().empty() && !HasRule(*(*collection)->schema, request.rule_id())) {
    return NotFound("rule", request.rule_id(), "`qm collection show` lists those of the schema.");
  }
  const absl::StatusOr<size_t> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  std::string canonical;
  if (!request.period().empty()) {
    const absl::StatusOr<Period> period = Period::Parse(request.period());
    if (!period.ok()) return InvalidField("period", period.status().message());
    canonical = period->ToString();
  }
  if (!request.service().empty() && !request.participant().empty() && !canonical.empty()) {
    const auto stored =
        store_->GetReturn({request.collection(), request.service(), request.participant(), canonical}, absl::nullopt);
    if (!stored.ok()) return stored.status();
  }
  absl::optional<QueryIndex::Selected> after;
  if (!request.page_token().empty()) {
    const absl::StatusOr<PageToken> token = PageToken::Parse(request.page_token(), request.collection());
    if (!token.ok()) return token.status();
    after = QueryIndex::Selected{token->key, token->number, {}};
  }
  // One more than the page, which tells whether there is another page.
  const std::vector<QueryIndex::Selected> selected =
      state_->queries().Select(request, canonical, after, *page_size + 1,
                               [&caller](const std::string& participant) { return caller.MayRead(participant); });
  v1::ListQueriesResponse response;
  size_t page_bytes = 0;
  for (size_t i = 0; i < selected.size(); ++i) {
    if (i == *page_size || page_bytes >= kMaxPageBytes) {
      const QueryIndex::Selected& last = selected[i - 1];
      response.set_next_page_token(PageToken{last.key, static_cast<uint32_t>(last.number)}.ToString());
      break;
    }
    absl::StatusOr<absl::optional<v1::Query>> query = Read(selected[i]);
    if (!query.ok()) return query.status();
    if (!*query) continue;
    page_bytes += (*query)->ByteSizeLong();
    *response.add_queries() = **std::move(query);
  }
  return response;
}

absl::StatusOr<absl::optional<v1::Query>> Queries::Read(const QueryIndex::Selected& selected) const {
  const auto stored = store_->GetReturn(selected.key, absl::nullopt);
  if (!stored.ok()) return stored.status();
  if (stored->withdrawal) return absl::optional<v1::Query>();
  v1::QueryName name;
  name.set_rule_id(selected.entry.rule_id);
  name.set_subject(selected.entry.subject);
  const absl::StatusOr<const v1::Finding*> finding = FindQuery(*stored, name);
  if (!finding.ok()) return absl::optional<v1::Query>();
  const auto record = store_->GetQuery({selected.key, name.rule_id(), name.subject()});
  if (!record.ok()) return record.status();
  return absl::optional<v1::Query>(Describe(*stored, **finding, *record));
}

void Queries::Say(const v1::QueryName& name, v1::QueryEvent event, const std::string& author, QueryDone done) {
  const auto collection = state_->FindCollection(name.collection());
  if (!collection.ok()) return done(collection.status());
  const absl::StatusOr<storage::ReturnKey> key =
      KeyOf(name.collection(), name.service(), name.participant(), name.period());
  if (!key.ok()) return done(key.status());
  const absl::StatusOr<storage::StoredReturn> stored = store_->GetReturn(*key, absl::nullopt);
  if (!stored.ok()) return done(stored.status());
  if (stored->withdrawal)
    return done(absl::FailedPreconditionError("the return is withdrawn, and its queries with it."));
  const absl::StatusOr<const v1::Finding*> finding = FindQuery(*stored, name);
  if (!finding.ok()) return done(finding.status());
  const storage::QueryName query_name{*key, name.rule_id(), SubjectOf(**finding)};
  const absl::StatusOr<storage::v1::QueryRecord> record = store_->GetQuery(query_name);
  if (!record.ok()) return done(record.status());
  event.set_author(author);
  event.set_fingerprint((*finding)->fingerprint());
  event.set_revision(stored->record.receipt().revision());
  if (SaysTheSame(*record, event)) return done(Describe(*stored, **finding, *record));
  const v1::QueryStanding standing = StandingOf(*record, event.fingerprint());
  if (absl::Status status = CheckMove(event, standing.state()); !status.ok()) return done(status);
  if (absl::Status status = CheckRoom(event.kind(), *record); !status.ok()) return done(status);

  std::string audit = AuditOf(query_name, event);
  storage::QueryChange change{query_name, std::move(event), stored->record.receipt().revision(),
                              static_cast<size_t>(record->events_size()), std::move(audit)};
  store_->ChangeQuery(
      std::move(change),
      [this, query_name, fingerprint = (*finding)->fingerprint()](const storage::QueryChangeResult& result) {
        state_->Move(query_name, fingerprint, result.record);
      },
      [stored = *stored, finding = **finding,
       done = std::move(done)](const absl::StatusOr<storage::QueryChangeResult>& result) {
        if (!result.ok()) return done(result.status());
        done(Describe(stored, finding, result->record));
      });
}

}  // namespace quartermaster::server
