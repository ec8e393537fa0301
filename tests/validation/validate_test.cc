// The verdict on one return: a row for each way to be wrong, and that one mistake gives one finding.
#include "validation/validate.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const CollectionSchema& Schema() {
  static const auto& schema =
      *new std::shared_ptr<const CollectionSchema>(testing::CollectionFromText(R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04" };
enum Team { TEAM_UNSPECIFIED = 0; TEAM_CRISIS = 1; TEAM_GENERAL = 2; }
message Gender { optional int64 male = 1 [(schema.v1.field) = { label: "Male" min: 0 }];
                 optional int64 female = 2 [(schema.v1.field) = { label: "Female" min: 0 }]; }
message Beds {
  option (schema.v1.service) = { id: "beds" title: "Beds" };
  option (schema.v1.rule) = { id: "within" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    expression: "occupied <= available" message: "More occupied than available." hint: "Count leave once." };
  option (schema.v1.rule) = { id: "per-bed" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    expression: "staff / available < 10" message: "Too many staff." };
  option (schema.v1.rule) = { id: "staff-explained" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    expression: "has(note) || !has(staff) || staff < 1000" message: "So many staff need a note." };
  option (schema.v1.rule) = { id: "within-population" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    expression: "staff <= population(\"18-64\")" message: "More staff than people." };
  optional double available = 1 [(schema.v1.field) = { label: "Available" unit: "bed days" required: true min: 0 max: 1000 decimals: 2 }];
  optional double occupied = 2 [(schema.v1.field) = { label: "Occupied" decimals: 2 min: 0 allow_not_available: true }];
  optional int64 staff = 3 [(schema.v1.field) = { label: "Staff" min: 0 }];
  optional Team team = 4 [(schema.v1.field) = { label: "Team" }];
  optional bool open = 5 [(schema.v1.field) = { label: "Open" }];
  optional string note = 6 [(schema.v1.field) = { label: "Note" max_length: 5 pattern: "[a-zé]+" pattern_description: "Small letters." }];
  optional Gender gender = 7 [(schema.v1.field) = { label: "Caseload" }];
  optional double late = 8 [(schema.v1.field) = { label: "Late" decimals: 0 required: true required_since: "2024-04" allow_not_available: true }];
  optional double beds = 9 [(schema.v1.field) = { label: "Beds" decimals: 1 change: { percent: 50 absolute: 10 } }];
}
)schema"));
  return *schema;
}

// A return of RT1 for beds, January 2024, with the fields of a text proto.
v1::ReturnContent Content(const std::string& fields) {
  v1::ReturnContent content;
  content.set_collection("test");
  content.set_service("beds");
  content.set_participant("RT1");
  content.set_period("2024-01");
  const auto message = Schema().FindService("beds")->NewMessage();
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(fields, message.get())) << fields;
  content.mutable_data()->set_type_url("type.googleapis.com/quartermaster.collections.test.v1.Beds");
  content.mutable_data()->set_value(message->SerializeAsString());
  return content;
}

ReferenceData Reference() {
  ReferenceData reference;
  reference.is_participant = [](const std::string& code) { return code == "RT1" || code == "RT1-NORTH"; };
  reference.suggest_participant = [](const std::string&) { return "RT1"; };
  reference.population = [](const std::string&, const PopulationKey&, const Period&) {
    return Decimal::FromInteger(5000);
  };
  reference.current_month = Period::Month(2026, 2);
  return reference;
}

std::vector<std::string> Findings(const v1::ReturnContent& content) {
  std::vector<std::string> findings;
  for (const v1::Finding& finding : Judge(Schema(), content, Reference()).findings) {
    findings.push_back(absl::StrCat(schema::v1::Class_Name(finding.class_()).substr(6), " ",
                                    schema::v1::Severity_Name(finding.severity()).substr(9), " ", finding.rule_id(),
                                    " ", finding.field()));
    EXPECT_FALSE(finding.message().empty());
  }
  return findings;
}

