// What a form for returns of a service holds: headings, what is filled in, and what its fields are.
#ifndef QUARTERMASTER_CLIENT_TEMPLATE_SHEETS_H_
#define QUARTERMASTER_CLIENT_TEMPLATE_SHEETS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/return_file.h"
#include "client/table.h"
#include "validation/schema.h"

namespace quartermaster::client {

// participant, period, service, collection: what stands before the fields.
constexpr size_t kTemplateKeys = 4;

// The form as a table: the headings, which are the paths of the fields, and a row with the keys as far as `keys` say
// them.
Table TemplateTable(const ServiceSchema& service, const KeyOptions& keys);

// What a person should know of a field, in a few lines: label and unit, what to write, whether it is required.
std::string DescribeField(const FieldSchema& field);

// The heading of the choices of a field or key, which a workbook has on a sheet of their own.
std::string ChoicesHeading(absl::string_view path);

// What a cell of the field may hold where that is one of a few texts; empty otherwise.
std::vector<std::string> ChoicesOf(const FieldSchema& field);

// Whether a sheet with these headings is one of those with which a form explains itself, and holds no returns.
bool IsOwnExplanation(const std::vector<std::string>& headings);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_TEMPLATE_SHEETS_H_
