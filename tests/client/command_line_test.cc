// What the command line takes, and what it says to what it does not take.
#include "client/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "client/commands/commands.h"

namespace quartermaster::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Reply {
  ExitCode code;
  std::string out;
  std::string error;
};

Reply RunWith(CommandLine* command_line, const std::vector<std::string>& arguments) {
  std::vector<const char*> argv = {"qm"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::ostringstream out, error;
  const ExitCode code = command_line->Run(static_cast<int>(argv.size()), argv.data(), Console{out, error});
  return {code, out.str(), error.str()};
}

// The whole program without its main function.
Reply RunProgram(const std::vector<std::string>& arguments) {
  CommandLine command_line;
  AddSubmissionCommands(&command_line);
  AddReturnsCommands(&command_line);
  AddQueryCommands(&command_line);
  AddBundleCommand(&command_line);
  AddExceptionCommands(&command_line);
  AddNationalCommands(&command_line);
  AddCollectionCommands(&command_line);
  AddParticipantCommands(&command_line);
  AddAdminCommands(&command_line);
  return RunWith(&command_line, arguments);
}

TEST(CommandLineTest, RefusesWrongCommandsInOneLineThatSaysWhatToDo) {
  const struct {
    std::vector<std::string> arguments;
    const char* text;
  } kCases[] = {
      {{}, "subcommand is required"},
      {{"natonal"}, "Did you mean national?"},
      {{"returns"}, "qm returns --help"},
      {{"returns", "withdrow"}, "Did you mean withdraw?"},
      {{"national"}, "--period is required"},
      {{"national", "--perod", "2025-04"}, "Did you mean --period?"},
      {{"national", "--period", "2025Q2"}, "--period: \"2025Q2\" is not a period"},
      {{"national", "--period", ""}, "--period"},
      {{"position", "--period", "2025-04", "--participant", "rt1"}, "--participant: "},
      {{"submit"}, "FILE is required"},
      {{"submit", "/no/such/file.csv"}, "/no/such/file.csv: there is no such file"},
      {{"validate", "/tmp"}, "folder"},
      {{"collection", "publish", "/no/such/file.proto"}, "there is no such file"},
      {{"validate", "f.csv", "--schema", "/no/such/file.proto"}, "there is no such file"},
      {{"--output", "xml", "collection", "list"}, "--output"},
      {{"--timeout-seconds", "0", "collection", "list"}, "--timeout-seconds"},
      {{"--server", "localhost", "collection", "list"}, "--server: \"localhost\""},
      {{"--server", "localhost:99999", "collection", "list"}, "--server"},
      {{"--token-file", "/no/such/token", "collection", "list"}, "--token-file: /no/such/token"},
      {{"collection", "list", "more"}, "there is no argument \"more\""},
      {{"returns", "show", "--service", "a", "--participant", "RT1", "--period", "2025-04", "--revision", "-1"},
       "--revision"},
      {{"exception", "end"}, "--id is required"},
      {{"exception", "uses", "--id", "x"}, "--id: \"x\" is no whole number from 0 to 18446744073709551615"},
      {{"exception", "end", "--id", "18446744073709551616"}, "--id: \"18446744073709551616\" is no whole number"},
      {{"exception", "end", "--id", "-1"}, "--id"},
      {{"query", "list", "--state", "closed"}, "--state: \"closed\" is none of: open, explained, accepted, returned."},
      {{"submit", "f.csv", "--explain", "change=Why.", "--reason", "weather"}, "--reason: \"weather\" is none of"},
      {{"submit", "f.csv", "--reason", "demand"}, "--reason: there is no --explain"},
      {{"bundle", "-o", "/tmp/f.bundle"}, "--participant: not given"},
      {{"admin", "token"}, "qm admin token --help"},
      {{"admin", "token", "revok"}, "no command \"revok\" of qm admin token. Did you mean revoke?"},
      {{"admin", "token", "revoke"}, "ID is required"},
      {{"admin", "token", "revoke", "x"}, "ID: \"x\" is no whole number"},
      {{"admin", "token", "create", "--role", "steward"}, "--principal is required"},
      {{"admin", "token", "create", "--principal", "jo"}, "--role: not given"},
      {{"admin", "token", "create", "--principal", "jo", "--role", "chef"}, "--role: \"chef\" is none of: submitter"},
      {{"admin", "token", "create", "--principal", "jo", "--role", "steward", "--days", "0"}, "--days: "},
      {{"admin", "token", "create", "--principal", "jo", "--role", "submitter", "--participant", "rt1"},
       "--participant: "},
  };
  for (const auto& c : kCases) {
    const Reply reply = RunProgram(c.arguments);
    const std::string line = ::testing::PrintToString(c.arguments);
    EXPECT_EQ(reply.code, ExitCode::kUsage) << line << reply.error;
    EXPECT_EQ(reply.out, "") << line;
    EXPECT_EQ(reply.error.rfind("qm: ", 0), 0u) << reply.error;
    EXPECT_EQ(std::count(reply.error.begin(), reply.error.end(), '\n'), 1) << reply.error;
    EXPECT_THAT(reply.error, HasSubstr(c.text)) << line;
  }
}

TEST(CommandLineTest, HelpsWithEachCommand) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{{"submit"},
                                                                                       {"validate"},
                                                                                       {"returns", "list"},
                                                                                       {"returns", "show"},
                                                                                       {"returns", "withdraw"},
                                                                                       {"returns", "explain"},
                                                                                       {"query", "list"},
                                                                                       {"query", "show"},
                                                                                       {"query", "accept"},
                                                                                       {"query", "return"},
                                                                                       {"query", "comment"},
                                                                                       {"exception", "grant"},
                                                                                       {"admin", "token", "create"},
                                                                                       {"admin", "token", "list"},
                                                                                       {"admin", "token", "revoke"},
                                                                                       {"exception", "list"},
                                                                                       {"exception", "end"},
                                                                                       {"exception", "uses"},
                                                                                       {"bundle"},
                                                                                       {"national"},
                                                                                       {"position"},
                                                                                       {"collection", "publish"},
                                                                                       {"collection", "list"},
                                                                                       {"collection", "show"},
                                                                                       {"participant", "import"},
                                                                                       {"participant", "list"},
                                                                                       {"population", "import"}}) {
    std::vector<std::string> arguments = command;
    arguments.push_back("--help");
    const Reply reply = RunProgram(arguments);
    EXPECT_EQ(reply.code, ExitCode::kOk);
    EXPECT_THAT(reply.out, HasSubstr("Example:\n  qm " + command[0])) << command[0];
  }
}

