#include "tests/bench/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <type_traits>

namespace quartermaster::bench {

CommandLine::CommandLine(const std::string& program, const std::string& description)
    : app_(std::make_unique<CLI::App>(description, program)) {}

CommandLine::~CommandLine() = default;

template <typename Value>
void CommandLine::Add(const std::string& name, Value* value, const std::string& help) {
  if constexpr (std::is_same_v<Value, bool>) {
    app_->add_flag(name, *value, help);
  } else {
    app_->add_option(name, *value, help)->capture_default_str();
  }
}

// What the programs have.
template void CommandLine::Add(const std::string& name, bool* value, const std::string& help);
template void CommandLine::Add(const std::string& name, double* value, const std::string& help);
template void CommandLine::Add(const std::string& name, int* value, const std::string& help);
template void CommandLine::Add(const std::string& name, int64_t* value, const std::string& help);
template void CommandLine::Add(const std::string& name, uint32_t* value, const std::string& help);
template void CommandLine::Add(const std::string& name, uint64_t* value, const std::string& help);
template void CommandLine::Add(const std::string& name, std::string* value, const std::string& help);

void CommandLine::Require(const std::string& name) { app_->get_option(name)->required(); }

void CommandLine::Restrict(const std::string& name, const std::vector<std::string>& values) {
  app_->get_option(name)->check(CLI::IsMember(values));
}

absl::optional<int> CommandLine::Parse(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
    return absl::nullopt;
  } catch (const CLI::ParseError& error) {
    return app_->exit(error);
  }
}

}  // namespace quartermaster::bench
