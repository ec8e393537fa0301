#include "client/receipt_file.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/text.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace quartermaster::client {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

const Value* Member(const Struct& object, const char* name) {
  const auto found = object.fields().find(name);
  return found == object.fields().end() ? nullptr : &found->second;
}

std::string TextMember(const Struct& object, const char* name) {
  const Value* member = Member(object, name);
  return member != nullptr ? member->string_value() : "";
}

// What stands with a receipt: a verdict, or a stored return. The data of a stored return is of a type that only its
// collection describes, so the whole is read as JSON and the receipt alone as a message.
void AddReturn(const Struct& object, size_t line, ReceiptFile* file) {
  const Value* receipt = Member(object, "receipt");
  if (receipt == nullptr || !receipt->has_struct_value()) {
    ++file->without_receipt;
    return;
  }
  FoundReceipt& found = file->receipts.emplace_back();
  found.line = line;
  found.beside.collection = TextMember(object, "collection");
  found.beside.service = TextMember(object, "service");
  found.beside.participant = TextMember(object, "participant");
  found.beside.period = TextMember(object, "period");
  if (const Value* revision = Member(object, "revision"); revision != nullptr) {
    const double number = revision->number_value();
    // A number that is no revision differs from that of any receipt.
    found.beside.revision = number >= 1 && number < 1e9 ? static_cast<uint32_t>(number) : ~0u;
  }
  std::string json;
  auto status = google::protobuf::util::MessageToJsonString(receipt->struct_value(), &json);
  if (status.ok()) status = google::protobuf::util::JsonStringToMessage(json, &found.receipt);
  if (!status.ok()) found.problem = absl::StrCat("it cannot be read: ", std::string(status.message()));
}

}  // namespace

absl::StatusOr<ReceiptFile> ReadReceipts(absl::string_view json_lines) {
  ReceiptFile file;
  size_t number = 0;
  for (const absl::string_view line : absl::StrSplit(json_lines, '\n')) {
    ++number;
    if (Trim(line).empty()) continue;
    Struct object;
    const auto status =
        google::protobuf::util::JsonStringToMessage(google::protobuf::StringPiece(line.data(), line.size()), &object);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number,
                       " is no JSON object. Give a file that 'qm --output json submit' or 'qm --output "
                       "json returns show' has printed, as it was."));
    }
    const Value* stored = Member(object, "storedReturn");
    const Value* listed = Member(object, "returns");
    if (stored != nullptr && stored->has_struct_value()) {
      AddReturn(stored->struct_value(), number, &file);
    } else if (listed != nullptr && listed->has_list_value()) {
      for (const Value& one : listed->list_value().values()) AddReturn(one.struct_value(), number, &file);
    } else {
      AddReturn(object, number, &file);
    }
  }
  return file;
}

}  // namespace quartermaster::client
