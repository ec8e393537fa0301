// Which participants became which: mergers, and changes of code.
//
// A merged body is counted once. For a period before the date its predecessors count, each for itself; for one from the
// date on the successor does; for a longer one that the date falls into, the successor, with what its predecessors sent
// before.
#ifndef QUARTERMASTER_VALIDATION_SUCCESSION_H_
#define QUARTERMASTER_VALIDATION_SUCCESSION_H_

#include <map>
#include <string>
#include <vector>

#include "validation/period.h"

namespace quartermaster {

// A value: built once, then read by any number of threads.
class Succession {
 public:
  // Chains of successors that are followed; an import refuses longer ones, and circles.
  static constexpr int kMaxDepth = 8;

  struct Successor {
    std::string code;
    int first_month;  // of the successor, counted as Period::first_month does
    friend bool operator==(const Successor&, const Successor&) = default;
  };

  // A participant has one successor at most: the last that was put.
  void Put(const std::string& predecessor, const std::string& successor, const Period& first_month);

  // Null if it has none.
  const Successor* SuccessorOf(const std::string& code) const;
  // Ordered by code.
  const std::vector<std::string>& PredecessorsOf(const std::string& code) const;

  // Whether the successor began in the middle of the period, so that it counts for all of it.
  static bool Straddles(const Successor& successor, const Period& period) {
    return period.first_month() < successor.first_month &&
           successor.first_month < period.first_month() + period.month_count();
  }
  // Whether the period ends before the successor began.
  static bool IsBefore(const Period& period, const Successor& successor) {
    return period.first_month() + period.month_count() <= successor.first_month;
  }

  friend bool operator==(const Succession&, const Succession&) = default;

 private:
  std::map<std::string, Successor> successors_;
  std::map<std::string, std::vector<std::string>> predecessors_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_SUCCESSION_H_
