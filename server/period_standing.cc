#include "server/period_standing.h"

#include <algorithm>
#include <set>
#include <utility>

#include "google/protobuf/util/time_util.h"
#include "server/data_quality.h"
#include "server/expected.h"
#include "server/windows.h"

namespace quartermaster::server {
namespace {

void CountQueries(const std::vector<QueryIndex::Entry>& queries, v1::ServiceStatus* status) {
  for (const QueryIndex::Entry& query : queries) {
    if (IsOpen(query.state)) status->set_open_queries(status->open_queries() + 1);
    if (query.state == v1::QUERY_STATE_EXPLAINED) status->set_explained_queries(status->explained_queries() + 1);
  }
}

}  // namespace

PeriodStanding::PeriodStanding(const LiveState* state, const SubmitTimes* submit_times,
                               std::shared_ptr<const LiveCollection> collection,
                               std::vector<const ServiceSchema*> services, const Period& period)
    : state_(state),
      submit_times_(submit_times),
      collection_(std::move(collection)),
      participants_(state->participants()),
      services_(std::move(services)),
      period_(period),
      due_(DueInstant(*collection_->schema, period)) {}

absl::Status PeriodStanding::ReadAll(const Wanted& wanted) {
  there_.clear();
  std::vector<std::pair<const ServiceSchema*, national::ParticipantValues>> read;
  collection_->national->VisitValues(services_, period_,
                                     [&](const ServiceSchema& service, const national::ParticipantValues& values) {
                                       if (wanted(values.participant))
                                         read.emplace_back(&service, values).second.contributions = {};
                                     });
  // Apart, since the times may be read from the disk, and the figures are locked while they are visited.
  for (auto& [service, values] : read) {
    if (absl::Status status = Keep(*service, std::move(values)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status PeriodStanding::Reread(const std::string& service, const std::string& participant, const Wanted& wanted) {
  const Succession& succession = *participants_->succession();
  if (succession.SuccessorOf(participant) != nullptr || !succession.PredecessorsOf(participant).empty()) {
    return ReadAll(wanted);
  }
  if (!wanted(participant)) return absl::OkStatus();
  const ServiceSchema& schema = *collection_->schema->FindService(service);
  there_[service].erase(participant);
  national::ParticipantValues values = collection_->national->Values(schema, participant, period_);
  values.contributions = {};
  return values.months_present == 0 ? absl::OkStatus() : Keep(schema, std::move(values));
}

absl::Status PeriodStanding::Keep(const ServiceSchema& service, national::ParticipantValues values) {
  There there{std::move(values), absl::nullopt};
  const std::string participant = there.values.participant;
  if (!there.values.partial()) {
    auto completion = submit_times_->CompletionOf(*collection_->schema, service.id(), participant, period_,
                                                  *participants_->succession());
    if (!completion.ok()) return completion.status();
    there.completion = *completion;
  }
  there_[service.id()][participant] = std::move(there);
  return absl::OkStatus();
}

bool PeriodStanding::IsCurrent() const {
  const auto collection = state_->FindCollection(collection_->schema->id());
  return collection.ok() && *collection == collection_ && state_->participants() == participants_;
}

StandingLine PeriodStanding::MakeLine(const ServiceSchema& service, const std::string& participant, const There* there,
                                      absl::Time now) const {
  StandingLine line;
  line.status.set_participant(participant);
  line.status.set_service(service.id());
  if (there == nullptr) {
    line.status.set_state(due_ && *due_ <= now ? v1::SUBMISSION_STATE_OVERDUE : v1::SUBMISSION_STATE_EXPECTED);
    return line;
  }
  const national::ParticipantValues& values = there->values;
  line.status.set_state(values.partial() ? v1::SUBMISSION_STATE_PARTIAL : v1::SUBMISSION_STATE_SUBMITTED);
  line.returns = values.returns;
  if (!values.whole) line.status.set_months_present(static_cast<uint32_t>(values.months_present));
  for (const national::UsedReturn& used : line.returns) {
    if (used.participant == participant && used.period == period_) line.status.set_revision(used.revision);
    CountQueries(
        state_->queries().Of({collection_->schema->id(), service.id(), used.participant, used.period.ToString()}),
        &line.status);
  }
  if (there->completion) {
    *line.status.mutable_submit_time() =
        google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(*there->completion));
    line.status.set_late(due_ && *due_ <= *there->completion);
  }
  return line;
}

std::vector<StandingLine> PeriodStanding::Lines(absl::Time now, const Wanted& wanted) const {
  static const auto& nobody = *new std::map<std::string, There>();
  std::vector<StandingLine> lines;
  for (const ServiceSchema* service : services_) {
    const auto found = there_.find(service->id());
    const std::map<std::string, There>& there = found == there_.end() ? nobody : found->second;
    const std::vector<std::string> expected = ExpectedParticipants(*state_, *collection_, *service, period_);
    std::set<std::string> codes;
    std::copy_if(expected.begin(), expected.end(), std::inserter(codes, codes.end()), wanted);
    for (const auto& [code, one] : there) codes.insert(code);
    for (const std::string& code : codes) {
      const auto one = there.find(code);
      lines.push_back(MakeLine(*service, code, one == there.end() ? nullptr : &one->second, now));
      lines.back().status.set_unexpected(!std::binary_search(expected.begin(), expected.end(), code));
    }
  }
  return lines;
}

v1::Completeness PeriodStanding::Sum(absl::Time now, const std::vector<StandingLine>& lines) const {
  v1::Completeness sum;
  for (const StandingLine& line : lines) {
    const v1::ServiceStatus& status = line.status;
    sum.set_open_queries(sum.open_queries() + status.open_queries());
    if (status.unexpected()) continue;
    sum.set_expected(sum.expected() + 1);
    if (status.state() == v1::SUBMISSION_STATE_OVERDUE) sum.set_overdue(sum.overdue() + 1);
    if (status.state() == v1::SUBMISSION_STATE_PARTIAL) sum.set_partial(sum.partial() + 1);
    if (status.state() != v1::SUBMISSION_STATE_SUBMITTED) continue;
    sum.set_submitted(sum.submitted() + 1);
    if (due_ && !status.late()) sum.set_on_time(sum.on_time() + 1);
  }
  const uint32_t decided = !due_ ? 0 : *due_ <= now ? sum.expected() : sum.submitted();
  if (decided > 0) sum.set_on_time_percent(100.0 * sum.on_time() / decided);
  return sum;
}

}  // namespace quartermaster::server
