// The hash that a receipt names its content by.
#ifndef QUARTERMASTER_SERVER_CONTENT_HASH_H_
#define QUARTERMASTER_SERVER_CONTENT_HASH_H_

#include <string>

#include "google/protobuf/repeated_field.h"
#include "quartermaster/v1/submission_service.pb.h"

namespace quartermaster::server {

// As Receipt.content_sha256 says: of the bytes of the service's message and of what is not available.
std::string ContentSha256(const std::string& data,
                          const google::protobuf::RepeatedPtrField<v1::NotAvailable>& not_available);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_CONTENT_HASH_H_
