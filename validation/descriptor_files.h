// Builds the files of a descriptor set that somebody sent. Internal to validation/schema.
#ifndef QUARTERMASTER_VALIDATION_DESCRIPTOR_FILES_H_
#define QUARTERMASTER_VALIDATION_DESCRIPTOR_FILES_H_

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "validation/schema.h"

namespace quartermaster {

// Builds `file_name` and all that it imports into `pool`, each after what it imports. The annotations and Google's own
// files come from this program, whatever the set holds under their names. Null, with problems, where that is not
// possible or a file is too large.
const google::protobuf::FileDescriptor* BuildFiles(const google::protobuf::FileDescriptorSet& set,
                                                   const std::string& file_name, google::protobuf::DescriptorPool* pool,
                                                   std::vector<SchemaProblem>* problems);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_DESCRIPTOR_FILES_H_
