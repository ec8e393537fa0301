#include "server/publication_notices.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace quartermaster::server {
namespace {

bool HasIndicator(const ServiceSchema& service, const std::string& name) {
  const auto& indicators = service.indicators();
  return std::any_of(indicators.begin(), indicators.end(), [&](const auto& each) { return each.name() == name; });
}

void AddGoneIndicators(const ServiceSchema& before, const ServiceSchema& next, std::vector<std::string>* notices) {
  for (const IndicatorSchema& indicator : before.indicators()) {
    if (HasIndicator(next, indicator.name())) continue;
    notices->push_back(absl::StrCat(next.id(), ": the indicator ", indicator.name(),
                                    " is gone, with its figures of all periods; releases keep theirs."));
  }
}

std::set<PopulationKey> RegisteredBands(const Participants& participants) {
  std::set<PopulationKey> bands;
  participants.VisitPopulations([&bands](const v1::Population& population) {
    bands.insert({population.age_band(), false});
    if (population.has_weighted()) bands.insert({population.age_band(), true});
  });
  return bands;
}

void AddUnregisteredBands(const ServiceSchema& service, const std::set<PopulationKey>& registered,
                          std::vector<std::string>* notices) {
  for (const PopulationKey& band : service.populations()) {
    if (registered.contains(band)) continue;
    notices->push_back(absl::StrCat(
        service.id(), ": no ", band.weighted ? "weighted " : "", "population of the age band ", band.age_band,
        " is registered. What divides by it has no value until 'qm population import' brings one."));
  }
}

}  // namespace

std::vector<std::string> PublicationNotices(const CollectionSchema* current, const CollectionSchema& next,
                                            const Participants& participants) {
  std::vector<std::string> notices;
  const std::set<PopulationKey> registered = RegisteredBands(participants);
  for (const auto& service : next.services()) {
    const ServiceSchema* before = current == nullptr ? nullptr : current->FindService(service->id());
    if (before != nullptr) AddGoneIndicators(*before, *service, &notices);
    AddUnregisteredBands(*service, registered, &notices);
  }
  return notices;
}

}  // namespace quartermaster::server
