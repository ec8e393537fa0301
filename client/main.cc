// qm: sends returns to Quartermaster and reads the national figures.
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "client/command_line.h"
#include "client/commands/commands.h"

namespace {

// Whether whoever read what qm prints, a pager or `head`, has seen enough and left.
bool ReaderHasLeft() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  return poll(&out, 1, /*timeout=*/0) == 1 && (out.revents & POLLERR) != 0;
}

}  // namespace

int main(int argc, char** argv) {
  namespace client = quartermaster::client;
  // A reader that has seen enough (`qm national | head`) ends the writing, not the program in the middle of a
  // submission.
  std::signal(SIGPIPE, SIG_IGN);
  // gRPC's own lines about sockets and handshakes are for its developers; qm says what is wrong in words of its own.
  setenv("GRPC_VERBOSITY", "NONE", /*replace=*/0);
  std::ios::sync_with_stdio(false);
  client::CommandLine command_line;
  client::AddSubmissionCommands(&command_line);
  client::AddTemplateCommand(&command_line);
  client::AddReturnsCommands(&command_line);
  client::AddQueryCommands(&command_line);
  client::AddReceiptCommands(&command_line);
  client::AddBundleCommand(&command_line);
  client::AddNationalCommands(&command_line);
  client::AddTrendCommand(&command_line);
  client::AddExtractCommand(&command_line);
  client::AddCollectionCommands(&command_line);
  client::AddParticipantCommands(&command_line);
  client::AddExceptionCommands(&command_line);
  client::AddWindowCommands(&command_line);
  client::AddReleaseCommands(&command_line);
  client::AddAdminCommands(&command_line);
  client::AddStoreCommands(&command_line);
  client::AddAuditCommands(&command_line);
  client::AddProgressCommands(&command_line);
  const client::ExitCode code = command_line.Run(argc, argv, client::Console{std::cout, std::cerr});
  std::cout.flush();
  if (!std::cout && code == client::ExitCode::kOk) {
    if (!ReaderHasLeft()) std::cerr << "qm: the reply could not be written in full.\n";
    return static_cast<int>(client::ExitCode::kFailure);
  }
  return static_cast<int>(code);
}
