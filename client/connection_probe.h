// Why no connection came about. gRPC says "failed to connect to all addresses" for a server that is not there, one that
// speaks no TLS, and one that nobody should trust; so after it has failed, this tries once more by itself and looks.
#ifndef QUARTERMASTER_CLIENT_CONNECTION_PROBE_H_
#define QUARTERMASTER_CLIENT_CONNECTION_PROBE_H_

#include <string>

#include "client/transport_security.h"

namespace quartermaster::client {

struct ProbeResult {
  enum class Kind {
    kNothing,     // The server is not there, or nothing is wrong with its TLS.
    kUntrusted,   // Who answers is not proven to be the server, or speaks TLS where this does not or the other way
                  // round.
    kNotAdmitted  // The server wants another certificate of this client than it has shown, or any at all.
  };
  Kind kind = Kind::kNothing;
  // What is wrong and what to do, in sentences. Empty for kNothing.
  std::string explanation;
};

// Connects to HOST:PORT, shakes hands as `security` says, sends nothing of a call, and hangs up. It takes at most a few
// seconds, beside the time in which the system finds the host's address. Whatever the server sends is only looked at.
ProbeResult ProbeConnection(const std::string& address, const TransportSecurity& security);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_CONNECTION_PROBE_H_
