#include "client/peer_options.h"

#include "absl/strings/str_cat.h"
#include "client/enum_name.h"

namespace quartermaster::client {

absl::Status ReadPeers(const std::vector<std::string>& typed,
                       google::protobuf::RepeatedPtrField<v1::PeerFilter>* peers) {
  for (const std::string& each : typed) {
    const size_t equals = each.find('=');
    if (equals == std::string::npos || equals + 1 == each.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--peers ", each, ": write what participants have in common as nation=Wales."));
    }
    const absl::StatusOr<v1::PeerAttribute> attribute = ParseEnum<v1::PeerAttribute>(each.substr(0, equals), "--peers");
    if (!attribute.ok()) return attribute.status();
    v1::PeerFilter& filter = *peers->Add();
    filter.set_attribute(*attribute);
    filter.set_value(each.substr(equals + 1));
  }
  return absl::OkStatus();
}

absl::Status ReadGroupBy(const std::vector<std::string>& typed, google::protobuf::RepeatedField<int>* group_by) {
  for (const std::string& each : typed) {
    const absl::StatusOr<v1::PeerAttribute> attribute = ParseEnum<v1::PeerAttribute>(each, "--group-by");
    if (!attribute.ok()) return attribute.status();
    group_by->Add(*attribute);
  }
  return absl::OkStatus();
}

std::string PeersText(const google::protobuf::RepeatedPtrField<v1::PeerFilter>& peers) {
  std::string text;
  for (const v1::PeerFilter& filter : peers) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", TypedEnumName(filter.attribute()), "=",
                    filter.value().empty() ? "none" : filter.value());
  }
  return text;
}

}  // namespace quartermaster::client