TEST(CommandLineTest, GivesACommandWhatWasTyped) {
  CommandLine command_line;
  std::string text;
  std::vector<std::string> texts, files;
  absl::optional<uint32_t> number;
  uint64_t id = 0;
  bool flag = false;
  GlobalOptions globals;
  command_line.AddGroup("group", "A group");
  command_line
      .AddCommand("group run", "Run", "Details",
                  [&globals](const GlobalOptions& given, const Console& console) -> absl::StatusOr<ExitCode> {
                    globals = given;
                    console.out << "ran";
                    return ExitCode::kRejected;
                  })
      .Text("--text", "TEXT", &text, "")
      .Texts("--many", "TEXT", &texts, "")
      .Number("--number", "N", &number, "")
      .RequiredId("--id", &id, "")
      .Flag("--flag", &flag, "")
      .Arguments("FILE", &files, "");
  // Global options may stand before and after the command.
  const Reply reply = RunWith(
      &command_line, {"--server", "a:1", "group", "run", "--many", "1", "f.csv", "--many", "2", "g.csv", "--text", "x",
                      "--number", "010", "--id", "18446744073709551615", "--flag", "--output", "json"});
  EXPECT_EQ(reply.code, ExitCode::kRejected) << reply.error;
  EXPECT_EQ(reply.out, "ran");
  EXPECT_EQ(globals.server, "a:1");
  EXPECT_EQ(globals.output, OutputFormat::kJson);
  EXPECT_EQ(text, "x");
  EXPECT_THAT(texts, ElementsAre("1", "2"));
  EXPECT_THAT(files, ElementsAre("f.csv", "g.csv"));
  EXPECT_EQ(number, 10u);
  EXPECT_EQ(id, UINT64_MAX);
  EXPECT_TRUE(flag);
}

TEST(CommandLineTest, TakesServerAndTokenFileFromTheEnvironment) {
  setenv("QM_SERVER", "b:2", 1);
  setenv("QM_TOKEN_FILE", "token", 1);
  GlobalOptions globals;
  const auto run = [&globals](const std::vector<std::string>& arguments) {
    CommandLine command_line;
    command_line.AddCommand("run", "", "", [&globals](const GlobalOptions& given, const Console&) {
      globals = given;
      return absl::StatusOr<ExitCode>(ExitCode::kOk);
    });
    EXPECT_EQ(RunWith(&command_line, arguments).code, ExitCode::kOk);
  };
  run({"run"});
  EXPECT_EQ(globals.server, "b:2");
  EXPECT_EQ(globals.token_file, "token");
  run({"--server", "c:3", "run"});
  EXPECT_EQ(globals.server, "c:3");
  unsetenv("QM_SERVER");
  unsetenv("QM_TOKEN_FILE");
}

TEST(CommandLineTest, PrintsAFailureAndGivesItsCode) {
  CommandLine command_line;
  command_line.AddCommand("run", "", "", [](const GlobalOptions&, const Console&) -> absl::StatusOr<ExitCode> {
    return absl::PermissionDeniedError("not\nyours\x1B[2J.");
  });
  const Reply reply = RunWith(&command_line, {"run"});
  EXPECT_EQ(reply.code, ExitCode::kNotPermitted);
  EXPECT_EQ(reply.error, "qm: not yours?[2J.\n");
}

}  // namespace
}  // namespace quartermaster::client
