// What expressions mean where they overlap with CEL. Each test is named after a file of CEL's conformance tests (basic,
// comparisons, integer_math, fp_math, logic, parse), each comment in it after a section of that file or, behind a
// colon, after a test. Rows for what is left out of CEL say that it is refused. Precedence has no file there: its rows
// follow the grammar.
#include "validation/expression.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/validation/expression_test_fields.h"

namespace quartermaster {
namespace {

TEST(Expression, Basic) {
  ExpectOutcomes({
      // self_eval_zeroish
      {"0", "", "int 0"},
      {"0.0", "", "double 0"},
      {"0e+0", "", "double 0"},
      {"'' == \"\"", "", "true"},
      {"false", "", "false"},
      // self_eval_zeroish: uint, raw string, bytes, null, list and map are left out
      {"0u", "", "1:2: a letter directly behind a number: leave it out, or write an operator between them"},
      {"r\"\" == ''", "", "1:2: expected an operator or the end, found \"\""},
      {"b\"\" == ''", "", "1:2: expected an operator or the end, found \"\""},
      {"null", "", "1:1: there is no null: ask has(field) whether a field has a value"},
      {"[]", "", "1:1: a list stands only behind 'in'"},
      {"{}", "", "1:1: \"{\" is not of the language"},
      // self_eval_nonzeroish
      {"17", "", "int 17"},
      {"-2", "", "int -2"},
      {"0x55555555", "", "int 1431655765"},
      {"-0x55555555", "", "int -1431655765"},
      {"9223372036854775807", "", "int 9223372036854775807"},
      {"-9223372036854775808", "", "int -9223372036854775808"},
      {"-0x8000000000000000", "", "int -9223372036854775808"},
      {"-2.3e+1", "", "double -23"},
      {"1.5", "", "double 1.5"},
      {".5", "", "double 0.5"},
      {"1e3", "", "double 1000"},
      {"1E3", "", "double 1000"},
      {"2.50e-2", "", "double 0.025"},
      {"1e-9", "", "double 0.000000001"},
      {"1.50000000000000", "", "double 1.5"},
      {"0e999999999999999999", "", "double 0"},
      {"123456789012345678901234567.123456789", "", "double 123456789012345678901234567.123456789"},
      {"true", "", "true"},
      {"\"!\" == '!'", "", "true"},
      {"'\\'' == \"'\"", "", "true"},
      // variables
      {"beds", "beds=123", "int 123"},
      {"occupied", "occupied=2.75", "double 2.75"},
      {"open", "open=true", "true"},
      {"beds", "", "no value"},
      // functions
      {"1 + 1", "", "int 2"},
  });
}

TEST(Expression, Comparisons) {
  ExpectOutcomes({
      // eq_literal, ne_literal
      {"1 == 1", "", "true"},
      {"1 == -1", "", "false"},
      {"1 != 2", "", "true"},
      {"1.0 == 1.0", "", "true"},
      {"1.0 == 1.000000001", "", "false"},
      {"0.1 + 0.2 == 0.3", "", "true"},
      {"'' == ''", "", "true"},
      {"'abr' == \"abr\"", "", "true"},
      {"'abr' == 'aBr'", "", "false"},
      {"'ss' != '\u00DF'", "", "true"},
      {"true == true", "", "true"},
      {"true != false", "", "true"},
      // lt_literal, gt_literal, lte_literal, gte_literal
      {"-1 < 0", "", "true"},
      {"0 < 0", "", "false"},
      {"0.9999 < 1.0", "", "true"},
      {"false < true", "", "true"},
      {"true < false", "", "false"},
      {"'a' < 'b'", "", "true"},
      {"'abc' < 'abcd'", "", "true"},
      {"'\u00e9' < '\U0001F431'", "", "true"},
      {"42 > -42", "", "true"},
      {"3.0 >= 3.0", "", "true"},
      {"3 <= 3", "", "true"},
      {"4 <= 3", "", "false"},
      {"'z' >= 'zz'", "", "false"},
      {"-9223372036854775808 < 9223372036854775807", "", "true"},
      // in_list_literal
      {"3 in [1, 2, 3]", "", "true"},
      {"4 in [1, 2, 3]", "", "false"},
      {"4 in []", "", "false"},
      {"'b' in ['a', 'b',]", "", "true"},
      {"1.5 in [1.5]", "", "true"},
      {"true in [1 > 2, 2 > 1]", "", "true"},
      {"!(3 in [1, 2])", "", "true"},
      {"3 in [3, 1 / 0]", "", "division by zero"},
      {"1 / 0 in [3]", "", "division by zero"},
      {"beds + 1 in [admissions, admissions * 2]", "beds=9 admissions=5", "true"},
      // From the left: the outcome of one comparison may be compared as what it is.
      {"1 < 2 == true", "", "true"},
      {"3 in [3] == false", "", "false"},
      {"1 == 1 in [true]", "", "true"},
  });
}

TEST(Expression, IntegerMath) {
  ExpectOutcomes({
      // int64_math
      {"42 + 2", "", "int 44"},
      {"42 + (-2)", "", "int 40"},
      {"-42 + (-2)", "", "int -44"},
      {"42 - 2", "", "int 40"},
      {"42 - (-2)", "", "int 44"},
      {"-42 - (-2)", "", "int -40"},
      {"42 * 2", "", "int 84"},
      {"42 * (-2)", "", "int -84"},
      {"-42 * (-2)", "", "int 84"},
      {"42 / 2", "", "int 21"},
      {"-42 / 2", "", "int -21"},
      {"-42 / (-2)", "", "int 21"},
      {"7 / 2", "", "int 3"},
      {"-7 / 2", "", "int -3"},
      {"42 % 5", "", "int 2"},
      {"42 % (-5)", "", "int 2"},
      {"-42 % (-5)", "", "int -2"},
      {"-(42)", "", "int -42"},
      {"-(-42)", "", "int 42"},
      {"-(0)", "", "int 0"},
      // int64_math: mod_zero, devide_zero, multiply_zero
      {"42 % 0", "", "division by zero"},
      {"15 / 0", "", "division by zero"},
      {"15 * 0", "", "int 0"},
      // int64_math: at the ends of 64 bits
      {"9223372036854775807 + 0", "", "int 9223372036854775807"},
      {"9223372036854775806 + 1", "", "int 9223372036854775807"},
      {"9223372036854775807 + 1", "", "overflow"},
      {"-9223372036854775807 - 1", "", "int -9223372036854775808"},
      {"9223372036854775807 - (-1)", "", "overflow"},
      {"-9223372036854775808 - 1", "", "overflow"},
      {"5000000000 * 5000000000", "", "overflow"},
      {"9223372036854775807 * 9223372036854775807", "", "overflow"},
      {"3037000499 * 3037000499", "", "int 9223372030926249001"},
      {"-4611686018427387904 * 2", "", "int -9223372036854775808"},
      {"-(-9223372036854775808)", "", "overflow"},
      {"--9223372036854775808", "", "overflow"},
      {"-9223372036854775808 / -1", "", "overflow"},
      {"-9223372036854775808 % -1", "", "overflow"},
      {"-9223372036854775808 / 1", "", "int -9223372036854775808"},
      {"-9223372036854775808 * -1", "", "overflow"},
      {"9223372036854775807 + 1 - 1", "", "overflow"},  // On the way as well.
      // uint64_math is left out
      {"42u + 2u", "", "1:3: a letter directly behind a number: leave it out, or write an operator between them"},
      // Functions of our own
      {"abs(-5)", "", "int 5"},
      {"abs(5)", "", "int 5"},
      {"abs(-9223372036854775808)", "", "overflow"},
      {"min(3, 1, 2)", "", "int 1"},
      {"max(3, 1, 2)", "", "int 3"},
      {"min(3, 1 / 0)", "", "division by zero"},
      {"max(beds, 1)", "", "no value"},
  });
}

TEST(Expression, FpMath) {
  ExpectOutcomes({
      // fp_math
      {"4.25 + 15.25", "", "double 19.5"},
      {"17.75 + (-7.75)", "", "double 10"},
      {"-4.125 + (-2.125)", "", "double -6.25"},
      {"42.0 - 12.0", "", "double 30"},
      {"42.875 - (-22.0)", "", "double 64.875"},
      {"-4.875 - (-0.125)", "", "double -4.75"},
      {"42.5 * 0.2", "", "double 8.5"},
      {"40.75 * (-2.25)", "", "double -91.6875"},
      {"-3.0 * (-2.5)", "", "double 7.5"},
      {"0.0625 / 0.002", "", "double 31.25"},
      {"-2.0 / 2.0", "", "double -1"},
      {"-8.875 / (-0.0625)", "", "double 142"},
      {"47.5 % 5.5", "", "1:6: '%' takes ints, not 47.5 (double): doubles have no remainder"},
      {"-(4.5)", "", "double -4.5"},
      {"-(-1.25)", "", "double 1.25"},
      {"-(0.0)", "", "double 0"},
      {"15.36 * 0.0", "", "double 0"},
      {"15.75 / 0.0", "", "division by zero"},
      {"0.0 / 0.0", "", "division by zero"},
      {"0.0 + 1.75", "", "double 1.75"},
      {"2.5 + 0.0", "", "double 2.5"},
      {"7.5 + 1.5 == 1.5 + 7.5", "", "true"},
      {"5.625 + (15.75 + 2.0) == (5.625 + 15.75) + 2.0", "", "true"},
      {"1.0 * 45.25", "", "double 45.25"},
      {"-25.25 * 1.0", "", "double -25.25"},
      {"1.5 * 25.875 == 25.875 * 1.5", "", "true"},
      {"1.5 * (23.625 * 0.75) == (1.5 * 23.625) * 0.75", "", "true"},
      {"5.75 * (1.5 + 2.5) == 5.75 * 1.5 + 5.75 * 2.5", "", "true"},
      // fp_math: fp_overflow and fp_underflow, where CEL gives infinity and 0, are refused
      {"2.0 * 8.988466e+307", "", "1:7: this number is too large for a double: at most 1.7e29"},
      {"1e-324 / 2.0", "", "1:1: this number has more than 9 decimal places: round it"},
      // Decimals, not binary floats: exact sums, quotients rounded half to even at 9 places.
      {"0.1 + 0.1 + 0.1 - 0.3", "", "double 0"},
      {"2.0 / 3.0", "", "double 0.666666667"},
      {"0.000000005 / 10.0", "", "double 0"},
      {"0.000000015 / 10.0", "", "double 0.000000002"},
      {"1e29 + 1e29", "", "overflow"},
      {"1e20 * 1e20", "", "overflow"},
      {"abs(-1.5)", "", "double 1.5"},
      {"min(1.5, -2.5)", "", "double -2.5"},
      {"max(1.5, -2.5)", "", "double 1.5"},
      // Not of CEL: an int beside a field or population whose type makes it plain becomes a double.
      {"occupied <= 100", "occupied=99.5", "true"},
      {"100 >= occupied", "occupied=100.5", "false"},
      {"beds * occupied", "beds=3 occupied=1.5", "double 4.5"},
      {"beds + 1.5", "beds=3", "double 4.5"},
      {"beds / 2.0", "beds=3", "double 1.5"},
      {"beds / 2", "beds=3", "int 1"},
      {"1 / occupied", "occupied=4", "double 0.25"},
      {"1.0 * beds / 2", "beds=3", "double 1.5"},
      {"min(beds, 2.5)", "beds=3", "double 2.5"},
      {"max(1, occupied, beds)", "beds=3 occupied=2.5", "double 3"},
      {"beds == occupied", "beds=3 occupied=3", "true"},
      {"beds in [2.5, 3.0]", "beds=3", "true"},
      {"occupied in [2, 3]", "occupied=3", "true"},
      {"1.0 * beds / 2 + occupied", "beds=3 occupied=0.5", "double 2"},
      {"1.0 * beds / 0", "beds=3", "division by zero"},
      {"beds + 1.5 > admissions", "beds=1 admissions=2", "true"},
      {"1 + 1.5", "", "1:3: '+' does not mix 1 (int) and 1.5 (double): write 1.0 for 1"},
      {"1.5 == 1", "", "1:5: '==' does not mix 1.5 (double) and 1 (int): write 1.0 for 1"},
      {"9223372036854775807 + 1 * occupied", "occupied=1", "double 9223372036854775808"},
  });
}

TEST(Expression, Logic) {
  ExpectOutcomes({
      // conditional
      {"true ? 1 : 2", "", "int 1"},
      {"(false ? 'foo' : 'bar') == 'bar'", "", "true"},
      {"2 / 0 > 4 ? 1 : 2", "", "division by zero"},
      {"true ? 1 : 1 / 0", "", "int 1"},
      {"false ? 1 / 0 : 1", "", "int 1"},
      {"true ? 1 / 0 : 1", "", "division by zero"},
      {"true ? 'cows' == 'cows' : 17", "", "1:6: '?' gives a bool or 17 (int): both must be of one type"},
      {"'cows' ? false : true", "",
       "1:1: what stands before '?' takes true or false, not \"cows\" (string): compare it, such as x == \"...\""},
      {"false ? 1 : true ? 2 : 3", "", "int 2"},
      {"(true ? false : true) ? 1 : 2", "", "int 2"},
      {"true || false ? 1 : 2", "", "int 1"},
      {"1 + (1 / 0 == 1 ? 2 : 3)", "", "division by zero"},
      // AND
      {"true && true", "", "true"},
      {"false && false", "", "false"},
      {"false && true", "", "false"},
      {"true && false", "", "false"},
      {"false && (2 / 0 > 3 ? false : true)", "", "false"},
      {"(2 / 0 > 3 ? false : true) && false", "", "false"},
      {"false && 32", "",
       "1:10: '&&' takes true or false, not 32 (int): compare it, such as x > 0"},  // short_circuit_type: types are
                                                                                    // checked before.
      {"'horses' && false", "",
       "1:1: '&&' takes true or false, not \"horses\" (string): compare it, such as x == \"...\""},
      {"false && beds == 1", "", "false"},
      {"beds == 1 && false", "", "false"},
      {"false && 9223372036854775807 + 1 > 0", "", "false"},
      {"9223372036854775807 + 1 > 0 && false", "", "false"},
      {"true && 1 / 0 != 0", "", "division by zero"},
      {"1 / 0 != 0 && true", "", "division by zero"},
      {"1 / 0 != 0 && beds == 1", "", "division by zero"},
      {"beds == 1 && 1 / 0 != 0", "", "no value"},
      {"beds == 1 && true && false", "", "false"},
      // OR
      {"true || true", "", "true"},
      {"false || false", "", "false"},
      {"false || true", "", "true"},
      {"true || false", "", "true"},
      {"true || (2 / 0 > 3 ? false : true)", "", "true"},
      {"(2 / 0 > 3 ? false : true) || true", "", "true"},
      {"true || 32", "", "1:9: '||' takes true or false, not 32 (int): compare it, such as x > 0"},
      {"'horses' || true", "",
       "1:1: '||' takes true or false, not \"horses\" (string): compare it, such as x == \"...\""},
      {"true || beds == 1", "", "true"},
      {"beds == 1 || true", "", "true"},
      {"true || 9223372036854775807 + 1 > 0", "", "true"},
      {"9223372036854775807 + 1 > 0 || true", "", "true"},
      {"false || beds == 1", "", "no value"},
      {"beds == 1 || false", "", "no value"},
      {"false || 1 / 0 != 0", "", "division by zero"},
      {"1 / 0 != 0 || false", "", "division by zero"},
      {"1 / 0 != 0 || beds == 1 || true", "", "true"},
      {"true || 1 / 0 != 0 && false", "", "true"},
      // NOT
      {"!true", "", "false"},
      {"!false", "", "true"},
      {"!(1 / 0 == 1)", "", "division by zero"},
      {"!open && open", "open=true", "false"},
  });
}

TEST(Expression, Precedence) {
  ExpectOutcomes({
      {"1 + 2 * 3", "", "int 7"},
      {"(1 + 2) * 3", "", "int 9"},
      {"10 - 4 - 3", "", "int 3"},
      {"10 - (4 - 3)", "", "int 9"},
      {"100 / 10 / 5", "", "int 2"},
      {"100 / 10 * 5", "", "int 50"},
      {"7 % 4 * 2", "", "int 6"},
      {"3 -2", "", "int 1"},
      {"3 - -2", "", "int 5"},
      {"-2 * -3", "", "int 6"},
      {"-7 % 4", "", "int -3"},  // The sign first.
      {"2 * 3 % 4", "", "int 2"},
      {"2 + 3 < 3 * 2", "", "true"},
      {"!true || true", "", "true"},
      {"!(true || true)", "", "false"},
      {"1 < 2 ? 3 : 4", "", "int 3"},
      {"false && false || true", "", "true"},
      {"1 == 1 && 2 == 3 || 4 == 4", "", "true"},
      {"1 + 1 == 2", "", "true"},
      {"1 < 2 && 2 < 3", "", "true"},
      {"true || false && false", "", "true"},
      {"(true || false) && false", "", "false"},
      {"!false == true", "", "true"},
      {"false ? 1 : 2 + 3", "", "int 5"},
      {"1 + 2 in [3]", "", "true"},
  });
}

TEST(Expression, ParseWhitespaceAndComments) {
  ExpectOutcomes({
      // whitespace
      {" \t\r\n\f 7 ", "", "int 7"},
      {"caseload . white", "caseload.white=4", "int 4"},
      {"min (1,2)", "", "int 1"},
      // comments
      {"1\n+ // one\n2 // and two", "", "int 3"},
  });
}

TEST(Expression, ParseNestAndRepeat) {
  // nest, as deep as CEL demands.
  EXPECT_EQ(Outcome(Repeat("(", 32) + "7" + Repeat(")", 32)), "int 7");
  EXPECT_EQ(Outcome(Repeat("abs(", 12) + "7" + Repeat(")", 12)), "int 7");
  // repeat, as long.
  EXPECT_EQ(Outcome(Repeat("true ? true : ", 24) + "false"), "true");
  EXPECT_EQ(Outcome(Repeat("false || ", 32) + "true"), "true");
  EXPECT_EQ(Outcome(Repeat("true && ", 32) + "false"), "false");
  EXPECT_EQ(Outcome(Repeat("3 - 3 + ", 12) + "3"), "int 3");
  EXPECT_EQ(Outcome(Repeat("4 * 4 / ", 12) + "4"), "int 4");
  EXPECT_EQ(Outcome(Repeat("!", 32) + "true"), "true");
  EXPECT_EQ(Outcome(Repeat("-", 32) + "19"), "int 19");
  EXPECT_EQ(Outcome(absl::StrCat("17 in [", Repeat("0, ", 31), "17]")), "true");
  // Long is not deep: a source may be all one sum.
  EXPECT_EQ(Outcome(Repeat("1+", 2000) + "1"), "int 2001");
  EXPECT_EQ(Outcome(absl::StrCat("max(", Repeat("1,", 1900), "2)")), "int 2");
  EXPECT_EQ(Outcome(Repeat("!", 4000) + "true"), "true");
}

TEST(Expression, ParseStringLiterals) {
  ExpectOutcomes({
      // string_literals
      {R"('hello' == "hello")", "", "true"},
      {R"(' \\ \? \" \' \` ' == " \\ ? \" ' ` ")", "", "true"},
      {R"('\a\b\f\n\r\t\v' == '\x07\x08\x0c\x0a\x0d\x09\x0b')", "", "true"},
      {R"('\000\012\177' == '\x00\x0A\X7f')", "", "true"},
      // As in CEL a number stands for a character, not for a byte.
      {"'\\303' == '\u00C3'", "", "true"},
      {"'\\xe9' == '\u00E9'", "", "true"},
      {"'\\u00E9' == '\u00E9'", "", "true"},
      {"'\\U0001f431' == '\U0001F431'", "", "true"},
      {"'\\u270c' == '\u270C'", "", "true"},
      {"'// no comment' != ''", "", "true"},
      // string_literals: triple quotes, raw strings and bytes_literals are left out
      {"'''hello''' == 'hello'", "", "1:3: expected an operator or the end, found 'hello'"},
      {R"(r'\d' == '')", "", "1:3: unknown escape: write \\\\ for a backslash"},
      {"b'abc' == ''", "", "1:2: expected an operator or the end, found 'abc'"},
      {"'it''s' == ''", "", "1:5: expected an operator or the end, found 's'"},
      {R"('\q')", "", "1:2: unknown escape: write \\\\ for a backslash"},
      {R"('\x4')", "", "1:2: this escape needs 2 hexadecimal digits"},
      {R"('\08')", "", "1:2: this escape needs 3 octal digits"},
      {R"('\ud800')", "", "1:2: this escape is no character of Unicode"},
      {R"('\U00110000')", "", "1:2: this escape is no character of Unicode"},
  });
}

}  // namespace
}  // namespace quartermaster
