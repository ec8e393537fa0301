// What a version of a collection takes or leaves away without being wrong: its steward should know it before the first
// return comes. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_PUBLICATION_NOTICES_H_
#define QUARTERMASTER_SERVER_PUBLICATION_NOTICES_H_

#include <string>
#include <vector>

#include "validation/participants.h"
#include "validation/schema.h"

namespace quartermaster::server {

// A sentence or two each, in the order of the schema:
// - an indicator that the current version has and this one has not; `current` is null where there is no version yet;
// - an age band that expressions ask for and no registered population has.
std::vector<std::string> PublicationNotices(const CollectionSchema* current, const CollectionSchema& next,
                                            const Participants& participants);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_PUBLICATION_NOTICES_H_
