#include "server/stored_returns.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"

namespace quartermaster::server {

v1::StoredReturn Describe(const storage::StoredReturn& stored, v1::ReturnState state) {
  v1::StoredReturn described;
  described.set_collection(stored.key.collection);
  described.set_service(stored.key.service);
  described.set_participant(stored.key.participant);
  described.set_period(stored.key.period);
  described.set_revision(stored.record.receipt().revision());
  described.set_state(stored.withdrawal ? v1::RETURN_STATE_WITHDRAWN : state);
  *described.mutable_receipt() = stored.record.receipt();
  *described.mutable_findings() = stored.record.findings();
  if (stored.withdrawal) {
    v1::Withdrawal* withdrawal = described.mutable_withdrawal();
    *withdrawal->mutable_commit_time() =
        google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(stored.withdrawal->commit_time_us());
    withdrawal->set_submitter(stored.withdrawal->submitter());
    withdrawal->set_reason(stored.withdrawal->reason());
    withdrawal->set_sequence(stored.withdrawal->sequence());
  }
  return described;
}

v1::StoredReturn DescribeWithData(const storage::StoredReturn& stored, v1::ReturnState state,
                                  const ServiceSchema& service) {
  v1::StoredReturn described = Describe(stored, state);
  described.mutable_data()->set_type_url(absl::StrCat("type.googleapis.com/", service.descriptor()->full_name()));
  described.mutable_data()->set_value(stored.record.data());
  *described.mutable_not_available() = stored.record.not_available();
  return described;
}

void AddShadowFindings(const storage::StoredReturn& stored, const Principal& caller, v1::StoredReturn* described) {
  if (caller.Has(v1::ROLE_STEWARD)) *described->mutable_shadow_findings() = stored.record.shadow_findings();
}

}  // namespace quartermaster::server
