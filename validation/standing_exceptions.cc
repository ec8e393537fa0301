#include "validation/standing_exceptions.h"

namespace quartermaster {

void StandingExceptions::Put(const v1::StandingException& exception) {
  exceptions_[exception.id()] = exception;
  std::set<uint64_t>& open = open_[{exception.collection(), exception.service(), exception.participant()}];
  if (exception.ended_by().empty()) {
    open.insert(exception.id());
  } else {
    open.erase(exception.id());
  }
}

absl::optional<v1::ExceptionUse> StandingExceptions::Find(const std::string& collection, const std::string& service,
                                                          const std::string& participant, absl::string_view rule_id,
                                                          absl::string_view subject, absl::string_view today) const {
  const auto found = open_.find({collection, service, participant});
  if (found == open_.end()) return absl::nullopt;
  for (auto id = found->second.rbegin(); id != found->second.rend(); ++id) {
    const v1::StandingException& exception = exceptions_.at(*id);
    if (exception.rule_id() != rule_id) continue;
    if (!exception.subject().empty() && exception.subject() != subject) continue;
    // Days written year first compare as texts.
    if (absl::string_view(exception.until()) < today) continue;
    v1::ExceptionUse use;
    use.set_id(exception.id());
    use.set_until(exception.until());
    use.set_reason(exception.reason());
    return use;
  }
  return absl::nullopt;
}

}  // namespace quartermaster
