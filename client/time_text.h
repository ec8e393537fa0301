// Times as people read them.
#ifndef QUARTERMASTER_CLIENT_TIME_TEXT_H_
#define QUARTERMASTER_CLIENT_TIME_TEXT_H_

#include <string>

#include "google/protobuf/timestamp.pb.h"

namespace quartermaster::client {

// "2025-04-01 12:00:00 UTC"; empty for the time that is not set.
std::string FormatTime(const google::protobuf::Timestamp& time);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_TIME_TEXT_H_
