// The fields of a whole from those of its parts: a quarter from three months, a year from four quarters, a merged body
// from those who merged into it.
#ifndef QUARTERMASTER_VALIDATION_ROLLUP_H_
#define QUARTERMASTER_VALIDATION_ROLLUP_H_

#include <vector>

#include "absl/types/span.h"
#include "validation/expression.h"
#include "validation/schema.h"

namespace quartermaster {

// Field by field as its rollup says. A sum or mean needs a number in every part. A mean is rounded half to even at 9
// places, and that of a year is always of its four quarters: where those are means of months themselves, their rounding
// goes into it, which leaves it within 10^-9 of the mean of the months. The last needs the value in the last part, and
// is the only one that a choice or a yes or no can have. Where a part lacks what is needed the field is absent. Texts
// are absent. Requires `parts` in the order of time, at least one.
FieldRow RollUp(const ServiceSchema& service, absl::Span<const FieldRow> parts);

// Of several bodies in one period, taken together: each number is the sum of theirs, and absent unless all of them have
// it. Absent as well are choices, yes or no, texts, and numbers whose unit is "%": of those no sum is a value of the
// whole. Requires at least one body.
FieldRow CombineBodies(const ServiceSchema& service, absl::Span<const FieldRow> bodies);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_ROLLUP_H_
