#include "server/national/figure_marks.h"

namespace quartermaster::national {

void FigureMarks::Record(const std::string& participant, const Contributions& before, const Contributions& after) {
  shown_.Record(participant, before, after);
  if (unseen_) unseen_->Record(participant, before, after);
  if (replaced_) replaced_->Record(participant, before, after);
}

bool FigureMarks::MayMove(const std::vector<bool>& withheld, bool replaces_unseen) const {
  return (unseen_ && !replaces_unseen ? *unseen_ : shown_).MayMove(withheld);
}

void FigureMarks::BeginRelease(const ReleaseEmbargo& embargo) {
  absl::optional<ChangesSinceMark> before = std::exchange(unseen_, absl::nullopt);
  replaced_.reset();
  if (embargo.replaces_unseen) {
    replaced_ = std::move(before);
  } else if (before) {
    shown_ = *std::move(before);
  }
}

FigureMarks::Marked FigureMarks::Mark(const std::vector<bool>& withheld, bool unseen) {
  ChangesSinceMark& marked = unseen ? unseen_.emplace(shown_) : shown_;
  const uint64_t number = marked.Mark(withheld);
  return {number, marked.shown()};
}

void FigureMarks::AbandonRelease(const ReleaseEmbargo& embargo, absl::optional<uint64_t> mark) {
  if (mark && !embargo.is_unseen) shown_.Unmark(*mark);
  unseen_ = std::exchange(replaced_, absl::nullopt);
}

}  // namespace quartermaster::national
