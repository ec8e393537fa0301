#include "server/national/distribution.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace quartermaster::national {
namespace {

bool IsNarrow(Int128 raw) {
  return raw >= std::numeric_limits<int64_t>::min() && raw <= std::numeric_limits<int64_t>::max();
}

// The square of a number below 2^100, by halves of 64 bits.
WideSum Square(Int128 raw) {
  const auto magnitude = static_cast<UnsignedInt128>(raw < 0 ? -raw : raw);
  const UnsignedInt128 high = magnitude >> 64;
  const UnsignedInt128 low = static_cast<uint64_t>(magnitude);
  const UnsignedInt128 cross = 2 * high * low;
  WideSum square{high * high + (cross >> 64), low * low};
  const UnsignedInt128 shifted_cross = cross << 64;
  square.low += shifted_cross;
  if (square.low < shifted_cross) ++square.high;
  return square;
}

void Add(const WideSum& term, WideSum* sum) {
  sum->low += term.low;
  sum->high += term.high + (sum->low < term.low ? 1 : 0);
}

void Subtract(const WideSum& term, WideSum* sum) {
  sum->high -= term.high + (sum->low < term.low ? 1 : 0);
  sum->low -= term.low;
}

template <typename Integer>
SortedBlocks<Integer> Sorted(const std::vector<Decimal>& values) {
  std::vector<Integer> raws;
  raws.reserve(values.size());
  for (const Decimal value : values) raws.push_back(static_cast<Integer>(value.raw()));
  return SortedBlocks<Integer>(std::move(raws));
}

}  // namespace

Distribution::Distribution(const std::vector<Decimal>& values) {
  for (const Decimal value : values) {
    sum_ += value.raw();
    Add(Square(value.raw()), &sum_of_squares_);
  }
  if (std::all_of(values.begin(), values.end(), [](Decimal value) { return IsNarrow(value.raw()); })) {
    values_ = Sorted<int64_t>(values);
  } else {
    values_ = Sorted<Int128>(values);
  }
}

void Distribution::Insert(Decimal value) {
  const Int128 raw = value.raw();
  if (Narrow* narrow = std::get_if<Narrow>(&values_); narrow != nullptr && IsNarrow(raw)) {
    narrow->Insert(static_cast<int64_t>(raw));
  } else {
    if (narrow != nullptr) {
      Wide wide;
      narrow->ForEach([&wide](int64_t each) { wide.Insert(each); });
      values_ = std::move(wide);
    }
    std::get<Wide>(values_).Insert(raw);
  }
  sum_ += raw;
  Add(Square(raw), &sum_of_squares_);
}

bool Distribution::Erase(Decimal value) {
  const Int128 raw = value.raw();
  bool erased = false;
  if (Narrow* narrow = std::get_if<Narrow>(&values_)) {
    erased = IsNarrow(raw) && narrow->Erase(static_cast<int64_t>(raw));
  } else {
    erased = std::get<Wide>(values_).Erase(raw);
  }
  if (!erased) return false;
  sum_ -= raw;
  Subtract(Square(raw), &sum_of_squares_);
  return true;
}

size_t Distribution::size() const {
  return std::visit([](const auto& values) { return values.size(); }, values_);
}

Decimal Distribution::Smallest(size_t k) const {
  return std::visit([k](const auto& values) { return Decimal::FromRaw(values.Smallest(k)); }, values_);
}

size_t Distribution::CountLess(Decimal value) const {
  const Int128 raw = value.raw();
  if (const Wide* wide = std::get_if<Wide>(&values_)) return wide->CountLess(raw);
  if (IsNarrow(raw)) return std::get<Narrow>(values_).CountLess(static_cast<int64_t>(raw));
  return raw < 0 ? 0 : size();
}

size_t Distribution::CountAtMost(Decimal value) const {
  const Int128 raw = value.raw();
  if (const Wide* wide = std::get_if<Wide>(&values_)) return wide->CountAtMost(raw);
  if (IsNarrow(raw)) return std::get<Narrow>(values_).CountAtMost(static_cast<int64_t>(raw));
  return raw < 0 ? 0 : size();
}

std::vector<Decimal> Distribution::Values() const {
  std::vector<Decimal> all;
  all.reserve(size());
  std::visit(
      [&all](const auto& values) { values.ForEach([&all](Int128 raw) { all.push_back(Decimal::FromRaw(raw)); }); },
      values_);
  return all;
}

}  // namespace quartermaster::national
