// What stewards bring in: successors and enrolments, what is refused of them, and who is expected by them.
#include "server/imports.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/expected.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kCollection[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = {
  id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04" };
message Beds {
  option (schema.v1.service) = { id: "beds" title: "Beds" };
  optional int64 beds = 1 [(schema.v1.field) = { label: "Beds" rollup: ROLLUP_LAST }];
}
message Wards {
  option (schema.v1.service) = { id: "wards" title: "Wards" };
  optional int64 wards = 1 [(schema.v1.field) = { label: "Wards" rollup: ROLLUP_LAST }];
}
)schema";

// The code, the successor, and the month from which it is that.
struct Merger {
  std::string code;
  std::string successor;
  std::string from;
};

class ImportsTest : public ServerFixture {
 protected:
  ImportsTest() { Publish(kCollection); }

  static v1::ImportParticipantsRequest RequestOf(const std::vector<Merger>& mergers) {
    v1::ImportParticipantsRequest request;
    for (const Merger& merger : mergers) {
      v1::Participant* participant = request.add_participants();
      participant->set_code(merger.code);
      participant->set_name("Made up");
      participant->set_successor(merger.successor);
      participant->set_succeeded_from(merger.from);
    }
    return request;
  }
  v1::ImportParticipantsResponse Import(const std::vector<Merger>& mergers) { return Import(RequestOf(mergers)); }
  v1::ImportParticipantsResponse Import(const v1::ImportParticipantsRequest& request) {
    return Await<v1::ImportParticipantsResponse>(
               [&](auto done) { imports_->ImportParticipants(request, "test", std::move(done)); })
        .value();
  }

  // "row field rule: message", one for each finding.
  template <typename Response>
  static std::vector<std::string> Findings(const Response& response) {
    std::vector<std::string> lines;
    for (const v1::Finding& finding : response.findings()) {
      lines.push_back(
          absl::StrCat(finding.row(), " ", finding.field(), " ", finding.rule_id(), ": ", finding.message()));
    }
    return lines;
  }
  std::vector<std::string> Refused(const std::vector<Merger>& mergers) { return Findings(Import(mergers)); }

  static void Enrol(v1::ImportEnrolmentsRequest* request, const std::string& service, const std::string& participant,
                    const std::string& from = "", const std::string& to = "") {
    v1::Enrolment* enrolment = request->add_enrolments();
    enrolment->set_collection("test");
    enrolment->set_service(service);
    enrolment->set_participant(participant);
    enrolment->set_from(from);
    enrolment->set_to(to);
  }
  absl::StatusOr<v1::ImportEnrolmentsResponse> Import(const v1::ImportEnrolmentsRequest& request) {
    return Await<v1::ImportEnrolmentsResponse>(
        [&](auto done) { imports_->ImportEnrolments(request, "test", std::move(done)); });
  }

  void SubmitBeds(const std::string& participant, const std::string& period) {
    const auto collection = state_->FindCollection("test").value();
    const ServiceSchema* service = collection->schema->FindService("beds");
    const auto message = service->NewMessage();
    message->GetReflection()->SetInt64(message.get(), service->fields()[0].descriptors.back(), 5);
    v1::SubmitReturnRequest request;
    request.mutable_content()->set_collection("test");
    request.mutable_content()->set_service("beds");
    request.mutable_content()->set_participant(participant);
    request.mutable_content()->set_period(period);
    request.mutable_content()->mutable_data()->PackFrom(*message);
    ASSERT_TRUE(Submit(request).value().accepted());
  }

  std::vector<std::string> Expected(const std::string& service, const std::string& period) {
    const auto collection = state_->FindCollection("test").value();
    return ExpectedParticipants(*state_, *collection, *collection->schema->FindService(service),
                                Period::Parse(period).value());
  }
};

TEST_F(ImportsTest, SuccessorsAreTaken) {
  const v1::ImportParticipantsResponse first = Import({{"RT1", "RT3", "Nov 2024"}, {"RT2", "", ""}, {"RT3", "", ""}});
  EXPECT_THAT(Findings(first), IsEmpty());
  EXPECT_EQ(first.created(), 3u);
  EXPECT_EQ(state_->participants()->Find("RT1")->succeeded_from(), "2024-11");
  EXPECT_EQ(state_->participants()->succession()->SuccessorOf("RT1")->code, "RT3");
  EXPECT_EQ(Import({{"RT1", "RT3", "2024-11"}}).unchanged(), 1u);
  EXPECT_EQ(Import({{"RT2", "RT3", "2025-04"}}).updated(), 1u);
  EXPECT_THAT(state_->participants()->succession()->PredecessorsOf("RT3"), ElementsAre("RT1", "RT2"));
  EXPECT_EQ(Import({{"RT1", "", ""}}).updated(), 1u);
  EXPECT_EQ(state_->participants()->succession()->SuccessorOf("RT1"), nullptr);
}

