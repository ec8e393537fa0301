#include "server/national/national_state.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "server/national/messages.h"
#include "server/national/reader_writer_mutex.h"
#include "server/national/service_state.h"

namespace quartermaster::national {

// One lock over all services, so that every answer shows one moment.
class NationalState::Impl {
 public:
  Impl(std::shared_ptr<const CollectionSchema> schema, PopulationSource population)
      : schema_(std::move(schema)), population_(std::move(population)) {
    for (const auto& service : schema_->services()) {
      services_.emplace(service->id(), std::make_unique<ServiceState>(*service));
    }
  }

  void Put(const ServiceSchema& service, const std::string& participant, const Period& period, const FieldRow& fields,
           uint64_t sequence) {
    const WriterLock lock(&mutex_);
    services_.at(service.id())->Put(participant, period, fields, population_);
    Advance(sequence);
  }

  void Remove(const ServiceSchema& service, const std::string& participant, const Period& period, uint64_t sequence) {
    const WriterLock lock(&mutex_);
    services_.at(service.id())->Remove(participant, period, population_);
    Advance(sequence);
  }

  void PopulationsChanged(uint64_t sequence) {
    const WriterLock lock(&mutex_);
    for (auto& [id, service] : services_) service->PopulationsChanged(population_);
    Advance(sequence);
  }

  std::vector<v1::NationalStatistics> Statistics(const std::string& service, const Period& period,
                                                 const std::vector<std::string>& indicators, uint64_t* sequence) const {
    const ReaderLock lock(&mutex_);
    if (sequence != nullptr) *sequence = sequence_;
    const ServiceState& state = *services_.at(service);
    const std::vector<Cell>& cells = state.Cells(period);
    std::vector<v1::NationalStatistics> statistics;
    for (size_t i = 0; i < cells.size(); ++i) {
      const IndicatorSchema& indicator = state.schema().indicators()[i];
      const bool wanted =
          indicators.empty() || std::find(indicators.begin(), indicators.end(), indicator.id) != indicators.end();
      if (wanted) statistics.push_back(MakeStatistics(state.schema(), indicator, cells[i]));
    }
    return statistics;
  }

  std::vector<v1::IndicatorPosition> Position(const std::string& service, const std::string& participant,
                                              const Period& period, uint64_t* sequence) const {
    const ReaderLock lock(&mutex_);
    if (sequence != nullptr) *sequence = sequence_;
    const ServiceState& state = *services_.at(service);
    const Contributions contributions = state.ContributionsOfParticipant(participant, period);
    const std::vector<Cell>& cells = state.Cells(period);
    std::vector<v1::IndicatorPosition> positions;
    for (size_t i = 0; i < contributions.size(); ++i) {
      positions.push_back(MakePosition(state.schema(), state.schema().indicators()[i], cells[i], contributions[i]));
    }
    return positions;
  }

  std::vector<v1::IndicatorPosition> Foretell(const std::string& service, const std::string& participant,
                                              const Period& period, const FieldRow& fields) const {
    const ReaderLock lock(&mutex_);
    const ServiceState& state = *services_.at(service);
    const Contributions before = state.ContributionsOfParticipant(participant, period);
    const Contributions after = state.ContributionsIf(participant, period, fields, population_);
    const std::vector<Cell>& cells = state.Cells(period);
    std::vector<v1::IndicatorPosition> positions;
    for (size_t i = 0; i < after.size(); ++i) {
      Cell cell = cells[i];  // Moved in place of the real one.
      cell.Replace(before.empty() ? absl::nullopt : before[i], after[i]);
      positions.push_back(MakePosition(state.schema(), state.schema().indicators()[i], cell, after[i]));
    }
    return positions;
  }

  std::string Dump() const {
    const ReaderLock lock(&mutex_);
    std::string text;
    for (const auto& service : schema_->services()) text += services_.at(service->id())->Dump();
    return text;
  }

 private:
  // A rebuild feeds returns in the order of their keys, not of their commits.
  void Advance(uint64_t sequence) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { sequence_ = std::max(sequence_, sequence); }

  const std::shared_ptr<const CollectionSchema> schema_;
  const PopulationSource population_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<ServiceState>> services_ ABSL_GUARDED_BY(mutex_);
  uint64_t sequence_ ABSL_GUARDED_BY(mutex_) = 0;
};

NationalState::NationalState(std::shared_ptr<const CollectionSchema> schema, PopulationSource population)
    : impl_(std::make_unique<Impl>(std::move(schema), std::move(population))) {}

NationalState::~NationalState() = default;

void NationalState::Put(const ServiceSchema& service, const std::string& participant, const Period& period,
                        const ReturnValues& values, uint64_t sequence) {
  impl_->Put(service, participant, period, values.fields(), sequence);
}

void NationalState::Remove(const ServiceSchema& service, const std::string& participant, const Period& period,
                           uint64_t sequence) {
  impl_->Remove(service, participant, period, sequence);
}

void NationalState::PopulationsChanged(uint64_t sequence) { impl_->PopulationsChanged(sequence); }

std::vector<v1::NationalStatistics> NationalState::Statistics(const ServiceSchema& service, const Period& period,
                                                              const std::vector<std::string>& indicators,
                                                              uint64_t* sequence) const {
  return impl_->Statistics(service.id(), period, indicators, sequence);
}

std::vector<v1::IndicatorPosition> NationalState::Position(const ServiceSchema& service, const std::string& participant,
                                                           const Period& period, uint64_t* sequence) const {
  return impl_->Position(service.id(), participant, period, sequence);
}

std::vector<v1::IndicatorPosition> NationalState::Foretell(const ServiceSchema& service, const std::string& participant,
                                                           const Period& period, const ReturnValues& values) const {
  return impl_->Foretell(service.id(), participant, period, values.fields());
}

std::string NationalState::Dump() const { return impl_->Dump(); }

}  // namespace quartermaster::national
