#include "server/national/service_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/national/peers.h"

namespace quartermaster::national {
namespace {

// The period and those that contain it, shortest first.
std::vector<Period> Affected(Period period) {
  std::vector<Period> affected = {period};
  while (period.kind() != PeriodKind::kYear) {
    period = period.Container();
    affected.push_back(period);
  }
  return affected;
}

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

ServiceState::ServiceState(const ServiceSchema& schema)
    : schema_(schema), kept_(schema), no_cells_(schema.indicators().size()) {}

void ServiceState::Put(const std::string& participant, const Period& period, const FieldRow& fields,
                       const PopulationSource& source) {
  Change(participant, period, &fields, source);
}

void ServiceState::Remove(const std::string& participant, const Period& period, const PopulationSource& source) {
  if (participants_.contains(participant)) Change(participant, period, nullptr, source);
}

void ServiceState::Change(const std::string& participant, const Period& period, const FieldRow* fields,
                          const PopulationSource& source) {
  const auto entry = participants_.try_emplace(participant, schema_, kept_).first;
  ParticipantReturns& returns = entry->second;
  const std::vector<Period> affected = Affected(period);
  std::vector<Contributions> before;
  for (const Period& each : affected) before.push_back(returns.ContributionsTo(each));
  if (fields != nullptr) {
    returns.Put(period, *fields);
  } else {
    returns.Remove(period);
  }
  for (size_t i = 0; i < affected.size(); ++i) {
    if (returns.Covers(affected[i])) {
      returns.SetPopulations(affected[i], LookUpPopulations(schema_, participant, affected[i], source));
    } else {
      returns.ForgetPopulations(affected[i]);
    }
    Move(affected[i], before[i], returns.ContributionsTo(affected[i]));
  }
  if (returns.empty()) participants_.erase(entry);
}

void ServiceState::PopulationsChanged(const PopulationSource& source) {
  if (schema_.populations().empty()) return;
  for (auto& [participant, returns] : participants_) {
    // A copy, because SetPopulations writes where the periods lie.
    const std::vector<Period> periods = returns.periods_with_populations();
    for (const Period& period : periods) {
      const Contributions before = returns.ContributionsTo(period);
      returns.SetPopulations(period, LookUpPopulations(schema_, participant, period, source));
      Move(period, before, returns.ContributionsTo(period));
    }
  }
}

void ServiceState::Move(const Period& period, const Contributions& before, const Contributions& after) {
  if (before == after) return;  // Most of all where neither the quarter nor the year is complete.
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

Contributions ServiceState::ContributionsOfParticipant(const std::string& participant, const Period& period) const {
  const auto found = participants_.find(participant);
  return found == participants_.end() ? Contributions() : found->second.ContributionsTo(period);
}

absl::optional<FieldRow> ServiceState::ReturnFields(const std::string& participant, const Period& period) const {
  const auto found = participants_.find(participant);
  if (found == participants_.end()) return absl::nullopt;
  return found->second.ReturnFields(period);
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
    if (const auto found = participants_.find(participant); found != participants_.end()) {
      if (const auto contribution = found->second.ContributionTo(candidate, indicator)) own = contribution->value;
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
  // Through the same eight bytes a number as a return that is put.
  return ContributionsOf(schema_, kept_.Unpack(kept_.Pack(fields)),
                         LookUpPopulations(schema_, participant, period, source));
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
