// Records: exact bytes. They lie on disks, so whoever renumbers or retypes a field or an enum value, here or in the
// messages of the API that records contain, must fail a test. Every field of every record is set.
#include "storage/records.h"

#include "absl/strings/escaping.h"
#include "tests/storage/records_testing.h"
#include "tests/storage/storage_testing.h"

namespace quartermaster::storage {
namespace {

namespace api = quartermaster::v1;
namespace schema = quartermaster::schema::v1;

TEST(RecordsTest, TheWireFormatOfThisTest) {
  EXPECT_EQ(absl::BytesToHexString(Number(1, 1) + Number(2, 1'750'000'000'123'456)), "080110c084f582daf38d03");
  EXPECT_EQ(absl::BytesToHexString(Bytes(15, "ab") + Bytes(16, "")), "7a026162820100");
}

const ReturnKey kKey = {"kh03", "beds", "RT1", "2025-04"};

api::Receipt FullReceipt() {
  api::Receipt receipt;
  receipt.set_revision(2);
  receipt.mutable_commit_time()->set_seconds(1'750'000'000);
  receipt.mutable_commit_time()->set_nanos(123'456'000);
  receipt.set_submitter("data team");
  receipt.set_content_sha256("0a1b");
  receipt.set_rule_version(3);
  receipt.set_sequence(300);
  return receipt;
}

TEST(RecordsTest, Return) {
  v1::ReturnRecord record;
  record.set_data("data");
  api::NotAvailable& not_available = *record.add_not_available();
  not_available.set_field("beds.open");
  not_available.set_reason("ward moved");
  *record.mutable_receipt() = FullReceipt();
  api::Finding& finding = *record.add_findings();
  finding.set_rule_id("maximum");
  finding.set_class_(schema::CLASS_INVALID);
  finding.set_severity(schema::SEVERITY_QUERY);
  finding.set_field("beds.closed");
  finding.set_label("Beds closed");
  finding.set_message("too many");
  finding.set_hint("count again");
  finding.set_given("900");
  finding.set_expected("at most 800");
  finding.set_file("beds.csv");
  finding.set_sheet("Sheet1");
  finding.set_row(7);
  finding.set_column("closed");
  finding.set_column_letter("C");
  finding.set_difference("100");
  api::Baseline& baseline = *finding.mutable_baseline();
  baseline.set_kind(api::BASELINE_KIND_YEAR_BEFORE);
  baseline.set_period("2024-04");
  baseline.set_value("750");
  baseline.set_spread("12.5");
  baseline.set_points(6);
  finding.set_indicator("closed-share");
  finding.set_fingerprint("fp");
  api::ExceptionUse& exception = *finding.mutable_exception();
  exception.set_id(300);
  exception.set_severity(schema::SEVERITY_QUERY);
  exception.set_until("2026-12-31");
  exception.set_reason("new site");
  record.add_shadow_findings()->set_rule_id("shadow");
  ExpectAllFieldsSet(record);
  ExpectAllFieldsSet(not_available);
  ExpectAllFieldsSet(record.receipt(), /*never_stored=*/1);  // The signature.
  ExpectAllFieldsSet(finding);
  ExpectAllFieldsSet(baseline);
  ExpectAllFieldsSet(exception);

  const std::string time = Number(1, 1'750'000'000) + Number(2, 123'456'000);
  const std::string bytes =
      Bytes(1, "data") +                                                          //
      Bytes(2, Bytes(1, "beds.open") + Bytes(2, "ward moved")) +                  // not_available
      Bytes(3, Number(1, 2) + Bytes(2, time) + Bytes(3, "data team") +            // receipt
                   Bytes(4, "0a1b") + Number(5, 3) + Number(6, 300)) +            //
      Bytes(4, Bytes(1, "maximum") + Number(2, 3) + Number(3, 2) +                // findings: class, severity
                   Bytes(4, "beds.closed") + Bytes(5, "Beds closed") +            // field, label
                   Bytes(6, "too many") + Bytes(7, "count again") +               // message, hint
                   Bytes(8, "900") + Bytes(9, "at most 800") +                    // given, expected
                   Bytes(10, "beds.csv") + Bytes(11, "Sheet1") + Number(12, 7) +  // file, sheet, row
                   Bytes(13, "closed") + Bytes(14, "C") + Bytes(15, "100") +      // column, its letter, difference
                   Bytes(16, Number(1, 2) + Bytes(2, "2024-04") +                 // baseline
                                 Bytes(3, "750") + Bytes(4, "12.5") + Number(5, 6)) +
                   Bytes(17, "closed-share") + Bytes(18, "fp") +  // indicator, fingerprint
                   Bytes(19, Number(1, 300) + Number(2, 2) +      // exception
                                 Bytes(3, "2026-12-31") + Bytes(4, "new site"))) +
      Bytes(5, Bytes(1, "shadow"));  // shadow_findings
  const RevisionKey key = {kKey, 2};
  ExpectBytes(record, Serialize(key, record), ParseReturn(key, bytes), bytes);
}

TEST(RecordsTest, Withdrawal) {
  v1::WithdrawalRecord record;
  record.set_revision(2);
  record.set_commit_time_us(1'750'000'000'123'456);
  record.set_submitter("data team");
  record.set_reason("wrong ward");
  record.set_sequence(301);
  ExpectAllFieldsSet(record);
  const std::string bytes =
      Number(1, 2) + Number(2, 1'750'000'000'123'456) + Bytes(3, "data team") + Bytes(4, "wrong ward") + Number(5, 301);
  const RevisionKey key = {kKey, 2};
  ExpectBytes(record, Serialize(key, record), ParseWithdrawal(key, bytes), bytes);
}

TEST(RecordsTest, Request) {
  v1::RequestRecord record;
  record.set_kind(v1::RequestRecord::KIND_SUBMISSION);
  record.set_collection(kKey.collection);
  record.set_service(kKey.service);
  record.set_participant("\xff");  // Any bytes, as in keys.
  record.set_period(kKey.period);
  record.set_revision(2);
  record.set_content("0a1b");
  ExpectAllFieldsSet(record);
  const std::string rest =
      Bytes(2, "kh03") + Bytes(3, "beds") + Bytes(4, "\xff") + Bytes(5, "2025-04") + Number(6, 2) + Bytes(7, "0a1b");
  ExpectBytes(record, Serialize(record), ParseRequest(Number(1, 1) + rest), Number(1, 1) + rest);
  record.set_kind(v1::RequestRecord::KIND_WITHDRAWAL);
  ExpectBytes(record, Serialize(record), ParseRequest(Number(1, 2) + rest), Number(1, 2) + rest);
}

TEST(RecordsTest, Query) {
  v1::QueryRecord record;
  api::QueryEvent& event = *record.add_events();
  event.set_kind(api::QueryEvent::KIND_EXPLAINED);
  event.set_reason(api::EXPLANATION_REASON_COUNTING);
  event.set_text("counted at noon");
  event.set_author("data team");
  event.mutable_commit_time()->set_seconds(1'750'000'000);
  event.mutable_commit_time()->set_nanos(123'456'000);
  event.set_revision(2);
  event.set_fingerprint("fp");
  event.set_sequence(300);
  ExpectAllFieldsSet(event);
  *record.add_events() = event;
  record.mutable_events(1)->set_sequence(301);
  ExpectAllFieldsSet(record);
  const std::string time = Number(1, 1'750'000'000) + Number(2, 123'456'000);
  const std::string start = Number(1, 1) + Number(2, 4) + Bytes(3, "counted at noon") + Bytes(4, "data team") +
                            Bytes(5, time) + Number(6, 2) + Bytes(7, "fp");
  const std::string bytes = Bytes(1, start + Number(8, 300)) + Bytes(1, start + Number(8, 301));
  ExpectBytes(record, Serialize(record), ParseQuery(bytes), bytes);
}

TEST(RecordsTest, AQueryHasEventsInOrder) {
  const std::string first = Bytes(1, Number(1, 1) + Number(8, 3));
  const std::string second = Bytes(1, Number(1, 4) + Number(8, 5));
  EXPECT_TRUE(ParseQuery(first + second).ok());
  for (const std::string& bad : {std::string(), second + first, first + first, first + Bytes(1, Number(8, 5)),
                                 Bytes(1, Number(1, 1)), Bytes(1, "")}) {
    EXPECT_THAT(ParseQuery(bad), HasCode(absl::StatusCode::kDataLoss)) << absl::BytesToHexString(bad);
  }
}

TEST(RecordsTest, StoreAndCommit) {
  v1::StoreRecord store;
  store.set_format_version(2);
  store.set_create_time_us(1'750'000'000'123'456);
  ExpectAllFieldsSet(store);
  const std::string store_bytes = Number(1, 2) + Number(2, 1'750'000'000'123'456);
  ExpectBytes(store, Serialize(store), ParseStore(store_bytes), store_bytes);
  EXPECT_EQ(kFormatVersion, 4);

  v1::CommitRecord commit;
  commit.set_sequence(300);
  ExpectAllFieldsSet(commit);
  ExpectBytes(commit, Serialize(commit), ParseCommit(Number(1, 300)), Number(1, 300));
  commit.set_sequence(0);
  ExpectBytes(commit, Serialize(commit), ParseCommit(""), "");
}

TEST(RecordsTest, TheEndOfTheAudit) {
  const std::string hash(32, 'h');
  v1::AuditRecord audit;
  audit.set_lines(300);
  audit.set_last_sha256(hash);
  ExpectAllFieldsSet(audit);
  const std::string bytes = Number(1, 300) + Bytes(2, hash);
  ExpectBytes(audit, Serialize(audit), ParseAudit(bytes), bytes);
  for (const std::string& bad :
       {std::string(), Number(1, 300), Bytes(2, hash), Number(1, 300) + Bytes(2, hash + "h")}) {
    EXPECT_THAT(ParseAudit(bad), HasCode(absl::StatusCode::kDataLoss)) << absl::BytesToHexString(bad);
  }
}

// The numbers lie on disk within findings and queries.
TEST(RecordsTest, Enums) {
  EXPECT_EQ(schema::SEVERITY_ERROR, 1);
  EXPECT_EQ(schema::SEVERITY_QUERY, 2);
  EXPECT_EQ(schema::SEVERITY_INFO, 3);
  EXPECT_EQ(schema::CLASS_STRUCTURE, 1);
  EXPECT_EQ(schema::CLASS_MISSING, 2);
  EXPECT_EQ(schema::CLASS_INVALID, 3);
  EXPECT_EQ(schema::CLASS_INCONSISTENT, 4);
  EXPECT_EQ(schema::CLASS_HISTORICAL, 5);
  EXPECT_EQ(schema::CLASS_EXCEPTIONAL, 6);
  EXPECT_EQ(api::BASELINE_KIND_PREVIOUS_PERIOD, 1);
  EXPECT_EQ(api::BASELINE_KIND_YEAR_BEFORE, 2);
  EXPECT_EQ(api::BASELINE_KIND_MONTHS_OF_QUARTER, 3);
  EXPECT_EQ(api::BASELINE_KIND_QUARTERLY_RETURN, 4);
  EXPECT_EQ(api::BASELINE_KIND_OWN_PAST, 5);
  EXPECT_EQ(api::BASELINE_KIND_NATIONAL, 6);
  EXPECT_EQ(api::QueryEvent::KIND_EXPLAINED, 1);
  EXPECT_EQ(api::QueryEvent::KIND_ACCEPTED, 2);
  EXPECT_EQ(api::QueryEvent::KIND_RETURNED, 3);
  EXPECT_EQ(api::QueryEvent::KIND_COMMENTED, 4);
  EXPECT_EQ(api::EXPLANATION_REASON_SERVICE_CHANGE, 1);
  EXPECT_EQ(api::EXPLANATION_REASON_DEMAND, 2);
  EXPECT_EQ(api::EXPLANATION_REASON_EARLIER_VALUE, 3);
  EXPECT_EQ(api::EXPLANATION_REASON_COUNTING, 4);
  EXPECT_EQ(api::EXPLANATION_REASON_SMALL_NUMBERS, 5);
  EXPECT_EQ(api::EXPLANATION_REASON_OTHER, 6);
}

}  // namespace
}  // namespace quartermaster::storage
