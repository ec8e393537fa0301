// The standing exceptions that have been granted, as they are at one moment.
#ifndef QUARTERMASTER_VALIDATION_STANDING_EXCEPTIONS_H_
#define QUARTERMASTER_VALIDATION_STANDING_EXCEPTIONS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "quartermaster/v1/finding.pb.h"
#include "quartermaster/v1/standing_exception_service.pb.h"

namespace quartermaster {

// A value: copied to make the next moment, then shared unchanged between threads.
class StandingExceptions {
 public:
  // Replaces the one with the same id.
  void Put(const v1::StandingException& exception);

  // By id, those that have ended too.
  const std::map<uint64_t, v1::StandingException>& all() const { return exceptions_; }

  // The use of the one that holds on `today` (2026-12-31) for the rule of a participant and a field or indicator; the
  // latest of several. Absent if there is none. `severity` is left open.
  absl::optional<v1::ExceptionUse> Find(const std::string& collection, const std::string& service,
                                        const std::string& participant, absl::string_view rule_id,
                                        absl::string_view subject, absl::string_view today) const;

 private:
  using Participation = std::tuple<std::string, std::string, std::string>;  // collection, service, participant
  std::map<uint64_t, v1::StandingException> exceptions_;
  // Those that have not been ended. Few participants have any.
  std::map<Participation, std::set<uint64_t>> open_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_STANDING_EXCEPTIONS_H_
