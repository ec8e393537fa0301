#include "client/hidden_characters.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"

namespace quartermaster::client {
namespace {

constexpr HiddenCharacter kHiddenCharacters[] = {
    {"\xC2\xA0", "no-break space (U+00A0)", true},
    {"\xE2\x80\xAF", "narrow no-break space (U+202F)", true},
    {"\xE2\x80\x80", "en quad (U+2000)", true},
    {"\xE2\x80\x81", "em quad (U+2001)", true},
    {"\xE2\x80\x82", "en space (U+2002)", true},
    {"\xE2\x80\x83", "em space (U+2003)", true},
    {"\xE2\x80\x84", "three-per-em space (U+2004)", true},
    {"\xE2\x80\x85", "four-per-em space (U+2005)", true},
    {"\xE2\x80\x86", "six-per-em space (U+2006)", true},
    {"\xE2\x80\x87", "figure space (U+2007)", true},
    {"\xE2\x80\x88", "punctuation space (U+2008)", true},
    {"\xE2\x80\x89", "thin space (U+2009)", true},
    {"\xE2\x80\x8A", "hair space (U+200A)", true},
    {"\xE2\x81\x9F", "mathematical space (U+205F)", true},
    {"\xE3\x80\x80", "ideographic space (U+3000)", true},
    {"\xC2\xAD", "soft hyphen (U+00AD)", false},
    {"\xE2\x80\x8B", "zero-width space (U+200B)", false},
    {"\xE2\x80\x8C", "zero-width non-joiner (U+200C)", false},
    {"\xE2\x80\x8D", "zero-width joiner (U+200D)", false},
    {"\xE2\x80\x8E", "left-to-right mark (U+200E)", false},
    {"\xE2\x80\x8F", "right-to-left mark (U+200F)", false},
    {"\xE2\x80\xAA", "direction mark (U+202A)", false},
    {"\xE2\x80\xAB", "direction mark (U+202B)", false},
    {"\xE2\x80\xAC", "direction mark (U+202C)", false},
    {"\xE2\x80\xAD", "direction mark (U+202D)", false},
    {"\xE2\x80\xAE", "direction mark (U+202E)", false},
    {"\xE2\x81\xA0", "word joiner (U+2060)", false},
    {"\xE2\x81\xA6", "direction mark (U+2066)", false},
    {"\xE2\x81\xA7", "direction mark (U+2067)", false},
    {"\xE2\x81\xA8", "direction mark (U+2068)", false},
    {"\xE2\x81\xA9", "direction mark (U+2069)", false},
    {"\xEF\xBB\xBF", "byte order mark (U+FEFF)", false},
};

}  // namespace

const HiddenCharacter* FindHiddenCharacter(absl::string_view text) {
  if (std::all_of(text.begin(), text.end(), absl::ascii_isascii)) return nullptr;
  for (const HiddenCharacter& hidden : kHiddenCharacters) {
    if (text.find(hidden.bytes) != absl::string_view::npos) return &hidden;
  }
  return nullptr;
}

std::string VisibleText(absl::string_view text) {
  static const auto& replacements = *new auto([] {
    std::vector<std::pair<absl::string_view, absl::string_view>> pairs = {{"\n", " "}, {"\r", " "}, {"\t", " "}};
    for (const HiddenCharacter& hidden : kHiddenCharacters)
      pairs.emplace_back(hidden.bytes, hidden.is_space ? " " : "");
    return pairs;
  }());
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isprint(c); });
  std::string visible = is_plain ? std::string(text) : absl::StrReplaceAll(text, replacements);
  absl::StripAsciiWhitespace(&visible);
  return visible;
}

}  // namespace quartermaster::client
