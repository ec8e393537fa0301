// Which collections a request is about.
#ifndef QUARTERMASTER_SERVER_ASKED_COLLECTIONS_H_
#define QUARTERMASTER_SERVER_ASKED_COLLECTIONS_H_

#include <set>
#include <string>

#include "google/protobuf/message.h"

namespace quartermaster::server {

class LiveState;

// The ids of the collections that the request names in any field `collection`, whose schema it brings, or whose grant
// or standing exception it names by id; among them "" where a schema does not clearly say whose it is. None where it is
// about none, or about whichever there are.
std::set<std::string> AskedCollections(const google::protobuf::Message& request, const LiveState& state);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_ASKED_COLLECTIONS_H_
