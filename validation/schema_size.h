// How large the files of a collection may be, checked before anything is made of them. Internal to validation/schema.
#ifndef QUARTERMASTER_VALIDATION_SCHEMA_SIZE_H_
#define QUARTERMASTER_VALIDATION_SCHEMA_SIZE_H_

#include <vector>

#include "google/protobuf/descriptor.pb.h"
#include "validation/schema.h"

namespace quartermaster {

// What is larger than any collection needs. To build files takes time with the square of some of their parts: of ranges
// of numbers in protobuf itself, of choices here.
std::vector<SchemaProblem> SizeProblems(const google::protobuf::FileDescriptorSet& set);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_SCHEMA_SIZE_H_
