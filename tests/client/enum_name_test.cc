// The names of enums, of values too that this program does not know.
#include "client/enum_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/finding_text.h"
#include "quartermaster/v1/collection_service.pb.h"
#include "quartermaster/v1/query.pb.h"

namespace quartermaster::client {
namespace {

TEST(EnumNameTest, LeavesOutWhatAllValuesBeginWith) {
  EXPECT_EQ(EnumName(schema::v1::SEVERITY_ERROR), "ERROR");
  EXPECT_EQ(EnumName(schema::v1::SEVERITY_UNSPECIFIED), "UNSPECIFIED");
  EXPECT_EQ(EnumName(v1::EXPLANATION_REASON_SERVICE_CHANGE), "SERVICE_CHANGE");
  EXPECT_EQ(TypedEnumName(v1::EXPLANATION_REASON_SERVICE_CHANGE), "service-change");
  EXPECT_EQ(TypedEnumName(v1::QueryEvent::KIND_COMMENTED), "commented");
  EXPECT_EQ(TypedEnumName(v1::RuleTrial::CHANGE_CHANGED), "changed");
}

TEST(EnumNameTest, ShowsAValueOfALaterReleaseAsItsNumber) {
  EXPECT_EQ(EnumName(static_cast<schema::v1::Severity>(9999)), "9999");
  EXPECT_EQ(TypedEnumName(static_cast<v1::ExplanationReason>(9999)), "9999");
  EXPECT_EQ(TypedEnumName(static_cast<v1::QueryEvent::Kind>(-1)), "-1");
  EXPECT_EQ(QueryStateName(static_cast<v1::QueryState>(9999)), "9999");
  EXPECT_EQ(QueryStateName(v1::QUERY_STATE_UNSPECIFIED), "");
}

TEST(EnumNameTest, ReadsWhatWasTyped) {
  const auto* reasons = v1::ExplanationReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<v1::ExplanationReason>(reasons->value(i)->number());
    const auto parsed = ParseEnum<v1::ExplanationReason>(TypedEnumName(reason), "--reason");
    if (reason == v1::EXPLANATION_REASON_UNSPECIFIED) {
      EXPECT_FALSE(parsed.ok());
    } else {
      EXPECT_EQ(*parsed, reason);
    }
  }
  EXPECT_EQ(*ParseEnum<v1::ExplanationReason>("Small-Numbers", "--reason"), v1::EXPLANATION_REASON_SMALL_NUMBERS);
  for (const char* typed : {"", "9999", "1", "small", "EXPLANATION_REASON_DEMAND"}) {
    EXPECT_EQ(ParseEnum<v1::ExplanationReason>(typed, "--reason").status().code(), absl::StatusCode::kInvalidArgument)
        << typed;
  }
  EXPECT_EQ(ParseEnum<v1::ExplanationReason>("wards", "--reason").status().message(),
            "--reason: \"wards\" is none of: service-change, demand, earlier-value, counting, small-numbers, other.");
}

}  // namespace
}  // namespace quartermaster::client
