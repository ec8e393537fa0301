// The only file that knows CLI11.
#include "client/command_line.h"

#include <CLI/CLI.hpp>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/text.h"
#include "re2/re2.h"
#include "validation/suggest.h"
#include "validation/utf8.h"

namespace quartermaster::client {
namespace {

constexpr char kVersion[] = "qm " QM_VERSION;

constexpr char kFooter[] =
    "Exit codes: 0 all accepted, 1 other failure, 2 wrong command, 3 rejected by validation, 4 server\n"
    "unreachable, overloaded or timed out (safe to run again), 5 conflict or locked, 6 not permitted.\n\n"
    "CSV output has an apostrophe before text that a spreadsheet would run as a formula (= + - @).\n\n"
    "'qm COMMAND --help' says more about a command.";

void AddText(CLI::App* app, const std::string& name, const std::string& value_name, std::string* value,
             const std::string& help, bool required) {
  CLI::Option* option = app->add_option(name, *value, help)->type_name(value_name)->required(required);
  option->check([](const std::string& text) {
    return std::string(text.empty() ? "the value is empty" : IsUtf8(text) ? "" : "the value is not text in UTF-8");
  });
}

// A whole number in decimal digits. CLI11's own reading takes 010 for 8, and what is too large for the largest number.
template <typename Number>
CLI::Option* AddNumber(CLI::App* app, const std::string& name, const std::string& value_name,
                       const std::function<void(Number)>& take, const std::string& help) {
  const auto problem = [](const std::string& text) {
    Number number = 0;
    if (absl::SimpleAtoi(text, &number)) return std::string();
    return absl::StrCat("\"", text, "\" is no whole number from 0 to ", std::numeric_limits<Number>::max());
  };
  const auto read = [take](const std::string& text) {
    Number number = 0;
    if (absl::SimpleAtoi(text, &number)) take(number);
  };
  return app->add_option_function<std::string>(name, read, help)->type_name(value_name)->check(problem);
}

// The deepest command that the line names.
const CLI::App& NamedCommand(const CLI::App& app) {
  const CLI::App* named = &app;
  while (!named->get_subcommands().empty()) named = named->get_subcommands().front();
  return *named;
}

std::string CommandName(const CLI::App& command) {
  return command.get_parent() == nullptr ? command.get_name()
                                         : absl::StrCat(CommandName(*command.get_parent()), " ", command.get_name());
}

// What the server says of a field of the request, "embargoed_until: it is past.", as the option that fills it, where
// the command has one: "--embargo-until: it is past.". Of options that may be repeated the message quotes the value.
std::string NamingTheOption(const std::string& message, const CLI::App& command) {
  static const RE2& pattern = *new RE2("([a-z][a-z0-9_.]*)(?:\\[[0-9]+\\])?(: (?s:.*))");
  static const auto& other_names = *new std::map<std::string, std::string>{{"after_sequence", "after"},
                                                                           {"collections", "collection"},
                                                                           {"embargoed_until", "embargo-until"},
                                                                           {"expected_sha256", "expect"},
                                                                           {"participants", "participant"},
                                                                           {"roles", "role"},
                                                                           {"from", "period"},
                                                                           {"exception.subject", "subject"},
                                                                           {"exception.until", "until"},
                                                                           {"name.subject", "subject"}};
  std::string field, problem;
  if (!RE2::FullMatch(message, pattern, &field, &problem)) return message;
  const auto other = other_names.find(field);
  for (const std::string& name :
       {absl::StrReplaceAll(field, {{"_", "-"}}), other == other_names.end() ? std::string() : other->second}) {
    if (command.get_option_no_throw("--" + name) != nullptr) return absl::StrCat("--", name, problem);
  }
  return message;
}

// What the first word that nothing expected was probably meant to be; empty if every word was expected.
std::string DescribeUnexpected(const CLI::App& root) {
  const CLI::App& command = NamedCommand(root);
  for (const std::string& word : root.remaining(true)) {
    const bool is_option = absl::StartsWith(word, "-");
    std::vector<std::string> names;
    for (const CLI::App* app = &command; app != nullptr && is_option; app = app->get_parent()) {
      for (const CLI::Option* option : app->get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      }
    }
    if (!is_option) {
      for (const CLI::App* sub : command.get_subcommands({})) names.push_back(sub->get_name());
    }
    const std::string near = NearestName(word, std::vector<absl::string_view>(names.begin(), names.end()));
    const absl::string_view kind = is_option ? "option" : names.empty() ? "argument" : "command";
    return absl::StrCat("there is no ", kind, " \"", word, "\" of ", CommandName(command), ".",
                        near.empty() ? "" : absl::StrCat(" Did you mean ", near, "?"));
  }
  return "";
}

}  // namespace

void PrintError(const std::string& message, const Console& console) {
  console.error << "qm: " << Printable(message) << '\n';
}

CommandOptions& CommandOptions::Text(const std::string& name, const std::string& value_name, std::string* value,
                                     const std::string& help) {
  AddText(app_, name, value_name, value, help, false);
  return *this;
}

CommandOptions& CommandOptions::RequiredText(const std::string& name, const std::string& value_name, std::string* value,
                                             const std::string& help) {
  AddText(app_, name, value_name, value, help, true);
  return *this;
}

CommandOptions& CommandOptions::Texts(const std::string& name, const std::string& value_name,
                                      std::vector<std::string>* values, const std::string& help) {
  // One value each time, so that it does not swallow the files that may follow.
  app_->add_option(name, *values, help)->type_name(value_name)->allow_extra_args(false);
  return *this;
}

CommandOptions& CommandOptions::Number(const std::string& name, const std::string& value_name,
                                       absl::optional<uint32_t>* value, const std::string& help) {
  AddNumber<uint32_t>(
      app_, name, value_name, [value](uint32_t number) { *value = number; }, help);
  return *this;
}

CommandOptions& CommandOptions::RequiredId(const std::string& name, uint64_t* id, const std::string& help) {
  AddNumber<uint64_t>(
      app_, name, "N", [id](uint64_t number) { *id = number; }, help)
      ->required();
  return *this;
}

CommandOptions& CommandOptions::IdArgument(uint64_t* id, const std::string& help) {
  AddNumber<uint64_t>(
      app_, "ID", "", [id](uint64_t number) { *id = number; }, help)
      ->required();
  return *this;
}

CommandOptions& CommandOptions::Flag(const std::string& name, bool* value, const std::string& help) {
  app_->add_flag(name, *value, help);
  return *this;
}

CommandOptions& CommandOptions::Argument(const std::string& value_name, std::string* value, const std::string& help) {
  AddText(app_, value_name, "", value, help, true);
  return *this;
}

CommandOptions& CommandOptions::OptionalArgument(const std::string& value_name, std::string* value,
                                                 const std::string& help) {
  AddText(app_, value_name, "", value, help, false);
  return *this;
}

CommandOptions& CommandOptions::Arguments(const std::string& value_name, std::vector<std::string>* values,
                                          const std::string& help) {
  app_->add_option(value_name, *values, help)->type_name("")->required();
  return *this;
}

struct CommandLine::State {
  CLI::App app{"Sends returns to Quartermaster and reads the national figures.", "qm"};
  GlobalOptions globals;
  std::string output = "table";
  std::map<const CLI::App*, RunCommand> commands;

