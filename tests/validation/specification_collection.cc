// The collection that the specification judges returns of: every kind of field and rule once, and not much more, so
// that a row breaks just the rule that it is about.
#include "tests/testing/compile_collection.h"
#include "tests/validation/specification.h"

namespace quartermaster::specification {
namespace {

// clang-format off
constexpr char kHead[] = R"schema(
syntax = "proto3";
package quartermaster.collections.spec.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = {
  id: "spec" title: "Specification" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04"
};
enum Team {
  TEAM_UNSPECIFIED = 0;
  TEAM_CRISIS = 1;
  TEAM_HOME_TREATMENT = 2 [(schema.v1.choice) = { label: "treatment at home" }];
}
message Gender {
  optional int64 female = 1 [(schema.v1.field) = { label: "Female" min: 0 }];
  optional int64 male = 2 [(schema.v1.field) = { label: "Male" min: 0 }];
  optional int64 other = 3 [(schema.v1.field) = { label: "Other" min: 0 }];
}
)schema";

// What must be there, and from when on.
constexpr char kEntry[] = R"schema(
message Head {
  optional string name = 1 [(schema.v1.field) = { label: "Name" required: true }];
}
message Entry {
  option (schema.v1.service) = { id: "entry" title: "Entry" };
  optional double beds = 1 [(schema.v1.field) = { label: "Beds" required: true decimals: 1 }];
  optional int64 staff = 2 [(schema.v1.field) = { label: "Staff" required: true allow_not_available: true }];
  optional bool open = 3 [(schema.v1.field) = { label: "Open" required: true }];
  optional Head head = 4 [(schema.v1.field) = { label: "Head" }];
  optional Team team = 5 [(schema.v1.field) = { label: "Team" required: true required_since: "2024-05" }];
  optional double late = 6 [(schema.v1.field) = {
    label: "Late discharges" decimals: 0 required: true required_since: "2025-04" allow_not_available: true }];
  optional double extra = 7 [(schema.v1.field) = { label: "Extra" }];
}
)schema";

// What one value may be.
constexpr char kValues[] = R"schema(
message Values {
  option (schema.v1.service) = { id: "values" title: "Values" };
  optional double beds = 1 [(schema.v1.field) = { label: "Beds" unit: "beds" min: 0 max: 1000 decimals: 2 }];
  optional double depth = 2 [(schema.v1.field) = { label: "Depth" min: -10.5 max: -0.5 decimals: 1 }];
  optional int64 staff = 3 [(schema.v1.field) = { label: "Staff" min: 0 }];
  optional uint32 rooms = 4 [(schema.v1.field) = { label: "Rooms" max: 50 }];
  optional double exact = 5 [(schema.v1.field) = { label: "Exact" decimals: 9 }];
  optional double plain = 6 [(schema.v1.field) = { label: "Plain" }];
  optional double whole = 7 [(schema.v1.field) = { label: "Whole" decimals: 0 }];
  optional double score = 8 [(schema.v1.field) = {
    label: "Score" min: 0 max: 100 decimals: 1
    tightened: { since: "2024-05" max: 90 } tightened: { since: "2025-04" min: 10 max: 80 } }];
  optional Team team = 9 [(schema.v1.field) = { label: "Team" }];
  optional bool open = 10 [(schema.v1.field) = { label: "Open" }];
  optional string note = 11 [(schema.v1.field) = { label: "Note" max_length: 5 }];
  optional string ward_code = 12 [(schema.v1.field) = {
    label: "Ward code" pattern: "[A-Z]{2}[0-9]+" pattern_description: "Write two capital letters and a number." }];
  optional string floor_code = 13 [(schema.v1.field) = { label: "Floor code" pattern: "[a-z]" }];
  optional double waived = 14 [(schema.v1.field) = { label: "Waived" decimals: 1 allow_not_available: true }];
  optional Gender gender = 15 [(schema.v1.field) = { label: "Caseload" }];
  optional int64 census = 16 [(schema.v1.field) = { label: "Census" required: true required_since: "2026-01" }];
}
)schema";

