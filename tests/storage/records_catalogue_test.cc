// The records of the catalogue and of releases: exact bytes, as records_test.cc says.
#include "storage/catalogue.h"
#include "storage/records.h"
#include "tests/storage/records_testing.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

namespace api = quartermaster::v1;
namespace schema = quartermaster::schema::v1;

TEST(CatalogueRecordsTest, StandingException) {
  v1::StandingExceptionRecord record;
  api::StandingException& exception = *record.mutable_exception();
  exception.set_id(300);
  exception.set_collection("kh03");
  exception.set_service("beds");
  exception.set_participant("RT1");
  exception.set_rule_id("maximum");
  exception.set_subject("beds.open");
  exception.set_until("2026-12-31");
  exception.set_reason("new site");
  exception.set_granted_by("office");
  exception.mutable_grant_time()->set_seconds(1'750'000'000);
  exception.set_ended_by("steward");
  exception.mutable_end_time()->set_seconds(1'760'000'000);
  record.set_sequence(310);
  ExpectAllFieldsSet(record);
  ExpectAllFieldsSet(exception);
  const std::string bytes =
      Bytes(1, Number(1, 300) + Bytes(2, "kh03") + Bytes(3, "beds") + Bytes(4, "RT1") + Bytes(5, "maximum") +
                   Bytes(6, "beds.open") + Bytes(7, "2026-12-31") + Bytes(8, "new site") + Bytes(9, "office") +
                   Bytes(10, Number(1, 1'750'000'000)) + Bytes(11, "steward") + Bytes(12, Number(1, 1'760'000'000))) +
      Number(2, 310);
  const StandingExceptionKey key = {300};
  ExpectBytes(record, Serialize(key, record), ParseStandingException(key, bytes), bytes);
  const StandingExceptionKey other = {301};
  EXPECT_THAT(ParseStandingException(other, bytes), HasCode(absl::StatusCode::kDataLoss));
  // It cannot be older than the commit that granted it.
  const std::string too_old = Bytes(1, Number(1, 300)) + Number(2, 299);
  EXPECT_THAT(ParseStandingException(key, too_old), HasCode(absl::StatusCode::kDataLoss));
}

TEST(CatalogueRecordsTest, Collection) {
  v1::CollectionRecord record;
  record.set_id("kh03");
  record.set_version(2);
  record.set_publish_time_us(1'750'000'000'123'456);
  record.set_publisher("office");
  record.mutable_descriptor_set()->add_file()->set_name("kh03.proto");
  record.set_file_name("kh03.proto");
  record.set_sequence(7);
  ExpectAllFieldsSet(record);
  const std::string bytes = Bytes(1, "kh03") + Number(2, 2) + Number(3, 1'750'000'000'123'456) + Bytes(4, "office") +
                            Bytes(5, Bytes(1, Bytes(1, "kh03.proto"))) + Bytes(6, "kh03.proto") + Number(7, 7);
  const CollectionKey key = {"kh03", 2};
  ExpectBytes(record, Serialize(key, record), ParseCollection(key, bytes), bytes);
}

TEST(CatalogueRecordsTest, Participant) {
  v1::ParticipantRecord record;
  api::Participant& participant = *record.mutable_participant();
  participant.set_code("RT1");
  participant.set_name("North");
  participant.set_nation("England");
  participant.set_region("East");
  participant.set_integrated_care_board("QUE");
  participant.set_organisation_type("trust");
  participant.set_successor("RT2");
  participant.set_succeeded_from("2024-11");
  record.set_sequence(8);
  record.add_former_successors("RT3");
  ExpectAllFieldsSet(record);
  ExpectAllFieldsSet(participant);
  const std::string bytes = Bytes(1, Bytes(1, "RT1") + Bytes(2, "North") + Bytes(3, "England") + Bytes(4, "East") +
                                         Bytes(5, "QUE") + Bytes(6, "trust") + Bytes(7, "RT2") + Bytes(8, "2024-11")) +
                            Number(2, 8) + Bytes(3, "RT3");
  const ParticipantKey key = {"RT1"};
  ExpectBytes(record, Serialize(key, record), ParseParticipant(key, bytes), bytes);
}

TEST(CatalogueRecordsTest, Population) {
  v1::PopulationRecord record;
  api::Population& population = *record.mutable_population();
  population.set_participant("RT1");
  population.set_age_band("65+");
  population.set_registered(120000);
  population.set_weighted(0);  // Set, and none.
  population.set_from("2024-04");
  record.set_sequence(9);
  ExpectAllFieldsSet(record);
  ExpectAllFieldsSet(population);
  const std::string bytes =
      Bytes(1, Bytes(1, "RT1") + Bytes(2, "65+") + Number(3, 120000) + Number(4, 0) + Bytes(5, "2024-04")) +
      Number(2, 9);
  const PopulationKey key = {"RT1", "65+", "2024-04"};
  ExpectBytes(record, Serialize(key, record), ParsePopulation(key, bytes), bytes);
}

TEST(CatalogueRecordsTest, Enrolment) {
  v1::EnrolmentRecord record;
  api::Enrolment& enrolment = *record.mutable_enrolment();
  enrolment.set_collection("kh03");
  enrolment.set_service("beds");
  enrolment.set_participant("RT1");
  enrolment.set_from("2024-04");
  enrolment.set_to("2025-03");
  record.set_sequence(10);
  ExpectAllFieldsSet(record);
  ExpectAllFieldsSet(enrolment);
  const std::string bytes =
      Bytes(1, Bytes(1, "kh03") + Bytes(2, "beds") + Bytes(3, "RT1") + Bytes(4, "2024-04") + Bytes(5, "2025-03")) +
      Number(2, 10);
  const EnrolmentKey key = {"kh03", "beds", "RT1"};
  ExpectBytes(record, Serialize(key, record), ParseEnrolment(key, bytes), bytes);
  const EnrolmentKey other = {"kh03", "beds", "RT2"};
  EXPECT_THAT(ParseEnrolment(other, bytes), HasCode(absl::StatusCode::kDataLoss));
}

TEST(CatalogueRecordsTest, WindowGrant) {
  v1::WindowGrantRecord record;
  api::WindowGrant& grant = *record.mutable_grant();
  grant.set_id(300);
  grant.set_collection("kh03");
  grant.set_participant("RT1");
  grant.set_from("2025-04");
  grant.set_to("2025-06");
  grant.set_until("2025-08-25");
  grant.set_reason("cyber attack");
  grant.set_granted_by("office");
  grant.mutable_grant_time()->set_seconds(1'750'000'000);
  grant.set_ended_by("steward");
  grant.mutable_end_time()->set_seconds(1'760'000'000);
  grant.set_end_reason("all came");
  record.set_sequence(310);
  ExpectAllFieldsSet(record);
  ExpectAllFieldsSet(grant);
  const std::string bytes =
      Bytes(1, Number(1, 300) + Bytes(2, "kh03") + Bytes(3, "RT1") + Bytes(4, "2025-04") + Bytes(5, "2025-06") +
                   Bytes(6, "2025-08-25") + Bytes(7, "cyber attack") + Bytes(8, "office") +
                   Bytes(9, Number(1, 1'750'000'000)) + Bytes(10, "steward") + Bytes(11, Number(1, 1'760'000'000)) +
                   Bytes(12, "all came")) +
      Number(2, 310);
  const WindowGrantKey key = {300};
  ExpectBytes(record, Serialize(key, record), ParseWindowGrant(key, bytes), bytes);
  const std::string too_old = Bytes(1, Number(1, 300)) + Number(2, 299);
  EXPECT_THAT(ParseWindowGrant(key, too_old), HasCode(absl::StatusCode::kDataLoss));
}

TEST(CatalogueRecordsTest, Token) {
  const std::string hash(kSecretHashBytes, 'h');
  v1::TokenRecord record;
  api::Token& token = *record.mutable_token();
  token.set_id(300);
  token.set_principal("rt1-data-team");
  token.add_roles(api::ROLE_SUBMITTER);
  token.add_roles(api::ROLE_STEWARD);
  token.add_participants("RT1");
  token.add_collections("mhlda");
  token.mutable_create_time()->set_seconds(1'750'000'000);
  token.mutable_expire_time()->set_seconds(1'770'000'000);
  token.set_created_by("operator");
  token.set_revoked_by("security");
  token.mutable_revoke_time()->set_seconds(1'760'000'000);
  record.set_secret_sha256(hash);
  record.set_sequence(310);
  ExpectAllFieldsSet(record);
  ExpectAllFieldsSet(token);
  const std::string content = Number(1, 300) + Bytes(2, "rt1-data-team") + Bytes(3, "\x01\x03") + Bytes(4, "RT1") +
                              Bytes(5, Number(1, 1'750'000'000)) + Bytes(6, Number(1, 1'770'000'000)) +
                              Bytes(7, "operator") + Bytes(8, "security") + Bytes(9, Number(1, 1'760'000'000)) +
                              Bytes(10, "mhlda");
  const std::string bytes = Bytes(1, content) + Bytes(2, hash) + Number(3, 310);
  const TokenKey key = {300};
  ExpectBytes(record, Serialize(key, record), ParseToken(key, bytes), bytes);
  const std::string short_hash = Bytes(1, content) + Bytes(2, hash.substr(1)) + Number(3, 310);
  EXPECT_THAT(ParseToken(key, short_hash), HasCode(absl::StatusCode::kDataLoss));
}

// Every field of it, since it lies on disk within what was shown and within releases.
api::NationalStatistics MakeStatistics() {
  api::NationalStatistics statistics;
  statistics.set_service("beds");
  statistics.set_indicator("occupancy");
  statistics.set_category("white");
  statistics.set_title("Occupancy");
  statistics.set_unit("%");
  statistics.set_n(30);
  statistics.set_mean(1);
  statistics.set_median(1);
  statistics.set_lower_quartile(1);
  statistics.set_upper_quartile(1);
  statistics.set_percentile_10(1);
  statistics.set_percentile_90(1);
  statistics.set_minimum(1);
  statistics.set_maximum(1);
  statistics.set_standard_deviation(1);
  statistics.set_pooled(1);
  statistics.set_decimals(2);
  statistics.set_n_expected(40);
  statistics.add_peers()->set_attribute(api::PEER_ATTRIBUTE_REGION);
  statistics.mutable_peers(0)->set_value("East");
  statistics.set_polarity(schema::POLARITY_LOWER_IS_BETTER);
  statistics.set_withheld(api::WITHHELD_EMBARGOED);
  ExpectAllFieldsSet(statistics);
  ExpectAllFieldsSet(statistics.peers(0));
  return statistics;
}

std::string BytesOfStatistics() {
  std::string bytes = Bytes(1, "beds") + Bytes(2, "occupancy") + Bytes(3, "white") + Bytes(4, "Occupancy") +
                      Bytes(5, "%") + Number(6, 30);
  for (uint64_t field = 7; field <= 16; ++field) bytes += Double(field, 1);
  return bytes + Number(17, 2) + Number(18, 40) + Bytes(19, Number(1, 2) + Bytes(2, "East")) + Number(20, 3) +
         Number(21, 3);
}

TEST(CatalogueRecordsTest, Shown) {
  v1::ShownRecord record;
  record.set_collection("kh03");
  record.set_service("beds");
  record.set_period("2025-04");
  v1::ShownCell& cell = *record.add_cells();
  cell.set_indicator("occupancy");
  cell.set_category("white");
  cell.set_data_sequence(290);
  *cell.mutable_statistics() = MakeStatistics();
  record.set_sequence(300);
  ExpectAllFieldsSet(record);
  ExpectAllFieldsSet(cell);
  const std::string bytes =
      Bytes(1, "kh03") + Bytes(2, "beds") + Bytes(3, "2025-04") +
      Bytes(4, Bytes(1, "occupancy") + Bytes(2, "white") + Number(3, 290) + Bytes(4, BytesOfStatistics())) +
      Number(5, 300);
  const ShownKey key = {"kh03", "beds", "2025-04"};
  ExpectBytes(record, Serialize(key, record), ParseShown(key, bytes), bytes);
  const ShownKey other = {"kh03", "beds", "2025-05"};
  EXPECT_THAT(ParseShown(other, bytes), HasCode(absl::StatusCode::kDataLoss));
}

TEST(CatalogueRecordsTest, Release) {
  v1::ReleaseRecord record;
  api::Release& release = *record.mutable_release();
  release.set_collection("kh03");
  release.set_period("2025-26-Q1");
  release.set_number(2);
  release.mutable_publish_time()->set_seconds(1'750'000'000);
  release.set_publisher("steward");
  release.set_note("corrected");
  release.set_sha256("0a1b");
  release.set_bytes(5000);
  release.set_collection_version(3);
  release.set_method_version(1);
  release.set_data_sequence(290);
  release.set_returns(39);
  release.set_participants(13);
  release.set_embargoed_until("2025-08-10");
  release.set_missing(4);
  release.set_open_queries(5);
  record.set_parts(1);
  *record.add_statistics() = MakeStatistics();
  *record.add_shown() = MakeStatistics();
  record.set_sequence(300);
  record.add_undisclosed_services("beds");
  record.add_shown_after_embargo()->set_service("beds");
  record.set_replaces_unseen(true);
  ExpectAllFieldsSet(record);
  ExpectAllFieldsSet(release);
  const auto bytes_with = [](uint64_t parts) {
    return Bytes(1, Bytes(1, "kh03") + Bytes(2, "2025-26-Q1") + Number(3, 2) + Bytes(4, Number(1, 1'750'000'000)) +
                        Bytes(5, "steward") + Bytes(6, "corrected") + Bytes(7, "0a1b") + Number(8, 5000) +
                        Number(9, 3) + Number(10, 1) + Number(11, 290) + Number(12, 39) + Number(13, 13) +
                        Bytes(14, "2025-08-10") + Number(15, 4) + Number(16, 5)) +
           Number(2, parts) + Bytes(3, BytesOfStatistics()) + Bytes(4, BytesOfStatistics()) + Number(5, 300) +
           Bytes(6, "beds") + Bytes(7, Bytes(2, "beds")) + Number(8, 1);
  };
  const ReleaseKey key = {"kh03", "2025-26-Q1", 2};
  ExpectBytes(record, Serialize(key, record), ParseRelease(key, bytes_with(1)), bytes_with(1));
  EXPECT_THAT(ParseRelease(key, bytes_with(0)), HasCode(absl::StatusCode::kDataLoss));
  const ReleaseKey other = {"kh03", "2025-26-Q1", 1};
  EXPECT_THAT(ParseRelease(other, bytes_with(1)), HasCode(absl::StatusCode::kDataLoss));
}

TEST(CatalogueRecordsTest, ReleasePart) {
  v1::ReleasePartRecord record;
  record.set_content(std::string("a\0\xff", 3));  // Any bytes.
  ExpectAllFieldsSet(record);
  const std::string bytes = Bytes(1, record.content());
  const ReleasePartKey key = {{"kh03", "2025-26-Q1", 2}, 0};
  ExpectBytes(record, Serialize(key, record), ParseReleasePart(key, bytes), bytes);
  const std::string too_long = Bytes(1, std::string(kMaxReleasePartBytes + 1, 'x'));
  EXPECT_THAT(ParseReleasePart(key, too_long), HasCode(absl::StatusCode::kDataLoss));
}

// The numbers lie on disk within tokens, what was shown, and releases.
TEST(CatalogueRecordsTest, Enums) {
  EXPECT_EQ(api::ROLE_SUBMITTER, 1);
  EXPECT_EQ(api::ROLE_REPORT_BUILDER, 2);
  EXPECT_EQ(api::ROLE_STEWARD, 3);
  EXPECT_EQ(api::ROLE_OPERATOR, 4);
  EXPECT_EQ(api::PEER_ATTRIBUTE_NATION, 1);
  EXPECT_EQ(api::PEER_ATTRIBUTE_REGION, 2);
  EXPECT_EQ(api::PEER_ATTRIBUTE_INTEGRATED_CARE_BOARD, 3);
  EXPECT_EQ(api::PEER_ATTRIBUTE_ORGANISATION_TYPE, 4);
  EXPECT_EQ(schema::POLARITY_NEUTRAL, 1);
  EXPECT_EQ(schema::POLARITY_HIGHER_IS_BETTER, 2);
  EXPECT_EQ(schema::POLARITY_LOWER_IS_BETTER, 3);
  EXPECT_EQ(api::WITHHELD_BELOW_MINIMUM_N, 1);
  EXPECT_EQ(api::WITHHELD_TOO_FEW_CHANGES, 2);
  EXPECT_EQ(api::WITHHELD_EMBARGOED, 3);
  EXPECT_EQ(api::WITHHELD_SUPPRESSED, 4);
  EXPECT_EQ(api::WITHHELD_NOT_FOR_THIS_VIEWER, 5);
  EXPECT_EQ(api::WITHHELD_OF_ANOTHER_KIND, 6);
}

}  // namespace
}  // namespace quartermaster::storage
