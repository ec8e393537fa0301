// qm admin audit export, verify.
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/audit_chain.h"
#include "client/commands/commands.h"
#include "client/commands/support.h"
#include "client/input_file.h"
#include "client/table.h"
#include "client/text.h"
#include "client/unfinished_file.h"
#include "re2/re2.h"

namespace quartermaster::client {
namespace {

struct AuditOptions {
  std::string input;
  std::string file;
  absl::optional<uint32_t> from;
  absl::optional<uint32_t> number;
  std::string head;
};

uint64_t FirstNumber(const AuditOptions& options) { return options.from.value_or(1); }

absl::Status CheckOptions(const AuditOptions& options) {
  static const RE2& sha256 = *new RE2("[0-9a-fA-F]{64}");
  if (options.from == 0u) return absl::InvalidArgumentError("--from: the first line has number 1.");
  if (options.head.empty() != !options.number.has_value()) {
    return absl::InvalidArgumentError(
        "--head, --number: give both: a line's number and its SHA-256, as they were kept.");
  }
  if (options.head.empty()) return absl::OkStatus();
  if (!RE2::FullMatch(options.head, sha256)) {
    return absl::InvalidArgumentError("--head: a SHA-256 has 64 hexadecimal digits.");
  }
  if (*options.number >= FirstNumber(options)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--number: line ", *options.number,
                                                 " comes before the first one that is checked, line ",
                                                 FirstNumber(options), "."));
}

// Calls `on_line` for each line that the server has, after `on_head` for the one that it says is the last, if there is
// any.
absl::Status ReadLines(const AuditOptions& options, const GlobalOptions& globals,
                       const std::function<void(const v1::AuditHead&)>& on_head,
                       const std::function<absl::Status(const std::string&)>& on_line) {
  const absl::StatusOr<std::unique_ptr<Server>> server = OpenServer(globals);
  if (!server.ok()) return server.status();
  v1::ReadAuditRequest request;
  request.set_from_number(FirstNumber(options));
  return (*server)->ReadAudit(request, [&](const v1::ReadAuditResponse& response) {
    if (response.has_head()) on_head(response.head());
    for (const std::string& line : response.lines()) {
      if (absl::Status status = on_line(line); !status.ok()) return status;
    }
    return absl::OkStatus();
  });
}

// What is to be kept of a run of lines.
absl::StatusOr<ExitCode> PrintRun(uint64_t first, uint64_t count, const AuditMark& last, const std::string& says,
                                  OutputFormat format, const Console& console) {
  if (format == OutputFormat::kTable) {
    console.out << says << (count == 1 ? "1 line" : absl::StrCat(count, " lines"));
    if (count > 0) {
      console.out << ", numbers " << first << " to " << last.number << ".\nTo be kept elsewhere: --number "
                  << last.number << " --head " << last.sha256;
    }
    console.out << '\n';
    return ExitCode::kOk;
  }
  const std::string from = count == 0 ? "" : absl::StrCat(first);
  const std::string to = count == 0 ? "" : absl::StrCat(last.number);
  if (format == OutputFormat::kCsv) {
    PrintCsv({{{"lines", true}, {"first", true}, {"last", true}, {"sha256"}},
              {{absl::StrCat(count), from, to, last.sha256}}},
             console.out);
  } else {
    console.out << "{\"lines\":" << count;
    if (count > 0) {
      console.out << ",\"first\":" << from << ",\"last\":" << to << ",\"sha256\":\"" << last.sha256 << '"';
    }
    console.out << "}\n";
  }
  return ExitCode::kOk;
}

// The lines as they are, and nothing else, where they go to standard output.
absl::StatusOr<ExitCode> Export(const AuditOptions& options, const GlobalOptions& globals, const Console& console) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  std::unique_ptr<UnfinishedFile> file;
  std::ofstream written;
  if (!options.file.empty()) {
    absl::StatusOr<std::unique_ptr<UnfinishedFile>> created = UnfinishedFile::Create(options.file);
    if (!created.ok()) return created.status();
    file = *std::move(created);
    written.open(file->path(), std::ios::binary);
  }
  std::ostream& out = file == nullptr ? console.out : written;
  uint64_t count = 0;
  std::string last;
  const absl::Status read = ReadLines(
      options, globals, [](const v1::AuditHead&) {},
      [&](const std::string& line) {
        ++count;
        last = line;
        out << line << '\n';
        return out ? absl::OkStatus() : WriteProblem(options.file.empty() ? "standard output" : options.file);
      });
  if (!read.ok()) return read;
  if (file == nullptr) return ExitCode::kOk;
  written.close();
  if (!written) return WriteProblem(options.file);
  if (absl::Status status = file->Commit(); !status.ok()) return status;
  AuditMark mark;
  if (count > 0) mark = {FirstNumber(options) + count - 1, HashAuditLine(last)};
  return PrintRun(FirstNumber(options), count, mark, absl::StrCat("Written to ", Printable(options.file), ": "),
                  globals.output, console);
}

