#include "validation/field_rules.h"

#include <charconv>
#include <cmath>
#include <string>
#include <system_error>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "re2/re2.h"
#include "validation/findings.h"
#include "validation/suggest.h"
#include "validation/utf8.h"

namespace quartermaster {
namespace {

using schema::v1::CLASS_INVALID;
using schema::v1::CLASS_MISSING;
using schema::v1::CLASS_STRUCTURE;
using schema::v1::SEVERITY_ERROR;
using schema::v1::SEVERITY_INFO;

// A return for another service has a few dozen; each costs a search for what was meant, so a hostile list must end.
constexpr size_t kMaxUnknownNames = 100;
constexpr size_t kMaxReasonCharacters = 200;  // A sentence or two.

// What a value of the field looks like, for somebody who wrote something else.
std::string ExpectedShape(const FieldSchema& field) {
  switch (field.type) {
    case ValueType::kInt:
      return "a whole number";
    case ValueType::kDouble:
      return field.places == 0
                 ? "a whole number"
                 : absl::StrCat("a number with at most ", field.places, " decimal place", field.places == 1 ? "" : "s");
    case ValueType::kBool:
      return "yes or no";
    case ValueType::kChoice: {
      std::vector<absl::string_view> labels;
      for (const Choice& choice : field.choices) labels.push_back(choice.label);
      return JoinNames(labels);
    }
    case ValueType::kString:
      break;
  }
  return "text";
}

std::string TypeHint(const FieldSchema& field, absl::string_view given) {
  static const RE2& formatted =
      *new RE2(R"([-£$€ ]*[0-9]{1,3}([, ][0-9]{3})+(\.[0-9]+)?[% ]*|[£$€] ?[-0-9.]+|[-0-9.]+ ?%)");
  static const RE2& comma = *new RE2(R"(-?[0-9]+,[0-9]+|-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+)");
  static const RE2& spreadsheet_error = *new RE2(R"(#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)|#+)");
  static const RE2& missing = *new RE2(R"((?i)n/a|n\.a\.|na ?[-:,(].*|none|null|nil|-+|\?+|not available)");
  if (FullMatch(given, spreadsheet_error)) {
    return "The cell holds a spreadsheet's error. Mend its formula, then save again.";
  }
  const std::string otherwise = field.allow_not_available ? ", or NA if it is not available."
                                : field.required          ? "; it is required."
                                                          : ", or leave the cell blank.";
  if (FullMatch(given, missing)) {
    return field.allow_not_available ? "Write NA, or NA (why), for a value that is not available."
                                     : absl::StrCat("Give the value", otherwise);
  }
  if (!IsNumber(field.type)) return absl::StrCat("Write one of the values that are expected", otherwise);
  if (FullMatch(given, formatted)) {
    return "Write the bare number: digits with a point, no thousands separators, currency or percent signs.";
  }
  if (FullMatch(given, comma)) return "Use a point for decimals and no thousands separators, as in 10678.5.";
  return absl::StrCat("Write a number", otherwise);
}

std::string GiveTheValue(const FieldSchema& field) {
  return IsNumber(field.type) ? "Give the value; write 0 if there was none." : "Give the value.";
}

// The fewest digits that give back the number: as it was written, where it was written in decimals.
std::string ShortestDigits(double value) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  return error == std::errc() ? std::string(digits, end) : "a number";
}

class FieldJudge {
 public:
  FieldJudge(const ServiceSchema& service, const v1::ReturnContent& content, const absl::optional<Period>& period,
             ReturnValues* values, std::vector<v1::Finding>* findings)
      : service_(service), period_(period), values_(values), findings_(findings) {
    for (const v1::UnreadableValue& unreadable : content.unreadable()) {
      if (service.FindField(unreadable.field()) == nullptr) {
        AddUnknownName(unreadable.field(), unreadable.given());
      } else {
        unreadable_.emplace(unreadable.field(), &unreadable);
      }
    }
    for (const v1::NotAvailable& missing : content.not_available()) {
      if (service.FindField(missing.field()) == nullptr) {
        AddUnknownName(missing.field(), "NA");
      } else if (!not_available_.emplace(missing.field(), &missing).second) {
        duplicates_.insert(missing.field());
      }
    }
    for (const std::string& number : values->unknown_fields()) AddUnknownNumber(number);
    for (const ReadingProblem& problem : values->problems()) problems_.emplace(problem.field_index, &problem);
  }

