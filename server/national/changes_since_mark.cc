#include "server/national/changes_since_mark.h"

#include <algorithm>

namespace quartermaster::national {

std::string OrganisationOf(const std::string& participant) { return participant.substr(0, participant.find('-')); }

void ChangesSinceMark::Record(const std::string& participant, const Contributions& before, const Contributions& after) {
  for (size_t i = 0; i < now_.changes.size(); ++i) {
    const absl::optional<Contribution> none;
    const absl::optional<Contribution>& old_one = before.empty() ? none : before[i];
    const absl::optional<Contribution>& new_one = after.empty() ? none : after[i];
    if (old_one == new_one) continue;
    ChangesByParticipant& changes = now_.changes[i];
    Change& change = changes.try_emplace(participant, Change{old_one, {}}).first->second;
    change.now = new_one;
    if (change.now == change.at_mark) changes.erase(participant);
  }
}

void ChangesSinceMark::Resume(const SinceShown& since) {
  for (size_t i = 0; i < since.shown.size(); ++i) {
    if (!since.shown[i]) continue;
    std::erase_if(now_.changes[i], [&](const auto& change) { return since.newcomers.count(change.first) == 0; });
  }
  now_.shown = since.shown;
  now_.distrusted = since.distrusted_organisations;
}

bool ChangesSinceMark::MayMove(const std::vector<bool>& withheld) const {
  for (size_t i = 0; i < now_.changes.size(); ++i) {
    if (!now_.shown[i] && withheld[i]) continue;
    const bool unchanged = now_.changes[i].empty() && now_.distrusted.empty();
    if (!unchanged && OrganisationsWithNewValues(now_.changes[i]) < kLeastOrganisations) return false;
  }
  return true;
}

bool ChangesSinceMark::HasNews(const std::vector<bool>& withheld) const {
  for (size_t i = 0; i < now_.changes.size(); ++i) {
    const bool has_news = now_.shown[i] ? !now_.changes[i].empty() : !withheld[i];
    if (has_news) return true;
  }
  return !now_.distrusted.empty();
}

uint64_t ChangesSinceMark::Mark(const std::vector<bool>& withheld) {
  at_last_mark_ = now_;
  for (size_t i = 0; i < now_.changes.size(); ++i) {
    if (!now_.shown[i] && withheld[i]) continue;
    now_.changes[i].clear();
    now_.shown[i] = true;
  }
  now_.distrusted.clear();
  return ++last_mark_;
}

void ChangesSinceMark::Unmark(uint64_t mark) {
  if (mark != last_mark_ || at_last_mark_.changes.empty()) return;
  for (size_t i = 0; i < now_.changes.size(); ++i) {
    if (now_.shown[i] == false) continue;  // Its changes went on.
    ChangesByParticipant& earlier = at_last_mark_.changes[i];
    for (const auto& [participant, change] : now_.changes[i]) {
      const auto [entry, is_new] = earlier.try_emplace(participant, change);
      entry->second.now = change.now;
      if (entry->second.now == entry->second.at_mark) earlier.erase(entry);
    }
    now_.changes[i] = std::move(earlier);
  }
  now_.shown = std::move(at_last_mark_.shown);
  now_.distrusted.insert(at_last_mark_.distrusted.begin(), at_last_mark_.distrusted.end());
  at_last_mark_ = {};
}

size_t ChangesSinceMark::OrganisationsWithNewValues(const ChangesByParticipant& changes) const {
  std::set<std::string> organisations;
  for (const auto& [participant, change] : changes) {
    if (!change.now || (change.at_mark && change.at_mark->value == change.now->value)) continue;
    const std::string organisation = OrganisationOf(participant);
    if (now_.distrusted.count(organisation) == 0) organisations.insert(organisation);
    if (organisations.size() == kLeastOrganisations) break;
  }
  return organisations.size();
}

}  // namespace quartermaster::national
