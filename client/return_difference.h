// What changed between two revisions of a return.
#ifndef QUARTERMASTER_CLIENT_RETURN_DIFFERENCE_H_
#define QUARTERMASTER_CLIENT_RETURN_DIFFERENCE_H_

#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "client/return_values_table.h"
#include "client/table.h"
#include "google/protobuf/struct.pb.h"
#include "validation/decimal.h"

namespace quartermaster::client {

// A field whose value is another. Texts are as ReturnText has them; empty where the revision has no value.
struct ChangedValue {
  std::string field;
  std::string label;
  std::string before;
  std::string after;
  absl::optional<Decimal> difference;  // The later less the earlier, where both are numbers.
};

// In the order of the later revision's fields, then those that only the earlier one has.
std::vector<ChangedValue> FindChanges(const std::vector<ReturnText>& before, const std::vector<ReturnText>& after);

// A row a change: for people with labels, else with the keys of `later`.
Table ReturnDifferenceTable(const std::vector<ChangedValue>& changes, const v1::StoredReturn& later, bool for_people);

// {"participant", "service", "period", "from", "to", "changes": [{"field", "before", "after", "difference"}]}: values
// as their texts, the difference a number, each left out where there is none.
google::protobuf::Struct ReturnDifferenceObject(const std::vector<ChangedValue>& changes,
                                                const v1::StoredReturn& earlier, const v1::StoredReturn& later);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RETURN_DIFFERENCE_H_
