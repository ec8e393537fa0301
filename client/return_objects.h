// Files whose returns are messages rather than rows of cells: JSON, and protobuf's binary form. Both become a table
// with a row a return, so that they are read, judged and reported as any other file; what no cell holds stands beside
// the rows.
//
// JSON is what protobuf writes of a ReturnFile, of a ReturnContent, or of the message of a service, or lists of these,
// or one behind the other, as in JSON lines. `data` may be left out around the fields, so {"participant": "RT1",
// "beds": 12} is a return as well. Rows are the lines on which returns begin.
//
// The binary form is of a ReturnFile, of a ReturnContent, or of the message of a service, whose keys are then options.
// Rows are the numbers of the returns, from 1.
#ifndef QUARTERMASTER_CLIENT_RETURN_OBJECTS_H_
#define QUARTERMASTER_CLIENT_RETURN_OBJECTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/cell_table.h"
#include "client/return_file.h"
#include "quartermaster/v1/submission_service.pb.h"

namespace quartermaster::client {

struct ReturnObjects {
  TableResult result;
  // Of each row; empty where no row has any, or there is no table. Of JSON the type that its data claims and its lists,
  // of the binary form all but the keys.
  std::vector<v1::ReturnContent> beside;
};

// Whether the bytes begin as JSON does. No heading of a CSV file begins so.
bool LooksLikeJson(absl::string_view bytes);

// Reads the whole file from memory; `name` goes into the findings. Nothing is taken of a file that is not JSON, or not
// of this form, throughout.
ReturnObjects ReadJsonReturns(const std::string& name, absl::string_view bytes);

// Whether the name says that the file is in the binary form: it ends with .binpb or .pb.
bool HasBinaryName(absl::string_view name);

// The same of the binary form. `keys` stand for keys that a return lacks.
ReturnObjects ReadBinaryReturns(const std::string& name, absl::string_view bytes, const KeyOptions& keys);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RETURN_OBJECTS_H_
