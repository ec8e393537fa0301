#include "server/find_services.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/errors.h"
#include "validation/utf8.h"

namespace quartermaster::server {

absl::StatusOr<std::vector<const ServiceSchema*>> FindServices(const CollectionSchema& schema, const std::string& id) {
  std::vector<const ServiceSchema*> services;
  for (const auto& service : schema.services()) {
    if (id.empty() || service->id() == id) services.push_back(service.get());
  }
  if (!services.empty()) return services;
  const auto its_id = [](std::string* out, const auto& service) { out->append(service->id()); };
  return NotFound("service", ShortText(id),
                  absl::StrCat("There are: ", absl::StrJoin(schema.services(), ", ", its_id), "."));
}

}  // namespace quartermaster::server
