// See expression_test_fields.h.
#include "tests/validation/expression_test_fields.h"

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "validation/suggest.h"

namespace quartermaster {
namespace {

constexpr TestField kFields[] = {{"beds", ValueType::kInt},           {"admissions", ValueType::kInt},
                                 {"discharges", ValueType::kInt},     {"occupied", ValueType::kDouble},
                                 {"available", ValueType::kDouble},   {"open", ValueType::kBool},
                                 {"accredited", ValueType::kBool},    {"note", ValueType::kString},
                                 {"manager", ValueType::kString},     {"team", ValueType::kChoice},
                                 {"second_team", ValueType::kChoice}, {"caseload.white", ValueType::kInt},
                                 {"caseload.mixed", ValueType::kInt}, {"caseload.asian", ValueType::kInt},
                                 {"caseload.other", ValueType::kInt}, {"caseload.share", ValueType::kDouble}};

constexpr int kCrisis = 1;
constexpr int kGeneral = 2;

Decimal ReadNumber(absl::string_view text) {
  double value = 0;
  int64_t whole = 0;
  if (absl::SimpleAtoi(text, &whole)) return Decimal::FromInteger(whole);
  EXPECT_TRUE(absl::SimpleAtod(text, &value)) << text;
  return ReadDecimal(value, Decimal::kPlaces).value;
}

FieldValue ReadValue(ValueType type, absl::string_view text) {
  FieldValue value;
  value.presence = text == "NA" ? Presence::kNotAvailable : text == "?" ? Presence::kUnreadable : Presence::kPresent;
  if (value.presence != Presence::kPresent) return value;
  if (type == ValueType::kString) {
    value.text = text;
  } else if (type == ValueType::kBool) {
    value.number = Decimal::FromInteger(text == "true" ? 1 : 0);
  } else if (type == ValueType::kChoice) {
    value.number = Decimal::FromInteger(text == "CRISIS" ? kCrisis : kGeneral);
  } else {
    value.number = ReadNumber(text);
  }
  return value;
}

absl::optional<Decimal> Registered(const PopulationKey& key) {
  static const auto* const kRegistered =
      new std::map<PopulationKey, Decimal>{{{"18-64", false}, Decimal::FromInteger(1000)},
                                           {{"18-64", true}, Decimal::FromScaled(95025, 2)},
                                           {{"65+", false}, Decimal::FromInteger(250)}};
  const auto found = kRegistered->find(key);
  return found == kRegistered->end() ? absl::nullopt : absl::optional<Decimal>(found->second);
}

}  // namespace

absl::Span<const TestField> TestFields::All() { return kFields; }

absl::optional<FieldDirectory::Entry> TestFields::Find(absl::string_view path) const {
  for (size_t i = 0; i < All().size(); ++i) {
    if (kFields[i].path == path) return Entry{static_cast<int>(i), kFields[i].type};
  }
  return absl::nullopt;
}

std::vector<int> TestFields::FieldsUnder(absl::string_view path) const {
  std::vector<int> under;
  for (size_t i = 0; i < All().size(); ++i) {
    if (absl::StartsWith(kFields[i].path, absl::StrCat(path, "."))) under.push_back(static_cast<int>(i));
  }
  return under;
}

absl::optional<int> TestFields::FindChoice(int field_index, absl::string_view name) const {
  EXPECT_EQ(kFields[field_index].type, ValueType::kChoice);
  for (const char* written : {"TEAM_TYPE_CRISIS", "CRISIS", "crisis", "Crisis resolution"}) {
    if (name == written) return kCrisis;
  }
  for (const char* written : {"TEAM_TYPE_GENERAL", "GENERAL", "general", "General"}) {
    if (name == written) return kGeneral;
  }
  return absl::nullopt;
}

std::string TestFields::PathOf(int field_index) const { return std::string(kFields[field_index].path); }

std::string TestFields::Suggest(absl::string_view path) const {
  std::vector<absl::string_view> paths;
  for (const TestField& field : kFields) paths.push_back(field.path);
  return NearestName(path, paths);
}

std::vector<FieldValue> ReadReturn(absl::string_view given) {
  std::vector<FieldValue> fields(TestFields::All().size());
  for (absl::string_view entry : absl::StrSplit(given, ' ', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(entry, absl::MaxSplits('=', 1));
    const absl::optional<FieldDirectory::Entry> field = TestFields().Find(parts.first);
    EXPECT_TRUE(field.has_value()) << entry;
    if (field.has_value()) fields[static_cast<size_t>(field->index)] = ReadValue(field->type, parts.second);
  }
  return fields;
}

std::string Outcome(absl::string_view source, absl::string_view given) {
  std::vector<PopulationKey> keys;
  const absl::StatusOr<Expression> expression = Expression::Compile(source, TestFields(), &keys);
  if (!expression.ok()) return std::string(expression.status().message());
  std::vector<absl::optional<Decimal>> populations;
  for (const PopulationKey& key : keys) populations.push_back(Registered(key));
  const std::vector<FieldValue> fields = ReadReturn(given);
  const EvaluationResult result = expression->Evaluate({fields, populations});
  switch (result.error) {
    case EvaluationError::kNoValue:
      return "no value";
    case EvaluationError::kDivisionByZero:
      return "division by zero";
    case EvaluationError::kOverflow:
      return "overflow";
    case EvaluationError::kNone:
      break;
  }
  if (expression->type() == ValueType::kBool) {
    EXPECT_EQ(result.number, Decimal::FromInteger(result.is_true() ? 1 : 0));
    return result.is_true() ? "true" : "false";
  }
  return absl::StrCat(expression->type() == ValueType::kInt ? "int " : "double ", result.number.ToString());
}

std::string Repeat(absl::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) absl::StrAppend(&repeated, text);
  return repeated;
}

void ExpectOutcomes(absl::Span<const Row> rows) {
  for (const Row& row : rows)
    EXPECT_EQ(Outcome(row.source, row.given), row.outcome) << row.source << "  given " << row.given;
}

}  // namespace quartermaster
