// What is wrong with the rows of an import, each as a finding that carries the number of its row, from 1. Internal to
// server/imports.
#ifndef QUARTERMASTER_SERVER_IMPORT_ROWS_H_
#define QUARTERMASTER_SERVER_IMPORT_ROWS_H_

#include <functional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "google/protobuf/repeated_field.h"
#include "quartermaster/v1/finding.pb.h"
#include "quartermaster/v1/participant_service.pb.h"
#include "validation/participants.h"
#include "validation/schema.h"

namespace quartermaster::server {

using Findings = google::protobuf::RepeatedPtrField<v1::Finding>;

// The current schema of a collection; null if there is none.
using FindSchema = std::function<const CollectionSchema*(const std::string& id)>;

// `seen` holds what names the rows before, for all of these. The successors of participants are judged apart.
void JudgeParticipantRow(const v1::Participant& participant, int row, absl::flat_hash_set<std::string>* seen,
                         Findings* findings);
void JudgePopulationRow(const v1::Population& population, int row, const Participants& participants,
                        absl::flat_hash_set<std::string>* seen, Findings* findings);
void JudgeEnrolmentRow(const v1::Enrolment& enrolment, int row, const FindSchema& find_schema,
                       const Participants& participants, absl::flat_hash_set<std::string>* seen, Findings* findings);

// Judges the successors of all rows: registered or among the rows, from a month on, without a circle or a chain longer
// than Succession::kMaxDepth, together with those of the participants that are known and not replaced.
void JudgeSuccessions(const google::protobuf::RepeatedPtrField<v1::Participant>& participants,
                      const Participants& known, Findings* findings);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_IMPORT_ROWS_H_