absl::Status AddFile(const std::string& path, AuditChain* chain) {
  if (path == kStandardInputPath) return AddAllLines(std::cin, chain);
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return absl::NotFoundError(absl::StrCat("the file ", path, " cannot be read. Check its name and whose it is."));
  return AddAllLines(in, chain);
}

absl::StatusOr<ExitCode> Verify(const AuditOptions& options, const GlobalOptions& globals, const Console& console) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  AuditChain chain(FirstNumber(options));
  if (options.number) chain.Expect({*options.number, absl::AsciiStrToLower(options.head)});
  absl::Status status;
  if (options.input.empty()) {
    status = ReadLines(
        options, globals,
        [&](const v1::AuditHead& head) {
          if (head.number() >= chain.first()) chain.Expect({head.number(), head.sha256()});
        },
        [&](const std::string& line) { return chain.Add(line); });
    if (status.ok()) status = chain.Finish();
  } else {
    status = AddFile(options.input, &chain);
  }
  if (absl::IsDataLoss(status)) return absl::DataLossError(absl::StrCat("the audit does not hold: ", status.message()));
  if (!status.ok()) return status;
  // A server's audit is never empty, and an export has what was asked for: no line vouches for nothing.
  if (chain.count() == 0) {
    return absl::DataLossError(absl::StrCat("the audit does not hold: there is no line ", chain.first(),
                                            " and none after it. Its end was cut off, or --from is past it."));
  }
  return PrintRun(chain.first(), chain.count(), chain.last(), "The audit holds: ", globals.output, console);
}

constexpr char kExportDetails[] =
    "Prints the audit, a line of JSON for each write, refusal and read of another's data, exactly as the\n"
    "lines are stored; or writes it to a file and prints what to keep elsewhere: the number of the last\n"
    "line and its SHA-256, with which a later change of any line up to it is found.\n\n"
    "Example:\n"
    "  qm admin audit export -o audit-2026-04.jsonl";
constexpr char kAuditVerifyDetails[] =
    "Checks that no line of the audit was changed, added or removed: of the server's, or offline of an\n"
    "exported file ('-' is standard input). Ends with 1 and names the first line that is not as it was.\n"
    "Whoever could write the whole chain anew is found only with a number and SHA-256 that were kept\n"
    "elsewhere. An export that does not begin with line 1 needs --from.\n\n"
    "Example:\n"
    "  qm admin audit verify\n"
    "  qm admin audit verify audit-2026-04.jsonl --number 5120 --head 9f86d081884c7d65...";

using AuditAction = absl::StatusOr<ExitCode> (*)(const AuditOptions&, const GlobalOptions&, const Console&);

CommandOptions Add(CommandLine* command_line, const std::string& path, const std::string& purpose,
                   const std::string& details, AuditAction action, const std::shared_ptr<AuditOptions>& options) {
  return command_line->AddCommand(path, purpose, details,
                                  [options, action](const GlobalOptions& globals, const Console& console) {
                                    return action(*options, globals, console);
                                  });
}

}  // namespace

void AddAuditCommands(CommandLine* command_line) {
  command_line->AddGroup("admin audit", "Read and check who did what");
  const auto exported = std::make_shared<AuditOptions>();
  Add(command_line, "admin audit export", "Write the audit as it is stored", kExportDetails, Export, exported)
      .Number("--from", "N", &exported->from, "The first line; else 1")
      .Text("-o,--output-file", "FILE", &exported->file, "Where to write it; else it is printed");
  const auto verified = std::make_shared<AuditOptions>();
  Add(command_line, "admin audit verify", "Check that no line was changed or removed", kAuditVerifyDetails, Verify,
      verified)
      .OptionalArgument("FILE", &verified->input, "An export; else the server's audit is read")
      .Number("--from", "N", &verified->from, "The first line that is checked; else 1")
      .Text("--head", "SHA256", &verified->head, "What was kept of a line: its SHA-256")
      .Number("--number", "N", &verified->number, "The number of that line");
}

}  // namespace quartermaster::client
