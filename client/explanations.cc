#include "client/explanations.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/enum_name.h"
#include "client/finding_text.h"
#include "client/text.h"
#include "re2/re2.h"
#include "validation/suggest.h"
#include "validation/utf8.h"

namespace quartermaster::client {
namespace {

constexpr size_t kMaxRememberedRules = 100;  // More than a collection has.

bool Meets(const v1::QueryExplanation& explanation, const v1::Finding& finding) {
  if (finding.severity() != schema::v1::SEVERITY_QUERY || finding.rule_id() != explanation.rule_id()) return false;
  return explanation.subject().empty() || explanation.subject() == SubjectOf(finding);
}

absl::StatusOr<v1::QueryExplanation> ParseOne(const std::string& option) {
  // Ids and paths have no equals sign, so the first one ends them and the text may hold any.
  static const RE2& pattern = *new RE2("(?s)([A-Za-z0-9._-]+)(?::([A-Za-z0-9._#/-]+))?=(.*)");
  std::string rule_id, subject, text;
  if (!IsUtf8(option) || !RE2::FullMatch(option, pattern, &rule_id, &subject, &text)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--explain: \"", Printable(FirstCharacters(option, 100)),
                     "\" is not RULE=TEXT or RULE:FIELD=TEXT, as in --explain \"change=A ward opened in June.\""));
  }
  const std::string trimmed(Trim(text));
  if (trimmed.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("--explain: the explanation of ", rule_id, " has no text."));
  }
  if (FirstCharacters(trimmed, kMaxExplanationCharacters).size() < trimmed.size()) {
    return absl::InvalidArgumentError(absl::StrCat("--explain: the explanation of ", rule_id, " is longer than ",
                                                   kMaxExplanationCharacters, " characters."));
  }
  v1::QueryExplanation explanation;
  explanation.set_rule_id(rule_id);
  explanation.set_subject(subject);
  explanation.set_text(trimmed);
  return explanation;
}

std::string Name(const v1::QueryExplanation& explanation) {
  return absl::StrCat("rule ", explanation.rule_id(), explanation.subject().empty() ? "" : " for ",
                      explanation.subject());
}

}  // namespace

absl::StatusOr<Explanations> Explanations::Parse(const std::vector<std::string>& options, const std::string& reason) {
  Explanations explanations;
  if (options.empty() && !reason.empty()) {
    return absl::InvalidArgumentError("--reason: there is no --explain whose reason it could be.");
  }
  if (options.size() > kMaxExplanations) {
    return absl::InvalidArgumentError(absl::StrCat("--explain: it is given ", options.size(),
                                                   " times, and a return takes at most ", kMaxExplanations,
                                                   ". Without :FIELD one explains all queries of a rule."));
  }
  v1::ExplanationReason parsed_reason = v1::EXPLANATION_REASON_UNSPECIFIED;
  if (!reason.empty()) {
    const absl::StatusOr<v1::ExplanationReason> parsed = ParseEnum<v1::ExplanationReason>(reason, "--reason");
    if (!parsed.ok()) return parsed.status();
    parsed_reason = *parsed;
  }
  for (const std::string& option : options) {
    absl::StatusOr<v1::QueryExplanation> explanation = ParseOne(option);
    if (!explanation.ok()) return explanation.status();
    for (const v1::QueryExplanation& other : explanations.messages_) {
      if (other.rule_id() != explanation->rule_id() || other.subject() != explanation->subject()) continue;
      return absl::InvalidArgumentError(absl::StrCat("--explain: ", Name(other), " is explained twice."));
    }
    explanation->set_reason(parsed_reason);
    *explanations.messages_.Add() = *std::move(explanation);
  }
  explanations.used_.resize(options.size());
  return explanations;
}

void Explanations::NoteUse(const v1::Verdict& verdict) {
  if (messages_.empty()) return;
  for (int i = 0; i < verdict.findings_size(); ++i) {
    const v1::Finding& finding = verdict.findings(i);
    if (finding.severity() != schema::v1::SEVERITY_QUERY) continue;
    bool is_met = false;
    for (int j = 0; j < messages_.size(); ++j) {
      if (!Meets(messages_[j], finding)) continue;
      used_[static_cast<size_t>(j)] = true;
      is_met = true;
    }
    if (is_met && verdict.answered_before() && IsUnexplained(verdict, i)) ++come_too_late_;
    const bool is_known = std::find(raised_.begin(), raised_.end(), finding.rule_id()) != raised_.end();
    if (!is_known && raised_.size() < kMaxRememberedRules) raised_.push_back(finding.rule_id());
  }
}

std::vector<std::string> Explanations::DescribeUnused() const {
  std::vector<std::string> sentences;
  for (int i = 0; i < messages_.size(); ++i) {
    if (used_[static_cast<size_t>(i)]) continue;
    const v1::QueryExplanation& explanation = messages_[i];
    const std::string near = NearestName(explanation.rule_id(), {raised_.begin(), raised_.end()});
    const bool is_other = !near.empty() && near != explanation.rule_id();
    sentences.push_back(absl::StrCat("the explanation of ", Name(explanation), " was not needed: no return raised it.",
                                     is_other ? absl::StrCat(" Did you mean ", near, "?") : ""));
  }
  if (come_too_late_ > 0) {
    sentences.push_back(absl::StrCat("explanations of ", Count(come_too_late_, "query"),
                                     " were not stored, since this run had sent the return before. 'qm returns "
                                     "explain' explains what is open."));
  }
  return sentences;
}

}  // namespace quartermaster::client
