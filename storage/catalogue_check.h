// What a change of the catalogue must keep whatever the store holds.
#ifndef QUARTERMASTER_STORAGE_CATALOGUE_CHECK_H_
#define QUARTERMASTER_STORAGE_CATALOGUE_CHECK_H_

#include <cstddef>

#include "absl/status/status.h"
#include "storage/catalogue.h"

namespace quartermaster::storage {

// Adds the bytes of all that is in it to `bytes`. INVALID_ARGUMENT if a record would not read back or would break a
// promise of records.h, or if more in it is new than it may be.
absl::Status CheckChange(const CatalogueChange& change, size_t& bytes);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_CATALOGUE_CHECK_H_
