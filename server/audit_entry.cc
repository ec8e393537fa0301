#include "server/audit_entry.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "validation/utf8.h"

namespace quartermaster::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct NamedField {
  absl::string_view field;
  absl::string_view member;
};

// The fields of requests that hold ids, and what they are called in a line.
constexpr NamedField kTexts[] = {{"collection", "collection"}, {"service", "service"}, {"participant", "participant"},
                                 {"period", "period"},         {"from", "from"},       {"to", "to"},
                                 {"rule_id", "rule"},          {"subject", "subject"}, {"principal", "for"}};
constexpr NamedField kNumbers[] = {
    {"revision", "revision"}, {"id", "id"}, {"number", "release"}, {"from_number", "from_number"}};

// Parts of requests that name what they are about.
constexpr absl::string_view kParts[] = {"content", "name", "exception", "submission"};

template <size_t kSize>
absl::string_view MemberOf(const NamedField (&fields)[kSize], absl::string_view name) {
  for (const NamedField& field : fields) {
    if (field.field == name) return field.member;
  }
  return "";
}

bool IsPart(absl::string_view name) {
  for (const absl::string_view part : kParts) {
    if (part == name) return true;
  }
  return false;
}

std::string JoinedTexts(const Message& message, const FieldDescriptor& field) {
  std::vector<std::string> texts;
  size_t bytes = 0;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field) && bytes < AuditEntry::kMaxTextBytes; ++i) {
    texts.push_back(message.GetReflection()->GetRepeatedString(message, &field, i));
    bytes += texts.back().size();
  }
  return absl::StrJoin(texts, " ");
}

}  // namespace

AuditEntry::AuditEntry(absl::string_view principal, absl::string_view rpc, absl::string_view outcome)
    : principal_(principal) {
  Text("principal", principal).Text("rpc", rpc).Text("outcome", outcome);
}

AuditEntry& AuditEntry::Text(absl::string_view name, absl::string_view text) {
  if (text.empty()) return *this;
  absl::StrAppend(&members_, members_.empty() ? "\"" : ",\"", name, "\":\"");
  for (const char byte : ShortText(text, kMaxTextBytes)) {
    const bool is_control = static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
    if (byte == '"' || byte == '\\') members_.push_back('\\');
    members_.push_back(is_control ? '?' : byte);
  }
  members_.push_back('"');
  return *this;
}

AuditEntry& AuditEntry::Number(absl::string_view name, uint64_t number) {
  if (number > 0) absl::StrAppend(&members_, members_.empty() ? "\"" : ",\"", name, "\":", number);
  return *this;
}

AuditEntry& AuditEntry::About(const Message& request) {
  const google::protobuf::Descriptor& type = *request.GetDescriptor();
  const google::protobuf::Reflection& reflection = *request.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated()) {
      const bool names = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && field.name() == "participants";
      if (names) Text("participants", JoinedTexts(request, field));
      continue;
    }
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        if (const absl::string_view member = MemberOf(kTexts, field.name()); !member.empty()) {
          Text(member, reflection.GetString(request, &field));
        }
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        if (const absl::string_view member = MemberOf(kNumbers, field.name()); !member.empty()) {
          Number(member, reflection.GetUInt32(request, &field));
        }
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        if (const absl::string_view member = MemberOf(kNumbers, field.name()); !member.empty()) {
          Number(member, reflection.GetUInt64(request, &field));
        }
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        // Two levels at most: no part has parts of its own but a submission, which has a content.
        if (IsPart(field.name()) && reflection.HasField(request, &field)) {
          About(reflection.GetMessage(request, &field));
        }
        break;
      default:
        break;
    }
  }
  return *this;
}

}  // namespace quartermaster::server
