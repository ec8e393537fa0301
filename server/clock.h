// What time it is, so that tests can say it.
#ifndef QUARTERMASTER_SERVER_CLOCK_H_
#define QUARTERMASTER_SERVER_CLOCK_H_

#include <functional>

#include "absl/time/time.h"

namespace quartermaster::server {

// Thread-safe.
using Clock = std::function<absl::Time()>;

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_CLOCK_H_
