// Encoding of keys: each part escaped and terminated, so that no part can run into the next and order is kept.
#include "storage/keys.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace quartermaster::storage {
namespace {

// A zero byte within a part is written as 00 FF, and a part ends with 00 01. The end sorts before anything that could
// stand there instead, so "a" comes before "a" followed by whatever.
constexpr char kEscape = '\x00';
constexpr char kEscapedZero = '\xff';
constexpr char kEnd = '\x01';

// Of a release in its own key, where the parts of its content have theirs plus one.
constexpr uint32_t kReleaseItself = 0;

void AppendPart(absl::string_view part, std::string& out) {
  for (const char byte : part) {
    out.push_back(byte);
    if (byte == kEscape) out.push_back(kEscapedZero);
  }
  out.push_back(kEscape);
  out.push_back(kEnd);
}

// As many bytes as the number has, the most significant first.
template <typename Number>
void AppendNumber(Number number, std::string& out) {
  for (size_t i = sizeof(Number); i-- > 0;) out.push_back(static_cast<char>((number >> 8 * i) & 0xff));
}

bool ConsumePart(absl::string_view& in, std::string& part) {
  part.clear();
  size_t at = 0;
  while (true) {
    const size_t escape = in.find(kEscape, at);
    if (escape == absl::string_view::npos || escape + 1 == in.size()) return false;
    part.append(in.data() + at, escape - at);
    at = escape + 2;
    if (in[escape + 1] == kEnd) break;
    if (in[escape + 1] != kEscapedZero) return false;
    part.push_back(kEscape);
  }
  in.remove_prefix(at);
  return true;
}

template <typename Number>
bool ConsumeNumber(absl::string_view& in, Number& number) {
  if (in.size() < sizeof(Number)) return false;
  number = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) number = number << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(sizeof(Number));
  return true;
}

bool ConsumeReturnKey(absl::string_view& in, ReturnKey& key) {
  return ConsumePart(in, key.collection) && ConsumePart(in, key.service) && ConsumePart(in, key.participant) &&
         ConsumePart(in, key.period);
}

bool ConsumeKind(absl::string_view& in, CatalogueKind kind) {
  if (in.empty() || in.front() != static_cast<char>(kind)) return false;
  in.remove_prefix(1);
  return true;
}

std::string KindPrefix(CatalogueKind kind) { return std::string(1, static_cast<char>(kind)); }

template <typename... Parts>
std::string EncodeParts(CatalogueKind kind, const Parts&... parts) {
  std::string out = KindPrefix(kind);
  (AppendPart(parts, out), ...);
  return out;
}

// Whether the key is of this kind and has just these parts.
template <typename... Parts>
bool DecodeParts(absl::string_view in, CatalogueKind kind, Parts&... parts) {
  return ConsumeKind(in, kind) && (ConsumePart(in, parts) && ...) && in.empty();
}

bool ConsumeReleaseKey(absl::string_view& in, ReleaseKey& key) {
  return ConsumePart(in, key.collection) && ConsumePart(in, key.period) && ConsumeNumber(in, key.number) &&
         key.number > 0;
}

absl::Status Unreadable(const char* what, absl::string_view bytes) {
  return absl::DataLossError(absl::StrCat("this is no key of a ", what, ": ", absl::BytesToHexString(bytes)));
}

absl::Status Unreadable(CatalogueKind kind, absl::string_view bytes) { return Unreadable(NameOf(kind), bytes); }

}  // namespace

const char* NameOf(CatalogueKind kind) {
  switch (kind) {
    case CatalogueKind::kCollection:
      return "collection";
    case CatalogueKind::kParticipant:
      return "participant";
    case CatalogueKind::kPopulation:
      return "population";
    case CatalogueKind::kStandingException:
      return "standing exception";
    case CatalogueKind::kEnrolment:
      return "enrolment";
    case CatalogueKind::kWindowGrant:
      return "window grant";
    case CatalogueKind::kToken:
      return "token";
    case CatalogueKind::kShown:
      return "record of what was shown";
  }
  return "record";
}

std::string RevisionKey::Encode() const {
  std::string out = ReturnPrefix(return_key);
  AppendNumber(~revision, out);
  return out;
}

