// The options of a benchmark's program. CLI11 is compiled with this alone, for each file that includes it takes ten
// seconds more.
#ifndef QUARTERMASTER_TESTS_BENCH_COMMAND_LINE_H_
#define QUARTERMASTER_TESTS_BENCH_COMMAND_LINE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/types/optional.h"

namespace CLI {
class App;
}

namespace quartermaster::bench {

class CommandLine {
 public:
  CommandLine(const std::string& program, const std::string& description);
  ~CommandLine();

  // An option: `name` is "--name", or "NAME" for one that is given by its place. A bool is a flag. `value` outlives
  // this, and keeps what it has where the option is not given.
  template <typename Value>
  void Add(const std::string& name, Value* value, const std::string& help);
  // Of options that were added.
  void Require(const std::string& name);
  void Restrict(const std::string& name, const std::vector<std::string>& values);

  // Reads them. What the program is to end with at once, after --help or a mistake; either is printed.
  absl::optional<int> Parse(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TESTS_BENCH_COMMAND_LINE_H_
