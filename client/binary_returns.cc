#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/input_file.h"
#include "client/return_objects.h"
#include "client/text.h"
#include "google/protobuf/unknown_field_set.h"
#include "validation/utf8.h"

namespace quartermaster::client {
namespace {

bool HasUnknown(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

// Whether all of it is what the message knows: nearly all other bytes that parse as one have something that it does
// not.
bool IsWhole(const v1::ReturnContent& content) {
  const auto is_whole = [](const auto& message) { return !HasUnknown(message); };
  return !HasUnknown(content) && !HasUnknown(content.data()) &&
         std::all_of(content.not_available().begin(), content.not_available().end(), is_whole) &&
         std::all_of(content.unreadable().begin(), content.unreadable().end(), is_whole);
}

// Nothing if the bytes are neither a file nor a return.
v1::ReturnFile ParseReturns(absl::string_view bytes) {
  const int size = static_cast<int>(bytes.size());
  v1::ReturnFile file;
  if (file.ParseFromArray(bytes.data(), size) && !HasUnknown(file) &&
      std::all_of(file.returns().begin(), file.returns().end(), IsWhole)) {
    return file;
  }
  file.Clear();
  if (!file.add_returns()->ParseFromArray(bytes.data(), size) || !IsWhole(file.returns(0))) file.Clear();
  return file;
}

// Of the message of a service nothing says so but the options.
bool AreComplete(const KeyOptions& keys) {
  return !keys.collection.empty() && !keys.service.empty() && !keys.participant.empty() && !keys.period.empty();
}

ReturnObjects Refuse(const std::string& name, uint32_t number, std::string message, std::string hint) {
  return {{nullptr, {FileFinding("not-protobuf", name, number, std::move(message), std::move(hint))}}, {}};
}

// What a text can be in a cell.
bool IsText(absl::string_view text) { return IsUtf8(text) && !absl::StrContains(text, absl::string_view("\0", 1)); }

}  // namespace

bool HasBinaryName(absl::string_view name) {
  return absl::EndsWithIgnoreCase(name, ".binpb") || absl::EndsWithIgnoreCase(name, ".pb");
}

ReturnObjects ReadBinaryReturns(const std::string& name, absl::string_view bytes, const KeyOptions& keys) {
  static_assert(kMaxFileBytes <= std::numeric_limits<int>::max(), "protobuf counts in ints");
  if (bytes.empty()) {
    return {{nullptr, {FileFinding("empty-file", name, 0, "The file is empty.", "Write a ReturnFile to it.")}}, {}};
  }
  v1::ReturnFile file = ParseReturns(bytes);
  if (file.returns().empty() && AreComplete(keys)) {
    file.add_returns()->mutable_data()->set_value(std::string(bytes));
  }
  if (file.returns().empty()) {
    return Refuse(name, 0, "The file is neither a ReturnFile nor a ReturnContent.",
                  "Write one of these messages of the API; of the message of a service alone, --collection, --service, "
                  "--participant and --period say whose it is.");
  }
  ReturnObjects objects;
  CellTableBuilder builder(name, CellTable::Kind::kObjects);
  for (const char* heading : {"collection", "service", "participant", "period"}) builder.AddCell(heading);
  builder.EndRow(0, false);
  uint32_t number = 0;
  for (v1::ReturnContent& content : *file.mutable_returns()) {
    ++number;
    const std::pair<std::string*, const std::string*> cells[] = {
        {content.mutable_collection(), &keys.collection},
        {content.mutable_service(), &keys.service},
        {content.mutable_participant(), &keys.participant},
        {content.mutable_period(), &keys.period},
    };
    bool has_key = false;
    for (const auto& [text, option] : cells) {
      if (text->empty()) *text = *option;
      if (!IsText(*text)) {
        return Refuse(name, number, absl::StrCat("A key of return ", number, " is no text."),
                      "Write it as UTF-8, without null characters.");
      }
      builder.AddCell(*text);
      has_key |= !Trim(*text).empty();
      text->clear();
    }
    if (!has_key) {
      return Refuse(name, number, absl::StrCat("Return ", number, " has neither a participant nor any other key."),
                    "Set them in the file, or give --participant and --period.");
    }
    builder.EndRow(number, false);
    objects.beside.push_back(std::move(content));
  }
  objects.result = builder.Finish();
  return objects;
}

}  // namespace quartermaster::client
