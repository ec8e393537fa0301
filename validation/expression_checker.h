// Gives the parsed operations their types, and resolves what they name: fields, groups, choices and populations.
#ifndef QUARTERMASTER_VALIDATION_EXPRESSION_CHECKER_H_
#define QUARTERMASTER_VALIDATION_EXPRESSION_CHECKER_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "validation/expression.h"
#include "validation/expression_parser.h"
#include "validation/expression_program.h"

namespace quartermaster {

// `steps` come from ParseExpression(source). Populations that are asked for are added to `populations`, also on
// failure. INVALID_ARGUMENT, with line and column, if it is not well typed.
absl::StatusOr<std::unique_ptr<ExpressionProgram>> CheckExpression(absl::string_view source,
                                                                   const std::vector<Step>& steps,
                                                                   const FieldDirectory& fields,
                                                                   std::vector<PopulationKey>* populations);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_EXPRESSION_CHECKER_H_
