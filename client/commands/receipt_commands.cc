// qm receipt verify, key.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/input_file.h"
#include "client/json.h"
#include "client/receipt_check.h"
#include "client/receipt_file.h"
#include "client/return_name.h"
#include "client/table.h"
#include "client/text.h"
#include "client/unfinished_file.h"
#include "google/protobuf/struct.pb.h"

namespace quartermaster::client {
namespace {

// The verdicts of some hundred thousand returns.
constexpr uint64_t kMaxReceiptFileBytes = 512ull << 20;
// A public key in PEM is three short lines.
constexpr uint64_t kMaxKeyBytes = 4096;
// More bad receipts than this are one mistake; --output csv names each.
constexpr size_t kMaxPrintedProblems = 20;

struct ReceiptOptions {
  std::string file;
  std::string public_key;
  std::string output_file;
};

// A receipt with what the check has found; empty where it is good.
struct CheckedReceipt {
  FoundReceipt found;
  std::string problem;
};

absl::StatusOr<std::unique_ptr<const ReceiptPublicKey>> OpenKey(const ReceiptOptions& options,
                                                                const GlobalOptions& globals) {
  if (!options.public_key.empty()) {
    const absl::StatusOr<std::string> pem = ReadFile(options.public_key, kMaxKeyBytes);
    if (!pem.ok()) return absl::Status(pem.status().code(), absl::StrCat("--public-key: ", pem.status().message()));
    auto key = ReceiptPublicKey::Parse(*pem);
    if (key.ok()) return key;
    return absl::InvalidArgumentError(absl::StrCat("--public-key: ", options.public_key, ": ", key.status().message()));
  }
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  const absl::StatusOr<v1::GetReceiptKeyResponse> response = (*server)->GetReceiptKey();
  if (!response.ok()) return response.status();
  return ReceiptPublicKey::Parse(response->public_key_pem());
}

// The facts of a good receipt are those that were signed; of a bad one they are what stands there.
std::string Fact(const CheckedReceipt& checked, const char* name, const std::string& otherwise) {
  return checked.problem.empty() ? StatedFact(checked.found.receipt, name) : otherwise;
}

Table ReceiptTable(const std::vector<CheckedReceipt>& receipts, bool for_people) {
  Table table;
  if (for_people) {
    table.columns = {{"PARTICIPANT"}, {"SERVICE"},   {"PERIOD"},         {"REVISION", true},
                     {"COMMITTED"},   {"SUBMITTER"}, {"SEQUENCE", true}, {"RECEIPT"}};
  } else {
    table.columns = {{"line", true},     {"collection"},   {"service"},        {"participant"},
                     {"period"},         {"revision"},     {"commit_time"},    {"submitter"},
                     {"content_sha256"}, {"rule_version"}, {"sequence", true}, {"problem"}};
  }
  for (const CheckedReceipt& checked : receipts) {
    const v1::Receipt& receipt = checked.found.receipt;
    const ReceiptSurroundings& beside = checked.found.beside;
    const std::string period = Fact(checked, "period", beside.period);
    const std::string participant = Fact(checked, "participant", beside.participant);
    const std::string service = Fact(checked, "service", beside.service);
    const std::string revision = absl::StrCat(receipt.revision());
    const std::string sequence = absl::StrCat(receipt.sequence());
    const std::string commit_time = Fact(checked, "commit_time", "");
    if (for_people) {
      table.rows.push_back({participant, service, DisplayPeriod(period), revision, commit_time, receipt.submitter(),
                            sequence, checked.problem.empty() ? "good" : "BAD"});
    } else {
      table.rows.push_back({absl::StrCat(checked.found.line), Fact(checked, "collection", beside.collection), service,
                            participant, period, revision, commit_time, receipt.submitter(), receipt.content_sha256(),
                            absl::StrCat(receipt.rule_version()), sequence, checked.problem});
    }
  }
  return table;
}

// One object a line, its members named as the columns of the CSV.
absl::Status PrintJsonLines(const Table& table, const Console& console) {
  for (const std::vector<std::string>& row : table.rows) {
    google::protobuf::Struct object;
    for (size_t i = 0; i < row.size(); ++i) {
      (*object.mutable_fields())[table.columns[i].heading].set_string_value(row[i]);
    }
    const absl::StatusOr<std::string> json = ToJson(object);
    if (!json.ok()) return json.status();
    console.out << *json << '\n';
  }
  return absl::OkStatus();
}

void PrintSummary(const ReceiptFile& file, size_t bad, const std::string& key_id, const Console& console) {
  const size_t all = file.receipts.size();
  console.out << '\n' << all << (all == 1 ? " receipt: " : " receipts: ") << all - bad << " good";
  if (bad > 0) console.out << ", " << bad << " BAD";
  if (file.without_receipt > 0) console.out << "; " << file.without_receipt << " without one, which were not stored";
  console.out << '\n';
  if (bad == all) return;
  console.out
      << "A good receipt proves that the server with the key " << key_id
      << " has stored that return, with the\ncontent of that SHA-256, at that time and place among its commits.\n";
}

absl::StatusOr<ExitCode> Verify(const ReceiptOptions& options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::string> text = options.file == kStandardInputPath
                                               ? ReadStandardInput(kMaxReceiptFileBytes)
                                               : ReadFile(options.file, kMaxReceiptFileBytes);
  if (!text.ok()) return text.status();
  const absl::StatusOr<ReceiptFile> file = ReadReceipts(*text);
  if (!file.ok()) return absl::Status(file.status().code(), absl::StrCat(options.file, ": ", file.status().message()));
  if (file->receipts.empty()) {
    return absl::NotFoundError(
        absl::StrCat(options.file, ": there is no receipt in it. Only accepted returns have one."));
  }
  const absl::StatusOr<std::unique_ptr<const ReceiptPublicKey>> key = OpenKey(options, globals);
  if (!key.ok()) return key.status();

  std::vector<CheckedReceipt> receipts;
  size_t bad = 0;
  for (const FoundReceipt& found : file->receipts) {
    CheckedReceipt& checked = receipts.emplace_back(CheckedReceipt{found, found.problem});
    if (checked.problem.empty()) {
      checked.problem = std::string(CheckReceipt(found.receipt, found.beside, **key).message());
    }
    if (!checked.problem.empty()) ++bad;
  }
  const Table table = ReceiptTable(receipts, globals.output == OutputFormat::kTable);
  if (globals.output == OutputFormat::kJson) {
    if (absl::Status status = PrintJsonLines(table, console); !status.ok()) return status;
  } else if (globals.output == OutputFormat::kCsv) {
    PrintCsv(table, console.out);
  } else {
    PrintAligned(table, console.out);
    PrintSummary(*file, bad, (*key)->id(), console);
  }
  size_t printed = 0;
  for (const CheckedReceipt& checked : receipts) {
    if (checked.problem.empty() || ++printed > kMaxPrintedProblems) continue;
    const ReceiptSurroundings& beside = checked.found.beside;
    PrintError(absl::StrCat(options.file, " line ", checked.found.line, ": the receipt of ",
                            DisplayReturn(beside.participant, beside.service, beside.period),
                            " is bad: ", checked.problem, "."),
               console);
  }
  return bad == 0 ? ExitCode::kOk : ExitCode::kFailure;
}

absl::StatusOr<ExitCode> PrintKey(const ReceiptOptions& options, const GlobalOptions& globals, const Console& console) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  const absl::StatusOr<v1::GetReceiptKeyResponse> response = (*server)->GetReceiptKey();
  if (!response.ok()) return response.status();
  if (!options.output_file.empty()) {
    if (absl::Status status = WriteWholeFile(response->public_key_pem(), options.output_file); !status.ok()) {
      return status;
    }
    console.out << "the key " << Printable(response->key_id()) << " is in " << options.output_file << '\n';
    return ExitCode::kOk;
  }
  if (globals.output != OutputFormat::kTable) {
    return PrintReply(*response, {{{"key_id"}, {"public_key_pem"}}, {{response->key_id(), response->public_key_pem()}}},
                      globals.output, console);
  }
  console.out << response->public_key_pem();
  return ExitCode::kOk;
}

constexpr char kReceiptVerifyDetails[] =
    "FILE holds what 'qm --output json submit' or 'qm --output json returns show' has printed; - is\n"
    "standard input. Checks of each receipt that the server's key signed it, and that it says what was\n"
    "signed. With --public-key no server is asked, so that it can be done years later, and by anybody.\n"
    "Prints a row a receipt with what it proves; ends with 1 if one is bad, and names it.\n\n"
    "Example:\n"
    "  qm --output json submit returns.csv > receipts.jsonl\n"
    "  qm receipt verify receipts.jsonl --public-key quartermaster.pem";
constexpr char kKeyDetails[] =
    "Prints the public key, PEM, by which everybody can check the server's receipts. Keep a copy, and\n"
    "compare it with one that came another way: it is DATA_DIR/receipt-public.pem on the server.\n\n"
    "Example:\n"
    "  qm receipt key -o quartermaster.pem";

}  // namespace

void AddReceiptCommands(CommandLine* command_line) {
  command_line->AddGroup("receipt", "Check receipts of returns");
  const auto verify = std::make_shared<ReceiptOptions>();
  command_line
      ->AddCommand(
          "receipt verify", "Check receipts offline", kReceiptVerifyDetails,
          [verify](const GlobalOptions& globals, const Console& console) { return Verify(*verify, globals, console); })
      .Argument("FILE", &verify->file, "JSON lines with receipts; - is standard input")
      .Text("--public-key", "FILE.pem", &verify->public_key, "The server's public key; else the server is asked");
  const auto key = std::make_shared<ReceiptOptions>();
  command_line
      ->AddCommand(
          "receipt key", "Print or save the public key of receipts", kKeyDetails,
          [key](const GlobalOptions& globals, const Console& console) { return PrintKey(*key, globals, console); })
      .Text("-o,--output-file", "FILE", &key->output_file, "Where to put it; else it is printed");
}

}  // namespace quartermaster::client
