#include "client/commands/support.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/input_file.h"
#include "client/json.h"
#include "validation/period.h"
#include "validation/validate.h"

namespace quartermaster::client {
namespace {

absl::Status CheckPeriod(const std::string& period) {
  if (period.empty()) return absl::OkStatus();
  const absl::StatusOr<Period> parsed = Period::Parse(period);
  if (parsed.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--period: ", parsed.status().message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> OpenServer(const GlobalOptions& globals) {
  ServerOptions options;
  options.address = globals.server;
  options.timeout_seconds = globals.timeout_seconds;
  const size_t colon = globals.server.rfind(':');
  int port = 0;
  if (colon == 0 || colon == std::string::npos || !absl::SimpleAtoi(globals.server.substr(colon + 1), &port) ||
      port < 1 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("--server: \"", globals.server, "\" is no HOST:PORT such as 127.0.0.1:7443."));
  }
  absl::StatusOr<TransportSecurity> security = ReadTransportSecurity(globals.transport, absl::Now());
  if (!security.ok()) return security.status();
  options.security = *std::move(security);
  if (!globals.token_file.empty()) {
    if (absl::Status status = CheckMaySendToken(globals.server, options.security.is_encrypted); !status.ok()) {
      return status;
    }
    absl::StatusOr<std::string> token = ReadTokenFile(globals.token_file);
    if (!token.ok()) return absl::InvalidArgumentError(absl::StrCat("--token-file: ", token.status().message()));
    options.token = *std::move(token);
  }
  return std::make_unique<Server>(std::move(options));
}

absl::Status CheckParticipant(const std::string& participant) {
  if (participant.empty()) return absl::OkStatus();
  const std::string problem = ParticipantCodeProblem(participant);
  if (problem.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--participant: ", problem));
}

absl::StatusOr<std::unique_ptr<Server>> OpenCollection(const GlobalOptions& globals, const std::string& participant,
                                                       const std::string& period, std::string* collection) {
  if (absl::Status status = CheckPeriod(period); !status.ok()) return status;
  if (absl::Status status = CheckParticipant(participant); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok() || !collection->empty()) return server;
  const absl::StatusOr<v1::ListCollectionsResponse> response = (*server)->ListCollections();
  if (!response.ok()) return response.status();
  if (response->collections_size() == 1) {
    *collection = response->collections(0).id();
    return server;
  }
  std::string ids;
  for (const v1::Collection& known : response->collections()) {
    absl::StrAppend(&ids, ids.empty() ? "" : ", ", known.id());
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--collection is required. ",
                   ids.empty() ? "None has been published yet." : absl::StrCat("There are: ", ids, ".")));
}

absl::StatusOr<ExitCode> PrintReply(const google::protobuf::Message& reply, const Table& table, OutputFormat format,
                                    const Console& console) {
  switch (format) {
    case OutputFormat::kJson: {
      const absl::StatusOr<std::string> json = ToJson(reply);
      if (!json.ok()) return json.status();
      console.out << *json << '\n';
      break;
    }
    case OutputFormat::kCsv:
      PrintCsv(table, console.out);
      break;
    case OutputFormat::kTable:
      PrintAligned(table, console.out);
      break;
  }
  return ExitCode::kOk;
}

}  // namespace quartermaster::client