// Figures may have been shown in which the successor stood for it.
TEST_F(ImportsTest, SuccessorsThatAreTakenBackAreRemembered) {
  Import({{"RT1", "RT2", "2024-11"}, {"RT2", "", ""}, {"RT3", "", ""}, {"RT4", "", ""}});
  Import({{"RT1", "RT3", "2024-11"}});
  Import({{"RT1", "", ""}, {"RT3", "RT4", "2025-04"}});
  const auto all_of = [this](const std::string& participant) {
    std::set<std::string> participants = {participant};
    state_->import_times()->AddSuccessors(&participants);
    return participants;
  };
  EXPECT_THAT(all_of("RT1"), ElementsAre("RT1", "RT2", "RT3", "RT4"));
  Close();
  Open();
  EXPECT_THAT(all_of("RT1"), ElementsAre("RT1", "RT2", "RT3", "RT4"));
  EXPECT_THAT(all_of("RT2"), ElementsAre("RT2"));
}

TEST_F(ImportsTest, SuccessorsThatCannotBeAreRefused) {
  ImportParticipants({"RT1", "RT2"});
  EXPECT_THAT(Refused({{"RT1", "RT9", "2024-11"}}),
              ElementsAre("1 successor unknown-participant: No participant with the code \"RT9\" is registered."));
  EXPECT_THAT(Refused({{"RT1", "RT2", ""}}),
              ElementsAre("1 succeeded_from required: The month from which RT2 is the successor is missing."));
  EXPECT_THAT(Refused({{"RT1", "RT2", "2024-25-Q1"}}),
              ElementsAre("1 succeeded_from period: \"2024-25-Q1\" is not a month."));
  EXPECT_THAT(Refused({{"RT2", "", ""}, {"RT1", "", "2024-11"}}),
              ElementsAre(HasSubstr("2 succeeded_from succession: There is a month")));
  EXPECT_THAT(Refused({{"RT1", "RT1", "2024-11"}}),
              ElementsAre("1 successor succession: The participant RT1 is its own successor."));
  EXPECT_EQ(state_->participants()->Find("RT1")->successor(), "");
}

TEST_F(ImportsTest, ANameHasAsManyCharactersAsIsSaid) {
  std::string longest;  // Of the longest characters.
  for (int i = 0; i < 200; ++i) longest += "\xF0\x9F\x8F\xA5";
  v1::ImportParticipantsRequest request = RequestOf({{"RT1", "", ""}});
  const auto findings_with = [&](const std::string& name) {
    request.mutable_participants(0)->set_name(name);
    return Findings(Import(request));
  };
  const std::string refused = "1 name length: The name is longer than 200 characters, or holds control characters.";
  EXPECT_THAT(findings_with(std::string(201, 'x')), ElementsAre(refused));
  EXPECT_THAT(findings_with(longest + "x"), ElementsAre(refused));
  EXPECT_THAT(findings_with("a\tb"), ElementsAre(refused));
  EXPECT_THAT(findings_with(std::string(200, 'x')), IsEmpty());
  EXPECT_THAT(findings_with(longest), IsEmpty());
  EXPECT_EQ(state_->participants()->Find("RT1")->name(), longest);
}

TEST_F(ImportsTest, SuccessorsGoInNoCircle) {
  EXPECT_THAT(Refused({{"RT1", "RT2", "2024-11"}, {"RT2", "RT3", "2024-11"}, {"RT3", "RT1", "2024-11"}}),
              ElementsAre(HasSubstr("The successors go in a circle: RT1 to RT2 to RT3 to RT1.")));
  ASSERT_THAT(Refused({{"RT1", "RT2", "2024-11"}, {"RT2", "RT3", "2024-11"}, {"RT3", "", ""}}), IsEmpty());
  // Half of the circle is stored.
  EXPECT_THAT(Refused({{"RT4", "", ""}, {"RT3", "RT1", "2025-04"}}),
              ElementsAre(HasSubstr("2 successor succession: The successors go in a circle:")));
  // One that the same import opens again is none.
  EXPECT_THAT(Refused({{"RT1", "", ""}, {"RT3", "RT1", "2025-04"}}), IsEmpty());
}

