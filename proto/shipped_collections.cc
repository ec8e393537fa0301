#include "proto/shipped_collections.h"

#include <cstddef>
#include <set>

namespace quartermaster {

// Made by the build from the collections' files.
extern const unsigned char kShippedDescriptorSet[];
extern const size_t kShippedDescriptorSetSize;

namespace {

// All files of all collections, each after its imports.
const google::protobuf::FileDescriptorSet& AllDescriptors() {
  static const google::protobuf::FileDescriptorSet& set = *[] {
    auto* parsed = new google::protobuf::FileDescriptorSet;
    parsed->ParseFromArray(kShippedDescriptorSet, static_cast<int>(kShippedDescriptorSetSize));
    return parsed;
  }();
  return set;
}

}  // namespace

const std::vector<ShippedCollection>& ShippedCollections() {
  static const std::vector<ShippedCollection>& collections = *new std::vector<ShippedCollection>{
      {"mhlda", "quartermaster/collections/mhlda/v1/mhlda.proto"},
      {"mh-adult-annual", "quartermaster/collections/mh_adult_annual/v1/mh_adult_annual.proto"},
      {"cyp-annual", "quartermaster/collections/cyp_annual/v1/cyp_annual.proto"},
      {"mh-pharmacy", "quartermaster/collections/mh_pharmacy/v1/mh_pharmacy.proto"},
      {"mh-workforce", "quartermaster/collections/mh_workforce/v1/mh_workforce.proto"},
      {"nacel-spotlight", "quartermaster/collections/nacel_spotlight/v1/nacel_spotlight.proto"},
      {"community-mh-audit", "quartermaster/collections/community_mh_audit/v1/community_mh_audit.proto"},
      {"mh-metrics", "quartermaster/collections/mh_metrics/v1/mh_metrics.proto"},
      {"international-mh", "quartermaster/collections/international_mh/v1/international_mh.proto"},
  };
  return collections;
}

google::protobuf::FileDescriptorSet DescriptorsOf(const ShippedCollection& collection) {
  const google::protobuf::FileDescriptorSet& all = AllDescriptors();
  std::set<std::string> wanted = {collection.file_name};
  // Importers stand behind what they import, so one way back finds all.
  for (int i = all.file_size() - 1; i >= 0; --i) {
    if (wanted.count(all.file(i).name()) == 0) continue;
    wanted.insert(all.file(i).dependency().begin(), all.file(i).dependency().end());
  }
  google::protobuf::FileDescriptorSet set;
  for (const auto& file : all.file()) {
    if (wanted.count(file.name()) > 0) *set.add_file() = file;
  }
  return set;
}

}  // namespace quartermaster
