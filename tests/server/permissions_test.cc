// The table of permissions against the API: every RPC that is declared has a row, and every row is an RPC.
#include "server/permissions.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "quartermaster/v1/audit_service.pb.h"
#include "quartermaster/v1/bundle_service.pb.h"
#include "quartermaster/v1/collection_service.pb.h"
#include "quartermaster/v1/extract_service.pb.h"
#include "quartermaster/v1/national_service.pb.h"
#include "quartermaster/v1/progress_service.pb.h"
#include "quartermaster/v1/store_service.pb.h"
#include "server/errors.h"

namespace quartermaster::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

// The names of all RPCs in the API's folder, without their services.
std::vector<std::string> DeclaredRpcs() {
  // The linker takes only what something refers to.
  for (const google::protobuf::Descriptor* linked :
       {v1::DownloadBundleRequest::descriptor(), v1::ExtractRequest::descriptor(),
        v1::GetCollectionRequest::descriptor(), v1::GetPositionRequest::descriptor(),
        v1::GetStatusRequest::descriptor(), v1::ListBackupsRequest::descriptor(), v1::ReadAuditRequest::descriptor()}) {
    EXPECT_NE(linked, nullptr);
  }
  std::vector<std::string> rpcs;
  for (const auto& entry : std::filesystem::directory_iterator(QM_API_PROTOS)) {
    const std::string name = absl::StrCat("quartermaster/v1/", entry.path().filename().string());
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr) {
      ADD_FAILURE() << name << " is not linked into this test. Refer to one of its messages above.";
      continue;
    }
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) rpcs.push_back(file->service(s)->method(m)->name());
    }
  }
  return rpcs;
}

Principal WithRoles(const std::set<v1::Role>& roles) {
  Principal principal;
  principal.name = "jo";
  principal.roles = roles;
  return principal;
}

TEST(PermissionsTest, AStewardOfNamedCollectionsIsNoneOfOthers) {
  Principal steward = WithRoles({v1::ROLE_STEWARD});
  steward.collections = {"acute", "beds"};
  for (const char* rpc : {"PublishRelease", "ListReturns"}) {
    EXPECT_TRUE(InCallAbout({"acute"}, rpc, steward).value().Has(v1::ROLE_STEWARD));
    EXPECT_TRUE(InCallAbout({"acute", "beds"}, rpc, steward).value().Has(v1::ROLE_STEWARD));
    for (const std::set<std::string>& others : {std::set<std::string>{"wards"}, {"acute", "wards"}, {}}) {
      const absl::Status refused = InCallAbout(others, rpc, steward).status();
      EXPECT_TRUE(absl::IsPermissionDenied(refused)) << refused;
      EXPECT_THAT(refused.message(), HasSubstr("jo is a steward of acute, beds alone"));
    }
  }
  // What everybody may is not taken, nor what another role gives.
  EXPECT_TRUE(InCallAbout({}, "ListCollections", steward).ok());
  steward.roles.insert(v1::ROLE_SUBMITTER);
  const Principal submitter = InCallAbout({"wards"}, "ListReturns", steward).value();
  EXPECT_FALSE(submitter.SeesEverybody());
  EXPECT_TRUE(submitter.Has(v1::ROLE_SUBMITTER));
  steward.collections.clear();
  EXPECT_TRUE(InCallAbout({"wards"}, "PublishRelease", steward).value().Has(v1::ROLE_STEWARD));
}

TEST(PermissionsTest, EveryRpcHasOneRowAndEveryRowIsAnRpc) {
  const std::vector<std::string> declared = DeclaredRpcs();
  EXPECT_GT(declared.size(), 40u);
  // Equal as lists: two RPCs of one name would need one row twice.
  EXPECT_THAT(declared, UnorderedElementsAreArray(RpcsWithRoles()));
  for (const std::string& rpc : declared) {
    EXPECT_FALSE(RolesFor(rpc).empty()) << rpc;
    EXPECT_EQ(RolesFor(rpc).count(v1::ROLE_UNSPECIFIED), 0u) << rpc;
  }
}

