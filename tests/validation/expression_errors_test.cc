// Sources that are refused: each message has the line and column, what is wrong, and what to write instead.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/validation/expression_test_fields.h"
#include "validation/expression.h"

namespace quartermaster {
namespace {

TEST(ExpressionErrors, Types) {
  ExpectOutcomes({
      {"beds <= 'many'", "",
       "1:6: '<=' cannot compare beds (int) with \"many\" (string): compare numbers with numbers and texts with quoted "
       "texts"},
      {"beds <= '12'", "", "1:6: '<=' cannot compare beds (int) with \"12\" (string): write the number without quotes"},
      {"'12' == beds", "", "1:6: '==' cannot compare \"12\" (string) with beds (int): write the number without quotes"},
      {"open == 'true'", "",
       "1:6: '==' cannot compare open (bool) with \"true\" (string): compare it with true or false, without quotes"},
      {"note == 3", "",
       "1:6: '==' cannot compare note (string) with 3 (int): compare numbers with numbers and texts with quoted texts"},
      {"note == beds", "",
       "1:6: '==' cannot compare note (string) with beds (int): compare numbers with numbers and texts with quoted "
       "texts"},
      {"open == 1", "",
       "1:6: '==' cannot compare open (bool) with 1 (int): compare it with true or false, or write x ? 1 : 0 for a "
       "number"},
      {"1 < 2 < 3", "", "1:7: '<' cannot compare a bool with 3 (int): comparisons do not chain, write a < b && b < c"},
      {"beds <\n  admissions <\n  discharges", "",
       "2:14: '<' cannot compare a bool with discharges (int): comparisons do not chain, write a < b && b < c"},
      {"3 in ['a']", "",
       "1:7: 'in' cannot compare 3 (int) with \"a\" (string): compare numbers with numbers and texts with quoted "
       "texts"},
      {"beds in [1, 'b']", "",
       "1:13: 'in' cannot compare beds (int) with \"b\" (string): compare numbers with numbers and texts with quoted "
       "texts"},
      {"1 + 1.5", "", "1:3: '+' does not mix 1 (int) and 1.5 (double): write 1.0 for 1"},
      {"1.5 * -2", "", "1:5: '*' does not mix 1.5 (double) and -2 (int): write -2.0 for -2"},
      {"'7' * beds", "", "1:1: '*' takes numbers, not \"7\" (string): write the number without quotes"},
      {"0x10 + 1.5", "",
       "1:6: '+' does not mix 0x10 (int) and 1.5 (double): write whole numbers with a decimal point, such as 1.0"},
      {"1.5 + (1 + 2)", "",
       "1:5: '+' does not mix 1.5 (double) and an int: write whole numbers with a decimal point, such as 1.0"},
      {"1 == 1.0", "", "1:3: '==' does not mix 1 (int) and 1.0 (double): write 1.0 for 1"},
      {"1 in [1, 1.5]", "", "1:10: 'in' does not mix 1 (int) and 1.5 (double): write 1.0 for 1"},
      {"min(1, 1.5)", "", "1:1: min() does not mix 1 (int) and 1.5 (double): write 1.0 for 1"},
      {"has(beds) ? 1 : 1.5", "", "1:11: '?:' does not mix 1 (int) and 1.5 (double): write 1.0 for 1"},
      {"(has(beds) ? 1 : 2) + 1.5", "",
       "1:21: '+' does not mix an int and 1.5 (double): write whole numbers with a decimal point, such as 1.0"},
      {"beds / admissions <= 0.95", "",
       "1:19: '<=' does not mix 0.95 (double) and a quotient of ints, which has no fraction: write 1.0 * a / b for a / "
       "b"},
      {"1.0 - abs(-(admissions / beds))", "",
       "1:5: '-' does not mix 1.0 (double) and a quotient of ints, which has no fraction: write 1.0 * a / b for a / b"},
      {"occupied in [beds, beds / 2]", "",
       "1:20: 'in' does not mix occupied (double) and a quotient of ints, which has no fraction: write 1.0 * a / b for "
       "a / b"},
      {"has(beds) ? occupied : beds / 2", "",
       "1:11: '?:' does not mix occupied (double) and a quotient of ints, which has no fraction: write 1.0 * a / b for "
       "a / b"},
      {"beds + 'a'", "", "1:8: '+' takes numbers, not \"a\" (string): texts have no arithmetic"},
      {"'a' + 'b'", "", "1:1: '+' takes numbers, not \"a\" (string): texts have no arithmetic"},
      {"open + 1", "", "1:1: '+' takes numbers, not open (bool): write x ? 1 : 0 for a number"},
      {"team * 2", "", "1:1: '*' takes numbers, not team (choice): write x == \"...\" ? 1 : 0 for a number"},
      {"1.5 % 2.0", "", "1:5: '%' takes ints, not 1.5 (double): doubles have no remainder"},
      {"beds % occupied", "", "1:6: '%' takes ints, not occupied (double): doubles have no remainder"},
      {"-open", "", "1:2: '-' takes numbers, not open (bool): write x ? 1 : 0 for a number"},
      {"-'a'", "", "1:2: '-' takes numbers, not \"a\" (string): texts have no arithmetic"},
      {"abs(note)", "", "1:5: abs() takes numbers, not note (string): texts have no arithmetic"},
      {"max(beds, open)", "", "1:11: max() takes numbers, not open (bool): write x ? 1 : 0 for a number"},
      {"!beds", "", "1:2: '!' takes true or false, not beds (int): compare it, such as x > 0"},
      {"!team", "", "1:2: '!' takes true or false, not team (choice): compare it, such as x == \"...\""},
      {"beds && open", "", "1:1: '&&' takes true or false, not beds (int): compare it, such as x > 0"},
      {"open && beds", "", "1:9: '&&' takes true or false, not beds (int): compare it, such as x > 0"},
      {"open || note", "", "1:9: '||' takes true or false, not note (string): compare it, such as x == \"...\""},
      {"beds ? 1 : 2", "",
       "1:1: what stands before '?' takes true or false, not beds (int): compare it, such as x > 0"},
      {"open ? 1 : 'a'", "", "1:6: '?' gives 1 (int) or \"a\" (string): both must be of one type"},
      {"open ? open : 1", "", "1:6: '?' gives open (bool) or 1 (int): both must be of one type"},
      {"note", "", "1:1: note (string) is neither a number nor true or false: compare it, such as note == \"...\""},
      {"open ? 'a' : note", "",
       "1:8: a string is neither a number nor true or false: compare it, such as x == \"...\""},
  });
}

TEST(ExpressionErrors, Names) {
  ExpectOutcomes({
      {"bedz > 1", "", "1:1: there is no field \"bedz\": did you mean beds?"},
      {"  caseload.whit > 1", "", "1:3: there is no field \"caseload.whit\": did you mean caseload.white?"},
      {"has(bedz)", "", "1:5: there is no field \"bedz\": did you mean beds?"},
      {"entirely_unknown", "", "1:1: there is no field \"entirely_unknown\""},
      {"caseload > 1", "",
       "1:1: \"caseload\" is a group of fields without a value of its own: name a field of it such as caseload.white, "
       "caseload.mixed, caseload.asian"},
      {"sum(beds)", "", "1:1: there is no function \"sum\": there are abs, has, max, min, population"},
      {"note.size()", "", "1:1: there is no function \"note.size\": there are abs, has, max, min, population"},
      {"has(beds + 1)", "", "1:10: expected ')', found '+': has() asks for one field, such as has(beds)"},
      {"has(1)", "", "1:5: expected the name of a field, found '1'"},
      {"has()", "", "1:5: expected the name of a field, found ')'"},
      {"abs()", "", "1:5: expected a value, found ')'"},
      {"abs(1, 2)", "", "1:6: expected ')', found ',': abs() takes one number"},
      {"min()", "", "1:5: expected a value, found ')'"},
      {"min(1)", "", "1:6: expected ',', found ')': min() and max() take two or more numbers"},
      {"max(1, )", "", "1:8: expected a value, found ')'"},
      {"population()", "", "1:12: expected an age band in quotes, found ')': write one such as population(\"18-64\")"},
  });
}

TEST(ExpressionErrors, Grammar) {
  ExpectOutcomes({
      {"", "", "1:1: expected a value, but it ends here"},
      {" // nothing\n", "", "2:1: expected a value, but it ends here"},
      {"beds >", "", "1:7: expected a value, but it ends here"},
      {"(beds", "", "1:6: expected ')', but it ends here"},
      {"beds)", "", "1:5: expected an operator or the end, found ')'"},
      {"beds beds", "", "1:6: expected an operator or the end, found 'beds'"},
      {"beds = 1", "", "1:6: \"=\" is not of the language: write == to compare"},
      {"open & open", "", "1:6: \"&\" is not of the language: write && for and"},
      {"open | open", "", "1:6: \"|\" is not of the language: write || for or"},
      {"open and open", "", "1:6: expected an operator or the end, found 'and': write && for and"},
      {"open or open", "", "1:6: expected an operator or the end, found 'or': write || for or"},
      {"not open", "", "1:1: expected a value, found 'not': write ! for not"},
      {"note == \u201Cx\u201D", "", "1:9: \"“\" is not of the language: write straight quotes: ' or \""},
      {"beds \u2212 1", "", "1:6: \"−\" is not of the language: write the minus of the keyboard: -"},
      {"beds == null", "", "1:9: there is no null: ask has(field) whether a field has a value"},
      {"[1, 2]", "", "1:1: a list stands only behind 'in'"},
      {"beds in 3", "", "1:9: expected a list such as [1, 2], found '3'"},
      {"beds in [1, 2", "", "1:14: expected ']', but it ends here"},
      {"beds in [,]", "", "1:10: expected a value, found ','"},
      {"beds.", "", "1:6: expected a name behind '.', but it ends here"},
      {"beds.1", "", "1:5: expected an operator or the end, found '.1'"},
      {".beds", "", "1:1: expected a value, found '.'"},
      {"true ? true ? 1 : 2 : 3", "", "1:13: a conditional between ? and : needs brackets around it"},
      {"true ? 1", "", "1:9: expected ':', but it ends here"},
      {"1 +* 2", "", "1:4: expected a value, found '*'"},
      {"+1", "", "1:1: expected a value, found '+'"},
      {"beds; 1", "", "1:5: \";\" is not of the language"},
      {"beds[0]", "", "1:5: expected an operator or the end, found '['"},
      {"\u00E9t\u00E9 > 1", "", "1:1: \"é\" is not of the language"},
      {"'\u00E9\u00E9' > 1", "",
       "1:6: '>' cannot compare \"éé\" (string) with 1 (int): compare numbers with numbers and texts with quoted "
       "texts"},
  });
}

TEST(ExpressionErrors, Literals) {
  ExpectOutcomes({
      {"9223372036854775808", "", "1:1: this number is too large: an int is at most 9223372036854775807"},
      {"-(9223372036854775808)", "", "1:3: this number is too large: an int is at most 9223372036854775807"},
      {"-9223372036854775809", "", "1:2: this number is too large: an int is at most 9223372036854775807"},
      {"99999999999999999999999999999999999999999999999999", "",
       "1:1: this number is too large: an int is at most 9223372036854775807"},
      {"0x8000000000000000", "", "1:1: this number is too large: an int is at most 9223372036854775807"},
      {"1e-10", "", "1:1: this number has more than 9 decimal places: round it"},
      {"0.1234567891", "", "1:1: this number has more than 9 decimal places: round it"},
      {"1e30", "", "1:1: this number is too large for a double: at most 1.7e29"},
      {"1e999999999999", "", "1:1: this number is too large for a double: at most 1.7e29"},
      {"1e-999999999999", "", "1:1: this number has more than 9 decimal places: round it"},
      {"5u", "", "1:2: a letter directly behind a number: leave it out, or write an operator between them"},
      {"1.5f", "", "1:4: a letter directly behind a number: leave it out, or write an operator between them"},
      {"1e", "", "1:2: a letter directly behind a number: leave it out, or write an operator between them"},
      {"0x", "", "1:2: a letter directly behind a number: leave it out, or write an operator between them"},
      {"1.", "", "1:2: expected an operator or the end, found '.'"},
      {"1.2.3", "", "1:4: expected an operator or the end, found '.3'"},
      {"'open", "", "1:1: this text has no closing '"},
      {"note == \"open\nend\"", "", "1:9: this text has no closing \""},
      {"'a\\", "", "1:3: a backslash needs the character that it escapes"},
      {"'\xff'", "", "1:2: this is not UTF-8 text"},
      {"note == 'a' \xc3", "", "1:13: this is not UTF-8 text"},
      {"'\xed\xa0\x80'", "", "1:2: this is not UTF-8 text"},
  });
}

TEST(ExpressionErrors, Limits) {
  const std::string deep = ": brackets and conditionals are nested deeper than 32: split the expression";
  EXPECT_EQ(Outcome(Repeat("(", 33) + "7" + Repeat(")", 33)), absl::StrCat("1:33", deep));
  EXPECT_EQ(Outcome(Repeat("(", 4096)), absl::StrCat("1:33", deep));
  EXPECT_EQ(Outcome(Repeat("abs(", 1000)), absl::StrCat("1:129", deep));
  EXPECT_EQ(Outcome(Repeat("min(1,", 600)), absl::StrCat("1:193", deep));
  EXPECT_EQ(Outcome(Repeat("1 in [", 600)), absl::StrCat("1:195", deep));
  EXPECT_EQ(Outcome(Repeat("open ? 1 : ", 300) + "1"), absl::StrCat("1:358", deep));
  // Three values wait before each bracket, so the 65th is the second one before the 22nd bracket.
  EXPECT_EQ(Outcome(Repeat("1 < 1 + 1 * (", 32) + "1" + Repeat(")", 32)),
            "1:278: more than 64 values wait for their operators here: split the expression");
  EXPECT_EQ(Outcome(std::string(Expression::kMaxSourceBytes - 1, ' ') + "7"), "int 7");
  EXPECT_EQ(Outcome(std::string(Expression::kMaxSourceBytes, ' ') + "7"),
            "1:4097: the expression is longer than 4096 bytes: split it into two");
  EXPECT_EQ(Outcome(std::string(10'000'000, '(')),
            "1:4097: the expression is longer than 4096 bytes: split it into two");
  // A message quotes no more than a line.
  EXPECT_EQ(Outcome(std::string(2000, 'x')), absl::StrCat("1:1: there is no field \"", std::string(80, 'x'), "...\""));
}

}  // namespace
}  // namespace quartermaster
