// Reads the whole catalogue.
#ifndef QUARTERMASTER_STORAGE_CATALOGUE_SCAN_H_
#define QUARTERMASTER_STORAGE_CATALOGUE_SCAN_H_

#include "absl/status/statusor.h"
#include "storage/rocksdb_database.h"
#include "storage/store_reader.h"

namespace quartermaster::storage {

// As StoreReader::ReadCatalogue. `moment` null: now.
absl::StatusOr<Catalogue> ReadCatalogue(const Database& database, const rocksdb::Snapshot* moment);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_CATALOGUE_SCAN_H_