TEST(PermissionsTest, WhatIsNotInTheTableIsForNobody) {
  EXPECT_THAT(RolesFor("DropEverything"), IsEmpty());
  const Principal all = WithRoles({v1::ROLE_SUBMITTER, v1::ROLE_REPORT_BUILDER, v1::ROLE_STEWARD, v1::ROLE_OPERATOR});
  EXPECT_TRUE(absl::IsPermissionDenied(CheckMayCall(all, "DropEverything")));
  EXPECT_TRUE(absl::IsPermissionDenied(CheckMayCall(all, "")));
  EXPECT_TRUE(absl::IsPermissionDenied(CheckMayCall(WithRoles({}), "ListCollections")));
}

TEST(PermissionsTest, ADenialNamesWhoMay) {
  const Principal builder = WithRoles({v1::ROLE_REPORT_BUILDER});
  EXPECT_TRUE(CheckMayCall(builder, "ListWindowGrants").ok());
  const absl::Status denied = CheckMayCall(builder, "WithdrawReturn");
  EXPECT_EQ(ReasonOf(denied), "NOT_PERMITTED");
  EXPECT_THAT(std::string(denied.message()), HasSubstr("jo may not call WithdrawReturn"));
  EXPECT_THAT(std::string(denied.message()), HasSubstr("submitter or steward"));
}

TEST(PermissionsTest, WhoseReturnsARoleReadsAndWrites) {
  Principal submitter = WithRoles({v1::ROLE_SUBMITTER});
  submitter.participants = {"RT1", "RX2-NORTH"};
  Principal submitter_and_builder = submitter;
  submitter_and_builder.roles.insert(v1::ROLE_REPORT_BUILDER);
  Principal submitter_and_steward = submitter;
  submitter_and_steward.roles.insert(v1::ROLE_STEWARD);
  const struct {
    const char* says;
    Principal principal;
    const char* participant;
    bool reads;
    bool sends;
    bool settles;
  } kCases[] = {
      {"its own", submitter, "RT1", true, true, true},
      {"a site of its own", submitter, "RT1-NORTH", true, true, true},
      {"the same site", submitter, "RX2-NORTH", true, true, true},
      {"the organisation of its site", submitter, "RX2", false, false, false},
      {"another site", submitter, "RX2-SOUTH", false, false, false},
      {"a site of its site", submitter, "RX2-NORTH-1", false, false, false},
      {"a longer code", submitter, "RT11", false, false, false},
      {"a shorter code", submitter, "RT", false, false, false},
      {"small letters", submitter, "rt1", false, false, false},
      {"no code", submitter, "", false, false, false},
      {"a hyphen", submitter, "-RT1", false, false, false},
      {"another's, to read", submitter_and_builder, "RT2", true, false, false},
      {"another's, as its steward", submitter_and_steward, "RT2", true, false, true},
      {"a builder", WithRoles({v1::ROLE_REPORT_BUILDER}), "RT1", true, false, false},
      {"a steward", WithRoles({v1::ROLE_STEWARD}), "RT1", true, false, true},
      {"an operator", WithRoles({v1::ROLE_OPERATOR}), "RT1", false, false, false},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(CheckMayRead(c.principal, c.participant).ok(), c.reads) << c.says;
    EXPECT_EQ(CheckOwns(c.principal, c.participant).ok(), c.sends) << c.says;
    EXPECT_EQ(CheckOwnsOrSteward(c.principal, c.participant).ok(), c.settles) << c.says;
  }
  EXPECT_TRUE(absl::IsPermissionDenied(CheckMayRead(submitter, "RT2")));
  EXPECT_TRUE(absl::IsPermissionDenied(CheckOwns(submitter, "RT2")));
}

}  // namespace
}  // namespace quartermaster::server
