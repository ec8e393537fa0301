#include "validation/reference_data.h"

namespace quartermaster {

std::vector<absl::optional<Decimal>> LookUpPopulations(const ServiceSchema& service, const std::string& participant,
                                                       const Period& period, const PopulationSource& population) {
  std::vector<absl::optional<Decimal>> found(service.populations().size());
  if (!population) return found;
  for (size_t i = 0; i < found.size(); ++i) found[i] = population(participant, service.populations()[i], period);
  return found;
}

}  // namespace quartermaster
