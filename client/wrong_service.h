// Rows whose headings, or names of fields, are those of another service than the one that they are submitted for. Each
// would be unknown and each required field missing, which would bury the one mistake. Internal to reading returns.
#ifndef QUARTERMASTER_CLIENT_WRONG_SERVICE_H_
#define QUARTERMASTER_CLIENT_WRONG_SERVICE_H_

#include <vector>

#include "client/field_names.h"
#include "client/return_file.h"
#include "client/return_keys.h"

namespace quartermaster::client {

struct WrongService {
  const ServiceSchema* service;  // the one that is named
  v1::Finding finding;
};

// Fewer may be misspelt, and that is what is said of them then.
constexpr size_t kMinUnknownNames = 3;
// Of ten names the other service has so many: one in ten may be misspelt on top.
constexpr size_t kKnownOfTen = 9;
// And it has so many more of them than the one that is named, since services of a collection share fields.
constexpr size_t kMinMoreKnown = 3;

// Judges the rows of each service that the table names by the columns or names for which they have a value. Rows that
// do not fit the heading do not count.
std::vector<WrongService> FindWrongServices(const SourceTable& source, const KeySources& keys, const Schemas& schemas,
                                            NamesOfServices* names);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_WRONG_SERVICE_H_