TEST(ValidateTest, AcceptsARightReturn) {
  const auto content =
      Content("available: 100.25 occupied: 90 staff: 12 team: TEAM_CRISIS open: true note: 'né' gender { male: 0 }");
  EXPECT_THAT(Findings(content), IsEmpty());
  EXPECT_TRUE(Judge(Schema(), content, Reference()).accepted());
  EXPECT_THAT(Findings(Content("available: 0")), IsEmpty());  // Nothing but what is required.
}

TEST(ValidateTest, FindsOneThingForOneMistake) {
  const struct {
    const char* fields;
    const char* finding;
  } rows[] = {
      {"occupied: 1", "MISSING ERROR required available"},
      {"available: -1", "INVALID ERROR minimum available"},
      {"available: 1000.01", "INVALID ERROR maximum available"},
      {"available: 1.234", "INVALID ERROR decimals available"},
      {"available: 0.30000000000000004", "INVALID INFO binary-noise available"},
      {"available: 2e12", "INVALID ERROR too-large available"},
      {"available: nan", "INVALID ERROR type available"},
      {"available: 1 staff: 9223372036854775807", "INVALID ERROR too-large staff"},
      {"available: 1 team: TEAM_UNSPECIFIED", "INVALID ERROR choice team"},
      {"available: 1 team: 77", "INVALID ERROR choice team"},
      {"available: 1 note: 'abcdef'", "INVALID ERROR length note"},
      {"available: 1 note: 'ABC'", "INVALID ERROR pattern note"},
      {"available: 1 gender { female: -4 }", "INVALID ERROR minimum gender.female"},
      {"available: 10 occupied: 11", "INCONSISTENT QUERY within available"},
      {"available: 1 staff: 10", "INCONSISTENT ERROR per-bed available"},
      {"available: 0 staff: 10", "INCONSISTENT INFO per-bed available"},  // It divides by zero.
      {"available: 1000 staff: 1001", "INCONSISTENT ERROR staff-explained staff"},
      {"available: 1000 staff: 5001 note: 'ok'", "INCONSISTENT ERROR within-population staff"},
      // Rules are silent where their inputs have a finding: `within` would fail too.
      {"available: -5 occupied: 3", "INVALID ERROR minimum available"},
      {"available: 5 occupied: 7.777", "INVALID ERROR decimals occupied"},
  };
  for (const auto& row : rows) EXPECT_THAT(Findings(Content(row.fields)), ElementsAre(row.finding)) << row.fields;
}

TEST(ValidateTest, JudgesTheKey) {
  const struct {
    const char* part;
    const char* value;
    const char* finding;
    const char* message;
  } rows[] = {
      {"participant", "", "STRUCTURE ERROR participant-code participant", "missing"},
      {"participant", "rt1", "STRUCTURE ERROR participant-code participant", "capital letters"},
      {"participant", "1.1E+08", "STRUCTURE ERROR participant-code participant", "spreadsheet"},
      {"participant", "ABCDEFGHIJKLM", "STRUCTURE ERROR participant-code participant", "2 to 12"},
      {"participant", "RT1-", "STRUCTURE ERROR participant-code participant", "2 to 12"},
      {"participant", "RT2", "STRUCTURE ERROR unknown-participant participant", "RT2"},
      {"period", "2025Q2", "STRUCTURE ERROR period period", "2025-26-Q1"},
      {"period", "yesterday", "STRUCTURE ERROR period period", "2025-04"},
      {"period", "FY2024-25", "STRUCTURE ERROR period-kind period", "financial year"},
      {"period", "2020-03", "STRUCTURE ERROR period-too-early period", "before"},
      {"period", "2026-03", "STRUCTURE ERROR period-not-begun period", "not begun"},
      {"period", "2026-27-Q1", "STRUCTURE ERROR period-not-begun period", "not begun"},
      {"service", "bed", "STRUCTURE ERROR unknown-service service", "bed"},
  };
  for (const auto& row : rows) {
    v1::ReturnContent content = Content("available: 1");
    const auto* field = v1::ReturnContent::descriptor()->FindFieldByName(row.part);
    content.GetReflection()->SetString(&content, field, row.value);
    EXPECT_THAT(Findings(content), ElementsAre(row.finding)) << row.value;
    const v1::Finding finding = Judge(Schema(), content, Reference()).findings.at(0);
    EXPECT_THAT(finding.message(), HasSubstr(row.message)) << row.value;
    EXPECT_EQ(finding.given(), row.value);
    EXPECT_FALSE(finding.hint().empty());
  }
  v1::ReturnContent current = Content("available: 1 late: 1");
  current.set_period("Feb 2026");
  EXPECT_THAT(Findings(current), IsEmpty());
}

