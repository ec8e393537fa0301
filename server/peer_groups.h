// Groups of participants that are compared with their like: by nation, region, board, type, and combinations.
#ifndef QUARTERMASTER_SERVER_PEER_GROUPS_H_
#define QUARTERMASTER_SERVER_PEER_GROUPS_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "quartermaster/v1/statistics.pb.h"
#include "validation/participants.h"

namespace quartermaster::server {

using PeerFilters = google::protobuf::RepeatedPtrField<v1::PeerFilter>;

// What the participant has for the attribute; empty if nothing.
const std::string& AttributeOf(const v1::Participant& participant, v1::PeerAttribute attribute);

// INVALID_ARGUMENT, at its place under `field`, for an attribute that there is not, and for a value that no participant
// has, with one that looks like it.
absl::Status CheckFilters(const Participants& participants, const PeerFilters& filters, absl::string_view field);
// As a request has them.
std::vector<v1::PeerAttribute> AttributesOf(const google::protobuf::RepeatedField<int>& attributes);
// INVALID_ARGUMENT for an attribute that there is not, or that comes twice.
absl::Status CheckAttributes(absl::Span<const v1::PeerAttribute> attributes, absl::string_view field);

// Whether a participant passes: some filter of each attribute that is filtered by, letter case aside.
bool IsAmong(const v1::Participant& participant, const PeerFilters& filters);

// The participants of `filters` in groups by the values of attributes, letter case aside. A value: built once, then
// read by any number of threads.
class PeerGroups {
 public:
  // Without attributes all are one group.
  PeerGroups(const Participants& participants, const PeerFilters& filters,
             absl::Span<const v1::PeerAttribute> attributes);

  size_t size() const { return groups_.size(); }
  // What a group has in common: the filters, and a value for each attribute, which is empty for participants that have
  // none. Groups are ordered by values.
  const PeerFilters& filters(size_t group) const { return groups_[group]; }
  // The group of a participant; -1 if it is in none.
  int GroupOf(const std::string& participant) const;

 private:
  std::vector<PeerFilters> groups_;
  std::map<std::string, int> group_of_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_PEER_GROUPS_H_
