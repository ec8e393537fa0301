// What several commands need: the server that the global options name, checks of what was typed, and printing of
// replies.
#ifndef QUARTERMASTER_CLIENT_COMMANDS_SUPPORT_H_
#define QUARTERMASTER_CLIENT_COMMANDS_SUPPORT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/command_line.h"
#include "client/server.h"
#include "client/table.h"
#include "google/protobuf/message.h"

namespace quartermaster::client {

// Checks the address and reads the token and the certificates; nothing is sent yet. INVALID_ARGUMENT where one is
// wrong, or where the token would leave this machine in clear.
absl::StatusOr<std::unique_ptr<Server>> OpenServer(const GlobalOptions& globals);

// INVALID_ARGUMENT, naming the option, where it was given and is no code of a participant.
absl::Status CheckParticipant(const std::string& participant);

// What commands about a collection begin with: checks of the participant and the period, where they were given, then
// the server. An empty `collection` becomes the only one that the server has; INVALID_ARGUMENT where it has several.
absl::StatusOr<std::unique_ptr<Server>> OpenCollection(const GlobalOptions& globals, const std::string& participant,
                                                       const std::string& period, std::string* collection);

// Prints the reply as JSON, or the table that stands for it.
absl::StatusOr<ExitCode> PrintReply(const google::protobuf::Message& reply, const Table& table, OutputFormat format,
                                    const Console& console);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_COMMANDS_SUPPORT_H_
