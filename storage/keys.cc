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

// The first byte of a key in the family "catalogue". Never renumbered.
enum class CatalogueKind : char { kCollection = 1, kParticipant = 2, kPopulation = 3, kStandingException = 4 };

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

absl::Status Unreadable(const char* what, absl::string_view bytes) {
  return absl::DataLossError(absl::StrCat("this is no key of a ", what, ": ", absl::BytesToHexString(bytes)));
}

}  // namespace

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
    return Unreadable("collection", bytes);
  }
  return key;
}

std::string ParticipantKey::Prefix() { return KindPrefix(CatalogueKind::kParticipant); }

std::string ParticipantKey::Encode() const {
  std::string out = Prefix();
  AppendPart(code, out);
  return out;
}

absl::StatusOr<ParticipantKey> ParticipantKey::Decode(absl::string_view bytes) {
  ParticipantKey key;
  absl::string_view rest = bytes;
  if (!ConsumeKind(rest, CatalogueKind::kParticipant) || !ConsumePart(rest, key.code) || !rest.empty()) {
    return Unreadable("participant", bytes);
  }
  return key;
}

std::string PopulationKey::Prefix() { return KindPrefix(CatalogueKind::kPopulation); }

std::string PopulationKey::Encode() const {
  std::string out = Prefix();
  AppendPart(participant, out);
  AppendPart(age_band, out);
  AppendPart(from, out);
  return out;
}

absl::StatusOr<PopulationKey> PopulationKey::Decode(absl::string_view bytes) {
  PopulationKey key;
  absl::string_view rest = bytes;
  if (!ConsumeKind(rest, CatalogueKind::kPopulation) || !ConsumePart(rest, key.participant) ||
      !ConsumePart(rest, key.age_band) || !ConsumePart(rest, key.from) || !rest.empty()) {
    return Unreadable("population", bytes);
  }
  return key;
}

std::string StandingExceptionKey::Prefix() { return KindPrefix(CatalogueKind::kStandingException); }

std::string StandingExceptionKey::Encode() const {
  std::string out = Prefix();
  AppendNumber(id, out);
  return out;
}

absl::StatusOr<StandingExceptionKey> StandingExceptionKey::Decode(absl::string_view bytes) {
  StandingExceptionKey key;
  absl::string_view rest = bytes;
  if (!ConsumeKind(rest, CatalogueKind::kStandingException) || !ConsumeNumber(rest, key.id) || !rest.empty() ||
      key.id == 0) {
    return Unreadable("standing exception", bytes);
  }
  return key;
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

}  // namespace quartermaster::storage
