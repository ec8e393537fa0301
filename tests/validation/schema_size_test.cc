// Collections that would cost whoever compiles them minutes or gigabytes: each is refused with a reason.
#include <functional>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"
#include "validation/schema.h"

namespace quartermaster {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using ::testing::HasSubstr;

constexpr char kCollection[] = R"schema(
  syntax = "proto3";
  package quartermaster.collections.test.v1;
  import "quartermaster/schema/v1/annotations.proto";
  option (schema.v1.collection) = { id: "test" title: "Test" cadence: [CADENCE_MONTH] first_period: "2020-04" };
  enum Team { TEAM_UNSPECIFIED = 0; TEAM_CRISIS = 1; }
  message Beds {
    option (schema.v1.service) = { id: "beds" title: "Beds" };
    option (schema.v1.rule) = { id: "r" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT expression: "a > 0"
      message: "No." };
    option (schema.v1.indicator) = { id: "team" title: "Team" distribution: "team" };
    optional double a = 1 [(schema.v1.field) = { label: "A" }];
    optional string note = 2;
    optional Team team = 3;
  }
)schema";

// The first problem of the collection with this change to its file.
std::string ProblemWith(const std::function<void(FileDescriptorProto*)>& change) {
  FileDescriptorSet set = testing::DescriptorSetFromText(kCollection);
  for (FileDescriptorProto& file : *set.mutable_file()) {
    if (file.name() == testing::kCollectionFile) change(&file);
  }
  const SchemaResult result = CollectionSchema::Compile(set, testing::kCollectionFile, 1);
  EXPECT_LE(result.problems.size(), 100u);
  return result.problems.empty() ? "" : result.problems[0].message;
}

schema::v1::Field* Annotation(DescriptorProto* message, int field) {
  auto* options = message->mutable_field(field)->mutable_options();
  // What was read at run time is unknown there until now.
  options->ParseFromString(options->SerializeAsString());
  return options->MutableExtension(schema::v1::field);
}

TEST(SchemaSizeTest, TakesTheCollectionAsItIs) {
  EXPECT_EQ(ProblemWith([](FileDescriptorProto*) {}), "");
}

