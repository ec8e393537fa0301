// Who is expected to return a service for a period.
#ifndef QUARTERMASTER_SERVER_EXPECTED_H_
#define QUARTERMASTER_SERVER_EXPECTED_H_

#include <string>
#include <vector>

#include "server/live_state.h"
#include "validation/period.h"
#include "validation/schema.h"

namespace quartermaster::server {

// The codes, ordered: of those who are enrolled for the whole period, or began in it while those whom they are made of
// were enrolled before; or, if nobody is enrolled in the service, of those with a return in the twelve months before
// the period or in it. Whoever has a successor that began by the end of the period is not expected any more; its
// successor is, in its place.
std::vector<std::string> ExpectedParticipants(const LiveState& state, const LiveCollection& collection,
                                              const ServiceSchema& service, const Period& period);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_EXPECTED_H_
