// From the paths and options of `submit` and `validate` to returns: everything that can be found out before anything is
// sent.
#ifndef QUARTERMASTER_CLIENT_PREPARE_H_
#define QUARTERMASTER_CLIENT_PREPARE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/return_file.h"
#include "client/schema_source.h"

namespace quartermaster::client {

struct PreparedReturns {
  // In the order of time; those of one period in the order of the files and rows.
  std::vector<FileReturn> returns;
  // Why a file cannot be used at all. Where there is one, all returns are withheld: whoever names several files sends
  // all or nothing of them.
  std::vector<v1::Finding> file_problems;
  // Rows that were left out, and headings and names that no field has. The returns that they concern are withheld.
  std::vector<v1::Finding> row_problems;
  // What else a person should know, a sentence each: sheets that were left out, cells that are hidden.
  std::vector<std::string> notes;
};

// A path "-" is standard input, which can be read once. INVALID_ARGUMENT for what the user has to put right in the
// command: a file that is not there or is named twice, an unknown --collection, a --period that is none, a service that
// cannot be told. Other errors are those of the source. After an error `prepared` has the problems of files that were
// found before it.
absl::Status PrepareReturns(const std::vector<std::string>& paths, const KeyOptions& keys, SchemaSource* schemas,
                            PreparedReturns* prepared);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_PREPARE_H_