// What several values must be to each other, to earlier returns, and to other participants.
constexpr char kWardRules[] = R"schema(
message Ward {
  option (schema.v1.service) = { id: "ward" title: "Ward" };
  option (schema.v1.rule) = { id: "occupied-within-available" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    expression: "occupied <= available"
    message: "More bed days were occupied than available." hint: "Count a bed on leave once." };
  option (schema.v1.rule) = { id: "staff-per-bed" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    expression: "staff / beds < 10" message: "There are ten staff or more to a bed." hint: "Count posts, not people." };
  option (schema.v1.rule) = { id: "note-for-many-staff" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    expression: "has(note) || staff < 1000" message: "So many staff need a note." hint: "Write why in the note." };
  option (schema.v1.rule) = { id: "closed-is-empty" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    expression: "open || occupied == 0" message: "A closed ward has nobody in it." hint: "Check both." };
  option (schema.v1.rule) = { id: "leave-within-occupied" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    since: "2025-02" expression: "leave <= occupied" message: "More were on leave than there." hint: "Check both." };
  option (schema.v1.rule) = { id: "staff-within-population" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    expression: "staff <= population(\"18-64\")" message: "There are more staff than people." hint: "Check the staff." };
  option (schema.v1.rule) = { id: "space-per-bed" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    expression: "length * width * height >= 10" message: "The room is small." hint: "Measure in metres." };
  option (schema.v1.rule) = { id: "one-phone" severity: SEVERITY_INFO class: CLASS_INCONSISTENT
    expression: "phones >= 1" message: "The ward has no phone." hint: "Install one." };
  option (schema.v1.rule) = { id: "deaths-within-discharges" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    expression: "deaths <= discharges" message: "More died than left." hint: "A death is a discharge." };
  option (schema.v1.rule) = { id: "trial-leave" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT shadow: true
    expression: "leave < 100" message: "Much leave." hint: "Check the leave." };
  option (schema.v1.rule) = { id: "caseload-by-gender" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    sum: { total: "caseload" parts: "gender" } message: "The genders do not add up." hint: "Count each person once." };
  option (schema.v1.rule) = { id: "cost-of-parts" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT since: "2025-02"
    sum: { total: "cost" parts: ["pay", "drugs", "food"] tolerance: 0.5 }
    message: "The costs do not add up." hint: "Put what is left into food." };
  option (schema.v1.rule) = { id: "trial-sum" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT shadow: true
    sum: { total: "list_end" parts: ["list_start", "joined"] } message: "The list does not add up." hint: "Count anew." };

  option (schema.v1.indicator) = { id: "stay" title: "Length of stay" unit: "days" decimals: 1
    numerator: "days" denominator: "discharges" exceptional: { own: 3 absolute: 1 } };
  option (schema.v1.indicator) = { id: "readmission" title: "Readmission" unit: "%" decimals: 1
    numerator: "readmissions" denominator: "discharges_before" factor: 100
    exceptional: { own: 3 national: 3.5 absolute: 5 } };
  option (schema.v1.indicator) = { id: "incidents" title: "Incidents" value: "incidents"
    exceptional: { national: 3 absolute: 2 } };
  option (schema.v1.indicator) = { id: "incidents-a-shift" title: "Incidents a shift" decimals: 2
    numerator: "incidents" denominator: "shifts" exceptional: { national: 3 absolute: 0.5 } };
  option (schema.v1.indicator) = { id: "deaths-a-shift" title: "Deaths a shift" decimals: 2
    numerator: "deaths" denominator: "shifts" exceptional: { national: 3 absolute: 0.5 } };
  option (schema.v1.indicator) = { id: "places-a-shift" title: "Places a shift" decimals: 2
    numerator: "places" denominator: "shifts" exceptional: { national: 3 absolute: 0.5 } };
  option (schema.v1.indicator) = { id: "ethnicity" title: "Ethnicity" unit: "%" decimals: 1 distribution: "ethnicity"
    exceptional: { own: 3 absolute: 10 } };
  option (schema.v1.indicator) = { id: "places" title: "Places" unit: "per 100,000" decimals: 1
    numerator: "places" denominator: "population(\"18-64\")" factor: 100000 exceptional: { own: 3 absolute: 1 } };
  option (schema.v1.indicator) = { id: "cancelled" title: "Cancelled" value: "cancelled"
    exceptional: { own: 3 national: 3 absolute: 2 shadow: true } };
)schema";

