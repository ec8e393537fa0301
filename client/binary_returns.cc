#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/input_file.h"
#include "client/return_objects.h"
#include "client/text.h"
#include "google/protobuf/io/coded_stream.h"
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

bool Parse(absl::string_view bytes, v1::ReturnContent* content) {
  return content->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) && IsWhole(*content);
}

// The returns of a ReturnFile, one by one, since a file of empty ones would take a hundred times its size; so many that
// whoever reads on finds them too many, and no more. Nothing if it is none.
std::vector<v1::ReturnContent> ParseFile(absl::string_view bytes) {
  constexpr uint32_t kReturnsTag = v1::ReturnFile::kReturnsFieldNumber << 3 | 2;  // Of a message.
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  std::vector<v1::ReturnContent> returns;
  while (input.CurrentPosition() < static_cast<int>(bytes.size()) && returns.size() < kMaxReturns + 2) {
    uint32_t size = 0;
    if (input.ReadTag() != kReturnsTag || !input.ReadVarint32(&size)) return {};
    const absl::string_view rest = bytes.substr(static_cast<size_t>(input.CurrentPosition()));
    if (size > rest.size() || !Parse(rest.substr(0, size), &returns.emplace_back())) return {};
    input.Skip(static_cast<int>(size));
  }
  return returns;
}

bool HasKeysAlone(const v1::ReturnContent& content) {
  return !content.has_data() && content.not_available().empty() && content.unreadable().empty();
}

bool AreComplete(const KeyOptions& keys) {
  return !keys.collection.empty() && !keys.service.empty() && !keys.participant.empty() && !keys.period.empty();
}

// Where the options give all four keys, bytes that are no return, or one with keys alone, are taken for the message of
// the service, whose first fields may be texts. Nothing if the bytes are none of the three.
std::vector<v1::ReturnContent> ParseReturns(absl::string_view bytes, const KeyOptions& keys) {
  std::vector<v1::ReturnContent> returns = ParseFile(bytes);
  if (!returns.empty()) return returns;
  v1::ReturnContent content;
  const bool is_return = Parse(bytes, &content);
  if (AreComplete(keys) && (!is_return || HasKeysAlone(content))) {
    returns.emplace_back().mutable_data()->set_value(std::string(bytes));
  } else if (is_return) {
    returns.push_back(std::move(content));
  }
  return returns;
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
  std::vector<v1::ReturnContent> returns = ParseReturns(bytes, keys);
  if (returns.empty()) {
    return Refuse(name, 0, "The file is neither a ReturnFile nor a ReturnContent.",
                  "Write one of these messages of the API; of the message of a service alone, --collection, --service, "
                  "--participant and --period say whose it is.");
  }
  ReturnObjects objects;
  CellTableBuilder builder(name, CellTable::Kind::kObjects);
  for (const char* heading : {"collection", "service", "participant", "period"}) builder.AddCell(heading);
  builder.EndRow(0, false);
  uint32_t number = 0;
  for (v1::ReturnContent& content : returns) {
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