  // All words of the path but the last are groups that exist.
  CLI::App* AddSubcommand(const std::string& path, const std::string& purpose) {
    const std::vector<std::string> words = absl::StrSplit(path, ' ');
    CLI::App* parent = &app;
    for (size_t i = 0; i + 1 < words.size(); ++i) parent = parent->get_subcommand(words[i]);
    return parent->add_subcommand(words.back(), purpose);
  }
};

CommandLine::CommandLine() : state_(std::make_unique<State>()) {
  CLI::App& app = state_->app;
  GlobalOptions& globals = state_->globals;
  app.require_subcommand(1);
  app.fallthrough();  // Global options may follow the command.
  app.footer(kFooter);
  app.set_version_flag("--version", kVersion, "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.add_option("--server", globals.server, "The server")
      ->type_name("HOST:PORT")
      ->envname("QM_SERVER")
      ->capture_default_str();
  app.add_option("--token-file", globals.token_file, "A file, readable by you alone, with your token")
      ->type_name("FILE")
      ->envname("QM_TOKEN_FILE");
  app.add_option("--ca-file", globals.transport.ca_file, "Speak TLS, with a server of these authorities (PEM)")
      ->type_name("FILE")
      ->envname("QM_CA_FILE");
  app.add_flag("--tls", globals.transport.system_authorities,
               "Speak TLS, with a server of an authority that this "
               "machine trusts")
      ->envname("QM_TLS");
  app.add_option("--certificate-file", globals.transport.certificate_file,
                 "Show this certificate to the server (PEM), in place of a token or beside it")
      ->type_name("FILE")
      ->envname("QM_CERTIFICATE_FILE");
  app.add_option("--key-file", globals.transport.key_file, "Its private key (PEM), readable by you alone")
      ->type_name("FILE")
      ->envname("QM_KEY_FILE");
  app.add_option("--output", state_->output, "How replies are printed")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  app.add_option("--timeout-seconds", globals.timeout_seconds, "The longest wait for one answer of the server")
      ->type_name("N")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
}

CommandLine::~CommandLine() = default;

void CommandLine::AddGroup(const std::string& path, const std::string& purpose) {
  state_->AddSubcommand(path, purpose)->require_subcommand(1);
}

CommandOptions CommandLine::AddCommand(const std::string& path, const std::string& purpose, const std::string& details,
                                       RunCommand run) {
  CLI::App* command = state_->AddSubcommand(path, purpose);
  command->footer(details);
  state_->commands[command] = std::move(run);
  return CommandOptions(command);
}

ExitCode CommandLine::Run(int argc, const char* const* argv, const Console& console) {
  CLI::App& app = state_->app;
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help or --version
    app.exit(success, console.out, console.error);
    return ExitCode::kOk;
  } catch (const CLI::ParseError& problem) {
    std::string message = DescribeUnexpected(app);
    if (message.empty()) {
      message = absl::StrCat(problem.what(), absl::EndsWith(problem.what(), ".") ? "" : ".");
      if (message.size() > 1 && absl::ascii_islower(static_cast<unsigned char>(message[1]))) {
        message[0] = absl::ascii_tolower(static_cast<unsigned char>(message[0]));
      }
    }
    PrintError(absl::StrCat(message, " Run '", CommandName(NamedCommand(app)), " --help'."), console);
    return ExitCode::kUsage;
  }
  state_->globals.output = state_->output == "json"  ? OutputFormat::kJson
                           : state_->output == "csv" ? OutputFormat::kCsv
                                                     : OutputFormat::kTable;
  const absl::StatusOr<ExitCode> result = state_->commands.at(&NamedCommand(app))(state_->globals, console);
  if (result.ok()) return *result;
  const std::string message(result.status().message());
  PrintError(absl::IsInvalidArgument(result.status()) ? NamingTheOption(message, NamedCommand(app)) : message, console);
  return ExitCodeOf(result.status());
}

}  // namespace quartermaster::client
