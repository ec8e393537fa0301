#include "client/paragraph.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/text.h"

namespace quartermaster::client {

void PrintFilled(absl::string_view start, size_t indent, const std::vector<std::string>& parts, std::ostream& out) {
  std::string line(start);
  size_t width = DisplayWidth(line);
  bool line_is_empty = true;
  for (const std::string& part : parts) {
    const std::string text = Printable(part);
    const size_t text_width = DisplayWidth(text);
    if (!line_is_empty && width + 1 + text_width > kLineColumns) {
      out << line << '\n';
      line.assign(indent, ' ');
      width = indent;
      line_is_empty = true;
    }
    absl::StrAppend(&line, line_is_empty ? "" : " ", text);
    width += text_width + (line_is_empty ? 0 : 1);
    line_is_empty = false;
  }
  out << line << '\n';
}

std::vector<std::string> Words(absl::string_view text) {
  return absl::StrSplit(text, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty());
}

}  // namespace quartermaster::client
