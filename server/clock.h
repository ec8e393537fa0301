// What time it is, so that tests can say it.
#ifndef QUARTERMASTER_SERVER_CLOCK_H_
#define QUARTERMASTER_SERVER_CLOCK_H_

#include <functional>

#include "absl/time/time.h"
#include "google/protobuf/util/time_util.h"

namespace quartermaster::server {

// Thread-safe.
using Clock = std::function<absl::Time()>;

// As messages have it, to the microsecond.
inline google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_CLOCK_H_
