// The command line: which commands there are, what each takes, and their help. CLI11 does the work behind it.
#ifndef QUARTERMASTER_CLIENT_COMMAND_LINE_H_
#define QUARTERMASTER_CLIENT_COMMAND_LINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "client/exit_code.h"
#include "client/transport_security.h"

// CLI11's header costs every file that includes it seconds to compile.
namespace CLI {
class App;
}

namespace quartermaster::client {

enum class OutputFormat { kTable, kJson, kCsv };

// What every command is given.
struct GlobalOptions {
  std::string server = "127.0.0.1:7443";
  std::string token_file;
  OutputFormat output = OutputFormat::kTable;
  int timeout_seconds = 60;
  TransportOptions transport;
};

// What one command takes. The variables must outlive the run; each keeps its value where the option is not given.
class CommandOptions {
 public:
  explicit CommandOptions(CLI::App* app) : app_(app) {}

  CommandOptions& Text(const std::string& name, const std::string& value_name, std::string* value,
                       const std::string& help);
  CommandOptions& RequiredText(const std::string& name, const std::string& value_name, std::string* value,
                               const std::string& help);
  // May be given several times.
  CommandOptions& Texts(const std::string& name, const std::string& value_name, std::vector<std::string>* values,
                        const std::string& help);
  CommandOptions& Number(const std::string& name, const std::string& value_name, absl::optional<uint32_t>* value,
                         const std::string& help);
  // An id that the server has given.
  CommandOptions& RequiredId(const std::string& name, uint64_t* id, const std::string& help);
  // The same without a name.
  CommandOptions& IdArgument(uint64_t* id, const std::string& help);
  CommandOptions& Flag(const std::string& name, bool* value, const std::string& help);
  // What stands on the line without a name: one, none or one, or one and more.
  CommandOptions& Argument(const std::string& value_name, std::string* value, const std::string& help);
  CommandOptions& OptionalArgument(const std::string& value_name, std::string* value, const std::string& help);
  CommandOptions& Arguments(const std::string& value_name, std::vector<std::string>* values, const std::string& help);

 private:
  CLI::App* const app_;
};

// Where a command prints: replies to `out`, what went wrong to `error`, each a line that starts with "qm: ".
struct Console {
  std::ostream& out;
  std::ostream& error;
};

// What a command does. A status that is not OK is printed and gives the exit code of its table.
using RunCommand = std::function<absl::StatusOr<ExitCode>(const GlobalOptions& globals, const Console& console)>;

// One line on standard error: "qm: what is wrong. What to do."
void PrintError(const std::string& message, const Console& console);

class CommandLine {
 public:
  CommandLine();
  ~CommandLine();

  // A word that several commands share: "returns", or "admin token" in a group that exists.
  void AddGroup(const std::string& path, const std::string& purpose);
  // `path` is "national", or "returns list" in a group that exists. `purpose` is one sentence; `details` says what it
  // prints and gives an example.
  CommandOptions AddCommand(const std::string& path, const std::string& purpose, const std::string& details,
                            RunCommand run);

  // Reads the arguments, checks all of them, and runs the command.
  ExitCode Run(int argc, const char* const* argv, const Console& console);

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_COMMAND_LINE_H_
