// Rows of fixed width by period, in one piece of memory: what is kept of one participant.
//
// The memory of the statistics is mostly this, so there is nothing but the values and 8 bytes of period a row. A
// participant has at most some hundred periods, and new ones come mostly at the end.
#ifndef QUARTERMASTER_SERVER_NATIONAL_PERIOD_TABLE_H_
#define QUARTERMASTER_SERVER_NATIONAL_PERIOD_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "validation/period.h"

namespace quartermaster::national {

// Regular but for comparison. Thread-compatible. Any change ends the life of all spans.
template <typename T>
class PeriodTable {
 public:
  explicit PeriodTable(size_t width) : width_(width) {}

  bool empty() const { return periods_.empty(); }
  // In order.
  const std::vector<Period>& periods() const { return periods_; }
  bool Has(const Period& period) const { return std::binary_search(periods_.begin(), periods_.end(), period); }

  // Requires Has(period).
  absl::Span<const T> Row(const Period& period) const { return RowAt(Index(period)); }

  // Puts `row`, of the width of the table, in place of any before.
  void Put(const Period& period, absl::Span<const T> row) {
    const size_t index = Index(period);
    const auto place = values_.begin() + static_cast<ptrdiff_t>(index * width_);
    if (index < periods_.size() && periods_[index] == period) {
      std::copy(row.begin(), row.end(), place);
      return;
    }
    // A vector that doubles would leave half of itself unused for half of the time; a quarter is enough room to grow.
    if (periods_.size() == periods_.capacity()) {
      const size_t room = periods_.size() + periods_.size() / 4 + 1;
      periods_.reserve(room);
      values_.reserve(room * width_);
    }
    periods_.insert(periods_.begin() + static_cast<ptrdiff_t>(index), period);
    values_.insert(values_.begin() + static_cast<ptrdiff_t>(index * width_), row.begin(), row.end());
  }

  // Nothing happens if there is no such row.
  void Erase(const Period& period) {
    if (!Has(period)) return;
    const auto index = static_cast<ptrdiff_t>(Index(period));
    const auto width = static_cast<ptrdiff_t>(width_);
    periods_.erase(periods_.begin() + index);
    values_.erase(values_.begin() + index * width, values_.begin() + (index + 1) * width);
  }

 private:
  // Where the period is or would be.
  size_t Index(const Period& period) const {
    return static_cast<size_t>(std::lower_bound(periods_.begin(), periods_.end(), period) - periods_.begin());
  }
  absl::Span<const T> RowAt(size_t index) const { return absl::MakeConstSpan(values_).subspan(index * width_, width_); }

  size_t width_;
  std::vector<Period> periods_;
  std::vector<T> values_;
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_PERIOD_TABLE_H_
