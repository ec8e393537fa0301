// Which participants have another value than at a mark, of each indicator of one service in one period.
//
// It decides when a figure may move for viewers who must not see single values. Between two views of a sum lie the
// values that came and those that went. Let every view be a point in time and every value an edge from the point before
// which it came to the one before which it went. From sums alone a value can be worked out only if its edge is the only
// one that connects two parts of that graph. If at least kLeastOrganisations come new before every view, then from any
// set of points the latest has so many edges that lead out of it, so no edge is alone, and with kLeastOrganisations = 3
// none is alone for one of the organisations either, who knows its own values. Values that only went do not count for
// this.
#ifndef QUARTERMASTER_SERVER_NATIONAL_CHANGES_SINCE_MARK_H_
#define QUARTERMASTER_SERVER_NATIONAL_CHANGES_SINCE_MARK_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "server/national/assembly.h"

namespace quartermaster::national {

// The organisation of a participant, which is one of its sites: RT1 of RT1-NORTH.
std::string OrganisationOf(const std::string& participant);

// What is known, after a start of the server or in a new version of a schema, of the time since figures were shown
// last.
struct SinceShown {
  // For each indicator, whether it was ever shown.
  std::vector<bool> shown;
  // Organisations that may have another value now, or the same.
  std::set<std::string> distrusted_organisations;
  // Participants that had no value then.
  std::set<std::string> newcomers;
};

// Thread-compatible.
class ChangesSinceMark {
 public:
  static constexpr size_t kLeastOrganisations = 3;

  // Nothing was shown yet. Before an indicator is shown for the first time, its mark is that nobody had a value.
  explicit ChangesSinceMark(size_t indicators)
      : now_{std::vector<ChangesByParticipant>(indicators), std::vector<bool>(indicators, false), {}} {}

  // Takes over that a participant contributes something else. Either may be empty: nothing of any indicator.
  void Record(const std::string& participant, const Contributions& before, const Contributions& after);
  // To be called once all that there is now was recorded, as if nobody had had a value: takes the mark to be where
  // figures were shown last. Until the next mark distrusted organisations are not counted among those that have
  // something new, and while there are any, no indicator counts as unchanged.
  void Resume(const SinceShown& since);

  // Whether the figures may move now, all together, so that indicators that add up to each other tell nothing either:
  // each is unchanged since the mark, or has new values of at least kLeastOrganisations, or was never shown and is to
  // be `withheld` again.
  bool MayMove(const std::vector<bool>& withheld) const;
  // Whether anything is, or may be, other than at the mark. Without news a look need not set a mark.
  bool HasNews(const std::vector<bool>& withheld) const;
  // Sets the mark for those that are shown now: they are unchanged from now on. Gives its number.
  uint64_t Mark(const std::vector<bool>& withheld);
  // As if the mark with this number had not been set: what was to be shown was not. Nothing happens if there is a later
  // one, which then says what was shown last.
  void Unmark(uint64_t mark);
  // For each indicator, whether it was shown at any mark.
  const std::vector<bool>& shown() const { return now_.shown; }

 private:
  struct Change {
    absl::optional<Contribution> at_mark;
    absl::optional<Contribution> now;
  };
  using ChangesByParticipant = std::map<std::string, Change>;
  // What follows from the mark.
  struct SinceMark {
    std::vector<ChangesByParticipant> changes;  // for each indicator
    std::vector<bool> shown;
    std::set<std::string> distrusted;
  };
  size_t OrganisationsWithNewValues(const ChangesByParticipant& changes) const;

  SinceMark now_;
  SinceMark at_last_mark_;  // empty if there was none
  uint64_t last_mark_ = 0;
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_CHANGES_SINCE_MARK_H_