  void Judge() {
    for (const FieldSchema& field : service_.fields()) JudgeField(field);
    for (const UnknownName& unknown : unknown_) ReportUnknown(unknown);
    if (more_unknown_ == 0) return;
    v1::Finding& finding = AddFinding("unknown-field", CLASS_STRUCTURE, SEVERITY_ERROR, "", findings_);
    finding.set_message(absl::StrCat(more_unknown_, " more names are no fields of the service ", service_.id(), "."));
    finding.set_hint("Check that the data is for this service.");
  }

 private:
  v1::Finding& Add(absl::string_view rule, schema::v1::Class finding_class, schema::v1::Severity severity,
                   const FieldSchema& field) {
    if (severity == SEVERITY_ERROR) value(field).presence = Presence::kUnreadable;
    return AddFieldFinding(rule, finding_class, severity, field, findings_);
  }

  FieldValue& value(const FieldSchema& field) { return values_->mutable_fields()[static_cast<size_t>(field.index)]; }

  void JudgeField(const FieldSchema& field) {
    if (const auto found = unreadable_.find(field.path); found != unreadable_.end()) {
      ReportType(field, found->second->given());
      return;
    }
    if (const auto found = not_available_.find(field.path); found != not_available_.end()) {
      JudgeNotAvailable(field, *found->second);
      return;
    }
    if (const auto found = problems_.find(field.index); found != problems_.end()) {
      JudgeReading(field, *found->second);
    }
    switch (value(field).presence) {
      case Presence::kAbsent:
        JudgeAbsent(field);
        break;
      case Presence::kPresent:
        JudgePresent(field);
        break;
      case Presence::kNotAvailable:
      case Presence::kUnreadable:
        break;
    }
  }

  void ReportType(const FieldSchema& field, absl::string_view given) {
    static const RE2& long_number = *new RE2("[+-]?([0-9]{10,}([.]0*)?|[0-9]+[eE][+]?[0-9]{2,})");
    if (field.type == ValueType::kInt && FullMatch(given, long_number)) return ReportTooLarge(field, ShortText(given));
    v1::Finding& finding = Add("type", CLASS_INVALID, SEVERITY_ERROR, field);
    finding.set_given(ShortText(given));
    finding.set_expected(ExpectedShape(field));
    finding.set_message(absl::StrCat(field.label, ": \"", finding.given(), "\" is ",
                                     field.type == ValueType::kChoice ? "none of the choices: " : "not ",
                                     finding.expected(), "."));
    finding.set_hint(TypeHint(field, given));
  }

  void JudgeAbsent(const FieldSchema& field) {
    if (misspelt_.contains(field.path)) {
      // A value came under a name much like this one: the finding on that name says so, and no rule needs to add to it.
      value(field).presence = Presence::kUnreadable;
      return;
    }
    if (!field.required) return;
    if (field.required_since && (!period_ || period_->first_month() < field.required_since->first_month())) return;
    v1::Finding& finding = Add("required", CLASS_MISSING, SEVERITY_ERROR, field);
    finding.set_expected(ExpectedShape(field));
    finding.set_message(absl::StrCat(field.label, " is missing."));
    finding.set_hint(
        absl::StrCat(GiveTheValue(field), field.allow_not_available ? " Write NA if it is not available." : ""));
  }

  void JudgeNotAvailable(const FieldSchema& field, const v1::NotAvailable& missing) {
    if (duplicates_.contains(field.path)) {
      v1::Finding& finding = Add("duplicate-field", CLASS_STRUCTURE, SEVERITY_ERROR, field);
      finding.set_message(absl::StrCat(field.label, " is said to be not available more than once."));
      finding.set_hint("Say it once.");
      return;
    }
    if (value(field).presence != Presence::kNotAvailable) {  // A number that cannot be taken is a value as well.
      v1::Finding& finding = Add("value-and-not-available", CLASS_INVALID, SEVERITY_ERROR, field);
      finding.set_message(absl::StrCat(field.label, " has a value and is said to be not available."));
      finding.set_hint("Send one or the other.");
    } else if (!field.allow_not_available) {
      v1::Finding& finding = Add("not-available", CLASS_INVALID, SEVERITY_ERROR, field);
      finding.set_given("NA");
      finding.set_expected(ExpectedShape(field));
      finding.set_message(absl::StrCat(field.label, " cannot be \"not available\"."));
      finding.set_hint(field.required ? GiveTheValue(field) : "Give the value, or leave the cell blank.");
    } else if (CountCharacters(missing.reason()) > kMaxReasonCharacters) {
      v1::Finding& finding = Add("reason-length", CLASS_INVALID, SEVERITY_ERROR, field);
      finding.set_given(ShortText(missing.reason()));
      finding.set_message(absl::StrCat("The reason why ", field.label, " is not available is longer than ",
                                       kMaxReasonCharacters, " characters."));
      finding.set_hint("Shorten the reason.");
    }
  }

