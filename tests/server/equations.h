// What somebody can work out by linear algebra.
#ifndef QUARTERMASTER_TESTS_SERVER_EQUATIONS_H_
#define QUARTERMASTER_TESTS_SERVER_EQUATIONS_H_

#include <cstdint>
#include <map>
#include <set>

#include "validation/decimal.h"

namespace quartermaster::server {

// Which equations between unknowns follow from some: coefficients by unknown, modulo a prime so large that what is not
// zero by itself is not zero by chance.
class Equations {
 public:
  // Sum of these unknowns is known.
  void Add(const std::set<int>& unknowns) {
    std::map<int, uint64_t> row;
    for (const int unknown : unknowns) row[unknown] = 1;
    for (const auto& [pivot, known] : rows_) Subtract(known, pivot, &row);
    if (row.empty()) return;
    const int pivot = row.begin()->first;
    const uint64_t inverse = Power(row.begin()->second, kPrime - 2);
    for (auto& [unknown, coefficient] : row) coefficient = Times(coefficient, inverse);
    for (auto& [other, known] : rows_) Subtract(row, pivot, &known);
    rows_[pivot] = row;
  }
  // Those of which the value follows. In the reduced form such a one has a row for itself.
  std::set<int> Solved() const {
    std::set<int> solved;
    for (const auto& [pivot, row] : rows_) {
      if (row.size() == 1) solved.insert(pivot);
    }
    return solved;
  }

 private:
  static constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
  static uint64_t Times(uint64_t a, uint64_t b) {
    return static_cast<uint64_t>(static_cast<UnsignedInt128>(a) * b % kPrime);
  }
  static uint64_t Power(uint64_t base, uint64_t exponent) {
    uint64_t result = 1;
    for (; exponent > 0; exponent /= 2, base = Times(base, base)) {
      if (exponent % 2 == 1) result = Times(result, base);
    }
    return result;
  }
  // Makes the coefficient of `pivot` in `row` zero.
  static void Subtract(const std::map<int, uint64_t>& known, int pivot, std::map<int, uint64_t>* row) {
    const auto found = row->find(pivot);
    if (found == row->end()) return;
    const uint64_t factor = found->second;
    for (const auto& [unknown, coefficient] : known) {
      uint64_t& target = (*row)[unknown];
      target = (target + kPrime - Times(factor, coefficient)) % kPrime;
      if (target == 0) row->erase(unknown);
    }
  }
  std::map<int, std::map<int, uint64_t>> rows_;  // by pivot, reduced
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_TESTS_SERVER_EQUATIONS_H_