absl::StatusOr<RevisionKey> RevisionKey::Decode(absl::string_view bytes) {
  RevisionKey key;
  absl::string_view rest = bytes;
  uint32_t inverted = 0;
  if (!ConsumeReturnKey(rest, key.return_key) || !ConsumeNumber(rest, inverted) || !rest.empty()) {
    return Unreadable("return", bytes);
  }
  key.revision = ~inverted;
  if (key.revision == 0) return Unreadable("return", bytes);
  return key;
}

std::string QueryKey::Encode() const {
  std::string out = ReturnPrefix(name.return_key);
  AppendPart(name.rule_id, out);
  AppendPart(name.subject, out);
  return out;
}

absl::StatusOr<QueryKey> QueryKey::Decode(absl::string_view bytes) {
  QueryKey key;
  absl::string_view rest = bytes;
  if (!ConsumeReturnKey(rest, key.name.return_key) || !ConsumePart(rest, key.name.rule_id) ||
      !ConsumePart(rest, key.name.subject) || !rest.empty()) {
    return Unreadable("query", bytes);
  }
  return key;
}

std::string CollectionKey::Prefix() { return KindPrefix(CatalogueKind::kCollection); }

std::string CollectionKey::Encode() const {
  std::string out = Prefix();
  AppendPart(id, out);
  AppendNumber(version, out);
  return out;
}

absl::StatusOr<CollectionKey> CollectionKey::Decode(absl::string_view bytes) {
  CollectionKey key;
  absl::string_view rest = bytes;
  if (!ConsumeKind(rest, CatalogueKind::kCollection) || !ConsumePart(rest, key.id) ||
      !ConsumeNumber(rest, key.version) || !rest.empty()) {
    return Unreadable(CatalogueKind::kCollection, bytes);
  }
  return key;
}

std::string ParticipantKey::Prefix() { return KindPrefix(CatalogueKind::kParticipant); }

std::string ParticipantKey::Encode() const { return EncodeParts(CatalogueKind::kParticipant, code); }

absl::StatusOr<ParticipantKey> ParticipantKey::Decode(absl::string_view bytes) {
  ParticipantKey key;
  if (!DecodeParts(bytes, CatalogueKind::kParticipant, key.code)) return Unreadable(CatalogueKind::kParticipant, bytes);
  return key;
}

std::string PopulationKey::Prefix() { return KindPrefix(CatalogueKind::kPopulation); }

std::string PopulationKey::Encode() const {
  return EncodeParts(CatalogueKind::kPopulation, participant, age_band, from);
}

absl::StatusOr<PopulationKey> PopulationKey::Decode(absl::string_view bytes) {
  PopulationKey key;
  if (!DecodeParts(bytes, CatalogueKind::kPopulation, key.participant, key.age_band, key.from))
    return Unreadable(CatalogueKind::kPopulation, bytes);
  return key;
}

std::string EnrolmentKey::Prefix() { return KindPrefix(CatalogueKind::kEnrolment); }

std::string EnrolmentKey::Encode() const {
  return EncodeParts(CatalogueKind::kEnrolment, collection, service, participant);
}

absl::StatusOr<EnrolmentKey> EnrolmentKey::Decode(absl::string_view bytes) {
  EnrolmentKey key;
  if (!DecodeParts(bytes, CatalogueKind::kEnrolment, key.collection, key.service, key.participant))
    return Unreadable(CatalogueKind::kEnrolment, bytes);
  return key;
}

std::string ShownKey::Prefix() { return KindPrefix(CatalogueKind::kShown); }

std::string ShownKey::Encode() const { return EncodeParts(CatalogueKind::kShown, collection, service, period); }

absl::StatusOr<ShownKey> ShownKey::Decode(absl::string_view bytes) {
  ShownKey key;
  if (!DecodeParts(bytes, CatalogueKind::kShown, key.collection, key.service, key.period))
    return Unreadable(CatalogueKind::kShown, bytes);
  return key;
}

template <CatalogueKind kKind>
std::string GrantKey<kKind>::Prefix() {
  return KindPrefix(kKind);
}