TEST(ValidateTest, SuggestsTheNameThatWasMeant) {
  v1::ReturnContent content = Content("available: 1");
  content.set_participant("RT2");
  EXPECT_THAT(Judge(Schema(), content, Reference()).findings.at(0).hint(), HasSubstr("Did you mean RT1?"));
  content = Content("available: 1");
  content.set_service("bed");
  EXPECT_THAT(Judge(Schema(), content, Reference()).findings.at(0).hint(), HasSubstr("Did you mean beds?"));
}

TEST(ValidateTest, AsksForAFieldFromAPeriodOn) {
  v1::ReturnContent content = Content("available: 1");
  content.set_period("2024-03");
  EXPECT_THAT(Findings(content), IsEmpty());
  content.set_period("2024-04");
  EXPECT_THAT(Findings(content), ElementsAre("MISSING ERROR required late"));
  content.set_period("2024-25-Q1");
  EXPECT_THAT(Findings(content), ElementsAre("MISSING ERROR required late"));
}

TEST(ValidateTest, TakesNotAvailableWhereItIsAllowed) {
  v1::ReturnContent content = Content("available: 1");
  content.add_not_available()->set_field("occupied");
  EXPECT_THAT(Findings(content), IsEmpty());
  std::string reason;  // Of the longest characters.
  for (int i = 0; i < 200; ++i) reason += "\xF0\x9F\x9B\x8F";
  content.mutable_not_available(0)->set_reason(reason);
  EXPECT_THAT(Findings(content), IsEmpty());
  content.mutable_not_available(0)->set_reason(std::string(200, 'x'));
  EXPECT_THAT(Findings(content), IsEmpty());
  for (const std::string& too_long : {reason + "x", std::string(201, 'x')}) {
    content.mutable_not_available(0)->set_reason(too_long);
    EXPECT_THAT(Findings(content), ElementsAre("INVALID ERROR reason-length occupied"));
  }

  content = Content("available: 1 occupied: 1");
  content.add_not_available()->set_field("occupied");
  EXPECT_THAT(Findings(content), ElementsAre("INVALID ERROR value-and-not-available occupied"));

  content = Content("");
  content.add_not_available()->set_field("available");
  EXPECT_THAT(Findings(content), ElementsAre("INVALID ERROR not-available available"));

  content = Content("available: 1");
  content.add_not_available()->set_field("nothing_like_it");
  EXPECT_THAT(Findings(content), ElementsAre("STRUCTURE ERROR unknown-field nothing_like_it"));
}

TEST(ValidateTest, NamesWhatCouldNotBeRead) {
  v1::ReturnContent content = Content("occupied: 5");
  auto* text = content.add_unreadable();
  text->set_field("available");
  text->set_given("1,234");
  auto* misspelt = content.add_unreadable();
  misspelt->set_field("ocupied");
  misspelt->set_given("12");
  EXPECT_THAT(Findings(content), ElementsAre("INVALID ERROR type available", "STRUCTURE ERROR unknown-field ocupied"));
  const Judgement judgement = Judge(Schema(), content, Reference());
  EXPECT_THAT(judgement.findings[0].hint(), HasSubstr("no thousands separators"));
  EXPECT_EQ(judgement.findings[0].given(), "1,234");
  EXPECT_THAT(judgement.findings[0].expected(), HasSubstr("at most 2 decimal places"));
  EXPECT_THAT(judgement.findings[1].hint(), HasSubstr("Did you mean occupied?"));
}

