// How findings read: of each rule the message and the hint in full. Each says in plain words what is wrong with which
// value, and what to do.
#include "gtest/gtest.h"
#include "tests/validation/specification.h"

namespace quartermaster::specification::messages {
namespace {

struct Worded {
  Row row;  // Whose last finding has these words.
  std::string message;
  std::string hint;
};

void ExpectWords(const std::vector<Worded>& rows) {
  for (const Worded& worded : rows) {
    const Judgement judgement = JudgeRow(worded.row);
    ASSERT_FALSE(judgement.findings.empty()) << worded.message;
    EXPECT_EQ(judgement.findings.back().message(), worded.message);
    EXPECT_EQ(judgement.findings.back().hint(), worded.hint);
  }
}

Row Key(const std::string& part, const std::string& value) {
  return {.period = "2025-04", .twist = [part, value](v1::ReturnContent* content) {
            const auto* field = v1::ReturnContent::descriptor()->FindFieldByName(part);
            content->GetReflection()->SetString(content, field, value);
          }};
}

Row Ward(const std::string& fields, const std::vector<Earlier>& earlier = {}, const std::string& period = "2025-04") {
  return {.period = period, .fields = fields, .earlier = earlier};
}

Row Values(const std::string& fields, const std::vector<std::string>& unreadable = {},
           const std::vector<std::string>& not_available = {}) {
  return {.period = "2025-04",
          .fields = fields,
          .service = "values",
          .not_available = not_available,
          .unreadable = unreadable};
}

TEST(SpecificationMessages, OfTheKey) {
  ExpectWords({
      {Key("participant", ""), "The participant code is missing.",
       "Write the code that you are registered with, such as RT1 or RT1-NORTH."},
      {Key("participant", "rt1"),
       "\"rt1\" is not a participant code: 2 to 12 capital letters and digits, with -NAME for a site or service.",
       "Write the code that you are registered with, such as RT1 or RT1-NORTH."},
      {Key("participant", "1.1E+08"),
       "\"1.1E+08\" is a code that a spreadsheet has turned into a number. Format the column as text.",
       "Write the code that you are registered with, such as RT1 or RT1-NORTH."},
      {Key("participant", "RT2"), "No participant with the code RT2 is registered.",
       "Did you mean RT1? Check the code, or ask the steward of the collection to register it."},
      {Key("participant", "XYZ"), "No participant with the code XYZ is registered.",
       "Check the code, or ask the steward of the collection to register it."},
      {Key("service", "wards"), "The collection spec has no service \"wards\".",
       "Did you mean ward? Take one of the services that are expected here."},
      {Key("service", "helicopters"), "The collection spec has no service \"helicopters\".",
       "Take one of the services that are expected here."},
      {Key("period", ""), "The period is empty. Write a month as 2025-04 or a quarter as 2025-26-Q1.",
       "Write a month as 2025-04 and a financial quarter as 2025-26-Q1 (April to June 2025)."},
      {Key("period", "yesterday"),
       "\"yesterday\" is not a period: write a month as 2025-04, a financial quarter as 2025-26-Q1 and a financial "
       "year as FY2025-26.",
       "Write a month as 2025-04 and a financial quarter as 2025-26-Q1 (April to June 2025)."},
      {Key("period", "2025Q2"),
       "\"2025Q2\" is not a period: it could be the calendar quarter April to June 2025, which is written 2025-26-Q1, "
       "or quarter 2 of the financial year, July to September 2025, written 2025-26-Q2. Write the one that you mean.",
       "Write a month as 2025-04 and a financial quarter as 2025-26-Q1 (April to June 2025)."},
      {Key("period", "2025-26"),
       "\"2025-26\" is not a period: for the financial year write FY2025-26, for a quarter 2025-26-Q1.",
       "Write a month as 2025-04 and a financial quarter as 2025-26-Q1 (April to June 2025)."},
      {Key("period", "FY2025-26"), "The collection spec takes no returns for a financial year.",
       "Send the return for a period of the kind that is expected."},
      {Key("period", "2020-03"), "Mar 2020 is before the collection spec began.",
       "Check the year of the period. The first month taken is Apr 2020."},
      {Key("period", "2026-10"), "Oct 2026 has not begun yet.", "Check the year of the period."},
  });
}

TEST(SpecificationMessages, OfTheMessage) {
  Row wrong = Ward("");
  wrong.twist = [](v1::ReturnContent* content) { content->mutable_data()->set_type_url("example.org/spec.Bed"); };
  Row unreadable = Ward("");
  unreadable.twist = [](v1::ReturnContent* content) { content->mutable_data()->set_value("\xff"); };
  Row numbered = Ward("");
  numbered.twist = [](v1::ReturnContent* content) { content->mutable_data()->set_value("\xfa\x02\x03\x98\x06\x01"); };
  ExpectWords({
      {wrong, "The data is not that of the service ward.",
       "Send the message that is expected here, or name the service that the data is for."},
      {unreadable, "Nothing was read: the data is not the encoding of a quartermaster.collections.spec.v1.Ward.",
       "Encode the message with protobuf from the collection's own schema."},
      {numbered, "The service ward has no field \"ethnicity.#99\".",
       "Encode the data with the collection's own schema."},
      {Values("", {"roms = 3"}), "The service values has no field \"roms\".",
       "Did you mean rooms? Rename or remove it."},
      {Values("", {"helicopters = 3"}), "The service values has no field \"helicopters\".", "Rename or remove it."},
      {Values("", {}, {"waived", "waived"}), "Waived is said to be not available more than once.", "Say it once."},
  });
}

TEST(SpecificationMessages, OfMissingValues) {
  const auto entry = [](const std::string& fields) {
    return Row{.period = "2024-04", .fields = fields, .service = "entry"};
  };
  ExpectWords({
      {entry("staff: 4 open: true head { name: 'Ann' }"), "Beds is missing.",
       "Give the value; write 0 if there was none."},
      {entry("beds: 3 open: true head { name: 'Ann' }"), "Staff is missing.",
       "Give the value; write 0 if there was none. Write NA if it is not available."},
      {entry("beds: 3 staff: 4 head { name: 'Ann' }"), "Open is missing.", "Give the value."},
      {entry("beds: 3 staff: 4 open: true"), "Head: Name is missing.", "Give the value."},
  });
}

TEST(SpecificationMessages, OfWrongTypes) {
  ExpectWords({
      {Values("", {"beds = many"}), "Beds: \"many\" is not a number with at most 2 decimal places.",
       "Write a number, or leave the cell blank."},
      {Values("", {"beds = 1,234"}), "Beds: \"1,234\" is not a number with at most 2 decimal places.",
       "Write the bare number: digits with a point, no thousands separators, currency or percent signs."},
      {Values("", {"beds = 12,5"}), "Beds: \"12,5\" is not a number with at most 2 decimal places.",
       "Use a point for decimals and no thousands separators, as in 10678.5."},
      {Values("", {"beds = #N/A"}), "Beds: \"#N/A\" is not a number with at most 2 decimal places.",
       "The cell holds a spreadsheet's error. Mend its formula, then save again."},
      {Values("", {"beds = n/a"}), "Beds: \"n/a\" is not a number with at most 2 decimal places.",
       "Give the value, or leave the cell blank."},
      {Values("", {"waived = n/a"}), "Waived: \"n/a\" is not a number with at most 1 decimal place.",
       "Write NA, or NA (why), for a value that is not available."},
      {Values("", {"waived = NA - ward closed"}),
       "Waived: \"NA - ward closed\" is not a number with at most 1 decimal place.",
       "Write NA, or NA (why), for a value that is not available."},
      {Values("", {"waived = some"}), "Waived: \"some\" is not a number with at most 1 decimal place.",
       "Write a number, or NA if it is not available."},
      {Values("", {"open = maybe"}), "Open: \"maybe\" is not yes or no.",
       "Write one of the values that are expected, or leave the cell blank."},
      {Values("", {"team = cardiology"}), "Team: \"cardiology\" is none of the choices: crisis or treatment at home.",
       "Write one of the values that are expected, or leave the cell blank."},
      {Values("plain: nan"), "Plain: \"nan\" is not a number with at most 6 decimal places.",
       "Write a number, or leave the cell blank."},
  });
}

TEST(SpecificationMessages, OfInvalidValues) {
  Row reason = Values("", {}, {"waived"});
  reason.twist = [](v1::ReturnContent* content) {
    content->mutable_not_available(0)->set_reason(std::string(900, 'x'));
  };
  ExpectWords({
      {Values("beds: -1"), "Beds: -1 is less than the least that is accepted, 0.",
       "Check the value; its unit is beds."},
      {Values("rooms: 51"), "Rooms: 51 is more than the most that is accepted, 50.", "Check the value."},
      {Values("score: 80.5"), "Score: 80.5 is more than the most that is accepted, 80.", "Check the value."},
      {Values("beds: 12.345"), "Beds: 12.345 has too many decimal places.", "Round it, for example to 12.34."},
      {Values("whole: 12.5"), "Whole: 12.5 has too many decimal places.", "Round it, for example to 12."},
      {Values("beds: 0.30000000000000004"),
       "Beds: a spreadsheet's binary noise was rounded away; the value taken is 0.3.",
       "Nothing needs to be done. Rounding it in the spreadsheet avoids this."},
      {Values("plain: 2e12"), "Plain: 2e+12 is too large.", "Check the unit; no value is past a trillion."},
      {Values("team: 77"), "Team: 77 is none of the choices.", "Send one of the choices that are expected."},
      {Values("note: 'abcdef'"), "Note is too long: 6 characters.", "Shorten it to 5 characters."},
      {Values("ward_code: 'ab12'"), "Ward code: \"ab12\" has not the form that is asked for.",
       "Write two capital letters and a number."},
      {Values("floor_code: '1'"), "Floor code: \"1\" has not the form that is asked for.",
       "Write it in the form that is expected."},
      {Values("", {}, {"beds"}), "Beds cannot be \"not available\".", "Give the value, or leave the cell blank."},
      {Values("waived: 1", {}, {"waived"}), "Waived has a value and is said to be not available.",
       "Send one or the other."},
      {reason, "The reason why Waived is not available is longer than 200 characters.", "Shorten the reason."},
  });
}

TEST(SpecificationMessages, OfRulesOfTheSchema) {
  ExpectWords({
      {Ward("occupied: 2 available: 1"), "More bed days were occupied than available.", "Count a bed on leave once."},
      {Ward("cost: 4 pay: 1 drugs: 1 food: 1"), "The costs do not add up.", "Put what is left into food."},
      {Ward("staff: 1 beds: 0"), "The rule could not be computed: it divides by zero.",
       "Check the values. The rule would say: There are ten staff or more to a bed."},
      {Ward("length: 3000000000 width: 3000000000 height: 2"), "The rule could not be computed: a number is too large.",
       "Check the values. The rule would say: The room is small."},
  });
}

TEST(SpecificationMessages, OfEarlierReturns) {
  Row quarter =
      Ward("admissions: 61",
           {{"2025-04", "admissions: 10"}, {"2025-05", "admissions: 20"}, {"2025-06", "admissions: 30"}}, "2025-26-Q1");
  Row month =
      Ward("admissions: 31",
           {{"2025-04", "admissions: 5"}, {"2025-05", "admissions: 25"}, {"2025-26-Q1", "admissions: 60"}}, "2025-06");
  ExpectWords({
      {Ward("admissions: 151", {{"2025-03", "admissions: 100"}}), "Admissions: 151 after 100 in Mar 2025, up by 51.",
       "Check both periods. If the value is right, say why it moved so much."},
      {Ward("admissions: 0", {{"2025-03", "admissions: 100"}}), "Admissions: 0 after 100 in Mar 2025, down by 100.",
       "Check both periods. If the value is right, say why it moved so much."},
      {Ward("contacts: 121", {{"2024-04", "contacts: 100"}}), "Contacts: 121 after 100 in Apr 2024, up by 21.",
       "Check both periods. If the value is right, say why it moved so much."},
      {Ward("", {{"2025-03", "waiting: 5"}}), "Waiting has no value, and had 5 in Mar 2025.",
       "Give the value. If there is none any more, say why."},
      {Ward("list_start: 11", {{"2025-03", "list_end: 10"}}),
       "List at the start: 11, but Mar 2025 closed with 10 (List at the end).",
       "Open with the value that the period before closed with, or correct the return for Mar 2025."},
      {quarter, "Admissions: the quarterly return for Q1 2025/26 has 61, its three monthly returns make 60.",
       "Correct the quarter, or withdraw it and correct the months. The quarterly return counts."},
      {month, "There is a return for the whole of Q1 2025/26, so one for Jun 2025 would not count in it.",
       "Correct the return for Q1 2025/26, or withdraw it first: then its parts count."},
  });
}

TEST(SpecificationMessages, OfExceptionalIndicators) {
  Row own = Ward("discharges: 2 days: 40",
                 Past("2025-04", {"discharges: 1 days: 10", "discharges: 1 days: 11", "discharges: 1 days: 12"}));
  Row national = Ward("discharges_before: 100 readmissions: 60");
  national.peers = {{"readmission", 10.25, 2, 57}};
  Row category =
      Ward("ethnicity { female: 9 male: 1 other: 0 }",
           Past("2025-04", {"ethnicity { female: 5 male: 5 other: 0 }", "ethnicity { female: 5 male: 5 other: 0 }",
                            "ethnicity { female: 5 male: 5 other: 0 }"}));
  ExpectWords(
      {{own, "Length of stay: 20.0 days is far from 11.0 days, the median of its own 3 periods up to Mar 2025.",
        "Check what it is made of: days = 40, discharges = 2. If that is right, say why it is so."},
       {national,
        "Readmission: 60.0 % is far from 10.2 %, the median of the 57 others in Mar 2025, the country's last complete "
        "period.",
        "Check what it is made of: readmissions = 60, discharges_before = 100. If that is right, say why it is so."},
       {category, "Ethnicity: Female: 90.0 % is far from 50.0 %, the median of its own 3 periods up to Mar 2025.",
        "Check what it is made of: ethnicity.female = 9, ethnicity.male = 1, ethnicity.other = 0. If that is right, "
        "say why it is so."}});
}

}  // namespace
}  // namespace quartermaster::specification::messages