  void JudgeReading(const FieldSchema& field, const ReadingProblem& problem) {
    const std::string given = ShortestDigits(problem.given);
    const std::string rounded = value(field).number.ToString();
    if (problem.kind == DecimalReading::Kind::kBinaryNoise) {
      v1::Finding& finding = Add("binary-noise", CLASS_INVALID, SEVERITY_INFO, field);
      finding.set_given(given);
      finding.set_expected(rounded);
      finding.set_message(absl::StrCat(
          field.label, ": a spreadsheet's binary noise was rounded away; the value taken is ", rounded, "."));
      finding.set_hint("Nothing needs to be done. Rounding it in the spreadsheet avoids this.");
      return;
    }
    if (std::isnan(problem.given)) return ReportType(field, given);
    if (problem.kind == DecimalReading::Kind::kTooLarge) return ReportTooLarge(field, given);
    v1::Finding& finding = Add("decimals", CLASS_INVALID, SEVERITY_ERROR, field);
    finding.set_given(given);
    finding.set_expected(ExpectedShape(field));
    finding.set_message(absl::StrCat(field.label, ": ", given, " has too many decimal places."));
    finding.set_hint(absl::StrCat("Round it, for example to ", rounded, "."));
  }

  // Of a number that is too far from 0 to be read.
  void ReportTooLarge(const FieldSchema& field, const std::string& given) {
    const bool is_negative = given.front() == '-';
    const absl::optional<Decimal>& limit = is_negative ? field.minimum : field.maximum;
    v1::Finding& finding = Add("too-large", CLASS_INVALID, SEVERITY_ERROR, field);
    finding.set_given(given);
    finding.set_expected(absl::StrCat(is_negative ? "at least " : "at most ", limit         ? limit->ToString()
                                                                              : is_negative ? "-1,000,000,000,000"
                                                                                            : "1,000,000,000,000"));
    finding.set_message(absl::StrCat(field.label, ": ", given, " is too large."));
    finding.set_hint(limit ? "Check the unit." : "Check the unit; no value is past a trillion.");
  }

  void JudgePresent(const FieldSchema& field) {
    switch (field.type) {
      case ValueType::kInt:
      case ValueType::kDouble:
        JudgeRange(field);
        break;
      case ValueType::kChoice:
        JudgeChoice(field);
        break;
      case ValueType::kString:
        JudgeText(field);
        break;
      case ValueType::kBool:
        break;
    }
  }

  // One side of the range that holds in the period, and the month from which it does where that is not from ever.
  struct Limit {
    absl::optional<Decimal> value;
    absl::optional<Period> since;
  };

  Limit LimitOf(const FieldSchema& field, const absl::optional<Decimal>& from_ever,
                absl::optional<Decimal> RangeFrom::*side) const {
    Limit limit{from_ever, absl::nullopt};
    for (const RangeFrom& range : field.tightened) {
      if (!period_ || period_->first_month() < range.since.first_month()) break;
      if (range.*side != limit.value) limit = {range.*side, range.since};
    }
    return limit;
  }

  void JudgeRange(const FieldSchema& field) {
    const Decimal number = value(field).number;
    const Limit minimum = LimitOf(field, field.minimum, &RangeFrom::minimum);
    const Limit maximum = LimitOf(field, field.maximum, &RangeFrom::maximum);
    const bool low = minimum.value && number < *minimum.value;
    if (!low && !(maximum.value && number > *maximum.value)) return;
    const Limit& passed = low ? minimum : maximum;
    const std::string limit = passed.value->ToString();
    v1::Finding& finding = Add(low ? "minimum" : "maximum", CLASS_INVALID, SEVERITY_ERROR, field);
    finding.set_given(number.ToString());
    finding.set_expected(absl::StrCat(low ? "at least " : "at most ", limit));
    if (passed.since) finding.set_expected(absl::StrCat(finding.expected(), " from ", passed.since->ToDisplayString()));
    finding.set_difference(Subtract(number, *passed.value)->ToString());
    finding.set_message(absl::StrCat(field.label, ": ", number.ToString(),
                                     low ? " is less than the least" : " is more than the most", " that is accepted, ",
                                     limit, "."));
    finding.set_hint(field.unit.empty() ? "Check the value."
                                        : absl::StrCat("Check the value; its unit is ", field.unit, "."));
  }

