// A form for returns of a service as an Excel workbook, which `qm validate` and `qm submit` read once it is filled in.
//
// Its first sheet has the headings, which stay in sight, each with a comment that says what its field is; columns have
// the format of their values, so that Excel makes no dates of periods and no numbers of codes, and lists to choose
// from. Two more sheets say what the fields and their choices are, and are not read.
#ifndef QUARTERMASTER_CLIENT_TEMPLATE_XLSX_H_
#define QUARTERMASTER_CLIENT_TEMPLATE_XLSX_H_

#include <string>

#include "absl/status/status.h"
#include "client/return_file.h"
#include "validation/schema.h"

namespace quartermaster::client {

// Writes to `file`, which is replaced. `service` is one of the schema's. UNKNOWN where it cannot be written.
absl::Status WriteTemplateXlsx(const std::string& file, const CollectionSchema& schema, const ServiceSchema& service,
                               const KeyOptions& keys);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_TEMPLATE_XLSX_H_
