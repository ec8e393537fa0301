#include "server/exception_grants.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "server/audit_entry.h"
#include "server/clock.h"
#include "server/errors.h"
#include "server/judging.h"
#include "server/paging.h"
#include "server/permissions.h"
#include "server/queries.h"
#include "validation/rule_list.h"

namespace quartermaster::server {
namespace {

// Whether a text is a day of the calendar as it is written here: 2026-12-31.
bool IsDay(const std::string& text) {
  absl::CivilDay day;
  return absl::ParseCivilTime(text, &day) && absl::FormatCivilTime(day) == text;
}

// Whether a rule that Quartermaster itself has is set for this field or indicator.
bool HasSubject(const ServiceSchema& service, const std::string& rule_id, const std::string& subject) {
  for (const ListedRule& rule : ListRules(service)) {
    if (rule.rule_id == rule_id && rule.subject == subject) return true;
  }
  return false;
}

}  // namespace

ExceptionGrants::ExceptionGrants(storage::Store* store, LiveState* state, Clock clock)
    : store_(store), state_(state), clock_(std::move(clock)) {}

absl::Status ExceptionGrants::Check(const v1::StandingException& asked) const {
  const auto collection = state_->FindCollection(asked.collection());
  if (!collection.ok()) return collection.status();
  const ServiceSchema* service = (*collection)->schema->FindService(asked.service());
  if (service == nullptr) return NotFound("service", asked.service(), "`qm collection show` lists them.");
  if (state_->participants()->Find(asked.participant()) == nullptr) {
    return NotFound("participant", asked.participant(), "`qm participant list` lists them.");
  }
  if (!MayBeExcepted(*service, asked.rule_id())) {
    return InvalidField(
        "exception.rule_id",
        absl::StrCat("\"", asked.rule_id(), "\" is no rule that can be excepted. `qm collection show --service ",
                     service->id(),
                     "` lists the rules of the schema; beside them there are change, many-changes, "
                     "change-in-year, vanished, opening, quarter-months, exceptional-own and "
                     "exceptional-national."));
  }
  if (!asked.subject().empty() && !HasSubject(*service, asked.rule_id(), asked.subject())) {
    return InvalidField("exception.subject",
                        absl::StrCat("the rule ", asked.rule_id(), " is not set for \"", asked.subject(),
                                     "\". A rule of the schema, and many-changes, need no subject."));
  }
  if (!IsDay(asked.until()) || asked.until() < DayOf(clock_())) {
    return InvalidField("exception.until", "write the last day on which it applies as 2026-12-31; it must be to come.");
  }
  return CheckText("exception.reason", asked.reason(), /*may_be_empty=*/false);
}

absl::Status ExceptionGrants::CheckNoneStands(const v1::StandingException& asked) const {
  const std::string today = DayOf(clock_());
  const std::shared_ptr<const StandingExceptions> exceptions = state_->exceptions();
  for (const auto& [id, other] : exceptions->all()) {
    if (other.collection() == asked.collection() && other.service() == asked.service() &&
        other.participant() == asked.participant() && other.rule_id() == asked.rule_id() &&
        other.subject() == asked.subject() && other.ended_by().empty() && other.until() >= today) {
      return Refused("EXCEPTION_STANDS", absl::StrCat("the standing exception ", id, " for the same holds until ",
                                                      other.until(), ". End it first."));
    }
  }
  return absl::OkStatus();
}

void ExceptionGrants::Grant(const v1::StandingException& asked, const std::string& steward, ExceptionDone done) {
  if (absl::Status status = Check(asked); !status.ok()) return done(status);
  turns_.Do(std::move(done),
            [this, asked, steward](ExceptionDone turn_done) { GrantNow(asked, steward, std::move(turn_done)); });
}

void ExceptionGrants::GrantNow(v1::StandingException granted, const std::string& steward, ExceptionDone done) {
  if (absl::Status status = CheckNoneStands(granted); !status.ok()) return done(status);
  granted.DiscardUnknownFields();
  granted.clear_id();  // The store gives it.
  granted.set_granted_by(steward);
  *granted.mutable_grant_time() = ToTimestamp(clock_());
  granted.clear_ended_by();
  granted.clear_end_time();
  Store(granted, AuditEntry(steward, "GrantStandingException", kStored).About(granted).members(), std::move(done));
}

absl::StatusOr<v1::StandingException> ExceptionGrants::Find(uint64_t id) const {
  const std::shared_ptr<const StandingExceptions> exceptions = state_->exceptions();
  const auto found = exceptions->all().find(id);
  if (found != exceptions->all().end()) return found->second;
  return NotFound("exception", absl::StrCat(id), "`qm exception list` lists them.");
}

void ExceptionGrants::End(uint64_t id, const std::string& steward, ExceptionDone done) {
  turns_.Do(std::move(done),
            [this, id, steward](ExceptionDone turn_done) { EndNow(id, steward, std::move(turn_done)); });
}

void ExceptionGrants::EndNow(uint64_t id, const std::string& steward, ExceptionDone done) {
  absl::StatusOr<v1::StandingException> exception = Find(id);
  if (!exception.ok()) return done(exception.status());
  if (exception->ended_by() == steward) return done(*exception);  // A retry.
  if (!exception->ended_by().empty()) {
    return done(Refused("EXCEPTION_ENDED", absl::StrCat("the standing exception ", id, " was ended by ",
                                                        exception->ended_by(), " already.")));
  }
  exception->set_ended_by(steward);
  *exception->mutable_end_time() = ToTimestamp(clock_());
  Store(*exception, AuditEntry(steward, "EndStandingException", kStored).About(*exception).members(), std::move(done));
}

void ExceptionGrants::Store(v1::StandingException exception, std::string audit, ExceptionDone done) {
  storage::CatalogueChange change;
  *change.exceptions.emplace_back().mutable_exception() = exception;
  change.audit = std::move(audit);
  StoreAndMove(
      store_, state_, change,
      [exception = std::move(exception), done = std::move(done)](const absl::StatusOr<uint64_t>& sequence) mutable {
        if (!sequence.ok()) return done(sequence.status());
        if (exception.id() == 0) exception.set_id(*sequence);
        done(std::move(exception));
      });
}

absl::StatusOr<v1::ListStandingExceptionsResponse> ExceptionGrants::List(
    const v1::ListStandingExceptionsRequest& request, const Principal& caller) const {
  if (!request.participant().empty()) {
    if (absl::Status status = CheckMayRead(caller, request.participant()); !status.ok()) return status;
  }
  const auto collection = state_->FindCollection(request.collection());
  if (!collection.ok()) return collection.status();
  if (!request.participant().empty() && state_->participants()->Find(request.participant()) == nullptr) {
    return NotFound("participant", request.participant(), "`qm participant list` lists them.");
  }
  const absl::StatusOr<size_t> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  uint64_t after = 0;
  if (!request.page_token().empty() && !absl::SimpleAtoi(request.page_token(), &after)) {
    return InvalidField("page_token", "it is not one that this server gave. Start again without it.");
  }
  v1::ListStandingExceptionsResponse response;
  const std::shared_ptr<const StandingExceptions> exceptions = state_->exceptions();
  size_t page_bytes = 0;
  for (auto next = exceptions->all().upper_bound(after); next != exceptions->all().end(); ++next) {
    const v1::StandingException& exception = next->second;
    if (exception.collection() != request.collection()) continue;
    if (!request.participant().empty() && exception.participant() != request.participant()) continue;
    if (!caller.MayRead(exception.participant())) continue;
    if (static_cast<size_t>(response.exceptions_size()) == *page_size || page_bytes >= kMaxPageBytes) {
      response.set_next_page_token(absl::StrCat(response.exceptions(response.exceptions_size() - 1).id()));
      break;
    }
    *response.add_exceptions() = exception;
    page_bytes += exception.ByteSizeLong();
  }
  return response;
}

absl::StatusOr<v1::ListExceptionUsesResponse> ExceptionGrants::ListUses(
    const v1::ListExceptionUsesRequest& request) const {
  const absl::StatusOr<v1::StandingException> exception = Find(request.id());
  if (!exception.ok()) return exception.status();
  const absl::StatusOr<size_t> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  storage::ReturnFilter filter;
  filter.collection = exception->collection();
  filter.service = exception->service();
  filter.participant = exception->participant();
  filter.all_revisions = true;
  if (!request.page_token().empty()) {
    const absl::StatusOr<PageToken> token = PageToken::Parse(request.page_token(), exception->collection());
    if (!token.ok()) return token.status();
    filter.after = token->key;
    filter.after_revision = token->number;
  }
  v1::ListExceptionUsesResponse response;
  PageToken last;
  size_t page_bytes = 0;
  const absl::Status scanned = store_->ScanReturns(filter, [&](const storage::StoredReturn& stored) {
    // A page ends between revisions; one revision has at most as many uses as a service has fields and rules.
    if (static_cast<size_t>(response.uses_size()) >= *page_size || page_bytes >= kMaxPageBytes) {
      response.set_next_page_token(last.ToString());
      return false;
    }
    for (const v1::Finding& finding : stored.record.findings()) {
      if (finding.exception().id() != request.id()) continue;
      v1::StandingExceptionUse* use = response.add_uses();
      use->set_period(stored.key.period);
      use->set_revision(stored.record.receipt().revision());
      *use->mutable_commit_time() = stored.record.receipt().commit_time();
      *use->mutable_finding() = finding;
      page_bytes += use->ByteSizeLong();
    }
    last = {stored.key, stored.record.receipt().revision()};
    return true;
  });
  if (!scanned.ok()) return scanned;
  return response;
}

}  // namespace quartermaster::server
