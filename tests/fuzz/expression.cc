// Expressions: lexing, parsing, checking types against a service, evaluating. The source ends at the first zero byte;
// behind it are the values of the fields.
#include "validation/expression.h"

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "re2/re2.h"
#include "tests/fuzz/fuzz.h"
#include "validation/service_fields.h"

namespace quartermaster::fuzz {
namespace {

struct Values {
  std::string text;  // of all text fields
  FieldRow fields;
  std::vector<absl::optional<Decimal>> populations;

  EvaluationInput input() const { return {fields, populations}; }
};

// As ReturnValues has them: whole ints, choices and numbers within their magnitude.
void TakeValues(const ServiceSchema& service, size_t populations, FuzzedDataProvider* bytes, Values* values) {
  constexpr int64_t kLargest = 1'000'000'000'000;
  values->text = bytes->ConsumeRandomLengthString(8);
  for (const FieldSchema& field : service.fields()) {
    FieldValue& value = values->fields.emplace_back();
    value.presence = static_cast<Presence>(bytes->ConsumeIntegralInRange<int>(0, 3));
    const int64_t number = bytes->ConsumeIntegralInRange<int64_t>(-kLargest, kLargest);
    if (field.type == ValueType::kString) {
      value.text = values->text;
    } else if (field.type == ValueType::kDouble) {
      value.number = Decimal::FromScaled(number, field.places);
    } else {
      value.number = Decimal::FromInteger(field.type == ValueType::kInt ? number : number & 1);
    }
  }
  for (size_t i = 0; i < populations; ++i) {
    const auto people = bytes->ConsumeIntegralInRange<int64_t>(-1, 10'000'000'000);
    values->populations.push_back(people < 0 ? absl::nullopt : absl::optional<Decimal>(Decimal::FromInteger(people)));
  }
}

bool Same(const EvaluationResult& a, const EvaluationResult& b) { return a.error == b.error && a.number == b.number; }

bool IsSorted(const std::vector<int>& fields, size_t count) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i] < 0 || static_cast<size_t>(fields[i]) >= count || (i > 0 && fields[i] <= fields[i - 1])) return false;
  }
  return true;
}

bool Holds(const ComparedNumbers& compared) {
  const absl::string_view expected = compared.expected;
  if (expected == "exactly") return compared.left == compared.right;
  if (expected == "less than") return compared.left < compared.right;
  if (expected == "at most") return compared.left <= compared.right;
  if (expected == "more than") return compared.left > compared.right;
  Require(expected == "at least", "a comparison is one of those that there are");
  return compared.left >= compared.right;
}

void RequireValue(const Expression& expression, const EvaluationInput& input) {
  const EvaluationResult result = expression.Evaluate(input);
  Require(Same(result, expression.Evaluate(input)), "evaluating twice gives the same");
  if (result.error == EvaluationError::kNone) {
    const Int128 whole = result.number.raw() / Decimal::kOne;
    const bool is_whole = result.number.raw() % Decimal::kOne == 0;
    if (expression.type() == ValueType::kBool) {
      Require(is_whole && (whole == 0 || whole == 1), "a bool is 0 or 1");
    } else if (expression.type() == ValueType::kInt) {
      Require(is_whole && whole >= std::numeric_limits<int64_t>::min() && whole <= std::numeric_limits<int64_t>::max(),
              "an int has 64 bits");
    } else {
      Require(expression.type() == ValueType::kDouble, "text and choices only compare");
    }
  }
  if (const auto compared = expression.Compare(input)) {
    Require(expression.type() == ValueType::kBool && result.error == EvaluationError::kNone &&
                Holds(*compared) == result.is_true(),
            "a comparison holds just where the expression is true");
  }
}

// What is written in brackets, or with spaces around, means the same.
void RequireSameInBrackets(absl::string_view source, const FieldDirectory& fields, const Expression& expression,
                           const EvaluationInput& input) {
  const std::string bracketed = absl::StrCat(" ( ", source, "\n)");
  std::vector<PopulationKey> keys;
  const absl::StatusOr<Expression> same = Expression::Compile(bracketed, fields, &keys);
  if (!same.ok()) {  // One level deeper, a few bytes longer.
    RequireSound(same.status());
    return;
  }
  Require(same->type() == expression.type() && same->fields() == expression.fields() &&
              Same(same->Evaluate(input), expression.Evaluate(input)),
          "brackets around the whole change nothing");
}

}  // namespace
}  // namespace quartermaster::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace quartermaster;
  using namespace quartermaster::fuzz;
  static const RE2& with_position = *new RE2(R"((?s)\d+:\d+: .+)");
  const absl::string_view all = AsText(data, size);
  const absl::string_view source = all.substr(0, std::min(all.find('\0'), size));
  const ServiceSchema& service = *FuzzCollection()->services().front();
  const ServiceFields fields(service);
  const std::vector<PopulationKey> before = {{"0-17", false}};
  std::vector<PopulationKey> keys = before;
  const absl::StatusOr<Expression> expression = Expression::Compile(source, fields, &keys);
  if (!expression.ok()) {
    RequireSound(expression.status());
    Require(keys == before, "a refused expression asks for no population");
    Require(RE2::FullMatch(std::string(expression.status().message()), with_position), "an error has its place");
    return 0;
  }
  Require(IsSorted(expression->fields(), service.fields().size()), "fields are known, ascending and once");
  Require(IsSorted(expression->tested_fields(), service.fields().size()), "tested fields are as well");
  FuzzedDataProvider bytes(data + source.size(), size - source.size());
  for (int round = 0; round < 4; ++round) {
    Values values;
    TakeValues(service, keys.size(), &bytes, &values);
    RequireValue(*expression, values.input());
    std::vector<PopulationKey> own;
    const absl::StatusOr<Expression> alone = Expression::Compile(source, fields, &own);
    Require(alone.ok(), "what compiles once does again");
    if (own.size() == keys.size()) continue;  // It asks for the population that was there before.
    const EvaluationInput input{values.fields, absl::MakeConstSpan(values.populations).subspan(1)};
    Require(Same(alone->Evaluate(input), expression->Evaluate(values.input())),
            "populations are found where they were asked for");
    RequireSameInBrackets(source, fields, *alone, input);
  }
  return 0;
}