TEST(ValidateTest, AMisspeltRequiredFieldIsOneMistake) {
  v1::ReturnContent content = Content("");
  auto* misspelt = content.add_unreadable();
  misspelt->set_field("availabel");
  misspelt->set_given("12");
  EXPECT_THAT(Findings(content), ElementsAre("STRUCTURE ERROR unknown-field availabel"));
}

TEST(ValidateTest, EndsAListOfUnknownNames) {
  v1::ReturnContent content = Content("available: 1");
  for (int i = 0; i < 5000; ++i) content.add_unreadable()->set_field(absl::StrCat("name_", i));
  const Judgement judgement = Judge(Schema(), content, Reference());
  ASSERT_EQ(judgement.findings.size(), 101u);
  EXPECT_THAT(judgement.findings.back().message(), HasSubstr("4900 more names"));
}

TEST(ValidateTest, RefusesBytesThatAreNoReturn) {
  v1::ReturnContent content = Content("available: 1");
  content.mutable_data()->set_value("\xff\xff\xff");
  EXPECT_THAT(Findings(content), ElementsAre("STRUCTURE ERROR unreadable-data "));
  content.mutable_data()->set_value(std::string("\x32\x02\xc3\x28", 4));  // `note` with broken UTF-8
  EXPECT_THAT(Findings(content), ElementsAre("STRUCTURE ERROR unreadable-data "));
  content.mutable_data()->set_type_url("type.googleapis.com/other.Message");
  EXPECT_THAT(Findings(content), ElementsAre("STRUCTURE ERROR wrong-message "));
  content = Content("available: 1");
  content.mutable_data()->mutable_value()->append("\x98\x06\x01\x3a\x03\x98\x06\x01", 8);  // field 99, and 99 in gender
  EXPECT_THAT(Findings(content),
              ElementsAre("STRUCTURE ERROR unknown-field #99", "STRUCTURE ERROR unknown-field gender.#99"));
}

TEST(ValidateTest, QueriesAChangeThatPassesBothLimits) {
  const struct {
    const char* before;
    const char* now;
    bool queried;
  } rows[] = {
      {"beds: 100", "beds: 151", true}, {"beds: 100", "beds: 150", false}, {"beds: 100", "beds: 49", true},
      {"beds: 100", "beds: 50", false}, {"beds: 10", "beds: 20", false},   {"beds: 10", "beds: 20.1", true},
      {"beds: 0", "beds: 10", false},   {"beds: 0", "beds: 10.1", true},   {"", "beds: 1000", false},
      {"beds: 1000", "", false},        {"beds: -10", "beds: -30", true},
  };
  for (const auto& row : rows) {
    ReferenceData reference = Reference();
    reference.current_return = [&](const ServiceSchema& service, const std::string& participant,
                                   const Period& period) -> absl::optional<FieldRow> {
      EXPECT_EQ(participant, "RT1");
      if (period != Period::Month(2023, 12)) return absl::nullopt;
      return ReturnValues::Read(service, Content(row.before).data().value(), {}).value().fields();
    };
    const Judgement judgement = Judge(Schema(), Content(absl::StrCat("available: 1 ", row.now)), reference);
    EXPECT_TRUE(judgement.accepted());
    ASSERT_EQ(judgement.findings.size(), row.queried ? 1u : 0u) << row.before << " to " << row.now;
    if (!row.queried) continue;
    EXPECT_EQ(judgement.findings[0].rule_id(), "change");
    EXPECT_EQ(judgement.findings[0].class_(), schema::v1::CLASS_HISTORICAL);
    EXPECT_THAT(judgement.findings[0].message(), HasSubstr("Dec 2023"));
  }
}

TEST(ValidateTest, SkipsWhatItHasNoReferenceFor) {
  v1::ReturnContent content = Content("available: 1000 staff: 5001 note: 'ok'");
  content.set_participant("RT9");
  content.set_period("2099-01");
  content.add_not_available()->set_field("late");
  EXPECT_THAT(Judge(Schema(), content, ReferenceData()).findings, IsEmpty());
}

}  // namespace
}  // namespace quartermaster
