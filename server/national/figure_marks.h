// Since when the figures of one service in one period are shown as they are.
//
// What a release under embargo is to show is shown to nobody yet, and never if another release replaces it meanwhile:
// that one begins where it began. So there are up to two marks: of what is shown, and of what will be.
#ifndef QUARTERMASTER_SERVER_NATIONAL_FIGURE_MARKS_H_
#define QUARTERMASTER_SERVER_NATIONAL_FIGURE_MARKS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "server/national/assembly.h"
#include "server/national/changes_since_mark.h"

namespace quartermaster::national {

// How a release stands to embargoes.
struct ReleaseEmbargo {
  // The release before it is under embargo, so that nobody will see that one's figures any more.
  bool replaces_unseen = false;
  // It is under embargo itself.
  bool is_unseen = false;
};

// Thread-compatible.
class FigureMarks {
 public:
  explicit FigureMarks(ChangesSinceMark shown) : shown_(std::move(shown)) {}
  // After a start: the newest release is, or was, under embargo.
  void Resume(ChangesSinceMark unseen) { unseen_ = std::move(unseen); }

  // As of ChangesSinceMark.
  void Record(const std::string& participant, const Contributions& before, const Contributions& after);
  // Of a release, with `replaces_unseen` as it would be published now; of a look without.
  bool MayMove(const std::vector<bool>& withheld, bool replaces_unseen) const;
  bool HasNews(const std::vector<bool>& withheld) const { return shown_.HasNews(withheld); }

  // To be called for each service of a release before its marks are set, whether any is or not: what the release before
  // it was to show is shown now, or never.
  void BeginRelease(const ReleaseEmbargo& embargo);
  // Sets a mark; that of a release under embargo with `unseen`.
  struct Marked {
    uint64_t number;
    std::vector<bool> shown;  // for each indicator, whether it was, or will have been, shown at any mark
  };
  Marked Mark(const std::vector<bool>& withheld, bool unseen);
  // As if a look had set no mark.
  void Unmark(uint64_t mark) { shown_.Unmark(mark); }
  // As if the release that began last had not been published; `mark` is that which it set, if it did.
  void AbandonRelease(const ReleaseEmbargo& embargo, absl::optional<uint64_t> mark);

 private:
  ChangesSinceMark shown_;
  absl::optional<ChangesSinceMark> unseen_;
  absl::optional<ChangesSinceMark> replaced_;  // `unseen_` as it was before the last release
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_FIGURE_MARKS_H_
