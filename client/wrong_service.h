// A file whose headings are those of another service than the one that it is sent for: one mistake, which would
// otherwise look like dozens of unknown headings and missing values.
#ifndef QUARTERMASTER_CLIENT_WRONG_SERVICE_H_
#define QUARTERMASTER_CLIENT_WRONG_SERVICE_H_

#include "absl/types/optional.h"
#include "client/return_keys.h"
#include "client/source_table.h"

namespace quartermaster::client {

// The finding about a wide table, if it is so: at least three headings are unknown to the service that the option or
// the first row names, and another service of the collection knows nine in ten of all headings. `keys` are those of the
// table.
absl::optional<v1::Finding> FindWrongService(const SourceTable& source, const KeySources& keys, const Schemas& schemas);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_WRONG_SERVICE_H_
