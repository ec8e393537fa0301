#include "client/excel_text.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/types/optional.h"

namespace quartermaster::client {
namespace {

constexpr size_t kEscapeBytes = sizeof("_x0041_") - 1;

// The character that an escape at the start of the text stands for.
absl::optional<uint32_t> EscapedCharacter(absl::string_view text) {
  if (text.size() < kEscapeBytes || text[0] != '_' || text[1] != 'x' || text[6] != '_') return absl::nullopt;
  uint32_t character = 0;
  for (size_t i = 2; i < 6; ++i) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) return absl::nullopt;
  }
  if (!absl::SimpleHexAtoi(text.substr(2, 4), &character)) return absl::nullopt;
  return character;
}

// Of a character of at most four hexadecimal digits.
void AppendUtf8(uint32_t character, std::string* text) {
  if (character < 0x80) {
    *text += static_cast<char>(character);
  } else if (character < 0x800) {
    *text += static_cast<char>(0xC0 | character >> 6);
    *text += static_cast<char>(0x80 | (character & 0x3F));
  } else {
    *text += static_cast<char>(0xE0 | character >> 12);
    *text += static_cast<char>(0x80 | (character >> 6 & 0x3F));
    *text += static_cast<char>(0x80 | (character & 0x3F));
  }
}

}  // namespace

std::string ExcelText(const std::string& text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    if (EscapedCharacter(absl::string_view(text).substr(i))) {
      escaped += "_x005F_";
    } else {
      escaped += text[i];
    }
  }
  return absl::StrReplaceAll(escaped, {{"\xEF\xBF\xBE", "\xEF\xBF\xBD"}, {"\xEF\xBF\xBF", "\xEF\xBF\xBD"}});
}

std::string FromExcelText(absl::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const size_t underscore = text.find('_');
    shown.append(text.data(), underscore == absl::string_view::npos ? text.size() : underscore);
    if (underscore == absl::string_view::npos) break;
    text.remove_prefix(underscore);
    const absl::optional<uint32_t> character = EscapedCharacter(text);
    const bool is_half = character && *character >= 0xD800 && *character < 0xE000;
    if (character && *character != 0 && !is_half) {
      AppendUtf8(*character, &shown);
      text.remove_prefix(kEscapeBytes);
    } else {
      shown += '_';
      text.remove_prefix(1);
    }
  }
  return shown;
}

}  // namespace quartermaster::client
