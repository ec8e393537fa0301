// The return of a body that came of a merger, for a period before it: what those who merged into it returned, taken
// together. Rules that compare a return with earlier ones follow the link by it.
#ifndef QUARTERMASTER_VALIDATION_MERGED_RETURN_H_
#define QUARTERMASTER_VALIDATION_MERGED_RETURN_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/types/optional.h"
#include "validation/expression.h"
#include "validation/period.h"
#include "validation/schema.h"
#include "validation/succession.h"

namespace quartermaster {

// What the participants' own returns of one service say.
struct OwnReturns {
  // The fields of the current return for just a period; absent if there is none.
  absl::FunctionRef<absl::optional<FieldRow>(const std::string& participant, const Period& period)> fields;
  // Whether the participant has any return.
  absl::FunctionRef<bool(const std::string& participant)> reports;
};

// The participant's own return for just this period, or, if it has none and the period ends before it began, those of
// its predecessors combined (validation/rollup.h), each in its turn made so. All predecessors that ever report the
// service must have one; absent otherwise.
absl::optional<FieldRow> ReturnOrPredecessors(const ServiceSchema& service, const Succession& succession,
                                              const std::string& participant, const Period& period,
                                              const OwnReturns& own);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_MERGED_RETURN_H_
