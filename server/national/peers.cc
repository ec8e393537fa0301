#include "server/national/peers.h"

#include <algorithm>

namespace quartermaster::national {
namespace {

// Of two values that may stand in the middle.
Decimal MeanOfTwo(Decimal a, Decimal b) { return *Divide(*Add(a, b), Decimal::FromInteger(2)); }

// The values but one, by rank.
class Others {
 public:
  Others(const Distribution& values, const absl::optional<Decimal>& left_out)
      : values_(values),
        size_(values.size() - (left_out ? 1 : 0)),
        gap_(left_out ? values.CountLess(*left_out) : values.size()),
        left_out_(left_out) {}

  size_t size() const { return size_; }
  Decimal Smallest(size_t k) const { return values_.Smallest(k < gap_ ? k : k + 1); }
  size_t CountAtMost(Decimal value) const {
    return values_.CountAtMost(value) - (left_out_ && *left_out_ <= value ? 1 : 0);
  }
  Decimal Median() const {
    const Decimal upper = Smallest(size_ / 2);
    return size_ % 2 == 1 ? upper : MeanOfTwo(Smallest(size_ / 2 - 1), upper);
  }

 private:
  const Distribution& values_;
  const size_t size_;
  const size_t gap_;  // The rank of the one that is left out.
  const absl::optional<Decimal> left_out_;
};

// The distances of all values from a point, smallest first. Those below the point and those above it are two sequences
// in order, and the k-th smallest of both is found by halving.
class Distances {
 public:
  Distances(const Others& others, Decimal point)
      : others_(others), point_(point), below_(others.CountAtMost(point)), above_(others.size() - below_) {}

  Decimal Smallest(size_t k) const {
    // Of the k + 1 smallest so many are from below: the fewest that leave nothing out.
    size_t low = k + 1 > above_ ? k + 1 - above_ : 0;
    size_t high = std::min(k + 1, below_);
    while (low < high) {
      const size_t from_below = low + (high - low) / 2;
      const size_t from_above = k + 1 - from_below;
      if (from_above > 0 && Below(from_below) < Above(from_above - 1)) {
        low = from_below + 1;
      } else {
        high = from_below;
      }
    }
    const size_t from_above = k + 1 - low;
    if (low == 0) return Above(from_above - 1);
    if (from_above == 0) return Below(low - 1);
    return std::max(Below(low - 1), Above(from_above - 1));
  }

 private:
  Decimal Below(size_t i) const { return *Subtract(point_, others_.Smallest(below_ - 1 - i)); }
  Decimal Above(size_t i) const { return *Subtract(others_.Smallest(below_ + i), point_); }

  const Others& others_;
  const Decimal point_;
  const size_t below_;  // How many are at or below the point.
  const size_t above_;
};

}  // namespace

absl::optional<MedianAndDeviation> ComputePeers(const Distribution& values, const absl::optional<Decimal>& left_out) {
  const Others others(values, left_out);
  if (others.size() == 0) return absl::nullopt;
  const Decimal median = others.Median();
  const Distances distances(others, median);
  const size_t middle = others.size() / 2;
  const Decimal upper = distances.Smallest(middle);
  const Decimal deviation = others.size() % 2 == 1 ? upper : MeanOfTwo(distances.Smallest(middle - 1), upper);
  return MedianAndDeviation{median, deviation};
}

}  // namespace quartermaster::national
