// The return that the tests of expressions speak of, and a way to write what an expression gives in one line.
//
//   beds, admissions, discharges   int
//   occupied, available            double
//   open, accredited               bool
//   note, manager                  string
//   team, second_team              choice: TEAM_TYPE_CRISIS "Crisis resolution", TEAM_TYPE_GENERAL "General"
//   caseload                       group: white, mixed, asian, other (int), share (double)
#ifndef QUARTERMASTER_TESTS_VALIDATION_EXPRESSION_TEST_FIELDS_H_
#define QUARTERMASTER_TESTS_VALIDATION_EXPRESSION_TEST_FIELDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "validation/expression.h"

namespace quartermaster {

struct TestField {
  absl::string_view path;
  ValueType type;
};

class TestFields : public FieldDirectory {
 public:
  static absl::Span<const TestField> All();

  absl::optional<Entry> Find(absl::string_view path) const override;
  std::vector<int> FieldsUnder(absl::string_view path) const override;
  absl::optional<int> FindChoice(int field_index, absl::string_view name) const override;
  std::string PathOf(int field_index) const override;
  std::string Suggest(absl::string_view path) const override;
};

// A return from "beds=3 open=true team=CRISIS note=abc": blanks between fields, NA for not available, ? for unreadable.
// The texts point into `given`.
std::vector<FieldValue> ReadReturn(absl::string_view given);

// "int 3", "double 2.5", "true", "false", "no value", "division by zero", "overflow", or the message of a source that
// does not compile. Populations are 1000 at 18-64, 950.25 at 18-64 weighted and 250 at 65+; no other is registered.
std::string Outcome(absl::string_view source, absl::string_view given = "");

// One line of a specification.
struct Row {
  const char* source;
  const char* given;
  const char* outcome;
};
void ExpectOutcomes(absl::Span<const Row> rows);

std::string Repeat(absl::string_view text, int times);

}  // namespace quartermaster

#endif  // QUARTERMASTER_TESTS_VALIDATION_EXPRESSION_TEST_FIELDS_H_
