#include "server/import_times.h"

#include <utility>
#include <vector>

namespace quartermaster::server {

void ImportTimes::Put(const storage::v1::ParticipantRecord& record) {
  const std::string& code = record.participant().code();
  if (record.participant().successor().empty() && record.former_successors().empty()) return;
  merged_[code] = record;
}

void ImportTimes::Put(const storage::v1::PopulationRecord& record) {
  const v1::Population& population = record.population();
  const int first_month = population.from().empty() ? 0 : Period::Parse(population.from()).value().first_month();
  populations_[{population.age_band(), population.participant(), first_month}] = record.sequence();
}

void ImportTimes::VisitMerged(uint64_t moment, absl::FunctionRef<void(const std::string&)> visit) const {
  for (const auto& [code, record] : merged_) {
    if (record.sequence() > moment) visit(code);
  }
}

void ImportTimes::VisitPopulations(uint64_t moment, const ServiceSchema& service, const Period& period,
                                   absl::FunctionRef<void(const std::string&)> visit) const {
  std::set<std::string> bands;  // Each may be asked for plain and weighted.
  for (const quartermaster::PopulationKey& asked : service.populations()) bands.insert(asked.age_band);
  for (const std::string& band : bands) {
    for (auto next = populations_.lower_bound({band, "", 0}); next != populations_.end(); ++next) {
      const auto& [age_band, participant, first_month] = next->first;
      if (age_band != band) break;
      const bool bears_on_it = first_month < period.first_month() + period.month_count();
      if (bears_on_it && next->second > moment) visit(participant);
    }
  }
}

google::protobuf::RepeatedPtrField<std::string> ImportTimes::FormerSuccessors(const v1::Participant& next) const {
  const auto found = merged_.find(next.code());
  if (found == merged_.end()) return {};
  std::set<std::string> former(found->second.former_successors().begin(), found->second.former_successors().end());
  former.insert(found->second.participant().successor());
  former.erase("");
  former.erase(next.successor());
  return {former.begin(), former.end()};
}

void ImportTimes::AddSuccessors(std::set<std::string>* participants) const {
  std::vector<std::string> to_follow(participants->begin(), participants->end());
  while (!to_follow.empty()) {
    const auto found = merged_.find(to_follow.back());
    to_follow.pop_back();
    if (found == merged_.end()) continue;
    const auto follow = [&](const std::string& successor) {
      if (!successor.empty() && participants->insert(successor).second) to_follow.push_back(successor);
    };
    follow(found->second.participant().successor());
    for (const std::string& former : found->second.former_successors()) follow(former);
  }
}

}  // namespace quartermaster::server
