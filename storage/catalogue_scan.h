// Reads the whole catalogue.
#ifndef QUARTERMASTER_STORAGE_CATALOGUE_SCAN_H_
#define QUARTERMASTER_STORAGE_CATALOGUE_SCAN_H_

#include "absl/status/statusor.h"
#include "storage/rocksdb_database.h"
#include "storage/store.h"

namespace quartermaster::storage {

// As Store::ReadCatalogue.
absl::StatusOr<Catalogue> ReadCatalogue(const Database& database);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_CATALOGUE_SCAN_H_
