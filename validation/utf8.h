// UTF-8 as far as Quartermaster needs it: to know characters apart, and to shorten a text between them.
#ifndef QUARTERMASTER_VALIDATION_UTF8_H_
#define QUARTERMASTER_VALIDATION_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace quartermaster {

// How many bytes the character at the front has, by RFC 3629; 0 if there is none: an empty text, a stray byte, an
// overlong form, a surrogate.
size_t Utf8CharacterBytes(absl::string_view text);

// Whether the bytes are well-formed UTF-8: no overlong forms, no surrogates, nothing past U+10FFFF.
bool IsUtf8(absl::string_view text);

// How many characters a text has: bytes that do not continue one.
size_t CountCharacters(absl::string_view text);

// The front of a text that somebody sent, at most `max_bytes` long, cut between characters, with "..." where it was
// cut. Bytes that are no UTF-8 are replaced by U+FFFD: protobuf refuses a string with any.
std::string ShortText(absl::string_view text, size_t max_bytes = 200);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_UTF8_H_