template <CatalogueKind kKind>
std::string GrantKey<kKind>::Encode() const {
  std::string out = Prefix();
  AppendNumber(id, out);
  return out;
}

template <CatalogueKind kKind>
absl::StatusOr<GrantKey<kKind>> GrantKey<kKind>::Decode(absl::string_view bytes) {
  GrantKey key;
  absl::string_view rest = bytes;
  if (!ConsumeKind(rest, kKind) || !ConsumeNumber(rest, key.id) || !rest.empty() || key.id == 0) {
    return Unreadable(kKind, bytes);
  }
  return key;
}

template struct GrantKey<CatalogueKind::kStandingException>;
template struct GrantKey<CatalogueKind::kWindowGrant>;
template struct GrantKey<CatalogueKind::kToken>;

std::string ReleaseKey::Encode() const {
  std::string out = ReleasePrefix(*this);
  AppendNumber(kReleaseItself, out);
  return out;
}

absl::StatusOr<ReleaseKey> ReleaseKey::Decode(absl::string_view bytes) {
  ReleaseKey key;
  absl::string_view rest = bytes;
  uint32_t itself = 0;
  if (!ConsumeReleaseKey(rest, key) || !ConsumeNumber(rest, itself) || !rest.empty() || itself != kReleaseItself) {
    return Unreadable("release", bytes);
  }
  return key;
}

std::string ReleasePartKey::Encode() const {
  std::string out = ReleasePrefix(release);
  AppendNumber(part + 1, out);
  return out;
}

absl::StatusOr<ReleasePartKey> ReleasePartKey::Decode(absl::string_view bytes) {
  ReleasePartKey key;
  absl::string_view rest = bytes;
  uint32_t after = 0;
  if (!ConsumeReleaseKey(rest, key.release) || !ConsumeNumber(rest, after) || !rest.empty() ||
      after == kReleaseItself) {
    return Unreadable("part of a release", bytes);
  }
  key.part = after - 1;
  return key;
}

std::string AuditKey::Encode() const {
  std::string out;
  AppendNumber(number, out);
  return out;
}

absl::StatusOr<AuditKey> AuditKey::Decode(absl::string_view bytes) {
  AuditKey key;
  absl::string_view rest = bytes;
  if (!ConsumeNumber(rest, key.number) || !rest.empty() || key.number == 0) return Unreadable("audit line", bytes);
  return key;
}

std::string PeriodPrefix(const std::string& collection, const std::string& period) {
  std::string out;
  AppendPart(collection, out);
  AppendPart(period, out);
  return out;
}

std::string ReleasePrefix(const ReleaseKey& key) {
  std::string out = PeriodPrefix(key.collection, key.period);
  AppendNumber(key.number, out);
  return out;
}

std::string ReturnPrefix(const ReturnKey& key) {
  std::string out;
  out.reserve(key.collection.size() + key.service.size() + key.participant.size() + key.period.size() + 16);
  AppendPart(key.collection, out);
  AppendPart(key.service, out);
  AppendPart(key.participant, out);
  AppendPart(key.period, out);
  return out;
}

std::string FilterPrefix(const ReturnFilter& filter) {
  std::string out;
  for (const std::string* part : {&filter.collection, &filter.service, &filter.participant, &filter.period}) {
    if (part->empty()) break;
    AppendPart(*part, out);
  }
  return out;
}

std::string PrefixEnd(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

std::string Describe(const ReturnKey& key) {
  return absl::CHexEscape(absl::StrCat(key.collection, " ", key.service, " ", key.participant, " ", key.period));
}

std::string Describe(const RevisionKey& key) {
  return absl::StrCat(Describe(key.return_key), ", revision ", key.revision);
}

std::string Describe(const QueryName& name) {
  const std::string of = name.subject.empty() ? "" : absl::StrCat(" of ", absl::CHexEscape(name.subject));
  return absl::StrCat(Describe(name.return_key), ", query ", absl::CHexEscape(name.rule_id), of);
}

std::string Describe(const ReleaseKey& key) {
  return absl::StrCat("release ", key.number, " of ", absl::CHexEscape(absl::StrCat(key.collection, " ", key.period)));
}

}  // namespace quartermaster::storage
