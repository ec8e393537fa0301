// Who is expected to send returns for which services.
#ifndef QUARTERMASTER_SERVER_ENROLMENTS_H_
#define QUARTERMASTER_SERVER_ENROLMENTS_H_

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "quartermaster/storage/v1/records.pb.h"
#include "quartermaster/v1/participant_service.pb.h"
#include "validation/period.h"

namespace quartermaster::server {

// A value: copied to make the next moment, then shared unchanged between threads.
class Enrolments {
 public:
  // By collection, service and participant.
  using Key = std::tuple<std::string, std::string, std::string>;

  // Replaces what has the same key.
  void Put(const storage::v1::EnrolmentRecord& record);

  const std::map<Key, storage::v1::EnrolmentRecord>& all() const { return all_; }
  // Null if there is none.
  const v1::Enrolment* Find(const std::string& collection, const std::string& service,
                            const std::string& participant) const;
  // Whether anybody is, or was ever, enrolled in the service.
  bool HasAny(const std::string& collection, const std::string& service) const;
  // The codes of those who are enrolled for all months of the period, ordered.
  std::vector<std::string> EnrolledFor(const std::string& collection, const std::string& service,
                                       const Period& period) const;

 private:
  std::map<Key, storage::v1::EnrolmentRecord> all_;
};

// A page, as ParticipantService says. INVALID_ARGUMENT.
absl::StatusOr<v1::ListEnrolmentsResponse> ListEnrolments(const Enrolments& enrolments,
                                                          const v1::ListEnrolmentsRequest& request);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_ENROLMENTS_H_
