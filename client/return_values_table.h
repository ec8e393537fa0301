// The values of a stored return as texts and as a table.
#ifndef QUARTERMASTER_CLIENT_RETURN_VALUES_TABLE_H_
#define QUARTERMASTER_CLIENT_RETURN_VALUES_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "client/table.h"
#include "quartermaster/v1/return_service.pb.h"
#include "validation/decimal.h"
#include "validation/schema.h"

namespace quartermaster::client {

// What a field of a return says: its value as people write it, or "NA".
struct ReturnText {
  std::string field;
  std::string label;
  std::string unit;
  std::string text;               // As it would be written in a file.
  absl::optional<Decimal> value;  // Of a number or a yes or no; of a choice its number.
  bool is_number;
};

// Of each field that has a value or is not available, in the order of the schema. DATA_LOSS where the data is not that
// of its service.
absl::StatusOr<std::vector<ReturnText>> ReturnTexts(const CollectionSchema& schema, const v1::StoredReturn& stored);

// A row for each field that has a value or is not available: for people with labels and units, else the columns of a
// long file, so that it can be submitted again. DATA_LOSS where the data is not that of its service.
absl::StatusOr<Table> ReturnValuesTable(const CollectionSchema& schema, const v1::StoredReturn& stored,
                                        bool for_people);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RETURN_VALUES_TABLE_H_
