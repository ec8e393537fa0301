// The collections that come with Quartermaster, embedded in its programs.
#ifndef QUARTERMASTER_PROTO_SHIPPED_COLLECTIONS_H_
#define QUARTERMASTER_PROTO_SHIPPED_COLLECTIONS_H_

#include <string>
#include <vector>

#include "google/protobuf/descriptor.pb.h"

namespace quartermaster {

// The files of all shipped collections and what they import, with source code info.
const google::protobuf::FileDescriptorSet& ShippedCollections();

// The names within that set of the files that carry the collection option.
const std::vector<std::string>& ShippedCollectionFiles();

}  // namespace quartermaster

#endif  // QUARTERMASTER_PROTO_SHIPPED_COLLECTIONS_H_
