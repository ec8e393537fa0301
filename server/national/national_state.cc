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
  Impl(std::shared_ptr<const CollectionSchema> schema, PopulationSource population,
       const std::shared_ptr<const Succession>& succession)
      : schema_(std::move(schema)), population_(std::move(population)) {
    for (const auto& service : schema_->services()) {
      services_.emplace(service->id(),
                        std::make_unique<ServiceState>(*service, schema_->include_partial_periods(), succession));
    }
  }

  void Keep(const std::string& service, const std::string& participant, const Period& period, const FieldRow& fields,
            uint32_t revision) {
    const WriterLock lock(&mutex_);
    services_.at(service)->Keep(participant, period, fields, revision);
  }

  void CountKept() {
    const WriterLock lock(&mutex_);
    for (auto& [id, service] : services_) service->CountKept(population_);
  }

  void Put(const std::string& service, const std::string& participant, const Period& period, const FieldRow& fields,
           uint32_t revision) {
    const WriterLock lock(&mutex_);
    services_.at(service)->Put(participant, period, fields, revision, population_);
  }

  void Remove(const std::string& service, const std::string& participant, const Period& period) {
    const WriterLock lock(&mutex_);
    services_.at(service)->Remove(participant, period, population_);
  }

  void PopulationsChanged() {
    const WriterLock lock(&mutex_);
    for (auto& [id, service] : services_) service->PopulationsChanged(population_);
  }

  void SuccessionChanged(const std::shared_ptr<const Succession>& succession) {
    const WriterLock lock(&mutex_);
    for (auto& [id, service] : services_) service->SuccessionChanged(succession, population_);
  }

  std::vector<v1::NationalStatistics> Statistics(absl::Span<const ServiceSchema* const> services, const Period& period,
                                                 const std::vector<std::string>& indicators) const {
    const ReaderLock lock(&mutex_);
    std::vector<v1::NationalStatistics> statistics;
    for (const ServiceSchema* service : services) {
      AddStatistics(*service, services_.at(service->id())->Described(period)->cells(), indicators, &statistics);
    }
    return statistics;
  }

  std::vector<std::vector<v1::NationalStatistics>> GroupStatistics(absl::Span<const ServiceSchema* const> services,
                                                                   const Period& period,
                                                                   const std::vector<std::string>& indicators,
                                                                   const Grouping& grouping) const {
    const ReaderLock lock(&mutex_);
    std::vector<std::vector<v1::NationalStatistics>> statistics(grouping.groups);
    for (const ServiceSchema* service : services) {
      const auto cells = services_.at(service->id())->CellsByGroup(period, grouping.groups, grouping.group_of);
      for (size_t group = 0; group < grouping.groups; ++group) {
        AddStatistics(*service, DescribeCells(*service, cells[group]), indicators, &statistics[group]);
      }
    }
    return statistics;
  }

  Steps Step(absl::Span<const ServiceSchema* const> services, const Period& period, uint32_t minimum_n,
             const ReleaseStep* release) {
    Steps steps(services.size());
    const auto steps_now = [&](const ServiceState& state) {
      return state.MayMove(period, minimum_n, /*replaces_unseen=*/false) &&
             (release != nullptr || state.HasNews(period, minimum_n));
    };
    if (release == nullptr) {
      // Nearly always nothing is new or nothing may move, and readers need not wait for that.
      const ReaderLock lock(&mutex_);
      const auto any = [&](const ServiceSchema* service) { return steps_now(*services_.at(service->id())); };
      if (std::none_of(services.begin(), services.end(), any)) return steps;
    }
    const WriterLock lock(&mutex_);
    if (release != nullptr) VisitAll(services, period, release->visit);
    for (size_t i = 0; i < services.size(); ++i) {
      ServiceState& state = *services_.at(services[i]->id());
      if (!state.tracks(period)) state.Track(period, absl::nullopt);
      if (release != nullptr) state.Marks(period).BeginRelease(release->embargo);
      if (!steps_now(state)) continue;
      FigureMarks::Marked marked = state.Mark(period, minimum_n, release != nullptr && release->embargo.is_unseen);
      steps[i] = Stepped{{}, std::move(marked.shown), marked.number};
      AddStatistics(state.schema(), state.Described(period)->cells(), {}, &steps[i]->statistics);
    }
    return steps;
  }

  bool MayStep(const std::string& service, const Period& period, uint32_t minimum_n, bool replaces_unseen) const {
    const ReaderLock lock(&mutex_);
    return services_.at(service)->MayMove(period, minimum_n, replaces_unseen);
  }

  void AbandonStep(const std::string& service, const Period& period, const Stepped& stepped) {
    const WriterLock lock(&mutex_);
    services_.at(service)->Marks(period).Unmark(stepped.mark);
  }

  void AbandonRelease(const std::string& service, const Period& period, const ReleaseEmbargo& embargo,
                      absl::optional<uint64_t> mark) {
    const WriterLock lock(&mutex_);
    services_.at(service)->Marks(period).AbandonRelease(embargo, mark);
  }

  void ResumeSteps(const std::string& service, const Period& period, const SinceShown& since, bool unseen) {
    const WriterLock lock(&mutex_);
    ServiceState& state = *services_.at(service);
    if (unseen) return state.TrackUnseen(period, since);
    state.Track(period, since);
  }

  void AddPosition(absl::Span<const ServiceSchema* const> services, const std::string& participant,
                   const Period& period, const PositionOptions& options, Positions* positions) const {
    const ReaderLock lock(&mutex_);
    for (const ServiceSchema* service : services) {
      const ServiceState& state = *services_.at(service->id());
      const ParticipantValues values = state.Values(participant, period, Before::kNothing, population_);
      if (values.months_present == 0) continue;
      const absl::optional<Grouping>& among = options.among;
      std::vector<std::vector<Cell>> peers;
      std::vector<DescribedCell> described_peers;
      if (among) {
        peers = state.CellsByGroup(period, 1, among->group_of);
        described_peers = DescribeCells(*service, peers.front());
      }
      const std::vector<Cell>& cells = among ? peers.front() : state.Cells(period);
      const std::shared_ptr<const DescribedPeriod> country = state.Described(period);
      const std::vector<DescribedCell>& described = among ? described_peers : country->cells();
      const bool within = !among || among->group_of(participant) == 0;
      const Membership membership = !values.counts ? Membership::kApart
                                    : within       ? Membership::kWithin
                                                   : Membership::kBeside;
      const int first = positions->size();
      for (size_t i = 0; i < values.contributions.size(); ++i) {
        v1::IndicatorPosition* position = national::AddPosition(state.schema().indicators()[i], cells[i], described[i],
                                                                values.contributions[i], membership, positions);
        if (values.whole) continue;
        position->set_months_present(static_cast<uint32_t>(values.months_present));
        position->set_months_expected(static_cast<uint32_t>(values.months_expected));
        position->set_partial(values.partial());
      }
      if (!options.name_ties) continue;
      NameTies(state, values, period, *country, among, first, positions);
    }
  }

  void Foretell(const std::string& service, const std::string& participant, const Period& period,
                const FieldRow& fields, Positions* positions) const {
    const ReaderLock lock(&mutex_);
    const ServiceState& state = *services_.at(service);
    const ParticipantValues before = state.Values(participant, period, Before::kNothing, population_);
    const Contributions after = state.ContributionsIf(participant, period, fields, population_);
    const std::vector<Cell>& cells = state.Cells(period);
    for (size_t i = 0; i < after.size(); ++i) {
      Cell cell = cells[i];  // Moved in place of the real one.
      cell.Replace(before.counts ? before.contributions[i] : absl::nullopt, after[i]);
      const IndicatorSchema& indicator = state.schema().indicators()[i];
      national::AddPosition(indicator, cell, DescribeCell(state.schema(), indicator, cell), after[i],
                            Membership::kWithin, positions);
    }
  }

  void VisitValues(absl::Span<const ServiceSchema* const> services, const Period& period,
                   absl::FunctionRef<void(const ServiceSchema&, const ParticipantValues&)> visit) const {
    const ReaderLock lock(&mutex_);
    VisitAll(services, period, visit);
  }

  ParticipantValues Values(const std::string& service, const std::string& participant, const Period& period) const {
    const ReaderLock lock(&mutex_);
    return services_.at(service)->Values(participant, period, Before::kPredecessors, population_);
  }

  std::vector<std::string> ReportersBetween(const std::string& service, int first_month, int end_month) const {
    const ReaderLock lock(&mutex_);
    return services_.at(service)->ReportersBetween(first_month, end_month);
  }

  absl::optional<Period> LastPeriod(const std::string& service, PeriodKind kind) const {
    const ReaderLock lock(&mutex_);
    return services_.at(service)->LastPeriod(kind);
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
  void VisitAll(absl::Span<const ServiceSchema* const> services, const Period& period,
                absl::FunctionRef<void(const ServiceSchema&, const ParticipantValues&)> visit) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    for (const ServiceSchema* service : services) {
      const ServiceState& state = *services_.at(service->id());
      state.VisitValues(period, population_, [&](const ParticipantValues& values) { visit(state.schema(), values); });
    }
  }

  // Of the indicators that are wanted, or, if none are named, of all.
  static void AddStatistics(const ServiceSchema& service, const std::vector<DescribedCell>& cells,
                            const std::vector<std::string>& wanted, std::vector<v1::NationalStatistics>* statistics) {
    for (size_t i = 0; i < cells.size(); ++i) {
      const IndicatorSchema& indicator = service.indicators()[i];
      if (wanted.empty() || std::find(wanted.begin(), wanted.end(), indicator.id) != wanted.end()) {
        statistics->push_back(cells[i].statistics);
      }
    }
  }

  // Adds to each position from the `first` on, one an indicator, the codes of the others with the same value.
  static void NameTies(const ServiceState& state, const ParticipantValues& own, const Period& period,
                       const DescribedPeriod& country, const absl::optional<Grouping>& among, int first,
                       Positions* positions) {
    const std::vector<Cell>& cells = state.Cells(period);
    for (size_t i = 0; i < cells.size(); ++i) {
      v1::IndicatorPosition& position = *positions->Mutable(first + static_cast<int>(i));
      if (position.tied() == 0) continue;
      const Decimal value = own.contributions[i]->value;
      const size_t end = cells[i].values().CountAtMost(value);
      for (size_t at = cells[i].values().CountLess(value);
           at < end && position.tied_with_size() < PositionOptions::kMostTiesNamed; ++at) {
        const std::string& code = state.RankingOf(period, country).Participant(i, at);
        if (code == own.participant || (among && among->group_of(code) != 0)) continue;
        position.add_tied_with(code);
      }
    }
  }

  const std::shared_ptr<const CollectionSchema> schema_;
  const PopulationSource population_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<ServiceState>> services_ ABSL_GUARDED_BY(mutex_);
};

