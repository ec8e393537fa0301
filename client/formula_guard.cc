#include "client/formula_guard.h"

#include "absl/strings/str_cat.h"
#include "client/cell_value.h"

namespace quartermaster::client {
namespace {

// Spaces and tabs count for nothing, since some programs cut them off. Nor do apostrophes: a text that starts with one
// of its own gets a second, so that reading knows which was ours.
bool LooksLikeFormula(absl::string_view cell) {
  const size_t first = cell.find_first_not_of("' \t\r\n");
  if (first == absl::string_view::npos) return false;
  const absl::string_view rest = cell.substr(first);
  return absl::string_view("=+-@").find(rest[0]) != absl::string_view::npos && !ParseNumber(rest);
}

}  // namespace

std::string GuardFormula(absl::string_view cell) {
  return LooksLikeFormula(cell) ? absl::StrCat("'", cell) : std::string(cell);
}

absl::string_view UnguardFormula(absl::string_view cell) {
  return cell.substr(0, 1) == "'" && LooksLikeFormula(cell) ? cell.substr(1) : cell;
}

}  // namespace quartermaster::client
