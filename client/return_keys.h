// Where each row of a table has its keys: in a column, or in an option. Internal to reading returns.
#ifndef QUARTERMASTER_CLIENT_RETURN_KEYS_H_
#define QUARTERMASTER_CLIENT_RETURN_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "client/field_names.h"
#include "client/return_file.h"

namespace quartermaster::client {

// One key of a table.
struct KeySource {
  std::string name;  // "participant"
  absl::optional<size_t> column;
  std::string option;  // what the option says, or the only possible value; empty if there is neither
  bool from_option;    // rather than the only possible value

  // What the row says, or the option where it says nothing.
  absl::string_view Text(const SourceTable& source, size_t row) const;
  // The same of a row whose cells stand so many columns too far to the right.
  absl::string_view TextAt(const std::vector<absl::string_view>& cells, int offset) const;
  // The key in a row. Where the cell contradicts the option, a problem is added.
  std::string Read(const SourceTable& source, size_t row, std::vector<v1::Finding>* problems) const;
};

struct KeySources {
  KeySource collection;
  KeySource service;
  KeySource period;
  KeySource participant;
  // The key columns that must be there and are not.
  std::vector<v1::Finding> problems;
};

// INVALID_ARGUMENT where the service cannot be told.
absl::StatusOr<KeySources> FindKeys(const SourceTable& source, const KeyOptions& keys, const Schemas& schemas,
                                    NamesOfServices* names);

// Whether the heading is a key rather than a field: participant, period, service, collection.
bool IsKeyHeading(absl::string_view heading);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RETURN_KEYS_H_
