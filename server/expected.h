// Who is expected to send returns.
#ifndef QUARTERMASTER_SERVER_EXPECTED_H_
#define QUARTERMASTER_SERVER_EXPECTED_H_

#include <string>
#include <vector>

#include "server/live_state.h"
#include "validation/period.h"
#include "validation/schema.h"

namespace quartermaster::server {

// The codes of those who are expected to return the service for the period, ordered: who is enrolled in it for all of
// the period, without those whose successor began by its end.
std::vector<std::string> ExpectedParticipants(const LiveState& state, const LiveCollection& collection,
                                              const ServiceSchema& service, const Period& period);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_EXPECTED_H_
