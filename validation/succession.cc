#include "validation/succession.h"

#include <algorithm>

namespace quartermaster {

void Succession::Put(const std::string& predecessor, const std::string& successor, const Period& first_month) {
  const auto before = successors_.find(predecessor);
  if (before != successors_.end()) {
    std::vector<std::string>& codes = predecessors_[before->second.code];
    codes.erase(std::remove(codes.begin(), codes.end(), predecessor), codes.end());
  }
  successors_[predecessor] = {successor, first_month.first_month()};
  std::vector<std::string>& codes = predecessors_[successor];
  codes.insert(std::lower_bound(codes.begin(), codes.end(), predecessor), predecessor);
}

const Succession::Successor* Succession::SuccessorOf(const std::string& code) const {
  const auto found = successors_.find(code);
  return found == successors_.end() ? nullptr : &found->second;
}

const std::vector<std::string>& Succession::PredecessorsOf(const std::string& code) const {
  static const auto& none = *new std::vector<std::string>();
  const auto found = predecessors_.find(code);
  return found == predecessors_.end() ? none : found->second;
}

}  // namespace quartermaster
