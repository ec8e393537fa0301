// Recognises what is not CSV, by its first bytes and by the null bytes that text never has.
#ifndef QUARTERMASTER_CLIENT_FILE_KIND_H_
#define QUARTERMASTER_CLIENT_FILE_KIND_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace quartermaster::client {

struct NotCsv {
  std::string rule_id;  // "not-csv", or "encoding" for text in UTF-16 or UTF-32
  std::string message;
  std::string hint;
};

// What the file is instead of UTF-8 text; nothing where it may well be CSV.
absl::optional<NotCsv> RecogniseOtherFile(absl::string_view bytes);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_FILE_KIND_H_