// Each alone is sound; the second is judged once the first is stored.
TEST_F(ImportsTest, OfTwoAtOnceThatCloseACircleTheSecondIsRefused) {
  ImportParticipants({"RT1", "RT2"});
  const auto importing = [this](const Merger& merger) {
    return [this, merger](auto done) { imports_->ImportParticipants(RequestOf({merger}), "test", done); };
  };
  const auto [first, second] = AtOnce<v1::ImportParticipantsResponse>(importing({"RT1", "RT2", "2024-11"}),
                                                                      importing({"RT2", "RT1", "2024-11"}));
  EXPECT_THAT(Findings(first.value()), IsEmpty());
  EXPECT_THAT(Findings(second.value()),
              ElementsAre(HasSubstr("1 successor succession: The successors go in a circle:")));
  EXPECT_EQ(state_->participants()->Find("RT1")->successor(), "RT2");
  EXPECT_EQ(state_->participants()->Find("RT2")->successor(), "");
}

TEST_F(ImportsTest, OfTwoPublicationsAtOnceTheSecondIsComparedWithTheFirst) {
  v1::PublishCollectionRequest request;
  *request.mutable_descriptor_set() =
      testing::DescriptorSetFromText(absl::StrCat(kCollection,
                                                  "message Teams {\n"
                                                  "  option (schema.v1.service) = { id: \"teams\" "
                                                  "title: \"Teams\" };\n"
                                                  "  optional int64 teams = 1 [(schema.v1.field) = { "
                                                  "label: \"Teams\" }];\n}\n"));
  request.set_file_name(testing::kCollectionFile);
  const auto publish = [&](auto done) { imports_->PublishCollection(request, "test", done); };
  const auto [first, second] = AtOnce<v1::PublishCollectionResponse>(publish, publish);
  EXPECT_TRUE(first.value().published());
  EXPECT_FALSE(second.value().published());
  EXPECT_EQ(second->collection().version(), 2);
}

TEST_F(ImportsTest, APublicationSaysWhichIndicatorsGoAndWhichAgeBandsNobodyHas) {
  const auto notices_with = [&](const std::string& indicators) {
    v1::PublishCollectionRequest request;
    *request.mutable_descriptor_set() = testing::DescriptorSetFromText(
        absl::StrReplaceAll(kCollection, {{"title: \"Beds\" };", absl::StrCat("title: \"Beds\" };\n", indicators)}}));
    request.set_file_name(testing::kCollectionFile);
    const auto response = Await<v1::PublishCollectionResponse>(
        [&](auto done) { imports_->PublishCollection(request, "test", std::move(done)); });
    EXPECT_TRUE(response->published()) << response->DebugString();
    return std::vector<std::string>(response->notices().begin(), response->notices().end());
  };
  const std::string beds =
      "option (schema.v1.indicator) = { id: \"beds\" title: \"Beds\" polarity: POLARITY_NEUTRAL value: \"beds\" };\n";
  const std::string per_head =
      "option (schema.v1.indicator) = { id: \"per-head\" title: \"Per head\" polarity: POLARITY_NEUTRAL "
      "numerator: \"beds\" denominator: \"population(\\\"18-65\\\")\" factor: 1000 };\n";
  EXPECT_THAT(notices_with(per_head),
              ElementsAre("beds: no population of the age band 18-65 is registered. What divides by it has no value "
                          "until 'qm population import' brings one."));
  v1::ImportParticipantsRequest participants;
  participants.add_participants()->set_code("RT1");
  participants.mutable_participants(0)->set_name("Made up");
  Import(participants);
  v1::ImportPopulationsRequest populations;
  v1::Population& population = *populations.add_populations();
  population.set_participant("RT1");
  population.set_age_band("18-65");
  population.set_registered(1000);
  const auto imported = Await<v1::ImportPopulationsResponse>(
      [&](auto done) { imports_->ImportPopulations(populations, "test", std::move(done)); });
  ASSERT_EQ(imported->updated(), 1u);
  EXPECT_THAT(notices_with(per_head + beds), IsEmpty());
  EXPECT_THAT(notices_with(beds),
              ElementsAre("beds: the indicator per-head is gone, with its figures of all periods; releases keep "
                          "theirs."));
}

