// When what figures are made of beside returns was imported last: populations, and who became whom.
#ifndef QUARTERMASTER_SERVER_IMPORT_TIMES_H_
#define QUARTERMASTER_SERVER_IMPORT_TIMES_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "absl/functional/function_ref.h"
#include "quartermaster/storage/v1/records.pb.h"
#include "validation/period.h"
#include "validation/schema.h"

namespace quartermaster::server {

// A value: copied to make the next moment, then shared unchanged between threads. Moments are sequence numbers of
// commits.
class ImportTimes {
 public:
  // Each replaces what has the same key.
  void Put(const storage::v1::ParticipantRecord& record);
  void Put(const storage::v1::PopulationRecord& record);

  // Visits the participants of which the successor may be another since `moment`.
  void VisitMerged(uint64_t moment, absl::FunctionRef<void(const std::string& participant)> visit) const;
  // Visits the participants of which a population that the service asks for in the period may be another since
  // `moment`.
  void VisitPopulations(uint64_t moment, const ServiceSchema& service, const Period& period,
                        absl::FunctionRef<void(const std::string& participant)> visit) const;
  // Whom a participant, as it is to be from now on, had for a successor before: for the record of its next import.
  google::protobuf::RepeatedPtrField<std::string> FormerSuccessors(const v1::Participant& next) const;
  // Adds to the participants whoever succeeded them, now or formerly, and whoever succeeded those.
  void AddSuccessors(std::set<std::string>* participants) const;

 private:
  using PopulationKey = std::tuple<std::string, std::string, int>;  // age band, participant, first month

  std::map<std::string, storage::v1::ParticipantRecord> merged_;  // those that have or had a successor
  std::map<PopulationKey, uint64_t> populations_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_IMPORT_TIMES_H_
