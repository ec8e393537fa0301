// Characters that a screen does not show, or shows like a space: they come with cells that were pasted from a web page,
// a document or a spreadsheet, and make a text something else than it looks.
#ifndef QUARTERMASTER_CLIENT_HIDDEN_CHARACTERS_H_
#define QUARTERMASTER_CLIENT_HIDDEN_CHARACTERS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace quartermaster::client {

struct HiddenCharacter {
  absl::string_view bytes;  // UTF-8
  absl::string_view name;   // "no-break space (U+00A0)"
  bool is_space;            // Rather than nothing at all.
};

// The first hidden character of the text that the table lists first. Null if there is none.
const HiddenCharacter* FindHiddenCharacter(absl::string_view text);

// The text as it looks: spaces of any kind and line ends are plain spaces, none at either end; what is invisible is
// gone.
std::string VisibleText(absl::string_view text);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_HIDDEN_CHARACTERS_H_
