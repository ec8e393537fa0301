#include "client/local_judge.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/return_keys.h"
#include "validation/validate.h"

namespace quartermaster::client {
namespace {

bool HasError(const v1::Verdict& verdict) {
  return std::any_of(verdict.findings().begin(), verdict.findings().end(),
                     [](const v1::Finding& finding) { return finding.severity() == schema::v1::SEVERITY_ERROR; });
}

}  // namespace

LocalJudge::LocalJudge(const BundleReference* bundle) : has_history_(bundle != nullptr) {
  const absl::Time now = absl::Now();
  if (bundle != nullptr) {
    reference_ = bundle->Reference(absl::FormatCivilTime(absl::ToCivilDay(now, absl::UTCTimeZone())));
    reference_.current_return = [this, stored = std::move(reference_.current_return)](
                                    const ServiceSchema& service, const std::string& participant,
                                    const Period& period) -> absl::optional<FieldRow> {
      const auto found = judged_.find({service.id(), participant, period});
      return found != judged_.end() ? absl::optional<FieldRow>(found->second) : stored(service, participant, period);
    };
  }
  const absl::CivilMonth month = absl::ToCivilMonth(now, absl::UTCTimeZone());
  reference_.current_month = Period::Month(static_cast<int>(month.year()), month.month());
}

v1::Verdict LocalJudge::Judge(const FileReturn& file_return) {
  v1::Verdict verdict;
  verdict.set_participant(file_return.content.participant());
  verdict.set_service(file_return.content.service());
  verdict.set_period(file_return.period);
  for (const v1::Finding& problem : file_return.problems) *verdict.add_findings() = problem;
  if (file_return.schema != nullptr) {
    const Judgement judgement = quartermaster::Judge(*file_return.schema, file_return.content, reference_);
    for (const v1::Finding& finding : judgement.findings) {
      if (!file_return.is_shifted || IsKeyHeading(finding.field())) *verdict.add_findings() = finding;
    }
    if (has_history_ && judgement.accepted() && file_return.CanBeSent()) {
      FieldRow row = judgement.values->fields();
      for (FieldValue& value : row) value.text = {};  // Texts point into the message, which goes.
      judged_[{judgement.service->id(), file_return.content.participant(), *judgement.period}] = std::move(row);
    }
  }
  const bool has_error = HasError(verdict);
  verdict.set_accepted(!has_error && file_return.CanBeSent());
  if (const size_t bytes = file_return.content.ByteSizeLong(); !has_error && bytes > kMaxReturnBytes) {
    *verdict.add_findings() = FileFinding(
        "return-too-large", file_return.origin.source().place(), file_return.origin.row_number(),
        absl::StrFormat("The return has %.1f MiB, and at most %d are taken.", bytes / 1048576.0, kMaxReturnBytes >> 20),
        "Shorten its texts and the reasons why values are not available.");
  } else if (!has_error && !verdict.accepted()) {
    verdict.set_held_back(true);
  }
  verdict.set_collection(file_return.content.collection());
  file_return.origin.Locate(&verdict);
  return verdict;
}

}  // namespace quartermaster::client
