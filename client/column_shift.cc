#include "client/column_shift.h"

#include <algorithm>
#include <cstdlib>

namespace quartermaster::client {
namespace {

bool IsMisfit(CellFit fit) { return fit == CellFit::kOutOfRange || fit == CellFit::kWrongKind; }

// What speaks for a shift and against it.
struct Evidence {
  int moved_into_place = 0;
  int of_another_kind = 0;  // of these
  int unexplained = 0;      // Values that suit no column after the move, or are lost by it.
  ColumnShift shift{0, 0, 0, false};

  bool Suffices(bool row_length_agrees) const {
    const int least = row_length_agrees ? kMinMovedIntoPlace - 1 : kMinMovedIntoPlace;
    return moved_into_place >= least && unexplained * kMovedPerUnexplained <= moved_into_place &&
           (of_another_kind > 0 || moved_into_place >= kMinNumbersMovedIntoPlace);
  }

  int gain() const { return moved_into_place - unexplained; }

  bool IsBetterThan(const Evidence& other) const {
    return gain() != other.gain() ? gain() > other.gain() : shift.gap_is_blank && !other.shift.gap_is_blank;
  }
};

class ShiftSearch {
 public:
  ShiftSearch(const std::vector<ColumnTest>& columns, const std::vector<absl::string_view>& cells)
      : columns_(columns), cells_(cells), end_(cells.size()) {
    while (end_ > columns_.size() && cells_[end_ - 1].empty()) --end_;
    surplus_ = static_cast<int>(end_) - static_cast<int>(columns_.size());
    misfits_before_.push_back(0);
    for (size_t i = 0; i < end_; ++i) {
      as_it_stands_.push_back(Fit(cells_[i], i));
      misfits_before_.push_back(misfits_before_.back() + (IsMisfit(as_it_stands_[i]) ? 1 : 0));
    }
  }

  absl::optional<ColumnShift> Find() const {
    if (misfits_before_.back() < kMinMovedIntoPlace - 1) return absl::nullopt;
    Evidence best;
    for (int distance = 1; distance <= kMaxColumnShift; ++distance) {
      for (const int offset : {distance, -distance}) {
        const Evidence found = BestStart(offset);
        if (found.Suffices(offset == surplus_) && found.IsBetterThan(best)) best = found;
      }
    }
    if (best.shift.offset == 0) return absl::nullopt;
    return best.shift;
  }

 private:
  CellFit Fit(absl::string_view text, size_t column) const {
    if (text.empty()) return CellFit::kBlank;
    if (column >= columns_.size() || !columns_[column]) return CellFit::kWrongKind;
    return columns_[column](text);
  }

  // The cell would move to where it belongs.
  void Move(size_t cell, int offset, Evidence* evidence) const {
    if (cell >= end_) return;
    const CellFit before = as_it_stands_[cell];
    const CellFit after = Fit(cells_[cell], static_cast<size_t>(static_cast<int>(cell) - offset));
    if (IsMisfit(after)) ++evidence->unexplained;
    if (after != CellFit::kFits || !IsMisfit(before)) return;
    ++evidence->moved_into_place;
    if (before == CellFit::kWrongKind) ++evidence->of_another_kind;
  }

  // The column from which on the move explains most: the last of equals, since the cells before it suit their columns,
  // but rather one where a blank cell was inserted.
  Evidence BestStart(int offset) const {
    const size_t gap = offset > 0 ? static_cast<size_t>(offset) : 0;
    Evidence moved;
    Evidence best;
    for (size_t cell = columns_.size() + gap; cell < end_; ++cell) Move(cell, offset, &moved);
    for (size_t first = columns_.size(); first-- > 0;) {
      Move(first + gap, offset, &moved);
      Evidence here = moved;
      here.shift = {first, offset, first, true};
      here.unexplained += misfits_before_[std::min(first, end_)];
      for (size_t cell = first; cell < std::min(first + gap, end_); ++cell) {
        if (cells_[cell].empty()) continue;
        here.shift.gap_is_blank = false;
        // A value would be thrown away, unless there is a cell too many anyway.
        if (offset != surplus_) ++here.unexplained;
      }
      if (here.IsBetterThan(best)) best = here;
      if (here.gain() == best.gain()) best.shift.earliest_column = first;
    }
    return best;
  }

  const std::vector<ColumnTest>& columns_;
  const std::vector<absl::string_view>& cells_;
  size_t end_;   // of the cells that count: without the blank tail past the last heading
  int surplus_;  // cells that are too many, or, negative, missing
  std::vector<CellFit> as_it_stands_;
  std::vector<int> misfits_before_;  // [i]: among the cells before i
};

}  // namespace

absl::optional<ColumnShift> FindColumnShift(const std::vector<ColumnTest>& columns,
                                            const std::vector<absl::string_view>& cells) {
  return ShiftSearch(columns, cells).Find();
}

}  // namespace quartermaster::client