NationalState::NationalState(std::shared_ptr<const CollectionSchema> schema, PopulationSource population,
                             std::shared_ptr<const Succession> succession)
    : impl_(std::make_unique<Impl>(std::move(schema), std::move(population), succession)) {}

NationalState::~NationalState() = default;

void NationalState::Keep(const ServiceSchema& service, const std::string& participant, const Period& period,
                         const ReturnValues& values, uint32_t revision) {
  impl_->Keep(service.id(), participant, period, values.fields(), revision);
}

void NationalState::CountKept() { impl_->CountKept(); }

void NationalState::Put(const ServiceSchema& service, const std::string& participant, const Period& period,
                        const ReturnValues& values, uint32_t revision) {
  impl_->Put(service.id(), participant, period, values.fields(), revision);
}

void NationalState::Remove(const ServiceSchema& service, const std::string& participant, const Period& period) {
  impl_->Remove(service.id(), participant, period);
}

void NationalState::PopulationsChanged() { impl_->PopulationsChanged(); }

void NationalState::SuccessionChanged(std::shared_ptr<const Succession> succession) {
  impl_->SuccessionChanged(succession);
}

std::vector<v1::NationalStatistics> NationalState::Statistics(absl::Span<const ServiceSchema* const> services,
                                                              const Period& period,
                                                              const std::vector<std::string>& indicators) const {
  return impl_->Statistics(services, period, indicators);
}

