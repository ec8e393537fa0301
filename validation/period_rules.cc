#include "validation/period_rules.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "validation/findings.h"

namespace quartermaster {
namespace {

using schema::v1::CLASS_STRUCTURE;
using schema::v1::SEVERITY_ERROR;
using schema::v1::SEVERITY_INFO;

// The parts of a period for which there is a return, shortest parts last.
std::vector<Period> ReturnedParts(const CollectionSchema& schema, const ServiceSchema& service,
                                  const std::string& participant, const Period& period,
                                  const ReferenceData& reference) {
  std::vector<Period> parts = period.Parts();
  std::vector<Period> returned;
  for (size_t i = 0; i < parts.size(); ++i) {
    const Period part = parts[i];
    if (schema.takes(part.kind()) && reference.current_return(service, participant, part)) returned.push_back(part);
    for (const Period& smaller : part.Parts()) parts.push_back(smaller);
  }
  return returned;
}

}  // namespace

void JudgeSuccession(const std::string& participant, const Period& period, const ReferenceData& reference,
                     std::vector<v1::Finding>* findings) {
  if (!reference.successor) return;
  const absl::optional<Succession::Successor> successor = reference.successor(participant);
  if (!successor || Succession::IsBefore(period, *successor)) return;
  const int month = successor->first_month;
  const std::string from = Period::Month(month / 12, month % 12 + 1).ToDisplayString();
  v1::Finding& finding = AddFinding("succeeded", CLASS_STRUCTURE, SEVERITY_ERROR, "participant", findings);
  finding.set_given(participant);
  finding.set_expected(successor->code);
  finding.set_message(absl::StrCat(participant, " became ", successor->code, " in ", from, ", which stands for it in ",
                                   period.ToDisplayString(), "."));
  finding.set_hint(absl::StrCat("Send the return as ", successor->code, ". Returns of ", participant,
                                " are taken for periods that end before ", from, "."));
}

void JudgeWholeAndParts(const CollectionSchema& schema, const ServiceSchema& service, const std::string& participant,
                        const Period& period, const ReferenceData& reference, std::vector<v1::Finding>* findings) {
  if (!reference.current_return) return;
  for (Period whole = period; whole.kind() != PeriodKind::kYear;) {
    whole = whole.Container();
    if (!schema.takes(whole.kind()) || !reference.current_return(service, participant, whole)) continue;
    v1::Finding& finding = AddFinding("part-of-returned-period", CLASS_STRUCTURE, SEVERITY_ERROR, "period", findings);
    finding.set_given(period.ToString());
    finding.set_message(absl::StrCat("There is a return for the whole of ", whole.ToDisplayString(), ", so one for ",
                                     period.ToDisplayString(), " would not count in it."));
    finding.set_hint(absl::StrCat("Correct the return for ", whole.ToDisplayString(),
                                  ", or withdraw it first: then its parts count."));
    return;
  }
  const std::vector<Period> parts = ReturnedParts(schema, service, participant, period, reference);
  if (parts.empty()) return;
  v1::Finding& finding = AddFinding("supersedes-parts", CLASS_STRUCTURE, SEVERITY_INFO, "period", findings);
  finding.set_given(period.ToString());
  finding.set_message(absl::StrCat(
      "In ", period.ToDisplayString(), " a return for all of it counts in place of those for ",
      absl::StrJoin(parts, ", ", [](std::string* out, const Period& part) { out->append(part.ToDisplayString()); }),
      "."));
  finding.set_hint("They stay as they are in their own periods, and count again once it is withdrawn.");
}

}  // namespace quartermaster
