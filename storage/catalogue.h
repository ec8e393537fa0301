// What returns are read with, as storage/store.h takes and gives it.
#ifndef QUARTERMASTER_STORAGE_CATALOGUE_H_
#define QUARTERMASTER_STORAGE_CATALOGUE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "quartermaster/storage/v1/records.pb.h"

namespace quartermaster::storage {

// A release with the parts of its content, each at most kMaxReleasePartBytes.
struct NewRelease {
  v1::ReleaseRecord record;
  std::vector<std::string> parts;
};

inline constexpr size_t kMaxReleasePartBytes = 1 << 20;  // Fits a message of 4 MiB several times.

// A change of the catalogue. Everything in it is stored in one step; `sequence` fields and times are assigned.
struct CatalogueChange {
  std::vector<v1::CollectionRecord> collections;
  std::vector<v1::ParticipantRecord> participants;
  std::vector<v1::PopulationRecord> populations;
  // One at most without an id: it is new, and its id is the sequence number of the change. One with an id replaces the
  // one that is there. A grant_time and, where it says ended_by, an end_time that are not set become the commit time.
  std::vector<v1::StandingExceptionRecord> exceptions;
  std::vector<v1::EnrolmentRecord> enrolments;
  // As exceptions: one at most is new, and so for tokens (create_time; revoked_by and revoke_time).
  std::vector<v1::WindowGrantRecord> window_grants;
  std::vector<v1::TokenRecord> tokens;
  // Each replaces the one of its collection, service and period.
  std::vector<v1::ShownRecord> shown;
  // At most one. Its number must be the next of its collection and period, else ABORTED; a publish_time that is not
  // set becomes the commit time, and `parts` of the record is set.
  std::vector<NewRelease> releases;
  // The members of its line in the audit, as of a submission.
  std::string audit;
};

struct Catalogue {
  // Every version of every collection, ordered by id and version.
  std::vector<v1::CollectionRecord> collections;
  // Ordered by code.
  std::vector<v1::ParticipantRecord> participants;
  // Ordered by participant, age band and first month.
  std::vector<v1::PopulationRecord> populations;
  // Ordered by id.
  std::vector<v1::StandingExceptionRecord> exceptions;
  // Ordered by collection, service and participant.
  std::vector<v1::EnrolmentRecord> enrolments;
  // Ordered by id.
  std::vector<v1::WindowGrantRecord> window_grants;
  // Ordered by id.
  std::vector<v1::TokenRecord> tokens;
  // Ordered by collection, service and period.
  std::vector<v1::ShownRecord> shown;
  // Ordered by collection, period and number, without their content.
  std::vector<v1::ReleaseRecord> releases;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_CATALOGUE_H_
