// What returns are read with, as storage/store.h takes and gives it.
#ifndef QUARTERMASTER_STORAGE_CATALOGUE_H_
#define QUARTERMASTER_STORAGE_CATALOGUE_H_

#include <vector>

#include "quartermaster/storage/v1/records.pb.h"

namespace quartermaster::storage {

// A change of the catalogue. Everything in it is stored in one step; `sequence` fields and times are assigned.
struct CatalogueChange {
  std::vector<v1::CollectionRecord> collections;
  std::vector<v1::ParticipantRecord> participants;
  std::vector<v1::PopulationRecord> populations;
  // One at most without an id: it is new, and its id is the sequence number of the change. One with an id replaces the
  // one that is there. A grant_time and, where it says ended_by, an end_time that are not set become the commit time.
  std::vector<v1::StandingExceptionRecord> exceptions;
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
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_CATALOGUE_H_
