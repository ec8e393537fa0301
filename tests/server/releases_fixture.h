// A server with a small collection whose quarters are released, and short ways to feed and ask it.
#ifndef QUARTERMASTER_TESTS_SERVER_RELEASES_FIXTURE_H_
#define QUARTERMASTER_TESTS_SERVER_RELEASES_FIXTURE_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/releases.h"
#include "storage/sha256.h"
#include "tests/server/server_fixture.h"

namespace quartermaster::server {

inline constexpr char kReleaseCollection[] = R"schema(syntax = "proto3";
package quartermaster.collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04"
  minimum_n: 3 window: { cadence: CADENCE_QUARTER due_days: 28 closes_days: 700 contact: "the test team" } };
message Wards {
  option (schema.v1.service) = { id: "wards" title: "Wards" };
  option (schema.v1.indicator) = { id: "wards" title: "Wards" value: "wards" };
  optional int64 wards = 1 [(schema.v1.field) = { label: "Wards" rollup: ROLLUP_LAST }];
}
message Beds {
  option (schema.v1.service) = { id: "beds" title: "Beds" };
  option (schema.v1.rule) = { id: "within" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    expression: "occupied <= available" message: "More are occupied than available." };
  option (schema.v1.indicator) = { id: "occupancy" title: "Occupancy" unit: "%" decimals: 1
    numerator: "occupied" denominator: "available" factor: 100 };
  option (schema.v1.indicator) = { id: "available" title: "Available beds" value: "available" };
  EXTRA
  optional double available = 1 [(schema.v1.field) = { label: "Available" decimals: 2 rollup: ROLLUP_SUM }];
  optional double occupied = 2 [(schema.v1.field) = { label: "Occupied" decimals: 2 rollup: ROLLUP_SUM }];
}
)schema";

inline std::string CollectionText(const std::string& extra = "") {
  std::string text = kReleaseCollection;
  text.replace(text.find("EXTRA"), 5, extra);
  return text;
}

inline constexpr char kQuarter[] = "2025-26-Q1";

struct Beds {
  std::string participant;
  std::string period;
  double available;
  double occupied;
};

// A server that can be made twice in one test.
class ReleaseServer : public ServerFixture {
 public:
  ReleaseServer() {
    now_ = At("2025-07-20T12:00:00Z");
    Publish(CollectionText());
    ImportParticipants({"RT1", "RT2", "RT3", "RT4", "RT5", "RT6"});
  }
  void TestBody() override {}

  v1::SubmitReturnRequest SubmitRequest(const Beds& beds, const std::string& request_id = "") const {
    const auto collection = state_->FindCollection("test").value();
    const ServiceSchema* service = collection->schema->FindService("beds");
    const auto message = service->NewMessage();
    message->GetReflection()->SetDouble(message.get(), service->FindField("available")->descriptors.back(),
                                        beds.available);
    message->GetReflection()->SetDouble(message.get(), service->FindField("occupied")->descriptors.back(),
                                        beds.occupied);
    v1::SubmitReturnRequest request;
    request.mutable_content()->set_collection("test");
    request.mutable_content()->set_service("beds");
    request.mutable_content()->set_participant(beds.participant);
    request.mutable_content()->set_period(beds.period);
    request.mutable_content()->mutable_data()->PackFrom(*message);
    request.set_request_id(request_id);
    return request;
  }

  v1::Verdict Send(const Beds& beds, const std::string& request_id = "") {
    const absl::StatusOr<v1::Verdict> verdict = Submit(SubmitRequest(beds, request_id));
    EXPECT_TRUE(verdict.ok() && verdict->accepted()) << verdict.status() << verdict->DebugString();
    return *verdict;
  }

  void Withdraw(const std::string& participant, const std::string& period, const std::string& request_id = "") {
    v1::WithdrawReturnRequest request;
    request.set_collection("test");
    request.set_service("beds");
    request.set_participant(participant);
    request.set_period(period);
    request.set_reason("A test.");
    request.set_request_id(request_id);
    ASSERT_TRUE(Await<storage::StoredReturn>([&](auto done) {
                  submissions_->Withdraw(request, Everybody(), std::move(done));
                }).ok());
  }

  void Enrol(const std::string& service, const std::string& participant, const std::string& from,
             const std::string& to) {
    storage::CatalogueChange change;
    v1::Enrolment& enrolment = *change.enrolments.emplace_back().mutable_enrolment();
    enrolment.set_collection("test");
    enrolment.set_service(service);
    enrolment.set_participant(participant);
    enrolment.set_from(from);
    enrolment.set_to(to);
    Change(change);
  }

