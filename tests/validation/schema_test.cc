// What makes a .proto file a collection, and what is said of one that is none.
#include "validation/schema.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kHead[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04" };
)schema";

// A collection of one service with this body; the body starts on line 6.
std::string WithBody(const std::string& body) {
  return absl::StrCat(kHead, "message Beds { option (schema.v1.service) = { id: \"beds\" title: \"Beds\" };\n", body,
                      "\n}\n");
}

constexpr char kField[] =
    "optional double a = 1 [(schema.v1.field) = { label: \"A\" decimals: 2 }]; optional string note = 9;\n";

TEST(SchemaTest, ReadsFieldsGroupsAndChoices) {
  const auto schema = testing::CollectionFromText(absl::StrCat(kHead, R"schema(
    enum Team { TEAM_UNSPECIFIED = 0
    ; TEAM_CRISIS = 1 [(schema.v1.choice) = { label: "crisis team" }]; TEAM_EARLY_HELP = 2; }
message Gender { optional int64 male = 1 [(schema.v1.field) = { label: "Male" }];
                 optional int64 female = 2 [(schema.v1.field) = { label: "Female" }]; }
message Beds {
  option (schema.v1.service) = { id: "beds" title: "Beds" };
  option (schema.v1.indicator) = { id: "gender" title: "Gender" distribution: "gender" decimals: 1 };
  option (schema.v1.indicator) = { id: "team" title: "Team" distribution: "team" };
  option (schema.v1.indicator) = { id: "open" title: "Open" share_of_yes: "open" };
  option (schema.v1.indicator) = { id: "rate" title: "Rate" numerator: "cost" denominator: "population(\"18-64\")" factor: 100000 };
optional double cost =
    7 [(schema.v1.field) = {label : "Cost" unit : "pounds" decimals : 2 required : true min : 0 max : 99.5}];
optional Gender gender = 2 [(schema.v1.field) = {label : "Caseload"}];
optional Team team = 3;
optional bool open = 4;
optional string note = 5 [(schema.v1.field) = {max_length : 5 pattern : "[a-z]+"}];
}
)schema"));
  ASSERT_THAT(schema->services(), SizeIs(1));
  const ServiceSchema& beds = *schema->services()[0];
  ASSERT_THAT(beds.fields(), SizeIs(6));
  EXPECT_EQ(beds.fields()[1].path, "gender.male");
  EXPECT_EQ(beds.fields()[1].label, "Caseload: Male");
  EXPECT_EQ(beds.FindField("gender.female")->index, 2);
  EXPECT_EQ(beds.FindField("gender"), nullptr);
  EXPECT_EQ(beds.SuggestField("gendre.male"), "gender.male");
  EXPECT_EQ(beds.SuggestField("something_else_entirely"), "");
  EXPECT_EQ(beds.FindField("cost")->maximum->ToString(), "99.5");
  const FieldSchema* team = beds.FindField("team");
  ASSERT_THAT(team->choices, SizeIs(2));
  for (const char* name : {"TEAM_CRISIS", "crisis", "Crisis Team", " crisis team "}) {
    ASSERT_NE(team->FindChoice(name), nullptr) << name;
    EXPECT_EQ(team->FindChoice(name)->number, 1) << name;
  }
  EXPECT_EQ(team->FindChoice("early_help")->number, 2);
  EXPECT_EQ(team->FindChoice("early help")->number, 2);
  EXPECT_EQ(team->FindChoice("unspecified"), nullptr);

  // Two rows for gender, two for team, one each for the rest.
  ASSERT_THAT(beds.indicators(), SizeIs(6));
  EXPECT_EQ(beds.declared_indicator_count(), 4);
  EXPECT_EQ(beds.indicators()[0].category, "male");
  EXPECT_EQ(beds.indicators()[0].title, "Gender: Male");
  EXPECT_TRUE(beds.indicators()[0].is_ratio());
  EXPECT_FALSE(beds.indicators()[2].is_ratio());
  EXPECT_EQ(beds.indicators()[5].factor.ToString(), "100000");
  ASSERT_THAT(beds.populations(), SizeIs(1));
  EXPECT_EQ(beds.populations()[0].age_band, "18-64");
}

// Each body is refused with one problem, which says this.
TEST(SchemaTest, RefusesWithReasons) {
  const struct {
    const char* body;
    const char* problem;
  } rows[] = {
      {"", "has no field"},
      {"double a = 1 [(schema.v1.field) = { label: \"A\" }];", "write `optional`"},
      {"repeated double a = 1;", "one value"},
      {"map<string, double> a = 1;", "one value"},
      {"optional float a = 1 [(schema.v1.field) = { label: \"A\" }];", "Use double"},
      {"optional bytes a = 1;", "Use double"},
      {"oneof x { double a = 1 [(schema.v1.field) = { label: \"A\" }]; }", "oneof"},
      {"optional double a = 1;", "needs a label"},
      {"optional double a = 1 [(schema.v1.field) = { label: \"A\" decimals: 10 }];", "0 to 9"},
      {"optional int64 a = 1 [(schema.v1.field) = { label: \"A\" decimals: 1 }];", "Use double"},
      {"optional double a = 1 [(schema.v1.field) = { label: \"A\" min: 2 max: 1 }];", "min is more than max"},
      {"optional double a = 1 [(schema.v1.field) = { label: \"A\" decimals: 1 min: 0.25 }];", "min must be"},
      {"optional double a = 1 [(schema.v1.field) = { label: \"A\" max: inf }];", "max must be"},
      {"optional double a = 1 [(schema.v1.field) = { label: \"A\" required_since: \"2023-04\" }];", "required: true"},
      {"optional double a = 1 [(schema.v1.field) = { label: \"A\" required: true required_since: \"Q1 2023/24\" }];",
       "a month"},
      {"optional bool a = 1 [(schema.v1.field) = { min: 1 }];", "are for numbers"},
      {"optional bool a = 1 [(schema.v1.field) = { pattern: \"x\" }];", "are for text"},
      {"optional string a = 1 [(schema.v1.field) = { pattern: \"(\" }];", "no RE2 expression"},
      {"optional string a = 1 [(schema.v1.field) = { max_length: 20000 }];", "at most 10000"},
      {"optional Beds b = 1;", "nested at most"},
      {"optional bool period = 1;", "another name"},
      {"enum E { E_UNSPECIFIED = 0; E_A = 1; E_B = 2 [(schema.v1.choice) = { label: \"a\" }]; } optional E e = 1;",
       "Two choices"},
      {"optional int64 a = 1 [(schema.v1.field) = { label: \"A\" rollup: ROLLUP_MEAN }];", "use double"},
  };
  for (const auto& row : rows) {
    const SchemaResult result = testing::CompileCollection(WithBody(row.body));
    EXPECT_EQ(result.schema, nullptr) << row.body;
    ASSERT_FALSE(result.problems.empty()) << row.body;
    EXPECT_THAT(result.problems[0].message, HasSubstr(row.problem)) << row.body;
    EXPECT_EQ(result.problems[0].file, testing::kCollectionFile);
    EXPECT_GE(result.problems[0].line, 5) << row.body;
  }
}

TEST(SchemaTest, RefusesRulesAndIndicatorsAtTheirLine) {
  const struct {
    const char* option;
    const char* problem;
  } rows[] = {
      {"rule) = { id: \"r\" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT message: \"m\" expression: \"b > 1\" }",
       "b"},
      {"rule) = { id: \"r\" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT message: \"m\" expression: \"a + 1\" }",
       "no yes or no"},
      {"rule) = { id: \"r\" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT message: \"m\" expression: \"a >\" }",
       "a >"},
      {"rule) = { id: \"r\" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT message: \"m\" expression: \"a == 'x'\" "
       "}",
       "a == 'x'"},
      {"rule) = { id: \"R\" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT message: \"m\" expression: \"a > 1\" }",
       "lower-case"},
      {"rule) = { id: \"r\" class: CLASS_INCONSISTENT message: \"m\" expression: \"a > 1\" }", "severity"},
      {"rule) = { id: \"r\" severity: SEVERITY_ERROR message: \"m\" expression: \"a > 1\" }", "class"},
      {"rule) = { id: \"r\" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT expression: \"a > 1\" }", "message"},
      {"indicator) = { id: \"i\" title: \"I\" numerator: \"a\" }", "exactly one"},
      {"indicator) = { id: \"i\" title: \"I\" numerator: \"a\" denominator: \"a\" value: \"a\" }", "exactly one"},
      {"indicator) = { id: \"i\" title: \"I\" }", "exactly one"},
      {"indicator) = { id: \"i\" title: \"I\" value: \"a > 1\" }", "no number"},
      {"indicator) = { id: \"i\" title: \"I\" value: \"-(7 / 2)\" }", "drops the fraction"},
      {"indicator) = { id: \"i\" title: \"I\" value: \"a\" factor: -1 }", "factor"},
      {"indicator) = { id: \"i\" title: \"I\" value: \"a\" factor: nan }", "factor"},
      {"indicator) = { id: \"i\" title: \"I\" share_of_yes: \"a\" }", "bool field"},
      {"indicator) = { id: \"i\" title: \"I\" distribution: \"a\" }", "nested message"},
      {"indicator) = { id: \"i\" title: \"I\" value: \"a\" decimals: 10 }", "0 to 9"},
      {"indicator) = { id: \"i\" value: \"a\" }", "title"},
      {"indicator) = { id: \"i\" title: \"I\" value: \"has(note) ? 1 : 0\" }", "text field"},
  };
  for (const auto& row : rows) {
    const SchemaResult result =
        testing::CompileCollection(WithBody(absl::StrCat(kField, "\noption (schema.v1.", row.option, ";")));
    EXPECT_EQ(result.schema, nullptr) << row.option;
    ASSERT_FALSE(result.problems.empty()) << row.option;
    EXPECT_THAT(result.problems[0].message, HasSubstr(row.problem)) << row.option;
    EXPECT_EQ(result.problems[0].line, 8) << row.option;
  }
}

TEST(SchemaTest, NamesEveryProblemAtOnce) {
  const SchemaResult result = testing::CompileCollection(
      WithBody("optional float a = 1; repeated double b = 2; optional bytes c = 3; optional double d = 4;"));
  EXPECT_THAT(result.problems, SizeIs(4));
}

TEST(SchemaTest, RefusesAFileThatIsNoCollection) {
  EXPECT_THAT(testing::CompileCollection("syntax = \"proto3\"; message M {}").problems[0].message,
              HasSubstr("no option (schema.v1.collection)"));
  EXPECT_THAT(testing::CompileCollection(kHead).problems[0].message, HasSubstr("has no service"));
  const std::string july = absl::StrReplaceAll(WithBody(kField), {{"2020-04", "2020-07"}});
  EXPECT_THAT(testing::CompileCollection(july).problems[0].message, HasSubstr("must be an April"));
}

TEST(SchemaTest, RefusesProto2) {
  const std::string proto2 = absl::StrReplaceAll(WithBody("optional bool a = 1;"), {{"proto3", "proto2"}});
  EXPECT_THAT(testing::CompileCollection(proto2).problems[0].message, HasSubstr("proto3"));
}

// Messages that hold each other many times over would make a billion fields.
TEST(SchemaTest, EndsAnExplosionOfGroups) {
  std::string messages;
  for (int level = 0; level < 7; ++level) {
    absl::StrAppend(&messages, "message L", level, " {");
    for (int i = 1; i <= 30; ++i) absl::StrAppend(&messages, " optional L", level + 1, " f", i, " = ", i, ";");
    absl::StrAppend(&messages, " }\n");
  }
  const SchemaResult result =
      testing::CompileCollection(absl::StrCat(WithBody("optional L0 a = 1;"), messages, "message L7 {}\n"));
  EXPECT_EQ(result.schema, nullptr);
  EXPECT_LE(result.problems.size(), 100u);
}

TEST(SchemaTest, RefusesHostileDescriptorSets) {
  google::protobuf::FileDescriptorSet set = testing::DescriptorSetFromText(WithBody(kField));
  EXPECT_THAT(CollectionSchema::Compile(set, "other.proto", 1).problems[0].message,
              HasSubstr("not in the descriptor set"));
  google::protobuf::FileDescriptorSet circular;
  circular.add_file()->set_name("a.proto");
  circular.mutable_file(0)->add_dependency("a.proto");
  EXPECT_EQ(CollectionSchema::Compile(circular, "a.proto", 1).schema, nullptr);
  EXPECT_EQ(CollectionSchema::Compile({}, "", 1).schema, nullptr);
  google::protobuf::FileDescriptorSet chain;
  for (int i = 0; i < 50'000; ++i) {
    auto* file = chain.add_file();
    file->set_name(absl::StrCat(i, ".proto"));
    file->add_dependency(absl::StrCat(i + 1, ".proto"));
  }
  EXPECT_THAT(CollectionSchema::Compile(chain, "0.proto", 1).problems[0].message, HasSubstr("at most 200 files"));
}

}  // namespace
}  // namespace quartermaster
