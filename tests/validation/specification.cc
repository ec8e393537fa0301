#include "tests/validation/specification.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace quartermaster::specification {
namespace {

Period At(const std::string& text) { return Period::Parse(text).value(); }

// The fields of a text proto as the message of the service.
std::string Encode(const ServiceSchema& service, const std::string& fields) {
  const auto message = service.NewMessage();
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(fields, message.get())) << fields;
  return message->SerializeAsString();
}

v1::ReturnContent ContentOf(const Row& row) {
  const ServiceSchema& service = *Collection().FindService(row.service);
  v1::ReturnContent content;
  content.set_collection(Collection().id());
  content.set_service(row.service);
  content.set_participant("RT1");
  content.set_period(row.period);
  content.mutable_data()->set_type_url(absl::StrCat("type.googleapis.com/", service.descriptor()->full_name()));
  content.mutable_data()->set_value(Encode(service, row.fields));
  for (const std::string& path : row.not_available) content.add_not_available()->set_field(path);
  for (const std::string& text : row.unreadable) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(" = ", 1));
    content.add_unreadable()->set_field(parts.first);
    content.mutable_unreadable()->rbegin()->set_given(parts.second);
  }
  if (row.twist) row.twist(&content);
  return content;
}

absl::optional<FieldRow> FindReturn(const Row& row, const ServiceSchema& service, const Period& period) {
  for (const Earlier& earlier : row.earlier) {
    if (At(earlier.period) != period) continue;
    absl::StatusOr<ReturnValues> values = ReturnValues::Read(service, Encode(service, earlier.fields), {});
    EXPECT_TRUE(values.ok()) << values.status();
    // As the server does, without texts: they would point into a message that is gone.
    FieldRow fields = values->fields();
    for (FieldValue& field : fields) field.text = {};
    return fields;
  }
  return absl::nullopt;
}

absl::optional<PeerBaseline> FindPeers(const Row& row, const IndicatorSchema& indicator, const Period& period) {
  for (const Peers& peers : row.peers) {
    if (peers.indicator != indicator.name()) continue;
    return PeerBaseline{ReadDecimal(peers.median, Decimal::kPlaces).value,
                        ReadDecimal(peers.deviation, Decimal::kPlaces).value, peers.others, period.Plus(-1)};
  }
  return absl::nullopt;
}

absl::optional<v1::ExceptionUse> FindException(const Row& row, absl::string_view rule_id, absl::string_view subject) {
  for (const std::string& exception : row.exceptions) {
    if (exception != absl::StrCat(rule_id, " ", subject)) continue;
    v1::ExceptionUse use;
    use.set_id(7);
    use.set_until("2026-12-31");
    use.set_reason("It is being rebuilt.");
    return use;
  }
  return absl::nullopt;
}

// What it gives calls back into `row`.
ReferenceData ReferenceOf(const Row& row) {
  ReferenceData reference;
  reference.is_participant = [](const std::string& code) { return code == "RT1" || code == "RT1-NORTH"; };
  reference.suggest_participant = [](const std::string& code) { return code == "RT2" ? "RT1" : ""; };
  reference.population = [&row](const std::string&, const PopulationKey&, const Period&) -> absl::optional<Decimal> {
    if (row.populations.empty()) return absl::nullopt;
    return ReadDecimal(row.populations[0], 0).value;
  };
  reference.current_return = [&row](const ServiceSchema& service, const std::string&, const Period& period) {
    return FindReturn(row, service, period);
  };
  reference.peers = [&row](const ServiceSchema&, const IndicatorSchema& indicator, const std::string&,
                           const Period& period) { return FindPeers(row, indicator, period); };
  reference.exception = [&row](const ServiceSchema&, const std::string&, absl::string_view rule_id,
                               absl::string_view subject) { return FindException(row, rule_id, subject); };
  reference.current_month = Period::Month(2026, 9);
  return reference;
}

// What holds for every finding, whatever its rule.
void ExpectWellMade(const v1::Finding& finding) {
  SCOPED_TRACE(finding.ShortDebugString());
  EXPECT_TRUE(absl::EndsWith(finding.message(), "."));
  EXPECT_TRUE(absl::EndsWith(finding.hint(), "."));
  EXPECT_EQ(finding.fingerprint().size(), finding.severity() == schema::v1::SEVERITY_QUERY ? 16u : 0u);
  const bool compares =
      finding.class_() == schema::v1::CLASS_HISTORICAL || finding.class_() == schema::v1::CLASS_EXCEPTIONAL;
  EXPECT_EQ(finding.has_baseline(), compares);
  EXPECT_EQ(!finding.indicator().empty(), finding.class_() == schema::v1::CLASS_EXCEPTIONAL);
  if (finding.has_exception()) {
    EXPECT_EQ(finding.severity(), schema::v1::SEVERITY_INFO);
    EXPECT_NE(finding.exception().severity(), schema::v1::SEVERITY_INFO);
    EXPECT_NE(finding.exception().severity(), schema::v1::SEVERITY_UNSPECIFIED);
    EXPECT_EQ(finding.exception().id(), 7u);
  }
}

std::vector<std::string> Lines(const std::vector<v1::Finding>& findings) {
  std::vector<std::string> lines;
  for (const v1::Finding& finding : findings) {
    ExpectWellMade(finding);
    lines.push_back(Line(finding));
  }
  return lines;
}

}  // namespace

std::string Line(const v1::Finding& finding) {
  const std::string& subject = finding.indicator().empty() ? finding.field() : finding.indicator();
  return absl::StrCat(schema::v1::Class_Name(finding.class_()).substr(sizeof("CLASS")), " ",
                      schema::v1::Severity_Name(finding.severity()).substr(sizeof("SEVERITY")), " ", finding.rule_id(),
                      subject.empty() ? "" : " ", subject, finding.has_exception() ? " (excepted)" : "");
}

Judgement JudgeRow(const Row& row) { return Judge(Collection(), ContentOf(row), ReferenceOf(row)); }

void ExpectRows(const Table& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.says);
    const Judgement judgement = JudgeRow(row);
    EXPECT_THAT(Lines(judgement.findings), ::testing::ElementsAreArray(row.findings));
    EXPECT_THAT(Lines(judgement.shadow_findings), ::testing::ElementsAreArray(row.shadow_findings));
    bool any_error = false;
    for (const std::string& line : row.findings) any_error = any_error || absl::StrContains(line, " ERROR ");
    EXPECT_EQ(judgement.accepted(), !any_error);
  }
}

std::vector<Earlier> Past(const std::string& period, const std::vector<std::string>& fields) {
  std::vector<Earlier> past;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].empty()) continue;
    past.push_back({At(period).Plus(-static_cast<int>(i) - 1).ToString(), fields[i]});
  }
  return past;
}

}  // namespace quartermaster::specification