  void Change(storage::CatalogueChange change) {
    change.audit = "\"principal\":\"test\"";
    ASSERT_TRUE(Await<uint64_t>([&](auto done) {
                  store_->ChangeCatalogue(change, nullptr, [&, done](absl::StatusOr<uint64_t> sequence) {
                    if (sequence.ok()) state_->Move(change, *sequence);
                    done(sequence);
                  });
                }).ok());
  }

  v1::PreviewReleaseResponse Preview(const std::string& period = kQuarter) {
    v1::PreviewReleaseRequest request;
    request.set_collection("test");
    request.set_period(period);
    const auto response = releases_->Preview(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return *response;
  }

  static v1::PublishReleaseRequest PublishRequest(const std::string& period = kQuarter) {
    v1::PublishReleaseRequest request;
    request.set_collection("test");
    request.set_period(period);
    return request;
  }

  v1::PublishReleaseResponse Published(const v1::PublishReleaseRequest& request = PublishRequest()) {
    const auto response = releases_->Publish(request, "steward");
    EXPECT_TRUE(response.ok()) << response.status();
    return *response;
  }

  std::string Text(absl::optional<uint32_t> number = absl::nullopt, const std::string& period = kQuarter) {
    v1::DownloadReleaseRequest request;
    request.set_collection("test");
    request.set_period(period);
    if (number) request.set_number(*number);
    const auto parts = releases_->Download(request);
    EXPECT_TRUE(parts.ok()) << parts.status();
    std::string text;
    for (const auto& part : *parts) {
      EXPECT_EQ(part.has_release(), text.empty());
      EXPECT_LE(part.content().size(), size_t{1} << 20);
      text += part.content();
    }
    EXPECT_EQ(Sha256Hex(text), parts->front().release().sha256());
    EXPECT_EQ(text.size(), parts->front().release().bytes());
    return text;
  }

  absl::StatusOr<v1::DiffReleasesResponse> Diff(absl::optional<uint32_t> from = absl::nullopt,
                                                absl::optional<uint32_t> to = absl::nullopt) {
    v1::DiffReleasesRequest request;
    request.set_collection("test");
    request.set_period(kQuarter);
    if (from) request.set_from(*from);
    if (to) request.set_to(*to);
    return releases_->Diff(request);
  }

  // The numbers of all pages.
  std::vector<uint32_t> Listed(const Principal& caller, uint32_t page_size = 0, const std::string& period = "") {
    v1::ListReleasesRequest request;
    request.set_page_size(page_size);
    request.set_period(period);
    std::vector<uint32_t> numbers;
    do {
      const auto page = releases_->List(request, caller);
      EXPECT_TRUE(page.ok()) << page.status();
      for (const v1::Release& release : page->releases()) numbers.push_back(release.number());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return numbers;
  }

  absl::StatusOr<v1::GetReleaseResponse> Get(const Principal& caller, absl::optional<uint32_t> number = absl::nullopt) {
    v1::GetReleaseRequest request;
    request.set_collection("test");
    request.set_period(kQuarter);
    if (number) request.set_number(*number);
    return releases_->Get(request, caller);
  }

  using ServerFixture::Close;
  using ServerFixture::folder_;
  using ServerFixture::now_;
  using ServerFixture::Open;
  using ServerFixture::Publish;
  using ServerFixture::releases_;
  using ServerFixture::state_;
  using ServerFixture::store_;
};

class ReleasesTest : public ReleaseServer {};

inline Principal Submitter() {
  Principal principal;
  principal.name = "RT1";
  principal.roles = {v1::ROLE_SUBMITTER};
  principal.participants = {"RT1"};
  return principal;
}

// RT1 by its quarter, RT2 by three months, RT3 by two of them.
inline const std::vector<Beds>& Returns() {
  static const auto& returns = *new std::vector<Beds>{
      {"RT1", kQuarter, 900, 810.5}, {"RT2", "2025-04", 300, 200}, {"RT2", "2025-05", 310, 220.25},
      {"RT2", "2025-06", 300, 210},  {"RT3", "2025-04", 100, 90},  {"RT3", "2025-06", 100, 95},
      {"RT4", kQuarter, 90, 30},
  };
  return returns;
}

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_TESTS_SERVER_RELEASES_FIXTURE_H_