  void JudgeChoice(const FieldSchema& field) {
    for (const Choice& choice : field.choices) {
      if (Decimal::FromInteger(choice.number) == value(field).number) return;
    }
    v1::Finding& finding = Add("choice", CLASS_INVALID, SEVERITY_ERROR, field);
    finding.set_given(value(field).number.ToString());
    finding.set_expected(ExpectedShape(field));
    finding.set_message(absl::StrCat(field.label, ": ", finding.given(), " is none of the choices."));
    finding.set_hint("Send one of the choices that are expected.");
  }

  void JudgeText(const FieldSchema& field) {
    const absl::string_view text = value(field).text;
    const size_t characters = CountCharacters(text);
    if (characters > field.max_length) {
      v1::Finding& finding = Add("length", CLASS_INVALID, SEVERITY_ERROR, field);
      finding.set_given(absl::StrCat(characters, " characters"));
      finding.set_expected(absl::StrCat("at most ", field.max_length, " characters"));
      finding.set_message(absl::StrCat(field.label, " is too long: ", characters, " characters."));
      finding.set_hint(absl::StrCat("Shorten it to ", field.max_length, " characters."));
    } else if (field.pattern && !FullMatch(text, *field.pattern)) {
      v1::Finding& finding = Add("pattern", CLASS_INVALID, SEVERITY_ERROR, field);
      finding.set_given(ShortText(text));
      finding.set_expected(field.pattern_description.empty() ? field.pattern->pattern() : field.pattern_description);
      finding.set_message(absl::StrCat(field.label, ": \"", finding.given(), "\" has not the form that is asked for."));
      finding.set_hint(field.pattern_description.empty() ? "Write it in the form that is expected."
                                                         : field.pattern_description);
    }
  }

  // A name that the service does not have, as it came, and what to do about it.
  struct UnknownName {
    absl::string_view name;
    absl::string_view given;
    std::string hint;
  };

  void AddUnknownName(absl::string_view name, absl::string_view given) {
    if (!HasRoomForUnknown()) return;
    const std::string meant = service_.SuggestField(name);
    unknown_.push_back({name, given, DidYouMean(meant, "Rename or remove it.")});
    misspelt_.insert(meant);
  }

  // "gender.#12", a field of the message that the service does not have. Nobody typed it, so it is no other name
  // misspelt.
  void AddUnknownNumber(absl::string_view number) {
    if (HasRoomForUnknown()) unknown_.push_back({number, "", "Encode the data with the collection's own schema."});
  }

  bool HasRoomForUnknown() {
    if (unknown_.size() < kMaxUnknownNames) return true;
    ++more_unknown_;
    return false;
  }

  void ReportUnknown(const UnknownName& unknown) {
    const std::string shown = ShortText(unknown.name);
    v1::Finding& finding = AddFinding("unknown-field", CLASS_STRUCTURE, SEVERITY_ERROR, shown, findings_);
    finding.set_given(ShortText(unknown.given));
    finding.set_message(absl::StrCat("The service ", service_.id(), " has no field \"", shown, "\"."));
    finding.set_hint(unknown.hint);
  }

  const ServiceSchema& service_;
  const absl::optional<Period>& period_;
  ReturnValues* values_;
  std::vector<v1::Finding>* findings_;
  absl::flat_hash_map<absl::string_view, const v1::UnreadableValue*> unreadable_;
  absl::flat_hash_map<absl::string_view, const v1::NotAvailable*> not_available_;
  absl::flat_hash_set<absl::string_view> duplicates_;  // Fields that are said to be not available twice.
  absl::flat_hash_map<int, const ReadingProblem*> problems_;
  std::vector<UnknownName> unknown_;
  size_t more_unknown_ = 0;
  absl::flat_hash_set<std::string> misspelt_;  // Fields that an unknown name probably means.
};

}  // namespace

void JudgeFields(const ServiceSchema& service, const v1::ReturnContent& content, const absl::optional<Period>& period,
                 ReturnValues* values, std::vector<v1::Finding>* findings) {
  FieldJudge(service, content, period, values, findings).Judge();
}

}  // namespace quartermaster
