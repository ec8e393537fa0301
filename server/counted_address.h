// What counts as one address where connections and calls are counted: of IPv6 the network of 64 bits, all of which one
// machine may use.
#ifndef QUARTERMASTER_SERVER_COUNTED_ADDRESS_H_
#define QUARTERMASTER_SERVER_COUNTED_ADDRESS_H_

#include <sys/socket.h>

#include <string>

#include "absl/strings/string_view.h"

namespace quartermaster::server {

// Four bytes for IPv4, be it mapped into IPv6, eight for IPv6. Not for people. Requires one of the two families.
std::string CountedAddress(const sockaddr_storage& peer);

// The same of gRPC's name of the other end, such as "ipv4:192.0.2.1:53412" or "ipv6:%5B2001:db8::1%5D:53412", of which
// the port does not count. A name that has no address counts as it is.
std::string CountedAddress(absl::string_view peer);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_COUNTED_ADDRESS_H_
