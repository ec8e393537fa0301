// Text filled into lines that a terminal can show, so that a long message or list is broken between its words rather
// than by the edge of the screen.
#ifndef QUARTERMASTER_CLIENT_PARAGRAPH_H_
#define QUARTERMASTER_CLIENT_PARAGRAPH_H_

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace quartermaster::client {

// Fits most terminals, and is the width of the help. It is fixed so that the same reply is always the same text.
constexpr size_t kLineColumns = 100;

// Prints `parts`, separated by spaces, with as many on a line as fit; a part is never broken. The first line starts
// with `start`, the others with as many spaces as `indent`. Nothing may move the cursor: parts pass through Printable.
void PrintFilled(absl::string_view start, size_t indent, const std::vector<std::string>& parts, std::ostream& out);

// The words of a text, as parts.
std::vector<std::string> Words(absl::string_view text);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_PARAGRAPH_H_
