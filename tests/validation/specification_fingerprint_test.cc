// What a fingerprint stands for: the rule and the values that it was given. An answer to a query holds while it stays,
// and it lies on disk with the answer.
#include "absl/strings/str_replace.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"
#include "validation/validate.h"

namespace quartermaster {
namespace {

using Replacements = std::vector<std::pair<std::string, std::string>>;

constexpr char kCollection[] = R"schema(
syntax = "proto3";
package quartermaster.collections.spec.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "spec" title: "Specification" cadence: CADENCE_MONTH first_period: "2020-04" };
message Ward {
  option (schema.v1.service) = { id: "ward" title: "Ward" };
  option (schema.v1.rule) = { id: "within" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    expression: "used <= beds" message: "Too many." hint: "Count anew." };
  option (schema.v1.rule) = { id: "parts" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    sum: { total: "cost" parts: ["pay", "food"] tolerance: 1 } message: "Not the sum." hint: "Add anew." };
  option (schema.v1.indicator) = { id: "stay" title: "Stay" unit: "days" decimals: 1 value: "days"
    exceptional: { own: 3 national: 4 absolute: 2 } };
  optional double beds = 1 [(schema.v1.field) = { label: "Beds" }];
  optional double used = 2 [(schema.v1.field) = { label: "Used" }];
  optional double cost = 3 [(schema.v1.field) = { label: "Cost" }];
  optional double pay = 4 [(schema.v1.field) = { label: "Pay" }];
  optional double food = 5 [(schema.v1.field) = { label: "Food" }];
  optional double moved = 6 [(schema.v1.field) = { label: "Moved" change: { percent: 50 absolute: 10 } }];
  optional double kept = 7 [(schema.v1.field) = { label: "Kept" continuous: true allow_not_available: true }];
  optional double start = 8 [(schema.v1.field) = { label: "Start" opening: { closing: "end" tolerance: 1 } }];
  optional double end = 9 [(schema.v1.field) = { label: "End" }];
  optional double days = 10 [(schema.v1.field) = { label: "Days" }];
}
)schema";

constexpr char kNow[] = "beds: 1 used: 2 cost: 10 pay: 1 food: 2 moved: 100 start: 5 days: 50";
constexpr char kBefore[] = "moved: 10 kept: 7 end: 2 days: 20";

std::string Encode(const ServiceSchema& service, const std::string& fields) {
  const auto message = service.NewMessage();
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(fields, message.get())) << fields;
  return message->SerializeAsString();
}

// The fingerprint of the finding of a rule, on trial or not, where the three texts are changed so. The country is far
// from the stay as well, and is what is said where the past is near.
std::string FingerprintOf(const std::string& rule, const Replacements& schema_changes = {},
                          const Replacements& now_changes = {}, const Replacements& before_changes = {}) {
  for (const auto& [text, changes] :
       {std::pair(kCollection, &schema_changes), std::pair(kNow, &now_changes), std::pair(kBefore, &before_changes)}) {
    EXPECT_TRUE(changes->empty() || absl::StrReplaceAll(text, *changes) != text) << changes->front().first;
  }
  const auto schema = testing::CollectionFromText(absl::StrReplaceAll(kCollection, schema_changes));
  v1::ReturnContent content;
  content.set_collection("spec");
  content.set_service("ward");
  content.set_participant("RT1");
  content.set_period("2025-04");
  const ServiceSchema& ward = *schema->FindService("ward");
  content.mutable_data()->set_type_url(ward.descriptor()->full_name());
  content.mutable_data()->set_value(Encode(ward, absl::StrReplaceAll(kNow, now_changes)));
  ReferenceData reference;
  reference.current_return = [&](const ServiceSchema& service, const std::string&, const Period& period) {
    if (period < Period::Month(2024, 11)) return absl::optional<FieldRow>();
    const std::string data = Encode(service, absl::StrReplaceAll(kBefore, before_changes));
    return absl::optional<FieldRow>(ReturnValues::Read(service, data, {})->fields());
  };
  reference.peers = [](const ServiceSchema&, const IndicatorSchema&, const std::string&, const Period& period) {
    return PeerBaseline{Decimal::FromInteger(10), Decimal::FromInteger(1), 9, period};
  };
  const Judgement judgement = Judge(*schema, content, reference);
  for (const auto* findings : {&judgement.findings, &judgement.shadow_findings}) {
    for (const v1::Finding& finding : *findings) {
      if (finding.rule_id() == rule) return finding.fingerprint();
    }
  }
  ADD_FAILURE() << "no finding of " << rule;
  return "";
}

// The past is near the stay, so that the country is what is compared with.
const Replacements kNearPast = {{"days: 20", "days: 50"}};

