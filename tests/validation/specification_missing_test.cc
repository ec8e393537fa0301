// MISSING: what must be there, and from which period on.
#include "gtest/gtest.h"
#include "tests/validation/specification.h"

namespace quartermaster::specification::missing {
namespace {

// Before May 2024 these four are all that must be there.
constexpr char kComplete[] = "beds: 3 staff: 4 open: true head { name: 'Ann' } ";

// Of the service "entry".
Row Of(const std::string& says, const std::string& period, const std::string& fields,
       const std::vector<std::string>& missing, const std::vector<std::string>& not_available = {}) {
  Row row{.says = says, .period = period, .fields = fields, .service = "entry", .not_available = not_available};
  for (const std::string& path : missing) row.findings.push_back("MISSING ERROR required " + path);
  return row;
}

Table Required() {
  return {
      Of("Nothing is missing where all is there that must be.", "2024-04", kComplete, {}),
      Of("Each field that is missing is named.", "2024-04", "", {"beds", "staff", "open", "head.name"}),
      Of("Zero is a value.", "2024-04", "beds: 0 staff: 0 open: true head { name: 'Ann' }", {}),
      Of("So is no.", "2024-04", "beds: 3 staff: 4 open: false head { name: 'Ann' }", {}),
      Of("So is an empty text.", "2024-04", "beds: 3 staff: 4 open: true head { name: '' }", {}),
      Of("A number may be missing.", "2024-04", "staff: 4 open: true head { name: 'Ann' }", {"beds"}),
      Of("So may a yes or no.", "2024-04", "beds: 3 staff: 4 head { name: 'Ann' }", {"open"}),
      Of("So may a text in a group,", "2024-04", "beds: 3 staff: 4 open: true head { }", {"head.name"}),
      Of("and the group as a whole.", "2024-04", "beds: 3 staff: 4 open: true", {"head.name"}),
      Of("What need not be there is not missed.", "2024-04", std::string(kComplete) + "extra: 1", {}),
      Of("Not available is an answer where it is allowed.", "2024-04", "beds: 3 open: true head { name: 'Ann' }", {},
         {"staff"}),
  };
}

Table RequiredSince() {
  const std::string complete = kComplete;
  return {
      Of("What is required from a month on is not missed in the month before.", "2024-04", complete, {}),
      Of("In that month it is.", "2024-05", complete, {"team"}),
      Of("In a later month as well.", "2025-03", complete, {"team"}),
      Of("A quarter counts by its first month: April 2024 is before May.", "2024-25-Q1", complete, {}),
      Of("The next quarter is not.", "2024-25-Q2", complete, {"team"}),
      Of("The month before is as it was.", "2025-03", complete + "team: TEAM_CRISIS", {}),
      Of("Each field has its own month.", "2025-04", complete, {"team", "late"}),
      Of("A quarter that starts in that month asks for it.", "2025-26-Q1", complete + "team: TEAM_CRISIS", {"late"}),
      Of("Not available is an answer there, too.", "2025-04", complete + "team: TEAM_CRISIS", {}, {"late"}),
      Of("It may be there before it must.", "2020-04", complete + "team: TEAM_CRISIS late: 1", {}),
  };
}

Table OneMistake() {
  return {
      {.says = "A value that cannot be read is not missing.",
       .period = "2024-04",
       .fields = "staff: 4 open: true head { name: 'Ann' }",
       .findings = {"INVALID ERROR type beds"},
       .service = "entry",
       .unreadable = {"beds = many"}},
      {.says = "Nor is one that came under a name much like it.",
       .period = "2024-04",
       .fields = "beds: 3 open: true head { name: 'Ann' }",
       .findings = {"STRUCTURE ERROR unknown-field staf"},
       .service = "entry",
       .unreadable = {"staf = 4"}},
      {.says = "Nor is one that may not be not available and is said to be.",
       .period = "2024-04",
       .fields = "staff: 4 open: true head { name: 'Ann' }",
       .findings = {"INVALID ERROR not-available beds"},
       .service = "entry",
       .not_available = {"beds"}},
      {.says = "Without a period only what is required in all of them is missed.",
       .period = "2025Q2",
       .fields = "staff: 4 open: true head { name: 'Ann' }",
       .findings = {"STRUCTURE ERROR period period", "MISSING ERROR required beds"},
       .service = "entry"},
  };
}

TEST(SpecificationMissing, Required) { ExpectRows(Required()); }
TEST(SpecificationMissing, RequiredSince) { ExpectRows(RequiredSince()); }
TEST(SpecificationMissing, OneMistake) { ExpectRows(OneMistake()); }

}  // namespace

size_t Rows() { return Required().size() + RequiredSince().size() + OneMistake().size(); }

}  // namespace quartermaster::specification::missing
