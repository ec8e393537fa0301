#include "validation/utf8.h"

namespace quartermaster {

size_t Utf8CharacterBytes(absl::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || size > text.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
  const bool past_unicode = lead == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || past_unicode ? 0 : size;
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t size = Utf8CharacterBytes(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

size_t CountCharacters(absl::string_view text) {
  size_t characters = 0;
  for (const char byte : text) characters += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
  return characters;
}

std::string ShortText(absl::string_view text, size_t max_bytes) {
  constexpr char kReplacement[] = "\xEF\xBF\xBD";
  std::string shortened;
  while (!text.empty()) {
    const size_t size = Utf8CharacterBytes(text);
    const absl::string_view character = size == 0 ? absl::string_view(kReplacement) : text.substr(0, size);
    if (shortened.size() + character.size() > max_bytes) return shortened + "...";
    shortened.append(character.data(), character.size());
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return shortened;
}

}  // namespace quartermaster
