// The rows of an extract as tables have them: four kinds, each with its own columns.
#ifndef QUARTERMASTER_CLIENT_EXTRACT_ROWS_H_
#define QUARTERMASTER_CLIENT_EXTRACT_ROWS_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "quartermaster/v1/extract_service.pb.h"

namespace quartermaster::client {

using ExtractKind = v1::ExtractRow::RowCase;

// In the order in which a period and service has them.
inline constexpr ExtractKind kExtractKinds[] = {v1::ExtractRow::kField, v1::ExtractRow::kValue,
                                                v1::ExtractRow::kStatistics, v1::ExtractRow::kPublishable};

// "field", "value", "statistics", "public"; empty for a row that this program does not know.
absl::string_view ExtractKindName(ExtractKind kind);

// Nothing, a number or a text.
using ExtractCell = std::variant<std::monostate, double, std::string>;

// Names as the API has them. Empty for a row that this program does not know.
absl::Span<const absl::string_view> ExtractColumns(ExtractKind kind);

// One for each of its columns. A field that is not available is the text NA, as returns are written; a count that is
// withheld is the text *, or is no ratio's.
std::vector<ExtractCell> ExtractCells(const v1::ExtractRow& row);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_EXTRACT_ROWS_H_
