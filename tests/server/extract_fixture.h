// Makes extracts over a real store, and writes their rows as texts.
#ifndef QUARTERMASTER_TESTS_SERVER_EXTRACT_FIXTURE_H_
#define QUARTERMASTER_TESTS_SERVER_EXTRACT_FIXTURE_H_

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/extract.h"
#include "server/peer_groups.h"
#include "server/releases.h"
#include "tests/server/figures_fixture.h"

namespace quartermaster::server {

inline std::string IndicatorText(const std::string& indicator, const std::string& category) {
  return category.empty() ? indicator : absl::StrCat(indicator, "/", category);
}

inline std::string PeersText(const PeerFilters& peers) {
  return peers.empty() ? "" : absl::StrCat(" of \"", peers[0].value(), "\"");
}

// "2024-04 ward value occupancy RT1: 50 = 50 / 100".
inline std::string RowText(const v1::ExtractRow& row) {
  const auto count = [](bool is_there, double number) { return is_there ? absl::StrCat(number) : std::string("*"); };
  std::string text = absl::StrCat(row.period(), " ", row.service(), " ");
  switch (row.row_case()) {
    case v1::ExtractRow::kField: {
      const v1::FieldRow& field = row.field();
      return absl::StrCat(text, "field ", field.participant(), " ", field.field(), ": ",
                          field.not_available() ? absl::StrCat("NA ", field.not_available_reason())
                          : field.has_number()  ? absl::StrCat(field.number())
                                                : field.text());
    }
    case v1::ExtractRow::kValue: {
      const v1::ValueRow& value = row.value();
      return absl::StrCat(text, "value ", IndicatorText(value.indicator(), value.category()), " ", value.participant(),
                          ": ", value.value(), " = ", value.numerator(),
                          value.has_denominator() ? absl::StrCat(" / ", value.denominator()) : "",
                          value.partial() ? " partial" : "");
    }
    case v1::ExtractRow::kStatistics: {
      const v1::NationalStatistics& statistics = row.statistics();
      return absl::StrCat(text, "statistics ", IndicatorText(statistics.indicator(), statistics.category()),
                          PeersText(statistics.peers()), ": n ", statistics.n(),
                          statistics.has_mean() ? absl::StrCat(", mean ", statistics.mean()) : "",
                          statistics.has_median() ? absl::StrCat(", median ", statistics.median()) : "",
                          statistics.withheld() == v1::WITHHELD_UNSPECIFIED
                              ? ""
                              : absl::StrCat(", ", v1::Withheld_Name(statistics.withheld())));
    }
    case v1::ExtractRow::kPublishable: {
      const v1::PublicRow& figures = row.publishable();
      return absl::StrCat(text, "public ", IndicatorText(figures.indicator(), figures.category()),
                          PeersText(figures.peers()), ": ", count(figures.has_participants(), figures.participants()),
                          ", ", count(figures.has_numerator(), figures.numerator()), " / ",
                          count(figures.has_denominator(), figures.denominator()), ", ",
                          count(figures.has_rate(), figures.rate()),
                          figures.withheld() == v1::WITHHELD_SUPPRESSED ? " withheld" : "");
    }
    case v1::ExtractRow::ROW_NOT_SET:
      break;
  }
  return text;
}

class ExtractFixture : public FiguresFixture {
 protected:
  ExtractFixture() { ImportParticipants({"RT1", "RT2", "RT3"}); }

  static v1::ExtractRequest Request(const std::string& from = "2024-04", const std::string& to = "2024-04") {
    v1::ExtractRequest request;
    request.set_collection("test");
    request.set_service("ward");
    request.set_from(from);
    request.set_to(to);
    return request;
  }

  static Principal Builder() {
    Principal principal;
    principal.name = "builder";
    principal.roles = {v1::ROLE_REPORT_BUILDER};
    return principal;
  }
  static Principal Submitter(const std::string& participant) {
    Principal principal;
    principal.name = "submitter";
    principal.roles = {v1::ROLE_SUBMITTER};
    principal.participants = {participant};
    return principal;
  }

  absl::Time Now() const { return now_.value_or(absl::Now()); }

  absl::Status Make(const v1::ExtractRequest& request, const Principal& caller, WriteExtract write) {
    Disclosure disclosure(store_.get(), state_.get(), [this] { return Now(); });
    return MakeExtract(request, caller, *state_, *store_, &disclosure, Now(), write);
  }

  // The rows as text: those that have `part` in them.
  std::vector<std::string> Rows(const v1::ExtractRequest& request, const Principal& caller,
                                const std::string& part = "") {
    std::vector<std::string> rows;
    const absl::Status made = Make(request, caller, [&](v1::ExtractResponse* message) {
      for (const v1::ExtractRow& row : message->rows()) {
        if (std::string text = RowText(row); absl::StrContains(text, part)) rows.push_back(std::move(text));
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(made.ok()) << made;
    return rows;
  }

  absl::Status Refusal(const v1::ExtractRequest& request, const Principal& caller) {
    return Make(request, caller, [](v1::ExtractResponse*) { return absl::OkStatus(); });
  }

  void Occupy(const std::string& participant, const std::string& period, double occupied, double available = 100) {
    Put("ward", participant, period, {{"occupied", occupied}, {"available", available}});
  }

  void SetNation(const std::string& code, const std::string& nation) {
    v1::Participant participant;
    participant.set_code(code);
    participant.set_name("Made up");
    participant.set_nation(nation);
    Register(participant);
  }

  void Release(const std::string& period, const std::string& embargoed_until = "") {
    v1::PublishReleaseRequest request;
    request.set_collection("test");
    request.set_period(period);
    request.set_embargoed_until(embargoed_until);
    const Disclosure disclosure(store_.get(), state_.get(), [this] { return Now(); });
    Releases releases(store_.get(), state_.get(), &disclosure, [this] { return Now(); });
    const auto published = releases.Publish(request, "test");
    ASSERT_TRUE(published.ok()) << published.status();
    ASSERT_FALSE(published->unchanged());
  }
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_TESTS_SERVER_EXTRACT_FIXTURE_H_
