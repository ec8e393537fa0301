// Keeps text from running in a spreadsheet.
//
// A spreadsheet that opens a CSV file takes a cell which starts with = + - or @ for a formula and runs it. Such cells
// may hold what anybody has submitted, so our CSV has an apostrophe before them, which makes them text. Numbers are
// left as they are. Reading takes the apostrophe off again, so what was printed can be submitted or imported unchanged.
#ifndef QUARTERMASTER_CLIENT_FORMULA_GUARD_H_
#define QUARTERMASTER_CLIENT_FORMULA_GUARD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace quartermaster::client {

// The cell, with an apostrophe before it if a spreadsheet would run it.
std::string GuardFormula(absl::string_view cell);

// The inverse: UnguardFormula(GuardFormula(cell)) is the cell.
absl::string_view UnguardFormula(absl::string_view cell);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_FORMULA_GUARD_H_
