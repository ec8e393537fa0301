// qm admin token create, list, revoke.
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/enum_name.h"
#include "client/table.h"
#include "client/text.h"
#include "client/time_text.h"
#include "client/token_file.h"

namespace quartermaster::client {
namespace {

struct AdminOptions {
  std::string principal;
  std::vector<std::string> roles;
  std::vector<std::string> participants;
  std::vector<std::string> collections;
  absl::optional<uint32_t> days;
  std::string file;
  uint64_t id = 0;
};

constexpr size_t kMaxShown = 5;  // More would bury the rest of the row; CSV and JSON have all.

// Participants, or collections.
std::string ListText(const google::protobuf::RepeatedPtrField<std::string>& list, bool for_people) {
  std::vector<std::string> shown(list.begin(), list.end());
  const size_t all = shown.size();
  if (!for_people || all <= kMaxShown + 1) return absl::StrJoin(shown, ", ");
  shown.resize(kMaxShown);
  return absl::StrCat(absl::StrJoin(shown, ", "), " and ", all - kMaxShown, " more");
}

Table TokenTable(const google::protobuf::RepeatedPtrField<v1::Token>& tokens, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"ID", true}, {"PRINCIPAL"}, {"ROLES"},      {"PARTICIPANTS"}, {"COLLECTIONS"},
                     {"CREATED"},  {"EXPIRES"},   {"CREATED BY"}, {"REVOKED"}};
  } else {
    table.columns = {{"id", true},    {"principal"},   {"roles"},      {"participants"}, {"collections"},
                     {"create_time"}, {"expire_time"}, {"created_by"}, {"revoked"}};
  }
  for (const v1::Token& token : tokens) {
    std::vector<std::string> roles;
    for (const int role : token.roles()) roles.push_back(TypedEnumName(static_cast<v1::Role>(role)));
    const std::string revoked =
        token.revoked_by().empty() ? "" : absl::StrCat(FormatTime(token.revoke_time()), " by ", token.revoked_by());
    table.rows.push_back({absl::StrCat(token.id()), token.principal(), absl::StrJoin(roles, ", "),
                          ListText(token.participants(), for_people), ListText(token.collections(), for_people),
                          FormatTime(token.create_time()), FormatTime(token.expire_time()), token.created_by(),
                          revoked});
  }
  return table;
}

Table OneTokenTable(const v1::Token& token, bool for_people) {
  google::protobuf::RepeatedPtrField<v1::Token> tokens;
  *tokens.Add() = token;
  return TokenTable(tokens, for_people);
}

absl::StatusOr<v1::CreateTokenRequest> ReadRequest(const AdminOptions& options) {
  if (options.roles.empty()) {
    return absl::InvalidArgumentError(
        "--role: not given. Say what the holder may do: see 'qm admin token create --help'.");
  }
  v1::CreateTokenRequest request;
  request.set_principal(options.principal);
  for (const std::string& typed : options.roles) {
    const absl::StatusOr<v1::Role> role = ParseEnum<v1::Role>(typed, "--role");
    if (!role.ok()) return role.status();
    request.add_roles(*role);
  }
  for (const std::string& code : options.participants) {
    if (absl::Status status = CheckParticipant(code); !status.ok()) return status;
    request.add_participants(code);
  }
  for (const std::string& id : options.collections) request.add_collections(id);
  // The server takes no days for the usual number; who types 0 means something else.
  if (options.days == 0u) return absl::InvalidArgumentError("--days: a token is good for 1 day or more.");
  request.set_days(options.days.value_or(0));
  return request;
}

// With the secret, which is in the response only where it is to be shown.
absl::StatusOr<ExitCode> PrintCreated(const v1::CreateTokenResponse& response, const GlobalOptions& globals,
                                      const Console& console) {
  const bool for_people = globals.output == OutputFormat::kTable;
  Table table = OneTokenTable(response.token(), for_people);
  if (response.secret().empty() || for_people) {
    const absl::StatusOr<ExitCode> printed = PrintReply(response, table, globals.output, console);
    if (!printed.ok() || response.secret().empty()) return printed;
    console.out << "\nThe token, which nobody can show again:\n" << Printable(response.secret()) << '\n';
    return printed;
  }
  table.columns.push_back({"secret"});
  table.rows.front().push_back(response.secret());
  return PrintReply(response, table, globals.output, console);
}

