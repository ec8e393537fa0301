// National statistics as tables: their figures by the names that the contract gives them.
#ifndef QUARTERMASTER_CLIENT_STATISTICS_TABLE_H_
#define QUARTERMASTER_CLIENT_STATISTICS_TABLE_H_

#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "client/table.h"
#include "google/protobuf/repeated_field.h"
#include "quartermaster/v1/statistics.pb.h"

namespace quartermaster::client {

// A figure of a distribution or ratio.
struct Figure {
  const char* name;     // lower_quartile
  const char* heading;  // LOWER Q
  absl::optional<double> (*of)(const v1::NationalStatistics&);
};

// All but n, in the order of the message.
absl::Span<const Figure> Figures();

// For people: titles, and figures to the indicator's decimals. For programs: ids, and figures in full.
Table StatisticsTable(const google::protobuf::RepeatedPtrField<v1::NationalStatistics>& all, bool for_people);

// Whether there are figures that this viewer may not see; then n is not 0, but not known.
bool IsWithheld(const v1::NationalStatistics& statistics);

// Why some of these figures are not there, a line a reason; empty if all are.
std::string WithheldNote(const std::vector<const v1::NationalStatistics*>& all);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_STATISTICS_TABLE_H_
