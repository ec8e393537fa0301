// Request ids: what makes it safe to send a request again.
#ifndef QUARTERMASTER_CLIENT_REQUEST_ID_H_
#define QUARTERMASTER_CLIENT_REQUEST_ID_H_

#include <string>

#include "client/return_file.h"

namespace quartermaster::client {

// A new random UUID (version 4). It is random rather than made from the content, because the same content sent again
// after a withdrawal must become a new revision.
std::string NewRequestId();

// The UUID (version 8) that a return has in a run of this name: the same whenever a run is repeated under it.
std::string RequestIdOfRun(const std::string& run, const FileReturn& file_return);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_REQUEST_ID_H_
