#include "server/progress.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/data_quality.h"
#include "server/errors.h"
#include "server/find_services.h"
#include "server/permissions.h"
#include "server/windows.h"
#include "validation/return_values.h"
#include "validation/utf8.h"

namespace quartermaster::server {
namespace {

// The last day of the latest extension of each participant that has one.
std::map<std::string, std::string> Extensions(const std::vector<v1::WindowGrant>& grants) {
  std::map<std::string, std::string> until;
  for (const v1::WindowGrant& grant : grants) {
    if (grant.participant().empty()) continue;
    std::string& latest = until[grant.participant()];
    latest = std::max(latest, grant.until());  // 2026-08-25: the order of days is that of their texts.
  }
  return until;
}

}  // namespace

Progress::Progress(const storage::Store* store, const LiveState* state, Clock clock)
    : store_(store), state_(state), clock_(std::move(clock)), submit_times_(store) {}

std::unique_ptr<PeriodStanding> Progress::Stand(std::shared_ptr<const LiveCollection> collection,
                                                std::vector<const ServiceSchema*> services,
                                                const Period& period) const {
  return std::make_unique<PeriodStanding>(state_, &submit_times_, std::move(collection), std::move(services), period);
}

absl::Status Progress::Complete(const LiveCollection& collection, StandingLine* line) const {
  const CollectionSchema& schema = *collection.schema;
  v1::ServiceStatus& status = line->status;
  const std::shared_ptr<const Participants> participants = state_->participants();
  if (const v1::Participant* participant = participants->Find(status.participant())) {
    status.set_name(participant->name());
  }
  const ServiceSchema& service = *schema.FindService(status.service());
  for (const national::UsedReturn& used : line->returns) {
    const storage::ReturnKey key{schema.id(), service.id(), used.participant, used.period.ToString()};
    const absl::StatusOr<storage::StoredReturn> stored = store_->GetReturn(key, used.revision);
    if (!stored.ok()) return stored.status();
    const absl::StatusOr<ReturnValues> values =
        ReturnValues::Read(service, stored->record.data(), stored->record.not_available());
    if (!values.ok()) return absl::DataLossError(values.status().message());
    CountValues(service, used.period, *values, state_->queries().Of(key), status.mutable_quality());
  }
  if (status.has_quality()) SetShares(status.mutable_quality());
  return absl::OkStatus();
}

absl::StatusOr<v1::GetStatusResponse> Progress::GetStatus(const v1::GetStatusRequest& request,
                                                          const Principal& caller) const {
  v1::GetStatusResponse response;
  // Read first: a commit that comes meanwhile may be in the answer, but none up to this one is missing.
  response.set_sequence(state_->sequence());
  const auto collection = state_->FindCollection(request.collection());
  if (!collection.ok()) return collection.status();
  const CollectionSchema& schema = *(*collection)->schema;
  const absl::StatusOr<Period> period = Period::Parse(request.period());
  if (!period.ok()) return InvalidField("period", period.status().message());
  const auto services = FindServices(schema, request.service());
  if (!services.ok()) return services.status();
  if (!request.participant().empty()) {
    if (absl::Status status = CheckMayRead(caller, request.participant()); !status.ok()) return status;
    if (state_->participants()->Find(request.participant()) == nullptr) {
      return NotFound("participant", ShortText(request.participant()), "`qm participant list` lists them.");
    }
  }
  const PeriodStanding::Wanted wanted = [&](const std::string& code) {
    return request.participant().empty() ? caller.MayRead(code) : request.participant() == code;
  };
  const std::unique_ptr<PeriodStanding> standing = Stand(*collection, *services, *period);
  if (absl::Status status = standing->ReadAll(wanted); !status.ok()) return status;
  const absl::Time now = clock_();
  std::vector<StandingLine> lines = standing->Lines(now, wanted);
  const Windows windows(state_->window_grants());
  *response.mutable_window() = windows.DescribeWindow(schema, *period, now);
  *response.mutable_completeness() = standing->Sum(now, lines);
  const std::map<std::string, std::string> extensions = Extensions(windows.GrantsFor(schema, *period, now));
  for (StandingLine& line : lines) {
    if (absl::Status status = Complete(**collection, &line); !status.ok()) return status;
    const auto extension = extensions.find(line.status.participant());
    if (extension != extensions.end()) line.status.set_extended_until(extension->second);
    *response.add_services() = std::move(line.status);
  }
  return response;
}

}  // namespace quartermaster::server
