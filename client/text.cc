#include "client/text.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "validation/utf8.h"

namespace quartermaster::client {
namespace {

constexpr uint32_t kMalformed = 0xFFFFFFFF;
constexpr absl::string_view kNoBreakSpace = "\xC2\xA0";

// Takes the next character off `text`, which must not be empty; kMalformed takes one byte.
uint32_t TakeCharacter(absl::string_view& text) {
  constexpr uint32_t kLeadBits[] = {0x7F, 0x1F, 0x0F, 0x07};
  const size_t size = Utf8CharacterBytes(text);
  uint32_t character = kMalformed;
  if (size > 0) {
    character = static_cast<uint8_t>(text[0]) & kLeadBits[size - 1];
    for (size_t i = 1; i < size; ++i) character = character << 6 | (static_cast<uint8_t>(text[i]) & 0x3Fu);
  }
  text.remove_prefix(size == 0 ? 1 : size);
  return character;
}

bool IsControl(uint32_t character) { return character < 0x20 || (character >= 0x7F && character < 0xA0); }

// Invisible characters that reorder the text around them: they could make a reply read as something else.
bool IsDirectionMark(uint32_t character) {
  return (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

size_t CharacterWidth(uint32_t character) {
  const bool combining = (character >= 0x300 && character <= 0x36F) || (character >= 0x200B && character <= 0x200F) ||
                         (character >= 0xFE00 && character <= 0xFE0F);
  if (combining) return 0;
  const bool wide = (character >= 0x1100 && character <= 0x115F) || (character >= 0x2E80 && character <= 0xA4CF) ||
                    (character >= 0xAC00 && character <= 0xD7A3) || (character >= 0xF900 && character <= 0xFAFF) ||
                    (character >= 0xFE30 && character <= 0xFE6F) || (character >= 0xFF00 && character <= 0xFF60) ||
                    (character >= 0x1F300 && character <= 0x1FAFF);
  return wide ? 2 : 1;
}

}  // namespace

absl::string_view Trim(absl::string_view text) {
  for (;;) {
    text = absl::StripAsciiWhitespace(text);
    if (absl::string_view::npos == text.find(kNoBreakSpace)) return text;
    const size_t before = text.size();
    if (text.substr(0, 2) == kNoBreakSpace) text.remove_prefix(2);
    if (text.size() >= 2 && text.substr(text.size() - 2) == kNoBreakSpace) text.remove_suffix(2);
    if (text.size() == before) return text;
  }
}

absl::string_view FirstCharacters(absl::string_view text, size_t count) {
  absl::string_view rest = text;
  for (size_t i = 0; i < count && !rest.empty(); ++i) TakeCharacter(rest);
  return text.substr(0, text.size() - rest.size());
}

std::string Printable(absl::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const absl::string_view before = text;
    const uint32_t character = TakeCharacter(text);
    if (character == '\n' || character == '\r' || character == '\t') {
      result += ' ';
    } else if (character == kMalformed || IsControl(character) || IsDirectionMark(character)) {
      result += '?';
    } else {
      absl::StrAppend(&result, before.substr(0, before.size() - text.size()));
    }
  }
  return result;
}

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) width += CharacterWidth(TakeCharacter(text));
  return width;
}

std::string ColumnLetters(size_t column) {
  std::string letters;
  for (size_t rest = column + 1; rest > 0; rest = (rest - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return letters;
}

std::string Count(size_t count, absl::string_view noun) {
  if (count == 1) return absl::StrCat("1 ", noun);
  if (absl::EndsWith(noun, "y")) return absl::StrCat(count, " ", noun.substr(0, noun.size() - 1), "ies");
  return absl::StrCat(count, " ", noun, "s");
}

}  // namespace quartermaster::client
