#include "validation/findings.h"

#include "absl/strings/str_cat.h"

namespace quartermaster {
v1::Finding& AddFinding(absl::string_view rule_id, schema::v1::Class finding_class, schema::v1::Severity severity,
                        absl::string_view field, std::vector<v1::Finding>* findings) {
  v1::Finding& finding = findings->emplace_back();
  finding.set_rule_id(std::string(rule_id));
  finding.set_class_(finding_class);
  finding.set_severity(severity);
  finding.set_field(std::string(field));
  return finding;
}

v1::Finding& AddFieldFinding(absl::string_view rule_id, schema::v1::Class finding_class, schema::v1::Severity severity,
                             const FieldSchema& field, std::vector<v1::Finding>* findings) {
  v1::Finding& finding = AddFinding(rule_id, finding_class, severity, field.path, findings);
  finding.set_label(field.label);
  return finding;
}

bool FullMatch(absl::string_view text, const RE2& pattern) {
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

std::string JoinNames(const std::vector<absl::string_view>& names) {
  std::string joined;
  for (size_t i = 0; i < names.size(); ++i) {
    absl::StrAppend(&joined, i == 0 ? "" : i + 1 == names.size() ? " or " : ", ", names[i]);
  }
  return joined;
}

std::string DisplayValue(const FieldSchema& field, const FieldValue& value) {
  switch (value.presence) {
    case Presence::kAbsent:
      return "absent";
    case Presence::kNotAvailable:
      return "not available";
    case Presence::kUnreadable:
      return "unreadable";
    case Presence::kPresent:
      break;
  }
  switch (field.type) {
    case ValueType::kBool:
      return value.number.raw() == 0 ? "no" : "yes";
    case ValueType::kString:
      return ShortText(value.text);
    case ValueType::kChoice:
      for (const Choice& choice : field.choices) {
        if (Decimal::FromInteger(choice.number) == value.number) return choice.label;
      }
      break;
    case ValueType::kInt:
    case ValueType::kDouble:
      break;
  }
  return value.number.ToString();
}

}  // namespace quartermaster
