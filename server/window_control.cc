#include "server/window_control.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/audit_entry.h"
#include "server/clock.h"
#include "server/errors.h"
#include "server/paging.h"
#include "server/queries.h"
#include "server/windows.h"
#include "validation/utf8.h"

namespace quartermaster::server {
namespace {

constexpr uint32_t kMaxGrantDays = 730;  // Two years. What is open for longer is no exception: change the window.
constexpr int kMaxGrantYears = 2;

absl::Status CheckReasonText(const std::string& reason) {
  return CheckText("reason", reason, /*may_be_empty=*/false, kMaxReasonCharacters);
}

// A period for which the collection has a window.
absl::StatusOr<Period> ReadPeriod(absl::string_view field, const std::string& text, const CollectionSchema& schema) {
  const absl::StatusOr<Period> period = Period::Parse(text);
  if (!period.ok()) return InvalidField(field, period.status().message());
  const absl::string_view kind = PeriodKindName(period->kind());
  if (!schema.takes(period->kind())) {
    return InvalidField(field, absl::StrCat("the collection ", schema.id(), " takes no return for a ", kind, "."));
  }
  if (schema.FindWindow(period->kind()) == nullptr) {
    return InvalidField(field, absl::StrCat("the collection ", schema.id(), " takes returns for each ", kind,
                                            " at any time, so there is nothing to grant."));
  }
  if (period->first_month() < schema.first_period().first_month()) {
    return InvalidField(field, absl::StrCat("the collection ", schema.id(), " begins with ",
                                            schema.first_period().ToDisplayString(), "."));
  }
  return period;
}

// The last day of a grant.
absl::StatusOr<absl::CivilDay> ReadLastDay(const v1::GrantWindowRequest& request, const absl::CivilDay& today) {
  if (request.until().empty() == (request.days() == 0)) {
    return InvalidField("until", "give either the last day or a number of days from today.");
  }
  if (request.days() > kMaxGrantDays) {
    return InvalidField("days", absl::StrCat("it is 1 to ", kMaxGrantDays, ", which are two years."));
  }
  if (request.days() > 0) return today + static_cast<int>(request.days());
  absl::CivilDay until;
  if (!absl::ParseCivilTime(request.until(), &until) || absl::FormatCivilTime(until) != request.until()) {
    return InvalidField("until", "write the last day as 2026-12-31.");
  }
  if (until < today) {
    return InvalidField("until", absl::StrCat("it is past; today is ", absl::FormatCivilTime(today), "."));
  }
  if (until > absl::CivilDay(today.year() + kMaxGrantYears, today.month(), today.day())) {
    return InvalidField("until", absl::StrCat("it is more than ", kMaxGrantYears, " years from now."));
  }
  return until;
}

}  // namespace

WindowControl::WindowControl(storage::Store* store, LiveState* state, Clock clock)
    : store_(store), state_(state), clock_(std::move(clock)) {}

absl::StatusOr<v1::WindowGrant> WindowControl::Make(const v1::GrantWindowRequest& request,
                                                    const std::string& steward) const {
  const auto collection = state_->FindCollection(request.collection());
  if (!collection.ok()) return collection.status();
  const CollectionSchema& schema = *(*collection)->schema;
  if (!request.participant().empty() && state_->participants()->Find(request.participant()) == nullptr) {
    return NotFound("participant", ShortText(request.participant()), "`qm participant list` lists them.");
  }
  const absl::StatusOr<Period> from = ReadPeriod("from", request.from(), schema);
  if (!from.ok()) return from.status();
  const absl::StatusOr<Period> to = request.to().empty() ? from : ReadPeriod("to", request.to(), schema);
  if (!to.ok()) return to.status();
  if (to->kind() != from->kind() || *to < *from) {
    return InvalidField("to", absl::StrCat("it must be a ", PeriodKindName(from->kind()),
                                           " as the first period is, "
                                           "and not before it."));
  }
  const WindowSchema& window = *schema.FindWindow(from->kind());
  const absl::Time now = clock_();
  const absl::StatusOr<absl::CivilDay> until = ReadLastDay(request, absl::ToCivilDay(now, ZoneOf(window)));
  if (!until.ok()) return until.status();
  // With several periods the first closes first.
  if (const absl::CivilDay closes = DatesOf(window, *from).closes; *until <= closes) {
    return InvalidField(request.days() > 0 ? "days" : "until",
                        absl::StrCat(from->ToDisplayString(), " closes on ", absl::FormatCivilTime(closes),
                                     " anyway. Name a later day."));
  }
  if (absl::Status status = CheckReasonText(request.reason()); !status.ok()) return status;

  v1::WindowGrant grant;
  grant.set_collection(schema.id());
  grant.set_participant(request.participant());
  grant.set_from(from->ToString());
  grant.set_to(to->ToString());
  grant.set_until(absl::FormatCivilTime(*until));
  grant.set_reason(request.reason());
  grant.set_granted_by(steward);
  *grant.mutable_grant_time() = ToTimestamp(now);
  return grant;
}

void WindowControl::Grant(const v1::GrantWindowRequest& request, const std::string& steward, GrantDone done) {
  const absl::StatusOr<v1::WindowGrant> made = Make(request, steward);
  if (!made.ok()) return done(made.status());
  Store(*made, AuditEntry(steward, "GrantWindow", kStored).About(*made).members(), std::move(done));
}

absl::StatusOr<v1::WindowGrant> WindowControl::Find(uint64_t id) const {
  const std::shared_ptr<const WindowGrants> grants = state_->window_grants();
  const auto found = grants->all().find(id);
  if (found != grants->all().end()) return found->second.grant();
  return NotFound("grant", absl::StrCat(id), "`qm window list` lists them.");
}

bool WindowControl::Holds(const v1::WindowGrant& grant) const {
  const auto collection = state_->FindCollection(grant.collection());
  return collection.ok() && Windows::Holds(grant, *(*collection)->schema, clock_());
}

void WindowControl::End(const v1::EndWindowGrantRequest& request, const std::string& steward, GrantDone done) {
  if (absl::Status status = CheckReasonText(request.reason()); !status.ok()) return done(status);
  turns_.Do(std::move(done),
            [this, request, steward](GrantDone turn_done) { EndNow(request, steward, std::move(turn_done)); });
}

void WindowControl::EndNow(const v1::EndWindowGrantRequest& request, const std::string& steward, GrantDone done) {
  absl::StatusOr<v1::WindowGrant> grant = Find(request.id());
  if (!grant.ok()) return done(grant.status());
  if (grant->ended_by() == steward && grant->end_reason() == request.reason()) return done(*grant);  // A retry.
  if (!grant->ended_by().empty()) {
    return done(Refused("GRANT_ENDED",
                        absl::StrCat("the grant ", request.id(), " was ended by ", grant->ended_by(), " already.")));
  }
  if (!Holds(*grant)) {
    return done(
        Refused("GRANT_ENDED", absl::StrCat("the grant ", request.id(), " ended on ", grant->until(), " of itself.")));
  }
  grant->set_ended_by(steward);
  *grant->mutable_end_time() = ToTimestamp(clock_());
  grant->set_end_reason(request.reason());
  Store(*grant, AuditEntry(steward, "EndWindowGrant", kStored).About(*grant).members(), std::move(done));
}

void WindowControl::Store(v1::WindowGrant grant, std::string audit, GrantDone done) {
  storage::CatalogueChange change;
  *change.window_grants.emplace_back().mutable_grant() = grant;
  change.audit = std::move(audit);
  StoreAndMove(store_, state_, change,
               [grant = std::move(grant), done = std::move(done)](const absl::StatusOr<uint64_t>& sequence) mutable {
                 if (!sequence.ok()) return done(sequence.status());
                 if (grant.id() == 0) grant.set_id(*sequence);
                 done(std::move(grant));
               });
}

absl::StatusOr<v1::GetWindowResponse> WindowControl::Get(const v1::GetWindowRequest& request,
                                                         const Principal& caller) const {
  const auto collection = state_->FindCollection(request.collection());
  if (!collection.ok()) return collection.status();
  const CollectionSchema& schema = *(*collection)->schema;
  const absl::StatusOr<Period> period = Period::Parse(request.period());
  if (!period.ok()) return InvalidField("period", period.status().message());
  const Windows windows(state_->window_grants());
  const absl::Time now = clock_();
  v1::GetWindowResponse response;
  *response.mutable_window() = windows.DescribeWindow(schema, *period, now);
  size_t bytes = 0;
  for (v1::WindowGrant& grant : windows.GrantsFor(schema, *period, now)) {
    if (!grant.participant().empty() && !caller.MayRead(grant.participant())) continue;
    bytes += grant.ByteSizeLong();
    if (bytes > kMaxPageBytes) break;  // `ListWindowGrants` has the rest.
    *response.add_grants() = std::move(grant);
  }
  return response;
}

absl::StatusOr<v1::ListWindowGrantsResponse> WindowControl::List(const v1::ListWindowGrantsRequest& request) const {
  if (!request.collection().empty()) {
    if (const auto collection = state_->FindCollection(request.collection()); !collection.ok()) {
      return collection.status();
    }
  }
  const absl::StatusOr<size_t> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const std::shared_ptr<const WindowGrants> grants = state_->window_grants();
  auto next = grants->all().rbegin();
  if (!request.page_token().empty()) {
    uint64_t last = 0;
    if (!absl::SimpleAtoi(request.page_token(), &last)) {
      return InvalidField("page_token", "it is not one that this server gave. Start again without it.");
    }
    next = std::make_reverse_iterator(grants->all().lower_bound(last));
  }
  v1::ListWindowGrantsResponse response;
  size_t page_bytes = 0;
  for (; next != grants->all().rend(); ++next) {
    const v1::WindowGrant& grant = next->second.grant();
    if (!request.collection().empty() && grant.collection() != request.collection()) continue;
    if (!request.all() && !Holds(grant)) continue;
    if (static_cast<size_t>(response.grants_size()) == *page_size || page_bytes >= kMaxPageBytes) {
      response.set_next_page_token(absl::StrCat(response.grants(response.grants_size() - 1).id()));
      break;
    }
    *response.add_grants() = grant;
    page_bytes += grant.ByteSizeLong();
  }
  return response;
}

}  // namespace quartermaster::server