absl::StatusOr<ExitCode> Create(const AdminOptions& options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<v1::CreateTokenRequest> request = ReadRequest(options);
  if (!request.ok()) return request.status();
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  std::unique_ptr<TokenFile> file;
  if (!options.file.empty()) {
    absl::StatusOr<std::unique_ptr<TokenFile>> created = TokenFile::Create(options.file);
    if (!created.ok()) return created.status();
    file = *std::move(created);
  }
  absl::StatusOr<v1::CreateTokenResponse> response = (*server)->CreateToken(*request);
  if (!response.ok()) return response.status();
  if (file != nullptr) {
    if (absl::Status status = file->Write(response->secret()); !status.ok()) {
      const uint64_t id = response->token().id();
      return absl::Status(status.code(), absl::StrCat(status.message(), " The token ", id,
                                                      " is made and lost; run: ", "qm admin token revoke ", id));
    }
    response->clear_secret();
  }
  return PrintCreated(*response, globals, console);
}

absl::StatusOr<ExitCode> List(const AdminOptions&, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  const auto response = (*server)->ListTokens(v1::ListTokensRequest());
  if (!response.ok()) return response.status();
  return PrintReply(*response, TokenTable(response->tokens(), globals.output == OutputFormat::kTable), globals.output,
                    console);
}

absl::StatusOr<ExitCode> Revoke(const AdminOptions& options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  v1::RevokeTokenRequest request;
  request.set_id(options.id);
  const auto response = (*server)->RevokeToken(request);
  if (!response.ok()) return response.status();
  return PrintReply(*response, OneTokenTable(response->token(), globals.output == OutputFormat::kTable), globals.output,
                    console);
}

constexpr char kAdminCreateDetails[] =
    "Makes a token: what its holder may do, for whom, and for how long. A submitter sends and reads the\n"
    "returns of its participants; with the code of an organisation come its sites. A report builder reads\n"
    "everything, a steward runs collections, all or those that are named, an operator makes tokens. The\n"
    "token is written to the file, which its owner alone can read, or printed where none is named; the\n"
    "server cannot show it again. Prints what is on record.\n\n"
    "Example:\n"
    "  qm admin token create --principal jo.bloggs --role submitter --participant RT1 -o rt1.token";
constexpr char kAdminListDetails[] =
    "Prints a row a token, expired and revoked ones too, without what its holder sends.\n\n"
    "Example:\n"
    "  qm admin token list";
constexpr char kRevokeDetails[] =
    "Makes a token worthless at once. It stays on record. Prints it.\n\n"
    "Example:\n"
    "  qm admin token revoke 1234";

using AdminAction = absl::StatusOr<ExitCode> (*)(const AdminOptions&, const GlobalOptions&, const Console&);

CommandOptions Add(CommandLine* command_line, const std::string& path, const std::string& purpose,
                   const std::string& details, AdminAction action, const std::shared_ptr<AdminOptions>& options) {
  return command_line->AddCommand(path, purpose, details,
                                  [options, action](const GlobalOptions& globals, const Console& console) {
                                    return action(*options, globals, console);
                                  });
}

}  // namespace

void AddAdminCommands(CommandLine* command_line) {
  command_line->AddGroup("admin", "Run the server: who may call and who did, backups, checks");
  command_line->AddGroup("admin token", "Make, list and revoke tokens");
  const auto create = std::make_shared<AdminOptions>();
  Add(command_line, "admin token create", "Make a token", kAdminCreateDetails, Create, create)
      .RequiredText("--principal", "NAME", &create->principal, "Who holds it: letters, digits and .-_@")
      .Texts("--role", "ROLE", &create->roles, "submitter, report-builder, steward or operator; may be repeated")
      .Texts("--participant", "CODE", &create->participants, "Of a submitter: a participant; may be repeated")
      .Texts("--collection", "ID", &create->collections, "Of a steward: a collection, else all; may be repeated")
      .Number("--days", "N", &create->days, "For how long it is good, at most 1096; else 366")
      .Text("-o,--output-file", "FILE", &create->file, "A new file for the token; else it is printed");
  Add(command_line, "admin token list", "List tokens", kAdminListDetails, List, std::make_shared<AdminOptions>());
  const auto revoke = std::make_shared<AdminOptions>();
  Add(command_line, "admin token revoke", "Make a token worthless at once", kRevokeDetails, Revoke, revoke)
      .IdArgument(&revoke->id, "Its id, which 'qm admin token list' shows");
}

}  // namespace quartermaster::client
