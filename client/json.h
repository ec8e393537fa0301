// Replies as protobuf JSON: lowerCamelCase names, empty lists and false written out, unset optional numbers left out.
#ifndef QUARTERMASTER_CLIENT_JSON_H_
#define QUARTERMASTER_CLIENT_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/message.h"

namespace quartermaster::client {

// One line. `types`, if given, describes the messages packed in an Any.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message,
                                   const google::protobuf::FileDescriptorSet* types = nullptr);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_JSON_H_
