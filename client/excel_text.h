// Text as workbooks keep it. XML has no place for most control characters, so Excel writes each as _x001B_, and an
// underscore that would look so as _x005F_.
#ifndef QUARTERMASTER_CLIENT_EXCEL_TEXT_H_
#define QUARTERMASTER_CLIENT_EXCEL_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace quartermaster::client {

// The text to write for one that Excel is to show. The two characters that XML cannot have become U+FFFD.
std::string ExcelText(const std::string& text);

// The text that Excel shows for one that was read. An escape of half a character pair stays as it is, and so
// does that of the null character, which no text of ours has.
std::string FromExcelText(absl::string_view text);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_EXCEL_TEXT_H_
