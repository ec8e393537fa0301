// Peer groups as people type and read them: nation=Wales.
#ifndef QUARTERMASTER_CLIENT_PEER_OPTIONS_H_
#define QUARTERMASTER_CLIENT_PEER_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "quartermaster/v1/statistics.pb.h"

namespace quartermaster::client {

inline constexpr char kPeersHelp[] =
    "Only participants with this: nation=Wales, region=, integrated-care-board=, organisation-type=; may be repeated: "
    "of one attribute either, of several all";
inline constexpr char kGroupByHelp[] =
    "Also a row for each nation, region, integrated-care-board or organisation-type; may be repeated, for each "
    "that two have together";

// Adds what was typed behind --peers. INVALID_ARGUMENT, saying what to write.
absl::Status ReadPeers(const std::vector<std::string>& typed,
                       google::protobuf::RepeatedPtrField<v1::PeerFilter>* peers);
// The same behind --group-by.
absl::Status ReadGroupBy(const std::vector<std::string>& typed, google::protobuf::RepeatedField<int>* group_by);

// "nation=Wales, region=none"; empty for the whole country.
std::string PeersText(const google::protobuf::RepeatedPtrField<v1::PeerFilter>& peers);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_PEER_OPTIONS_H_
