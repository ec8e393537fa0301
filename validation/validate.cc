#include "validation/validate.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "re2/re2.h"
#include "validation/exceptional_rules.h"
#include "validation/expression_rules.h"
#include "validation/field_rules.h"
#include "validation/findings.h"
#include "validation/historical_rules.h"
#include "validation/period_rules.h"
#include "validation/rule_context.h"
#include "validation/suggest.h"
#include "validation/utf8.h"

namespace quartermaster {
namespace {

using schema::v1::CLASS_STRUCTURE;
using schema::v1::SEVERITY_ERROR;

// Names the service and, if it can be told, the message that carries it.
void JudgeService(const CollectionSchema& schema, const v1::ReturnContent& content, Judgement* judgement) {
  const ServiceSchema* service = schema.FindService(content.service());
  if (service == nullptr) {
    std::vector<absl::string_view> ids;
    for (const auto& known : schema.services()) ids.push_back(known->id());
    v1::Finding& finding =
        AddFinding("unknown-service", CLASS_STRUCTURE, SEVERITY_ERROR, "service", &judgement->findings);
    finding.set_given(ShortText(content.service()));
    finding.set_expected(JoinNames(ids));
    finding.set_message(
        absl::StrCat("The collection ", schema.id(), " has no service \"", ShortText(content.service()), "\"."));
    finding.set_hint(
        DidYouMean(NearestName(content.service(), ids), "Take one of the services that are expected here."));
    return;
  }
  judgement->service = service;
}

void JudgeParticipant(const v1::ReturnContent& content, const ReferenceData& reference, Judgement* judgement) {
  const std::string& code = content.participant();
  if (const std::string problem = ParticipantCodeProblem(code); !problem.empty()) {
    v1::Finding& finding =
        AddFinding("participant-code", CLASS_STRUCTURE, SEVERITY_ERROR, "participant", &judgement->findings);
    finding.set_given(ShortText(code));
    finding.set_message(problem);
    finding.set_hint("Write the code that you are registered with, such as RT1 or RT1-NORTH.");
    return;
  }
  if (!reference.is_participant || reference.is_participant(code)) return;
  v1::Finding& finding =
      AddFinding("unknown-participant", CLASS_STRUCTURE, SEVERITY_ERROR, "participant", &judgement->findings);
  finding.set_given(code);
  finding.set_message(absl::StrCat("No participant with the code ", code, " is registered."));
  const std::string near = reference.suggest_participant ? reference.suggest_participant(code) : "";
  finding.set_hint(DidYouMean(near, "Check the code, or ask the steward of the collection to register it."));
}

v1::Finding& AddPeriodFinding(absl::string_view rule, const v1::ReturnContent& content, Judgement* judgement) {
  v1::Finding& finding = AddFinding(rule, CLASS_STRUCTURE, SEVERITY_ERROR, "period", &judgement->findings);
  finding.set_given(ShortText(content.period()));
  return finding;
}

void JudgePeriod(const CollectionSchema& schema, const v1::ReturnContent& content, const ReferenceData& reference,
                 Judgement* judgement) {
  const absl::StatusOr<Period> period = Period::Parse(content.period());
  if (!period.ok()) {
    v1::Finding& finding = AddPeriodFinding("period", content, judgement);
    finding.set_message(std::string(period.status().message()));
    finding.set_hint("Write a month as 2025-04 and a financial quarter as 2025-26-Q1 (April to June 2025).");
    return;
  }
  if (!schema.takes(period->kind())) {
    std::vector<absl::string_view> kinds;
    for (const auto cadence : schema.cadences()) kinds.push_back(PeriodKindName(static_cast<PeriodKind>(cadence)));
    v1::Finding& finding = AddPeriodFinding("period-kind", content, judgement);
    finding.set_expected(JoinNames(kinds));
    finding.set_message(
        absl::StrCat("The collection ", schema.id(), " takes no returns for a ", PeriodKindName(period->kind()), "."));
    finding.set_hint("Send the return for a period of the kind that is expected.");
    return;
  }
  if (period->first_month() < schema.first_period().first_month()) {
    v1::Finding& finding = AddPeriodFinding("period-too-early", content, judgement);
    finding.set_expected(absl::StrCat("from ", schema.first_period().ToDisplayString()));
    finding.set_message(absl::StrCat(period->ToDisplayString(), " is before the collection ", schema.id(), " began."));
    finding.set_hint(absl::StrCat("Check the year of the period. The first month taken is ",
                                  schema.first_period().ToDisplayString(), "."));
    return;
  }
  if (reference.current_month && period->first_month() > reference.current_month->first_month()) {
    v1::Finding& finding = AddPeriodFinding("period-not-begun", content, judgement);
    finding.set_expected(absl::StrCat("up to ", reference.current_month->ToDisplayString()));
    finding.set_message(absl::StrCat(period->ToDisplayString(), " has not begun yet."));
    finding.set_hint("Check the year of the period.");
    return;
  }
  judgement->period = *period;
}

// Reads the values, or says why they cannot be read.
void ReadValues(const v1::ReturnContent& content, Judgement* judgement) {
  const ServiceSchema& service = *judgement->service;
  const std::string& url = content.data().type_url();
  const std::string& expected = service.descriptor()->full_name();
  if (url.substr(url.rfind('/') + 1) != expected) {
    v1::Finding& finding = AddFinding("wrong-message", CLASS_STRUCTURE, SEVERITY_ERROR, "", &judgement->findings);
    finding.set_given(ShortText(url));
    finding.set_expected(absl::StrCat("type.googleapis.com/", expected));
    finding.set_message(absl::StrCat("The data is not that of the service ", service.id(), "."));
    finding.set_hint("Send the message that is expected here, or name the service that the data is for.");
    return;
  }
  absl::StatusOr<ReturnValues> values = ReturnValues::Read(service, content.data().value(), content.not_available());
  if (!values.ok()) {
    v1::Finding& finding = AddFinding("unreadable-data", CLASS_STRUCTURE, SEVERITY_ERROR, "", &judgement->findings);
    finding.set_expected(expected);
    finding.set_message(absl::StrCat("Nothing was read: ", values.status().message(), "."));
    finding.set_hint("Encode the message with protobuf from the collection's own schema.");
    return;
  }
  judgement->values = *std::move(values);
}

}  // namespace

bool Judgement::accepted() const {
  for (const v1::Finding& finding : findings) {
    if (finding.severity() == SEVERITY_ERROR) return false;
  }
  return true;
}

std::string ParticipantCodeProblem(absl::string_view code) {
  static const RE2& pattern = *new RE2("[A-Z0-9]{2,12}(-[A-Z0-9][A-Z0-9-]{0,19})?");
  static const RE2& mangled = *new RE2(R"([0-9.]+[Ee]\+[0-9]+)");
  if (FullMatch(code, pattern)) return "";
  if (code.empty()) return "The participant code is missing.";
  if (FullMatch(code, mangled)) {
    return absl::StrCat("\"", code,
                        "\" is a code that a spreadsheet has turned into a number. Format the column as text.");
  }
  return absl::StrCat(
      "\"", ShortText(code),
      "\" is not a participant code: 2 to 12 capital letters and digits, with -NAME for a site or service.");
}

Judgement Judge(const CollectionSchema& schema, const v1::ReturnContent& content, const ReferenceData& reference) {
  Judgement judgement;
  JudgeParticipant(content, reference, &judgement);
  const bool participant_is_known = judgement.findings.empty();
  JudgePeriod(schema, content, reference, &judgement);
  if (participant_is_known && judgement.period) {
    JudgeSuccession(content.participant(), *judgement.period, reference, &judgement.findings);
  }
  JudgeService(schema, content, &judgement);
  if (judgement.service == nullptr) return judgement;
  ReadValues(content, &judgement);
  if (!judgement.values) return judgement;
  JudgeFields(*judgement.service, content, judgement.period, &*judgement.values, &judgement.findings);
  if (!judgement.period) return judgement;
  RuleContext context(schema, *judgement.service, content.participant(), *judgement.period, judgement.values->fields(),
                      reference, &judgement.findings, &judgement.shadow_findings);
  JudgeRules(&context);
  // Whose earlier returns are they? The finding on the code comes first.
  if (!participant_is_known) return judgement;
  JudgeWholeAndParts(schema, *judgement.service, content.participant(), *judgement.period, reference,
                     &judgement.findings);
  JudgeHistory(&context);
  JudgeExceptional(&context);
  return judgement;
}

}  // namespace quartermaster
