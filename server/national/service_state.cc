#include "server/national/service_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/national/peers.h"
#include "validation/merged_return.h"

namespace quartermaster::national {
namespace {

template <typename Map>
std::vector<typename Map::key_type> SortedKeys(const Map& map) {
  std::vector<typename Map::key_type> keys;
  for (const auto& entry : map) keys.push_back(entry.first);
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::string HexText(UnsignedInt128 number) {
  return absl::StrCat(absl::Hex(static_cast<uint64_t>(number >> 64), absl::kZeroPad16),
                      absl::Hex(static_cast<uint64_t>(number), absl::kZeroPad16));
}

std::string CellText(const Cell& cell) {
  const WideSum squares = cell.values().sum_of_squares();
  std::string text =
      absl::StrCat(" n=", cell.values().size(), " sum=", cell.values().sum().ToString(),
                   " squares=", HexText(squares.high), HexText(squares.low),
                   " numerators=", cell.numerators().ToString(), " denominators=", cell.denominators().ToString(), ":");
  for (const Decimal value : cell.values().Values()) absl::StrAppend(&text, " ", value.ToString());
  return text;
}

}  // namespace

ServiceState::ServiceState(const ServiceSchema& schema, bool partial_periods,
                           std::shared_ptr<const Succession> succession)
    : schema_(schema),
      partial_periods_(partial_periods),
      kept_(schema),
      no_cells_(schema.indicators().size()),
      succession_(std::move(succession)) {}

void ServiceState::Put(const std::string& participant, const Period& period, const FieldRow& fields, uint32_t revision,
                       const PopulationSource& source) {
  Change(DependentOn(participant, period), source,
         [&] { participants_.try_emplace(participant, schema_, kept_).first->second.Put(period, fields, revision); });
}

void ServiceState::Remove(const std::string& participant, const Period& period, const PopulationSource& source) {
  const auto entry = participants_.find(participant);
  if (entry == participants_.end() || !entry->second.Has(period)) return;
  Change(DependentOn(participant, period), source, [&] { participants_.at(participant).Remove(period); });
}

std::vector<Period> ServiceState::Affected(Period period) {
  std::vector<Period> affected = {period};
  while (period.kind() != PeriodKind::kYear) {
    period = period.Container();
    affected.push_back(period);
  }
  return affected;
}

std::vector<ServiceState::Target> ServiceState::DependentOn(const std::string& participant,
                                                            const Period& period) const {
  std::vector<Target> targets;
  std::string code = participant;
  bool reaches = true;  // whether the return is one of those that successors are made of
  for (int depth = 0; depth <= Succession::kMaxDepth; ++depth) {
    if (reaches) {
      for (const Period& each : Affected(period)) targets.push_back({code, each});
    }
    AddMergers(code, &targets);
    const Succession::Successor* successor = succession_->SuccessorOf(code);
    if (successor == nullptr) break;
    reaches = reaches && !assembly().IsSucceeded(code, period);
    code = successor->code;
  }
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  return targets;
}

void ServiceState::AddMergers(const std::string& participant, std::vector<Target>* targets) const {
  for (const std::string& predecessor : succession_->PredecessorsOf(participant)) {
    const int month = succession_->SuccessorOf(predecessor)->first_month;
    for (const Period& each : Affected(Period::Month(month / 12, month % 12 + 1))) {
      targets->push_back({participant, each});
    }
  }
}

void ServiceState::Change(const std::vector<Target>& targets, const PopulationSource& source,
                          absl::FunctionRef<void()> change) {
  std::vector<Contributions> before;
  before.reserve(targets.size());
  for (const Target& target : targets) before.push_back(Counted(target.participant, target.period));
  change();
  for (size_t i = 0; i < targets.size(); ++i) {
    RenewPopulations(targets[i], source);
    Move(targets[i], before[i], Counted(targets[i].participant, targets[i].period));
  }
  for (const Target& target : targets) {
    const auto entry = participants_.find(target.participant);
    if (entry != participants_.end() && entry->second.empty()) participants_.erase(entry);
  }
}

absl::optional<FieldRow> ServiceState::CountedFields(const std::string& participant, const Period& period) const {
  if (!partial_periods_ && assembly().LacksMonths(participant, period)) return absl::nullopt;
  Assembled assembled = assembly().Assemble(participant, period, Before::kNothing);
  if (assembled.months_present < (partial_periods_ ? 1 : period.month_count())) return absl::nullopt;
  return std::move(assembled.fields);
}

Contributions ServiceState::Counted(const std::string& participant, const Period& period) const {
  const absl::optional<FieldRow> fields = CountedFields(participant, period);
  if (!fields) return {};
  return ContributionsOf(schema_, *fields, PopulationsOf(participant, period));
}

void ServiceState::RenewPopulations(const Target& target, const PopulationSource& source) {
  if (schema_.populations().empty()) return;  // Most services ask for none, and need no row for it.
  if (assembly().Assemble(target.participant, target.period, Before::kNothing).months_present > 0) {
    participants_.try_emplace(target.participant, schema_, kept_)
        .first->second.SetPopulations(target.period,
                                      LookUpPopulations(schema_, target.participant, target.period, source));
  } else if (const auto entry = participants_.find(target.participant); entry != participants_.end()) {
    entry->second.ForgetPopulations(target.period);
  }
}

absl::Span<const absl::optional<Decimal>> ServiceState::PopulationsOf(const std::string& participant,
                                                                      const Period& period) const {
  const auto entry = participants_.find(participant);
  if (entry == participants_.end()) return {};
  return entry->second.KeptPopulations(period);
}

void ServiceState::PopulationsChanged(const PopulationSource& source) {
  if (schema_.populations().empty()) return;
  std::vector<Target> targets;
  for (const auto& [participant, returns] : participants_) {
    for (const Period& period : returns.periods_with_populations()) targets.push_back({participant, period});
  }
  Change(targets, source, [] {});
}

void ServiceState::SuccessionChanged(std::shared_ptr<const Succession> succession, const PopulationSource& source) {
  if (*succession == *succession_) return;
  // Whatever depends on any return now or then, with its population, which a body without one has from its
  // predecessors: mergers are rare, and this costs as much as a start.
  std::vector<Target> targets;
  const auto add_all = [&] {
    for (const auto& [participant, returns] : participants_) {
      for (const Period& period : returns.periods()) {
        for (Target& target : DependentOn(participant, period)) targets.push_back(std::move(target));
      }
    }
  };
  add_all();
  std::swap(succession_, succession);
  add_all();
  std::swap(succession_, succession);
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  Change(targets, source, [&] { succession_ = std::move(succession); });
}

void ServiceState::Move(const Target& target, const Contributions& before, const Contributions& after) {
  if (before == after) return;  // Most of all where neither the quarter nor the year is complete.
  const Period& period = target.period;
  const auto tracked = tracked_.find(period);
  if (tracked != tracked_.end()) tracked->second.Record(target.participant, before, after);
  described_.Forget(period);
  std::vector<Cell>& cells = cells_.try_emplace(period, schema_.indicators().size()).first->second;
  for (size_t i = 0; i < cells.size(); ++i) {
    const absl::optional<Contribution> none;
    const absl::optional<Contribution>& old_one = before.empty() ? none : before[i];
    const absl::optional<Contribution>& new_one = after.empty() ? none : after[i];
    if (old_one != new_one) cells[i].Replace(old_one, new_one);
  }
}

const std::vector<Cell>& ServiceState::Cells(const Period& period) const {
  const auto found = cells_.find(period);
  return found == cells_.end() ? no_cells_ : found->second;
}

std::shared_ptr<const DescribedPeriod> ServiceState::Described(const Period& period) const {
  return described_.Get(period, [&] { return DescribeCells(schema_, Cells(period)); });
}

const Ranking& ServiceState::RankingOf(const Period& period, const DescribedPeriod& described) const {
  return described.ranking(
      [&] { return Ranking(schema_.indicators().size(), [&](Ranking::Visit visit) { VisitCounted(period, visit); }); });
}

std::vector<std::vector<Cell>> ServiceState::CellsByGroup(
    const Period& period, size_t groups, absl::FunctionRef<int(const std::string& participant)> group_of) const {
  std::vector<std::vector<Cell>> cells(groups, no_cells_);
  VisitCounted(period, [&](const std::string& participant, const Contributions& contributions) {
    const int group = group_of(participant);
    if (group < 0) return;
    for (size_t i = 0; i < contributions.size(); ++i) {
      cells[static_cast<size_t>(group)][i].Replace(absl::nullopt, contributions[i]);
    }
  });
  return cells;
}

void ServiceState::VisitCounted(
    const Period& period,
    absl::FunctionRef<void(const std::string& participant, const Contributions& contributions)> visit) const {
  for (const std::string& participant : Candidates()) {
    const Contributions contributions = Counted(participant, period);
    if (!contributions.empty()) visit(participant, contributions);
  }
}

ParticipantValues ServiceState::Values(const std::string& participant, const Period& period, Before before,
                                       const PopulationSource& source) const {
  ParticipantValues values;
  values.participant = participant;
  values.months_expected = period.month_count();
  Assembled assembled = assembly().Assemble(participant, period, before);
  values.months_present = assembled.months_present;
  if (assembled.months_present == 0) return values;
  values.whole = assembled.whole;
  values.from_predecessors = assembled.from_predecessors;
  // A series that follows predecessors back shows what counts with them.
  const bool own =
      !assembled.from_predecessors || assembly().Assemble(participant, period, Before::kNothing).months_present > 0;
  values.counts = own && (partial_periods_ || !values.partial());
  const absl::Span<const absl::optional<Decimal>> kept = PopulationsOf(participant, period);
  values.contributions =
      own ? ContributionsOf(schema_, assembled.fields, kept)
          : ContributionsOf(schema_, assembled.fields, LookUpPopulations(schema_, participant, period, source));
  values.returns = std::move(assembled.returns);
  std::sort(values.returns.begin(), values.returns.end());
  return values;
}

std::vector<std::string> ServiceState::Candidates() const {
  std::vector<std::string> candidates;
  for (const auto& [participant, returns] : participants_) {
    candidates.push_back(participant);
    const Succession::Successor* successor = succession_->SuccessorOf(participant);
    for (int depth = 0; successor != nullptr && depth < Succession::kMaxDepth; ++depth) {
      candidates.push_back(successor->code);
      successor = succession_->SuccessorOf(successor->code);
    }
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  return candidates;
}

void ServiceState::VisitValues(const Period& period, const PopulationSource& source,
                               absl::FunctionRef<void(const ParticipantValues&)> visit) const {
  for (const std::string& participant : Candidates()) {
    const ParticipantValues values = Values(participant, period, Before::kNothing, source);
    if (values.months_present > 0) visit(values);
  }
}

absl::optional<FieldRow> ServiceState::ReturnFields(const std::string& participant, const Period& period) const {
  const auto own = [this](const std::string& code, const Period& each) -> absl::optional<FieldRow> {
    const auto found = participants_.find(code);
    if (found == participants_.end() || !found->second.Has(each)) return absl::nullopt;
    return found->second.Fields(each);
  };
  const auto reports = [this](const std::string& code) {
    const auto found = participants_.find(code);
    return found != participants_.end() && !found->second.periods().empty();
  };
  return ReturnOrPredecessors(schema_, *succession_, participant, period, {own, reports});
}

std::vector<std::string> ServiceState::ReportersBetween(int first_month, int end_month) const {
  std::vector<std::string> reporters;
  for (const auto& [participant, returns] : participants_) {
    if (returns.HasBetween(first_month, end_month)) reporters.push_back(participant);
  }
  std::sort(reporters.begin(), reporters.end());
  return reporters;
}

absl::optional<Period> ServiceState::LastPeriod(PeriodKind kind) const {
  absl::optional<Period> last;
  for (const auto& [period, cells] : cells_) {
    if (period.kind() != kind || (last && period <= *last)) continue;
    const bool anybody =
        std::any_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.values().size() > 0; });
    if (anybody) last = period;
  }
  return last;
}

absl::optional<PeerBaseline> ServiceState::Peers(const IndicatorSchema& indicator, const std::string& participant,
                                                 const Period& period,
                                                 const std::function<bool(const Period&)>& settled) const {
  const auto index = static_cast<size_t>(indicator.index);
  const auto count = [&](const Period& each) { return Cells(each)[index].values().size(); };
  for (int back = 1; back <= PeriodsSearchedForPeers(period.kind()); ++back) {
    const Period candidate = period.Plus(-back);
    size_t fullest = 0;
    for (int before = 0; before < 4; ++before) fullest = std::max(fullest, count(candidate.Plus(-before)));
    if (fullest == 0 || count(candidate) * 10 < fullest * 9 || !settled(candidate)) continue;
    absl::optional<Decimal> own;
    if (const absl::optional<FieldRow> fields = CountedFields(participant, candidate)) {
      const auto contribution = Contribute(indicator, {*fields, PopulationsOf(participant, candidate)});
      if (contribution) own = contribution->value;
    }
    const Distribution& values = Cells(candidate)[index].values();
    const absl::optional<MedianAndDeviation> others = ComputePeers(values, own);
    if (!others) return absl::nullopt;
    return PeerBaseline{others->median, others->deviation, static_cast<uint32_t>(values.size() - (own ? 1 : 0)),
                        candidate};
  }
  return absl::nullopt;
}

Contributions ServiceState::ContributionsIf(const std::string& participant, const Period& period,
                                            const FieldRow& fields, const PopulationSource& source) const {
  if (assembly().IsSucceeded(participant, period)) return {};
  // Through the same eight bytes a number as a return that is put.
  return ContributionsOf(schema_, kept_.Unpack(kept_.Pack(fields)),
                         LookUpPopulations(schema_, participant, period, source));
}

std::vector<bool> ServiceState::BelowMinimum(const Period& period, uint32_t minimum_n) const {
  std::vector<bool> below;
  for (const Cell& cell : Cells(period)) below.push_back(cell.values().size() < std::max(minimum_n, 1U));
  return below;
}

bool ServiceState::MayMove(const Period& period, uint32_t minimum_n, bool replaces_unseen) const {
  const std::vector<bool> withheld = BelowMinimum(period, minimum_n);
  if (std::find(withheld.begin(), withheld.end(), false) == withheld.end()) return false;
  const auto tracked = tracked_.find(period);
  return tracked == tracked_.end() || tracked->second.MayMove(withheld, replaces_unseen);
}

bool ServiceState::HasNews(const Period& period, uint32_t minimum_n) const {
  const auto tracked = tracked_.find(period);
  return tracked == tracked_.end() || tracked->second.HasNews(BelowMinimum(period, minimum_n));
}

FigureMarks::Marked ServiceState::Mark(const Period& period, uint32_t minimum_n, bool unseen) {
  return tracked_.at(period).Mark(BelowMinimum(period, minimum_n), unseen);
}

ChangesSinceMark ServiceState::ChangesSince(const Period& period, const absl::optional<SinceShown>& since) const {
  ChangesSinceMark changes(schema_.indicators().size());
  VisitCounted(period, [&](const std::string& participant, const Contributions& contributions) {
    changes.Record(participant, {}, contributions);
  });
  if (since) changes.Resume(*since);
  return changes;
}

void ServiceState::Track(const Period& period, const absl::optional<SinceShown>& since) {
  tracked_.insert_or_assign(period, FigureMarks(ChangesSince(period, since)));
}

void ServiceState::TrackUnseen(const Period& period, const SinceShown& since) {
  if (!tracks(period)) Track(period, absl::nullopt);
  tracked_.at(period).Resume(ChangesSince(period, since));
}

std::string ServiceState::Dump() const {
  const std::string blank = CellText(Cell());
  std::string text = absl::StrCat("service ", schema_.id(), "\n");
  for (const std::string& participant : SortedKeys(participants_)) {
    absl::StrAppend(&text, " participant ", participant, "\n", participants_.at(participant).Dump());
  }
  for (const Period& period : SortedKeys(cells_)) {
    const std::vector<Cell>& cells = cells_.at(period);
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string cell = CellText(cells[i]);
      if (cell == blank) continue;  // Whoever was there has left; as if nobody had ever been.
      const IndicatorSchema& indicator = schema_.indicators()[i];
      absl::StrAppend(&text, " cell ", period.ToString(), " ", indicator.id, " ", indicator.category, cell, "\n");
    }
  }
  return text;
}

}  // namespace quartermaster::national