TEST_F(ImportsTest, ChainsOfSuccessorsAreBounded) {
  std::vector<Merger> chain;
  const int links = Succession::kMaxDepth;
  for (int i = 0; i <= links; ++i) {
    chain.push_back({absl::StrCat("RT", i), i == links ? "" : absl::StrCat("RT", i + 1), i == links ? "" : "2024-11"});
  }
  ASSERT_THAT(Refused(chain), IsEmpty());
  // One more at the end, and one more at the beginning.
  EXPECT_THAT(Refused({{"RT90", "", ""}, {chain.back().code, "RT90", "2025-04"}}),
              ElementsAre(HasSubstr("2 successor succession: There are more than 8 successors one after the other")));
  EXPECT_THAT(Refused({{"RT91", "RT0", "2024-04"}}), ElementsAre(HasSubstr("1 successor succession: There are more")));
}

TEST_F(ImportsTest, EnrolmentsAreTakenAndReplaced) {
  ImportParticipants({"RT1", "RT2"});
  v1::ImportEnrolmentsRequest request;
  Enrol(&request, "beds", "RT2", "Apr 2024", "2025-03");
  Enrol(&request, "beds", "RT1");
  EXPECT_EQ(Import(request)->updated(), 2u);
  EXPECT_EQ(Import(request)->unchanged(), 2u);
  request.mutable_enrolments(0)->set_to("");
  const auto changed = Import(request);
  EXPECT_EQ(changed->updated(), 1u);
  EXPECT_EQ(changed->unchanged(), 1u);
  const auto expect_stored = [this] {
    v1::ListEnrolmentsRequest list;
    list.set_page_size(1);
    std::vector<std::string> lines;
    do {
      const auto page = ListEnrolments(*state_->enrolments(), list);
      ASSERT_TRUE(page.ok()) << page.status();
      ASSERT_EQ(page->enrolments_size(), 1);
      lines.push_back(page->enrolments(0).ShortDebugString());
      list.set_page_token(page->next_page_token());
    } while (!list.page_token().empty());
    EXPECT_THAT(lines, ElementsAre("collection: \"test\" service: \"beds\" participant: \"RT1\"",
                                   "collection: \"test\" service: \"beds\" participant: \"RT2\" from: \"2024-04\""));
  };
  expect_stored();
  Close();
  Open();
  expect_stored();
  v1::ListEnrolmentsRequest other;
  other.set_collection("tes");
  EXPECT_TRUE(ListEnrolments(*state_->enrolments(), other)->enrolments().empty());
  other.set_page_token("garbage");
  EXPECT_TRUE(absl::IsInvalidArgument(ListEnrolments(*state_->enrolments(), other).status()));
}

TEST_F(ImportsTest, EnrolmentsThatCannotBeAreRefusedAllTogether) {
  ImportParticipants({"RT1"});
  v1::ImportEnrolmentsRequest request;
  EXPECT_TRUE(absl::IsInvalidArgument(Import(request).status()));
  Enrol(&request, "beds", "RT1");
  Enrol(&request, "beds", "RT1");
  Enrol(&request, "bed", "RT1");
  Enrol(&request, "wards", "RT9");
  Enrol(&request, "wards", "RT1", "2024-25-Q1", "now");
  Enrol(&request, "beds", "RT1", "2024-05", "2024-04");
  request.mutable_enrolments(5)->set_collection("mhl");
  EXPECT_THAT(Findings(*Import(request)),
              ElementsAre("2 participant duplicate-row: The same collection, service and participant are there twice.",
                          "3 service unknown-service: The collection test has no service \"bed\".",
                          "4 participant unknown-participant: No participant with the code \"RT9\" is registered.",
                          "5 from period: \"2024-25-Q1\" is not a month.", "5 to period: \"now\" is not a month.",
                          "6 collection unknown-collection: There is no collection \"mhl\".",
                          "6 to period: The last month, 2024-04, is before the first, 2024-05."));
  EXPECT_TRUE(state_->enrolments()->all().empty());
}

