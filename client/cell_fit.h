// How well the text of a cell suits the column in which it stands. It is no judgement, which is for the rules; it tells
// values that stand in the wrong column from those that are merely wrong.
#ifndef QUARTERMASTER_CLIENT_CELL_FIT_H_
#define QUARTERMASTER_CLIENT_CELL_FIT_H_

#include "absl/strings/string_view.h"
#include "validation/schema.h"

namespace quartermaster::client {

enum class CellFit {
  kBlank,
  kUnknown,     // The column takes any text, or the text (NA) suits any column.
  kFits,        // What the column asks for.
  kOutOfRange,  // Of the right kind, but too large, too small, too exact or too long.
  kWrongKind,   // A text where a number is asked for, 12.5 where whole numbers are, a number where a choice is.
};

CellFit FitOf(const FieldSchema& field, absl::string_view text);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_CELL_FIT_H_