constexpr char kWardFields[] = R"schema(
  optional double available = 1 [(schema.v1.field) = { label: "Available" unit: "bed days" decimals: 2
    min: 0 max: 5000 change: { percent: 50 absolute: 100 } }];
  optional double occupied = 2 [(schema.v1.field) = { label: "Occupied" decimals: 2 min: 0 allow_not_available: true }];
  optional double leave = 3 [(schema.v1.field) = { label: "Leave" min: 0 change: { percent: 50 absolute: 10 } }];
  optional double staff = 4 [(schema.v1.field) = { label: "Staff" min: 0 }];
  optional double beds = 5 [(schema.v1.field) = { label: "Beds" min: 0 max: 1000 decimals: 1 }];
  optional bool open = 6 [(schema.v1.field) = { label: "Open" }];
  optional string note = 7 [(schema.v1.field) = { label: "Note" max_length: 20 }];
  optional int64 length = 8 [(schema.v1.field) = { label: "Length" }];
  optional int64 width = 9 [(schema.v1.field) = { label: "Width" }];
  optional int64 height = 10 [(schema.v1.field) = { label: "Height" }];
  optional int64 phones = 11 [(schema.v1.field) = { label: "Phones" change: { percent: 10 absolute: 1 } }];
  optional int64 caseload = 12 [(schema.v1.field) = { label: "Caseload" allow_not_available: true }];
  optional Gender gender = 13 [(schema.v1.field) = { label: "Caseload by gender" }];
  optional double cost = 14 [(schema.v1.field) = { label: "Cost" decimals: 2 }];
  optional double pay = 15 [(schema.v1.field) = { label: "Pay" decimals: 2 }];
  optional double drugs = 16 [(schema.v1.field) = { label: "Drugs" decimals: 2 }];
  optional double food = 17 [(schema.v1.field) = { label: "Food" decimals: 2 }];

  optional int64 admissions = 20 [(schema.v1.field) = {
    label: "Admissions" rollup: ROLLUP_SUM change: { percent: 50 absolute: 10 } }];
  optional int64 referrals = 21 [(schema.v1.field) = {
    label: "Referrals" change: { percent: 50 absolute: 10 least_base: 20 } }];
  optional int64 contacts = 22 [(schema.v1.field) = { label: "Contacts"
    change: { percent: 50 absolute: 10 } change_in_year: { percent: 20 absolute: 5 } }];
  optional double balance = 23 [(schema.v1.field) = {
    label: "Balance" decimals: 2 change: { percent: 100 absolute: 1000 } }];
  optional int64 waiting = 24 [(schema.v1.field) = {
    label: "Waiting" rollup: ROLLUP_LAST continuous: true allow_not_available: true min: 0 }];
  optional int64 list_start = 25 [(schema.v1.field) = { label: "List at the start" opening: { closing: "list_end" } }];
  optional int64 joined = 26 [(schema.v1.field) = { label: "Joined" }];
  optional int64 list_end = 27 [(schema.v1.field) = { label: "List at the end" rollup: ROLLUP_LAST }];
  optional double fund_start = 28 [(schema.v1.field) = { label: "Fund at the start" decimals: 2
    opening: { closing: "fund_end" tolerance: 2.5 } change: { percent: 50 absolute: 10 } }];
  optional double fund_end = 29 [(schema.v1.field) = { label: "Fund at the end" decimals: 2 }];
  optional double posts = 30 [(schema.v1.field) = { label: "Posts" decimals: 2 rollup: ROLLUP_MEAN }];
  optional int64 calls = 31 [(schema.v1.field) = { label: "Calls"
    change: { percent: 50 absolute: 10 shadow: true } change_in_year: { percent: 50 absolute: 10 } }];

  optional double days = 40 [(schema.v1.field) = { label: "Days" decimals: 1 min: 0 }];
  optional int64 discharges = 41 [(schema.v1.field) = { label: "Discharges" min: 0 }];
  optional int64 deaths = 42 [(schema.v1.field) = { label: "Deaths" min: 0 }];
  optional int64 readmissions = 43 [(schema.v1.field) = {
    label: "Readmissions" change: { percent: 400 absolute: 10 } }];
  optional int64 discharges_before = 44 [(schema.v1.field) = { label: "Discharges before" }];
  optional int64 incidents = 45 [(schema.v1.field) = { label: "Incidents" min: 0 allow_not_available: true }];
  optional int64 shifts = 46 [(schema.v1.field) = { label: "Shifts" }];
  optional Gender ethnicity = 47 [(schema.v1.field) = { label: "By ethnicity" }];
  optional int64 places = 48 [(schema.v1.field) = { label: "Places" }];
  optional int64 cancelled = 49 [(schema.v1.field) = { label: "Cancelled" }];
  optional string manager = 50 [(schema.v1.field) = { label: "Manager" required: true required_since: "2026-01" }];
}
)schema";
// clang-format on

}  // namespace

const CollectionSchema& Collection() {
  static const auto& schema = *new std::shared_ptr<const CollectionSchema>(
      testing::CollectionFromText(std::string(kHead) + kEntry + kValues + kWardRules + kWardFields));
  return *schema;
}

}  // namespace quartermaster::specification