TEST_F(ImportsTest, ThoseAreExpectedWhoAreEnrolledForTheWholePeriod) {
  ImportParticipants({"RT1", "RT2", "RT3", "RT4"});
  v1::ImportEnrolmentsRequest request;
  Enrol(&request, "beds", "RT1");
  Enrol(&request, "beds", "RT2", "2024-05");
  Enrol(&request, "beds", "RT3", "", "2024-06");
  ASSERT_TRUE(Import(request).ok());
  SubmitBeds("RT4", "2024-04");  // Nobody expected it.
  EXPECT_THAT(Expected("beds", "2024-04"), ElementsAre("RT1", "RT3"));
  EXPECT_THAT(Expected("beds", "2024-05"), ElementsAre("RT1", "RT2", "RT3"));
  EXPECT_THAT(Expected("beds", "2024-25-Q1"), ElementsAre("RT1", "RT3"));
  EXPECT_THAT(Expected("beds", "2024-25-Q2"), ElementsAre("RT1", "RT2"));
  EXPECT_THAT(Expected("wards", "2024-04"), IsEmpty());
}

TEST_F(ImportsTest, WithoutEnrolmentsThoseAreExpectedWhoReportedInTheYearBefore) {
  ImportParticipants({"RT1", "RT2", "RT3"});
  SubmitBeds("RT1", "2023-04");
  SubmitBeds("RT2", "2023-24-Q4");
  EXPECT_THAT(Expected("beds", "2023-04"), ElementsAre("RT1"));
  EXPECT_THAT(Expected("beds", "2024-04"), ElementsAre("RT1", "RT2"));
  EXPECT_THAT(Expected("beds", "2024-05"), ElementsAre("RT2"));
  EXPECT_THAT(Expected("beds", "2024-25-Q1"), ElementsAre("RT1", "RT2"));
  EXPECT_THAT(Expected("beds", "2025-04"), IsEmpty());
}

TEST_F(ImportsTest, OfThoseWhoMergedTheSuccessorIsExpected) {
  Import({{"RT1", "RT3", "2024-05"}, {"RT2", "RT3", "2024-05"}, {"RT3", "", ""}});
  SubmitBeds("RT1", "2024-04");
  SubmitBeds("RT2", "2024-04");
  EXPECT_THAT(Expected("beds", "2024-04"), ElementsAre("RT1", "RT2"));
  EXPECT_THAT(Expected("beds", "2024-05"), ElementsAre("RT3"));
  EXPECT_THAT(Expected("beds", "2024-25-Q1"), ElementsAre("RT3"));
  v1::ImportEnrolmentsRequest request;
  Enrol(&request, "beds", "RT1");
  Enrol(&request, "beds", "RT3");
  ASSERT_TRUE(Import(request).ok());
  EXPECT_THAT(Expected("beds", "2024-04"), ElementsAre("RT1", "RT3"));
  EXPECT_THAT(Expected("beds", "2024-05"), ElementsAre("RT3"));
}

TEST_F(ImportsTest, ABodyThatIsEnrolledFromItsFirstMonthIsExpectedForTheQuarterOfItsMerger) {
  Import({{"RT1", "RT3", "2024-05"},
          {"RT2", "RT3", "2024-05"},
          {"RT3", "", ""},
          {"RT4", "RT5", "2024-06"},
          {"RT5", "", ""}});
  v1::ImportEnrolmentsRequest request;
  Enrol(&request, "beds", "RT1", "", "2024-04");
  Enrol(&request, "beds", "RT2", "", "2024-04");
  Enrol(&request, "beds", "RT3", "2024-05");
  Enrol(&request, "beds", "RT4", "", "2024-04");  // A month without anybody is before its successor.
  Enrol(&request, "beds", "RT5", "2024-06");
  ASSERT_TRUE(Import(request).ok());
  EXPECT_THAT(Expected("beds", "2024-04"), ElementsAre("RT1", "RT2", "RT4"));
  EXPECT_THAT(Expected("beds", "2024-05"), ElementsAre("RT3"));
  EXPECT_THAT(Expected("beds", "2024-25-Q1"), ElementsAre("RT3"));
  EXPECT_THAT(Expected("beds", "FY2024-25"), ElementsAre("RT3"));
  EXPECT_THAT(Expected("beds", "2024-25-Q2"), ElementsAre("RT3", "RT5"));
}

}  // namespace
}  // namespace quartermaster::server