TEST(Fingerprint, IsOfTheRuleAndItsValues) {
  const struct {
    const char* rule;
    Replacements now;
    bool stays;
  } rows[] = {
      {"within", {}, true},
      {"within", {{"used: 2", "used: 2.0"}}, true},      // The same number.
      {"within", {{"moved: 100", "moved: 101"}}, true},  // Not of this rule.
      {"within", {{"used: 2", "used: 3"}}, false},
      {"within", {{"beds: 1", "beds: 0.5"}}, false},
      {"parts", {{"cost: 10", "cost: 11"}}, false},
      {"parts", {{"food: 2", "food: 3"}}, false},
      {"change", {{"moved: 100", "moved: 101"}}, false},
      {"opening", {{"start: 5", "start: 6"}}, false},
      {"exceptional-own", {{"days: 50", "days: 50.01"}}, false},  // Shown as 50.0 both times.
      {"exceptional-own", {{"moved: 100", "moved: 101"}}, true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(FingerprintOf(row.rule, {}, row.now) == FingerprintOf(row.rule), row.stays)
        << row.rule << " " << (row.now.empty() ? "" : row.now[0].second);
  }
}

TEST(Fingerprint, StaysWhereTheRuleDemandsTheSame) {
  const struct {
    const char* rule;
    Replacements schema;
    bool stays;
  } rows[] = {
      {"within", {{"Too many.", "Far too many."}}, true},
      {"within", {{"Count anew.", "Count once more."}}, true},
      {"within", {{"hint: \"Count anew.\"", "hint: \"Count anew.\" shadow: true"}}, true},
      {"within", {{"label: \"Used\"", "label: \"In use\""}}, true},
      {"within", {{"tolerance: 1 } m", "tolerance: 2 } m"}}, true},  // Another rule.
      {"within", {{"used <= beds", "used < beds"}}, false},
      {"within", {{"used <= beds", "used <= beds * 1.0"}}, false},
      {"within", {{"id: \"within\"", "id: \"within-beds\""}}, false},
      {"parts", {{"Not the sum.", "Not their sum."}}, true},
      {"parts", {{"tolerance: 1 } m", "tolerance: 2 } m"}}, false},
      {"parts", {{"[\"pay\", \"food\"]", "[\"pay\", \"days\"]"}}, false},
      {"change", {{"absolute: 10 }", "absolute: 10 shadow: true }"}}, true},
      {"change", {{"percent: 50", "percent: 60"}}, false},
      {"change", {{"absolute: 10 }", "absolute: 11 }"}}, false},
      {"change", {{"absolute: 10 }", "absolute: 10 least_base: 1 }"}}, false},
      {"vanished", {{"label: \"Kept\"", "label: \"Kept on\""}}, true},
      {"opening", {{"label: \"Start\"", "label: \"First\""}}, true},
      {"opening", {{"closing: \"end\" tolerance: 1", "closing: \"end\" tolerance: 2"}}, false},
      {"exceptional-own", {{"title: \"Stay\"", "title: \"Length of stay\""}}, true},
      {"exceptional-own", {{"unit: \"days\" decimals: 1", "unit: \"d\" decimals: 2 polarity: POLARITY_NEUTRAL"}}, true},
      {"exceptional-own", {{"absolute: 2 }", "absolute: 2 shadow: true }"}}, true},
      {"exceptional-own", {{"national: 4", "national: 5"}}, true},
      {"exceptional-own", {{"own: 3", "own: 2"}}, false},
      {"exceptional-own", {{"absolute: 2 }", "absolute: 3 }"}}, false},
      {"exceptional-own", {{"value: \"days\"", "value: \"days * 1.0\""}}, false},
  };
  for (const auto& row : rows) {
    const std::string& to = row.schema[0].second;
    const bool renamed = to == "id: \"within-beds\"";
    EXPECT_EQ(FingerprintOf(renamed ? "within-beds" : row.rule, row.schema) == FingerprintOf(row.rule), row.stays)
        << row.rule << " " << to;
  }
}

TEST(Fingerprint, OfTheCountryIsAnother) {
  const std::string own = FingerprintOf("exceptional-own");
  const std::string national = FingerprintOf("exceptional-national", {}, {}, kNearPast);
  EXPECT_NE(own, national);
  EXPECT_EQ(FingerprintOf("exceptional-national", {{"own: 3", "own: 2"}}, {}, kNearPast), national);
  EXPECT_NE(FingerprintOf("exceptional-national", {{"national: 4", "national: 5"}}, {}, kNearPast), national);
}

// An answer is about the value that was sent: another participant's correction, or one's own of an earlier return, does
// not ask for it again.
TEST(Fingerprint, IsNotOfWhatTheValueIsComparedWith) {
  EXPECT_EQ(FingerprintOf("change", {}, {}, {{"moved: 10", "moved: 11"}}), FingerprintOf("change"));
  EXPECT_EQ(FingerprintOf("opening", {}, {}, {{"end: 2", "end: 3"}}), FingerprintOf("opening"));
  EXPECT_EQ(FingerprintOf("exceptional-own", {}, {}, {{"days: 20", "days: 21"}}), FingerprintOf("exceptional-own"));
}

// It lies on disk: with another number here every answer that was ever given would be asked for again. The first was
// computed by hand as well: FNV-1a of "within", "used <= beds", "", "2"; then of that number, "beds", "beds = 1, used =
// 2".
TEST(Fingerprint, IsTheSameForEver) {
  EXPECT_EQ(FingerprintOf("within"), "44de08d25cda77bd");
  EXPECT_EQ(FingerprintOf("parts"), "c51d9b09594898d1");
  EXPECT_EQ(FingerprintOf("change"), "0322aed736d98c62");
  EXPECT_EQ(FingerprintOf("vanished"), "de0713d0fa6019f6");
  EXPECT_EQ(FingerprintOf("opening"), "7f081659ae53dc3e");
  EXPECT_EQ(FingerprintOf("exceptional-own"), "f37be983ea5dc10b");
  EXPECT_EQ(FingerprintOf("exceptional-national", {}, {}, kNearPast), "ccc3a4b4660c5e5b");
}

}  // namespace
}  // namespace quartermaster
