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

  void Put(const ServiceSchema& service, const std::string& participant, const Period& period, const FieldRow& fields) {
    const WriterLock lock(&mutex_);
    services_.at(service.id())->Put(participant, period, fields, population_);
  }

  void Remove(const ServiceSchema& service, const std::string& participant, const Period& period) {
    const WriterLock lock(&mutex_);
    services_.at(service.id())->Remove(participant, period, population_);
  }

  void PopulationsChanged() {
    const WriterLock lock(&mutex_);
    for (auto& [id, service] : services_) service->PopulationsChanged(population_);
  }

  std::vector<v1::NationalStatistics> Statistics(absl::Span<const ServiceSchema* const> services, const Period& period,
                                                 const std::vector<std::string>& indicators) const {
    const ReaderLock lock(&mutex_);
    std::vector<v1::NationalStatistics> statistics;
    for (const ServiceSchema* service : services) {
      const ServiceState& state = *services_.at(service->id());
      const std::vector<Cell>& cells = state.Cells(period);
      for (size_t i = 0; i < cells.size(); ++i) {
        const IndicatorSchema& indicator = state.schema().indicators()[i];
        const bool wanted =
            indicators.empty() || std::find(indicators.begin(), indicators.end(), indicator.id) != indicators.end();
        if (wanted) statistics.push_back(MakeStatistics(state.schema(), indicator, cells[i]));
      }
    }
    return statistics;
  }

  std::vector<v1::IndicatorPosition> Position(absl::Span<const ServiceSchema* const> services,
                                              const std::string& participant, const Period& period) const {
    const ReaderLock lock(&mutex_);
    std::vector<v1::IndicatorPosition> positions;
    for (const ServiceSchema* service : services) {
      const ServiceState& state = *services_.at(service->id());
      const Contributions contributions = state.ContributionsOfParticipant(participant, period);
      const std::vector<Cell>& cells = state.Cells(period);
      for (size_t i = 0; i < contributions.size(); ++i) {
        positions.push_back(MakePosition(state.schema(), state.schema().indicators()[i], cells[i], contributions[i]));
      }
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

  absl::optional<FieldRow> ReturnFields(const std::string& service, const std::string& participant,
                                        const Period& period) const {
    const ReaderLock lock(&mutex_);
    return services_.at(service)->ReturnFields(participant, period);
  }

  absl::optional<PeerBaseline> Peers(const std::string& service, const IndicatorSchema& indicator,
                                     const std::string& participant, const Period& period,
                                     const std::function<bool(const Period&)>& settled) const {
    const ReaderLock lock(&mutex_);
    return services_.at(service)->Peers(indicator, participant, period, settled);
  }

  std::string Dump() const {
    const ReaderLock lock(&mutex_);
    std::string text;
    for (const auto& service : schema_->services()) text += services_.at(service->id())->Dump();
    return text;
  }

 private:
  const std::shared_ptr<const CollectionSchema> schema_;
  const PopulationSource population_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<ServiceState>> services_ ABSL_GUARDED_BY(mutex_);
};

NationalState::NationalState(std::shared_ptr<const CollectionSchema> schema, PopulationSource population)
    : impl_(std::make_unique<Impl>(std::move(schema), std::move(population))) {}

NationalState::~NationalState() = default;

void NationalState::Put(const ServiceSchema& service, const std::string& participant, const Period& period,
                        const ReturnValues& values) {
  impl_->Put(service, participant, period, values.fields());
}

void NationalState::Remove(const ServiceSchema& service, const std::string& participant, const Period& period) {
  impl_->Remove(service, participant, period);
}

void NationalState::PopulationsChanged() { impl_->PopulationsChanged(); }

std::vector<v1::NationalStatistics> NationalState::Statistics(absl::Span<const ServiceSchema* const> services,
                                                              const Period& period,
                                                              const std::vector<std::string>& indicators) const {
  return impl_->Statistics(services, period, indicators);
}

std::vector<v1::IndicatorPosition> NationalState::Position(absl::Span<const ServiceSchema* const> services,
                                                           const std::string& participant, const Period& period) const {
  return impl_->Position(services, participant, period);
}

std::vector<v1::IndicatorPosition> NationalState::Foretell(const ServiceSchema& service, const std::string& participant,
                                                           const Period& period, const ReturnValues& values) const {
  return impl_->Foretell(service.id(), participant, period, values.fields());
}

absl::optional<FieldRow> NationalState::ReturnFields(const ServiceSchema& service, const std::string& participant,
                                                     const Period& period) const {
  return impl_->ReturnFields(service.id(), participant, period);
}

absl::optional<PeerBaseline> NationalState::Peers(const ServiceSchema& service, const IndicatorSchema& indicator,
                                                  const std::string& participant, const Period& period,
                                                  const std::function<bool(const Period&)>& settled) const {
  return impl_->Peers(service.id(), indicator, participant, period, settled);
}

std::string NationalState::Dump() const { return impl_->Dump(); }

}  // namespace quartermaster::national
