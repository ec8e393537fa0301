#include "tests/server/national/fixture.h"

#include "gtest/gtest.h"
#include "tests/testing/compile_collection.h"

namespace quartermaster::national {
namespace {

constexpr char kCollection[] = R"file(
syntax = "proto3";
package collections.test.v1;
import "quartermaster/schema/v1/annotations.proto";
option (quartermaster.schema.v1.collection) = {
  id: "test" title: "Test" cadence: [CADENCE_MONTH, CADENCE_QUARTER, CADENCE_YEAR] first_period: "2020-04"
};
enum Team {
  TEAM_UNSPECIFIED = 0;
  TEAM_CRISIS = 1;
  TEAM_GENERAL = 2;
}
message Ethnicity {
  optional int32 white = 1 [(quartermaster.schema.v1.field) = { label: "White" rollup: ROLLUP_SUM }];
  optional int32 other = 2 [(quartermaster.schema.v1.field) = { label: "Other" rollup: ROLLUP_SUM }];
}
message Ward {
  option (quartermaster.schema.v1.service) = { id: "ward" title: "Ward" };
  option (quartermaster.schema.v1.indicator) = {
    id: "occupancy" title: "Bed occupancy" unit: "%" decimals: 1
    numerator: "occupied" denominator: "available" factor: 100
  };
  option (quartermaster.schema.v1.indicator) = {
    id: "occupied-per-population" title: "Occupied bed days per 100,000" decimals: 2
    numerator: "occupied" denominator: "population(\"18-64\")" factor : 100000
};
option(quartermaster.schema.v1.indicator) = {id : "staff" title : "Staff in post" unit : "WTE" value : "staff"};
option(quartermaster.schema.v1.indicator) = {id : "waiting" title : "Waiting" value : "waiting"};
option(quartermaster.schema.v1.indicator) = {id : "cost" title : "Cost" unit : "GBP" value : "cost"};
option(quartermaster.schema.v1.indicator) = {id : "accredited" title : "Accredited" share_of_yes : "accredited"};
option(quartermaster.schema.v1.indicator) = {id : "team" title : "Team" distribution : "team"};
option(quartermaster.schema.v1.indicator) = {id : "ethnicity" title : "Ethnicity" distribution : "ethnicity"};
optional double occupied = 1 [(quartermaster.schema.v1.field) = {label : "Occupied" decimals : 4 rollup : ROLLUP_SUM}];
optional double available =
    2 [(quartermaster.schema.v1.field) = {label : "Available" decimals : 4 rollup : ROLLUP_SUM}];
optional double staff = 3 [(quartermaster.schema.v1.field) = {label : "Staff" decimals : 2 rollup : ROLLUP_MEAN}];
optional int32 waiting = 4 [(quartermaster.schema.v1.field) = {label : "Waiting" rollup : ROLLUP_LAST}];
optional double cost = 5 [(quartermaster.schema.v1.field) = {label : "Cost" decimals : 2 rollup : ROLLUP_SUM}];
optional bool accredited = 6 [(quartermaster.schema.v1.field) = {label : "Accredited" rollup : ROLLUP_LAST}];
optional Team team = 7 [(quartermaster.schema.v1.field) = {label : "Team" rollup : ROLLUP_LAST}];
Ethnicity ethnicity = 8;
optional string note = 9 [(quartermaster.schema.v1.field) = {label : "Note"}];
}
message Clinic {
  option(quartermaster.schema.v1.service) = {id : "clinic" title : "Clinic"};
  option(quartermaster.schema.v1.indicator) = {
    id : "contacts-per-session" title : "Contacts per session" numerator : "contacts" denominator : "sessions - closed"
  };
  option(quartermaster.schema.v1.indicator) = {id : "rooms" title : "Rooms" value : "rooms"};
  optional int32 contacts = 1 [(quartermaster.schema.v1.field) = {label : "Contacts" rollup : ROLLUP_SUM}];
  optional int32 sessions = 2 [(quartermaster.schema.v1.field) = {label : "Sessions" rollup : ROLLUP_SUM}];
  optional int32 closed = 3 [(quartermaster.schema.v1.field) = {label : "Closed" rollup : ROLLUP_SUM}];
  optional int32 rooms = 4 [(quartermaster.schema.v1.field) = {label : "Rooms"}];
}
)file";

template <typename Message>
const Message& Find(const std::vector<Message>& rows, const std::string& indicator, const std::string& category) {
  for (const Message& row : rows) {
    if (row.indicator() == indicator && row.category() == category) return row;
  }
  ADD_FAILURE() << "no row " << indicator << " " << category;
  return Message::default_instance();
}

}  // namespace

std::shared_ptr<const CollectionSchema> TestCollection() {
  static const auto* const kSchema =
      new std::shared_ptr<const CollectionSchema>(testing::CollectionFromText(kCollection));
  return *kSchema;
}

Period At(const std::string& text) { return Period::Parse(text).value(); }

ReturnValues Return(const ServiceSchema& service, const std::map<std::string, double>& values) {
  ReturnValues result;
  result.mutable_fields().resize(service.fields().size());
  for (const auto& [path, value] : values) {
    const FieldSchema* field = service.FindField(path);
    if (field == nullptr) {
      ADD_FAILURE() << "no field " << path;
      continue;
    }
    FieldValue& target = result.mutable_fields()[static_cast<size_t>(field->index)];
    target.presence = Presence::kPresent;
    target.number = ReadDecimal(value, Decimal::kPlaces).value;
  }
  return result;
}

const v1::NationalStatistics& Row(const std::vector<v1::NationalStatistics>& statistics, const std::string& indicator,
                                  const std::string& category) {
  return Find(statistics, indicator, category);
}

const v1::IndicatorPosition& Row(const std::vector<v1::IndicatorPosition>& positions, const std::string& indicator,
                                 const std::string& category) {
  return Find(positions, indicator, category);
}

std::vector<v1::IndicatorPosition> PositionsOf(const NationalState& state,
                                               absl::Span<const ServiceSchema* const> services,
                                               const std::string& participant, const Period& period) {
  NationalState::Positions positions;
  state.AddPosition(services, participant, period, /*options=*/{}, &positions);
  return {positions.begin(), positions.end()};
}

std::vector<v1::IndicatorPosition> Foretold(const NationalState& state, const ServiceSchema& service,
                                            const std::string& participant, const Period& period,
                                            const ReturnValues& values) {
  NationalState::Positions positions;
  state.Foretell(service, participant, period, values, &positions);
  return {positions.begin(), positions.end()};
}

PopulationSource Register::Source() const {
  return [this](const std::string& participant, const PopulationKey&, const Period&) -> absl::optional<Decimal> {
    const auto found = populations.find(participant);
    if (found == populations.end()) return absl::nullopt;
    return Decimal::FromInteger(found->second);
  };
}

}  // namespace quartermaster::national