TEST(SchemaSizeTest, BoundsWhatIsComparedInPairs) {
  EXPECT_THAT(ProblemWith([](FileDescriptorProto* file) {
                for (int i = 2; i < 300'000; ++i) {
                  auto* value = file->mutable_enum_type(0)->add_value();
                  value->set_name(absl::StrCat("TEAM_", i));
                  value->set_number(i);
                }
              }),
              HasSubstr("at most 1000 choices"));
  EXPECT_THAT(ProblemWith([](FileDescriptorProto* file) {
                for (int i = 0; i < 300'000; ++i) {
                  auto* range = file->mutable_message_type(0)->add_reserved_range();
                  range->set_start(10 + 2 * i);
                  range->set_end(11 + 2 * i);
                }
              }),
              HasSubstr("at most 1000 ranges"));
  EXPECT_THAT(ProblemWith([](FileDescriptorProto* file) {
                for (int i = 0; i < 100'000; ++i) file->add_message_type()->set_name(absl::StrCat("M", i));
              }),
              HasSubstr("at most 10000 messages"));
}

TEST(SchemaSizeTest, BoundsServicesAndTheirFields) {
  const auto repeat = [](int services) {
    return [services](FileDescriptorProto* file) {
      const DescriptorProto beds = file->message_type(0);
      for (int i = 0; i < services; ++i) {
        DescriptorProto* service = file->add_message_type();
        *service = beds;
        service->set_name(absl::StrCat("S", i));
        service->mutable_options()->ParseFromString(service->options().SerializeAsString());
        service->mutable_options()->MutableExtension(schema::v1::service)->set_id(absl::StrCat("s", i));
      }
    };
  };
  EXPECT_EQ(ProblemWith(repeat(199)), "");
  EXPECT_THAT(ProblemWith(repeat(9000)), HasSubstr("at most 200 services"));
  EXPECT_THAT(ProblemWith([&](FileDescriptorProto* file) {
                for (int i = 0; i < 1000; ++i) {
                  auto* field = file->mutable_message_type(0)->add_field();
                  *field = file->message_type(0).field(1);
                  field->set_name(absl::StrCat("n", i));
                  field->set_number(100 + i);
                  field->set_oneof_index(file->message_type(0).oneof_decl_size());
                  file->mutable_message_type(0)->add_oneof_decl()->set_name(absl::StrCat("_n", i));
                }
                repeat(100)(file);
              }),
              HasSubstr("at most 20000 fields"));
}

TEST(SchemaSizeTest, BoundsRulesAndEndsWithTheHundredthProblem) {
  const auto add_rules = [](const std::string& expression, int rules) {
    return [=](FileDescriptorProto* file) {
      auto* options = file->mutable_message_type(0)->mutable_options();
      options->ParseFromString(options->SerializeAsString());
      for (int i = 0; i < rules; ++i) {
        schema::v1::Rule* rule = options->AddExtension(schema::v1::rule);
        *rule = options->GetExtension(schema::v1::rule, 0);
        rule->set_id(absl::StrCat("r", i));
        rule->set_expression(expression);
      }
    };
  };
  EXPECT_EQ(ProblemWith(add_rules("a > 1", 999)), "");
  EXPECT_THAT(ProblemWith(add_rules("a > 1", 50'000)), HasSubstr("at most 1000 rules"));
  EXPECT_THAT(ProblemWith(add_rules(std::string(100, 'b') + " > 1", 999)), HasSubstr("bbb"));
}

TEST(SchemaSizeTest, BoundsTheRowsOfStatistics) {
  EXPECT_THAT(ProblemWith([](FileDescriptorProto* file) {
                auto* options = file->mutable_message_type(0)->mutable_options();
                options->ParseFromString(options->SerializeAsString());
                for (int i = 0; i < 20'000; ++i) {
                  schema::v1::Indicator* indicator = options->AddExtension(schema::v1::indicator);
                  *indicator = options->GetExtension(schema::v1::indicator, 0);
                  indicator->set_id(absl::StrCat("i", i));
                }
              }),
              HasSubstr("at most 2000 rows of statistics"));
}

TEST(SchemaSizeTest, BoundsTextsAndPatterns) {
  const auto set_pattern = [](const std::string& pattern) {
    return [=](FileDescriptorProto* file) { Annotation(file->mutable_message_type(0), 1)->set_pattern(pattern); };
  };
  EXPECT_EQ(ProblemWith(set_pattern("[A-Z]{2}[0-9]{1,9}(-[A-Za-z0-9 ]{0,50})?")), "");
  EXPECT_THAT(ProblemWith(set_pattern(R"((\pL{15}|\pN{9}x){40})")), HasSubstr("pattern is"));
  EXPECT_THAT(ProblemWith(set_pattern("(a{100}){90}")), HasSubstr("pattern is"));
  EXPECT_THAT(ProblemWith(set_pattern(std::string(501, 'a'))), HasSubstr("longer than 500 bytes"));
  EXPECT_THAT(ProblemWith([](FileDescriptorProto* file) {
                Annotation(file->mutable_message_type(0), 0)->set_definition(std::string(2001, 'a'));
              }),
              HasSubstr("definition is longer than 2000 bytes"));
}

// Protobuf ends a program that writes such a message by its descriptor.
TEST(SchemaSizeTest, RefusesWeakFields) {
  EXPECT_THAT(ProblemWith([](FileDescriptorProto* file) {
                file->mutable_message_type(0)->mutable_field(0)->mutable_options()->set_weak(true);
              }),
              HasSubstr("weak"));
}

}  // namespace
}  // namespace quartermaster
