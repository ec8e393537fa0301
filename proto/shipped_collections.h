// The collections that come with Quartermaster, embedded in its programs.
#ifndef QUARTERMASTER_PROTO_SHIPPED_COLLECTIONS_H_
#define QUARTERMASTER_PROTO_SHIPPED_COLLECTIONS_H_

#include <string>
#include <vector>

#include "google/protobuf/descriptor.pb.h"

namespace quartermaster {

struct ShippedCollection {
  // The id that its file gives it.
  std::string id;
  // The name of the file that carries the collection option.
  std::string file_name;
};

// In the order in which a new server publishes them.
const std::vector<ShippedCollection>& ShippedCollections();

// The file of one of them and all that it imports, each after its imports, with source code info.
google::protobuf::FileDescriptorSet DescriptorsOf(const ShippedCollection& collection);

}  // namespace quartermaster

#endif  // QUARTERMASTER_PROTO_SHIPPED_COLLECTIONS_H_