std::vector<std::vector<v1::NationalStatistics>> NationalState::GroupStatistics(
    absl::Span<const ServiceSchema* const> services, const Period& period, const std::vector<std::string>& indicators,
    const Grouping& grouping) const {
  return impl_->GroupStatistics(services, period, indicators, grouping);
}

void NationalState::AddPosition(absl::Span<const ServiceSchema* const> services, const std::string& participant,
                                const Period& period, const PositionOptions& options, Positions* positions) const {
  impl_->AddPosition(services, participant, period, options, positions);
}

void NationalState::Foretell(const ServiceSchema& service, const std::string& participant, const Period& period,
                             const ReturnValues& values, Positions* positions) const {
  impl_->Foretell(service.id(), participant, period, values.fields(), positions);
}

void NationalState::VisitValues(absl::Span<const ServiceSchema* const> services, const Period& period,
                                absl::FunctionRef<void(const ServiceSchema&, const ParticipantValues&)> visit) const {
  impl_->VisitValues(services, period, visit);
}

ParticipantValues NationalState::Values(const ServiceSchema& service, const std::string& participant,
                                        const Period& period) const {
  return impl_->Values(service.id(), participant, period);
}

std::vector<std::string> NationalState::ReportersBetween(const ServiceSchema& service, int first_month,
                                                         int end_month) const {
  return impl_->ReportersBetween(service.id(), first_month, end_month);
}

absl::optional<Period> NationalState::LastPeriod(const ServiceSchema& service, PeriodKind kind) const {
  return impl_->LastPeriod(service.id(), kind);
}

NationalState::Steps NationalState::Step(absl::Span<const ServiceSchema* const> services, const Period& period,
                                         uint32_t minimum_n, const ReleaseStep* release) {
  return impl_->Step(services, period, minimum_n, release);
}

bool NationalState::MayStep(const ServiceSchema& service, const Period& period, uint32_t minimum_n,
                            bool replaces_unseen) const {
  return impl_->MayStep(service.id(), period, minimum_n, replaces_unseen);
}

void NationalState::AbandonStep(const ServiceSchema& service, const Period& period, const Stepped& stepped) {
  impl_->AbandonStep(service.id(), period, stepped);
}

void NationalState::AbandonRelease(const ServiceSchema& service, const Period& period, const ReleaseEmbargo& embargo,
                                   const absl::optional<Stepped>& stepped) {
  impl_->AbandonRelease(service.id(), period, embargo, stepped ? absl::make_optional(stepped->mark) : absl::nullopt);
}

void NationalState::ResumeSteps(const ServiceSchema& service, const Period& period, const SinceShown& since,
                                bool unseen) {
  impl_->ResumeSteps(service.id(), period, since, unseen);
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
