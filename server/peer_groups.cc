#include "server/peer_groups.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/errors.h"
#include "validation/suggest.h"
#include "validation/utf8.h"

namespace quartermaster::server {
namespace {

bool IsAttribute(v1::PeerAttribute attribute) {
  return v1::PeerAttribute_IsValid(attribute) && attribute != v1::PEER_ATTRIBUTE_UNSPECIFIED;
}

}  // namespace

const std::string& AttributeOf(const v1::Participant& participant, v1::PeerAttribute attribute) {
  switch (attribute) {
    case v1::PEER_ATTRIBUTE_NATION:
      return participant.nation();
    case v1::PEER_ATTRIBUTE_REGION:
      return participant.region();
    case v1::PEER_ATTRIBUTE_INTEGRATED_CARE_BOARD:
      return participant.integrated_care_board();
    case v1::PEER_ATTRIBUTE_ORGANISATION_TYPE:
      return participant.organisation_type();
    default: {
      static const auto& none = *new std::string();
      return none;
    }
  }
}

absl::Status CheckFilters(const Participants& participants, const PeerFilters& filters, absl::string_view field) {
  for (int i = 0; i < filters.size(); ++i) {
    const v1::PeerFilter& filter = filters[i];
    const std::string place = absl::StrCat(field, "[", i, "]");
    if (!IsAttribute(filter.attribute())) {
      return InvalidField(place, "name one of nation, region, integrated_care_board and organisation_type.");
    }
    std::vector<absl::string_view> known;
    bool anybody = false;
    for (const auto& [code, participant] : participants.all()) {
      const std::string& value = AttributeOf(participant, filter.attribute());
      known.push_back(value);
      anybody |= !value.empty() && absl::EqualsIgnoreCase(value, filter.value());
    }
    if (anybody) continue;
    return InvalidField(
        place, absl::StrCat("no participant has the value \"", ShortText(filter.value()), "\". ",
                            DidYouMean(NearestName(filter.value(), known), "`qm participant list` shows them.")));
  }
  return absl::OkStatus();
}

std::vector<v1::PeerAttribute> AttributesOf(const google::protobuf::RepeatedField<int>& attributes) {
  std::vector<v1::PeerAttribute> read;
  for (const int attribute : attributes) read.push_back(static_cast<v1::PeerAttribute>(attribute));
  return read;
}

absl::Status CheckAttributes(absl::Span<const v1::PeerAttribute> attributes, absl::string_view field) {
  std::set<v1::PeerAttribute> known;
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (IsAttribute(attributes[i]) && known.insert(attributes[i]).second) continue;
    return InvalidField(absl::StrCat(field, "[", i, "]"),
                        "name each of nation, region, integrated_care_board and organisation_type once at most.");
  }
  return absl::OkStatus();
}

bool IsAmong(const v1::Participant& participant, const PeerFilters& filters) {
  return std::all_of(filters.begin(), filters.end(), [&](const v1::PeerFilter& wanted) {
    return std::any_of(filters.begin(), filters.end(), [&](const v1::PeerFilter& filter) {
      return filter.attribute() == wanted.attribute() &&
             absl::EqualsIgnoreCase(AttributeOf(participant, filter.attribute()), filter.value());
    });
  });
}

PeerGroups::PeerGroups(const Participants& participants, const PeerFilters& filters,
                       absl::Span<const v1::PeerAttribute> attributes) {
  using Values = std::vector<std::string>;
  std::map<Values, std::vector<const v1::Participant*>> members;  // by values in lower case
  for (const auto& [code, participant] : participants.all()) {
    if (!IsAmong(participant, filters)) continue;
    Values values;
    for (const v1::PeerAttribute attribute : attributes) {
      values.push_back(absl::AsciiStrToLower(AttributeOf(participant, attribute)));
    }
    members[values].push_back(&participant);
  }
  if (members.empty() && attributes.empty()) members[{}];  // A group of nobody has figures too: n = 0.
  for (const auto& [values, group] : members) {
    PeerFilters& common = groups_.emplace_back();
    for (const v1::PeerFilter& filter : filters) {
      // What the groups are made by stands there once: two values of one attribute would mean either.
      const bool makes_groups = std::find(attributes.begin(), attributes.end(), filter.attribute()) != attributes.end();
      if (!makes_groups) *common.Add() = filter;
    }
    for (const v1::PeerAttribute attribute : attributes) {
      v1::PeerFilter& filter = *common.Add();
      filter.set_attribute(attribute);
      filter.set_value(AttributeOf(*group.front(), attribute));
    }
    for (const v1::Participant* member : group) group_of_[member->code()] = static_cast<int>(groups_.size()) - 1;
  }
}

int PeerGroups::GroupOf(const std::string& participant) const {
  const auto found = group_of_.find(participant);
  return found == group_of_.end() ? -1 : found->second;
}

}  // namespace quartermaster::server
