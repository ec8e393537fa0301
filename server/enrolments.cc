#include "server/enrolments.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/errors.h"
#include "server/paging.h"

namespace quartermaster::server {
namespace {

// What was stored has months or nothing; anything else encloses no period.
bool Encloses(const v1::Enrolment& enrolment, const Period& period) {
  if (!enrolment.from().empty()) {
    const absl::StatusOr<Period> from = Period::Parse(enrolment.from());
    if (!from.ok() || period.first_month() < from->first_month()) return false;
  }
  if (enrolment.to().empty()) return true;
  const absl::StatusOr<Period> to = Period::Parse(enrolment.to());
  return to.ok() && period.first_month() + period.month_count() <= to->first_month() + to->month_count();
}

std::string TokenOf(const v1::Enrolment& enrolment) {
  return absl::WebSafeBase64Escape(
      absl::StrJoin({enrolment.collection(), enrolment.service(), enrolment.participant()}, "\n"));
}

absl::StatusOr<Enrolments::Key> ParseToken(const std::string& token) {
  std::string decoded;
  std::vector<std::string> parts;
  if (absl::WebSafeBase64Unescape(token, &decoded)) parts = absl::StrSplit(decoded, '\n');
  if (parts.size() != 3) {
    return InvalidField("page_token", "it is not one that this server gave. Start again without it.");
  }
  return Enrolments::Key{parts[0], parts[1], parts[2]};
}

}  // namespace

void Enrolments::Put(const storage::v1::EnrolmentRecord& record) {
  const v1::Enrolment& enrolment = record.enrolment();
  all_[{enrolment.collection(), enrolment.service(), enrolment.participant()}] = record;
}

const v1::Enrolment* Enrolments::Find(const std::string& collection, const std::string& service,
                                      const std::string& participant) const {
  const auto found = all_.find({collection, service, participant});
  return found == all_.end() ? nullptr : &found->second.enrolment();
}

bool Enrolments::HasAny(const std::string& collection, const std::string& service) const {
  const auto first = all_.lower_bound({collection, service, ""});
  return first != all_.end() && std::get<0>(first->first) == collection && std::get<1>(first->first) == service;
}

std::vector<std::string> Enrolments::EnrolledFor(const std::string& collection, const std::string& service,
                                                 const Period& period) const {
  std::vector<std::string> codes;
  for (auto it = all_.lower_bound({collection, service, ""}); it != all_.end(); ++it) {
    const auto& [its_collection, its_service, participant] = it->first;
    if (its_collection != collection || its_service != service) break;
    if (Encloses(it->second.enrolment(), period)) codes.push_back(participant);
  }
  return codes;
}

absl::StatusOr<v1::ListEnrolmentsResponse> ListEnrolments(const Enrolments& enrolments,
                                                          const v1::ListEnrolmentsRequest& request) {
  const absl::StatusOr<size_t> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  auto next = enrolments.all().lower_bound({request.collection(), "", ""});
  if (!request.page_token().empty()) {
    const absl::StatusOr<Enrolments::Key> last = ParseToken(request.page_token());
    if (!last.ok()) return last.status();
    next = enrolments.all().upper_bound(*last);
  }
  v1::ListEnrolmentsResponse response;
  size_t page_bytes = 0;
  for (; next != enrolments.all().end(); ++next) {
    const v1::Enrolment& enrolment = next->second.enrolment();
    if (!request.collection().empty() && enrolment.collection() != request.collection()) break;
    if (static_cast<size_t>(response.enrolments_size()) == *page_size || page_bytes >= kMaxPageBytes) {
      response.set_next_page_token(TokenOf(*response.enrolments().rbegin()));
      break;
    }
    *response.add_enrolments() = enrolment;
    page_bytes += enrolment.ByteSizeLong();
  }
  return response;
}

}  // namespace quartermaster::server
