// Small questions about text that came from a file, a person or a server: how wide is it on a screen, what is a column
// called.
#ifndef QUARTERMASTER_CLIENT_TEXT_H_
#define QUARTERMASTER_CLIENT_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace quartermaster::client {

// Without the spaces, tabs, line ends and no-break spaces at both ends. A no-break space comes with cells that were
// pasted from a web page and cannot be told from a space on a screen.
absl::string_view Trim(absl::string_view text);

// The text's first `count` characters.
absl::string_view FirstCharacters(absl::string_view text, size_t count);

// Safe and harmless on a terminal: control characters, which could move the cursor or recolour the screen, and bytes
// that are not UTF-8 become "?", line ends and tabs become spaces.
std::string Printable(absl::string_view text);

// How many columns of a terminal the text takes: accents take none of their own, East Asian wide characters two.
size_t DisplayWidth(absl::string_view text);

// The letters of a spreadsheet's column: 0 is A, 26 is AA.
std::string ColumnLetters(size_t column);

// "1 return", "2 returns"; "1 query", "2 queries".
std::string Count(size_t count, absl::string_view noun);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_TEXT_H_
