// A table to returns, wide and long, and on to their judgement, as `qm validate` goes; the table is of CSV, of JSON or
// of protobuf's binary form. Behind the first byte, which chooses the options and the form, is the file.
#include "client/return_file.h"

#include "client/csv.h"
#include "client/return_objects.h"
#include "tests/fuzz/fuzz.h"
#include "validation/validate.h"

namespace quartermaster::fuzz {
namespace {

using client::FileReturn;
using client::FileReturns;
using client::KeyOptions;

KeyOptions OptionsOf(uint8_t choice) {
  KeyOptions keys;
  if ((choice & 1) != 0) keys.collection = "fuzz";
  if ((choice & 2) != 0) keys.service = "ward";
  if ((choice & 4) != 0) keys.period = "2025-04";
  if ((choice & 8) != 0) keys.participant = "RT1";
  return keys;
}

// The table of the file, which must be named "f.csv" in all findings.
client::ReturnObjects ReadFile(uint8_t choice, absl::string_view bytes, const KeyOptions& keys) {
  client::ReturnObjects read;
  if (choice >> 4 == 0xE) {
    read = client::ReadJsonReturns("f.csv", bytes);
  } else if (choice >> 4 == 0xD) {
    read = client::ReadBinaryReturns("f.csv", bytes, keys);
  } else {
    read.result = client::ReadCsv("f.csv", bytes);
  }
  Require((read.result.table == nullptr) == !read.result.problems.empty(), "a file is a table, or there is a reason");
  Require(read.beside.empty() || read.beside.size() == read.result.table->row_count(),
          "each row has what is beside it");
  for (const v1::Finding& problem : read.result.problems) RequireSound(problem);
  return read;
}

// The findings of the rules, with the places that they get in the file.
v1::Verdict JudgeReturn(const FileReturn& file_return) {
  v1::Verdict verdict;
  if (file_return.schema == nullptr) return verdict;
  const Judgement judgement = Judge(*file_return.schema, file_return.content, ReferenceData());
  for (const v1::Finding& finding : judgement.findings) *verdict.add_findings() = finding;
  verdict.set_accepted(judgement.accepted() && file_return.CanBeSent());
  file_return.origin.Locate(verdict.mutable_findings());
  return verdict;
}

void RequireSoundReturn(const FileReturn& file_return) {
  for (const v1::Finding& problem : file_return.problems) RequireSound(problem);
  Require(file_return.origin.row_number() > 0, "a return stands in a row");
  Require(file_return.schema == nullptr || !file_return.has_unread_keys, "keys that are not read name no collection");
  v1::ReturnContent copy;
  Require(copy.ParseFromString(file_return.content.SerializeAsString()), "a return can be sent");
  // A message may claim anything.
  const bool is_message = file_return.origin.source().Beside(0) != nullptr;
  for (const auto& unreadable : file_return.content.unreadable()) {
    Require(is_message || !unreadable.given().empty(), "what cannot be read was written");
  }
  const v1::Verdict verdict = JudgeReturn(file_return);
  for (const v1::Finding& finding : verdict.findings()) {
    RequireSound(finding);
    Require(finding.file() == "f.csv", "a finding says in which file");
  }
  Require(!verdict.accepted() || !copy.participant().empty(), "an accepted return is somebody's");
}

void RequireSame(const FileReturns& a, const FileReturns& b) {
  Require(a.returns.size() == b.returns.size() && a.row_problems.size() == b.row_problems.size(),
          "reading twice gives the same returns");
  for (size_t i = 0; i < a.returns.size(); ++i) {
    Require(a.returns[i].content.SerializeAsString() == b.returns[i].content.SerializeAsString() &&
                a.returns[i].CanBeSent() == b.returns[i].CanBeSent(),
            "reading twice gives the same bytes");
  }
}

}  // namespace
}  // namespace quartermaster::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace quartermaster;
  using namespace quartermaster::fuzz;
  if (size == 0) return 0;
  static const auto& schemas = *new client::Schemas{{"fuzz", FuzzCollection()}};
  const KeyOptions keys = OptionsOf(data[0]);
  const client::ReturnObjects read = ReadFile(data[0], AsText(data + 1, size - 1), keys);
  const std::shared_ptr<const client::CellTable> table = read.result.table;
  if (table == nullptr) return 0;
  const auto source = std::make_shared<const client::SourceTable>("f.csv", table, read.beside);
  const auto asked = client::CollectionsAskedFor({source}, keys, {"fuzz"});
  if (!asked.ok()) RequireSound(asked.status());
  const absl::StatusOr<FileReturns> returns = client::ReadReturns({source}, keys, schemas);
  if (!returns.ok()) {
    RequireSound(returns.status());
    return 0;
  }
  for (const v1::Finding& problem : returns->problems) RequireSound(problem);
  for (const v1::Finding& problem : returns->row_problems) RequireSound(problem);
  for (const FileReturn& file_return : returns->returns) RequireSoundReturn(file_return);
  Require(returns->returns.size() <= table->row_count() + table->ragged_rows().size(), "a return has a row at least");
  RequireSame(*returns, *client::ReadReturns({source}, keys, schemas));
  return 0;
}
