#include "proto/shipped_collections.h"

#include <cstddef>

namespace quartermaster {

// Made by the build from the collections' files.
extern const unsigned char kShippedDescriptorSet[];
extern const size_t kShippedDescriptorSetSize;

const google::protobuf::FileDescriptorSet& ShippedCollections() {
  static const google::protobuf::FileDescriptorSet& set = *[] {
    auto* parsed = new google::protobuf::FileDescriptorSet;
    parsed->ParseFromArray(kShippedDescriptorSet, static_cast<int>(kShippedDescriptorSetSize));
    return parsed;
  }();
  return set;
}

const std::vector<std::string>& ShippedCollectionFiles() {
  static const std::vector<std::string>& files = *new std::vector<std::string>{
      "quartermaster/collections/mhlda/v1/mhlda.proto",
      "quartermaster/collections/mh_adult_annual/v1/mh_adult_annual.proto",
      "quartermaster/collections/cyp_annual/v1/cyp_annual.proto",
      "quartermaster/collections/mh_pharmacy/v1/mh_pharmacy.proto",
      "quartermaster/collections/mh_workforce/v1/mh_workforce.proto",
      "quartermaster/collections/nacel_spotlight/v1/nacel_spotlight.proto",
      "quartermaster/collections/community_mh_audit/v1/community_mh_audit.proto",
      "quartermaster/collections/mh_metrics/v1/mh_metrics.proto",
      "quartermaster/collections/international_mh/v1/international_mh.proto",
  };
  return files;
}

}  // namespace quartermaster
