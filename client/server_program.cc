#include "client/server_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

extern char** environ;

namespace quartermaster::client {
namespace {

constexpr char kProgram[] = "qm-server";

// A path, or the bare name, which posix_spawnp looks up.
std::string FindProgram() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    const std::filesystem::path beside = self.parent_path() / kProgram;
    if (std::filesystem::exists(beside, error)) return beside.string();
  }
  return kProgram;
}

// Up to the end, or to one byte more than may be.
std::string ReadAll(int descriptor) {
  std::string text;
  char buffer[4096];
  while (text.size() <= kMaxServerProgramOutputBytes) {
    const ssize_t got = read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer, static_cast<size_t>(got));
  }
  return text;
}

absl::StatusOr<int> WaitFor(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) return absl::InternalError(absl::StrCat("waiting for qm-server: ", std::strerror(errno)));
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return absl::InternalError(absl::StrCat("qm-server was ended by signal ", WTERMSIG(status)));
}

}  // namespace

absl::StatusOr<ServerProgramResult> RunServerProgram(const std::vector<std::string>& arguments) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
    return absl::InternalError(absl::StrCat("cannot make a pipe: ", std::strerror(errno)));
  }
  const std::string program = FindProgram();
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  pid_t process = 0;
  const int spawned = posix_spawnp(&process, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  ServerProgramResult result;
  if (spawned == 0) result.output = ReadAll(pipe_ends[0]);
  close(pipe_ends[0]);
  if (spawned != 0) {
    return absl::NotFoundError(absl::StrCat("cannot run qm-server (", std::strerror(spawned),
                                            "), which does this: put it beside qm or into PATH."));
  }
  const absl::StatusOr<int> exit_code = WaitFor(process);
  if (!exit_code.ok()) return exit_code.status();
  if (result.output.size() > kMaxServerProgramOutputBytes) {
    return absl::InternalError("qm-server prints more than it should; is it of another version?");
  }
  result.exit_code = *exit_code;
  return result;
}

}  // namespace quartermaster::client
