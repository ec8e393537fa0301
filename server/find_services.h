// The services that a request is about.
#ifndef QUARTERMASTER_SERVER_FIND_SERVICES_H_
#define QUARTERMASTER_SERVER_FIND_SERVICES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "validation/schema.h"

namespace quartermaster::server {

// The one that it names, or, if `id` is empty, all in the order of the schema. NOT_FOUND, with those that there are.
absl::StatusOr<std::vector<const ServiceSchema*>> FindServices(const CollectionSchema& schema, const std::string& id);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_FIND_SERVICES_H_
