#include "validation/participants.h"

#include "validation/suggest.h"

namespace quartermaster {
namespace {

int FirstMonth(const v1::Population& population) {
  if (population.from().empty()) return 0;
  return Period::Parse(population.from()).value().first_month();
}

}  // namespace

void Participants::PutAll(absl::Span<const v1::Participant* const> participants) {
  bool anybody_merged = false;
  for (const v1::Participant* participant : participants) {
    v1::Participant& kept = participants_[participant->code()];
    anybody_merged = anybody_merged || !kept.successor().empty() || !participant->successor().empty();
    kept = *participant;
  }
  if (!anybody_merged) return;
  auto succession = std::make_shared<Succession>();
  for (const auto& [code, each] : participants_) {
    if (each.successor().empty()) continue;
    succession->Put(code, each.successor(), Period::Parse(each.succeeded_from()).value());
  }
  succession_ = std::move(succession);
}

void Participants::Put(const v1::Population& population) {
  populations_[{population.participant(), population.age_band()}][FirstMonth(population)] = population;
}

const v1::Participant* Participants::Find(const std::string& code) const {
  const auto found = participants_.find(code);
  return found == participants_.end() ? nullptr : &found->second;
}

std::string Participants::Suggest(const std::string& code) const {
  std::vector<absl::string_view> codes;
  for (const auto& [known, participant] : participants_) codes.push_back(known);
  return NearestName(code, codes);
}

const v1::Population* Participants::FindPopulation(const v1::Population& same) const {
  const auto band = populations_.find({same.participant(), same.age_band()});
  if (band == populations_.end()) return nullptr;
  const auto found = band->second.find(FirstMonth(same));
  return found == band->second.end() ? nullptr : &found->second;
}

void Participants::VisitPopulations(absl::FunctionRef<void(const v1::Population&)> visit) const {
  for (const auto& [band, figures] : populations_) {
    for (const auto& [month, population] : figures) visit(population);
  }
}

absl::optional<Decimal> Participants::PopulationOf(const std::string& code, const PopulationKey& key,
                                                   const Period& period) const {
  return PopulationOf(code, key, period, 0);
}

absl::optional<Decimal> Participants::PopulationOf(const std::string& code, const PopulationKey& key,
                                                   const Period& period, int depth) const {
  const absl::optional<Decimal> own = OwnPopulation(code, key, period);
  const std::vector<std::string>& predecessors = succession_->PredecessorsOf(code);
  if (own || predecessors.empty() || depth == Succession::kMaxDepth) return own;
  Decimal sum;
  for (const std::string& predecessor : predecessors) {
    const absl::optional<Decimal> part = PopulationOf(predecessor, key, period, depth + 1);
    if (!part) return absl::nullopt;
    sum = *Add(sum, *part);
  }
  return sum;
}

absl::optional<Decimal> Participants::OwnPopulation(const std::string& code, const PopulationKey& key,
                                                    const Period& period) const {
  const auto band = populations_.find({code, key.age_band});
  if (band == populations_.end()) return absl::nullopt;
  auto later = band->second.upper_bound(period.first_month());
  if (later == band->second.begin()) return absl::nullopt;
  const v1::Population& population = std::prev(later)->second;
  if (!key.weighted) return Decimal::FromInteger(population.registered());
  if (!population.has_weighted()) return absl::nullopt;
  return Decimal::FromInteger(population.weighted());
}

}  // namespace quartermaster
