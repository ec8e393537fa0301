// Cells as the messages of the API.
#ifndef QUARTERMASTER_SERVER_NATIONAL_MESSAGES_H_
#define QUARTERMASTER_SERVER_NATIONAL_MESSAGES_H_

#include <vector>

#include "absl/types/optional.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "quartermaster/v1/statistics.pb.h"
#include "server/national/cell.h"
#include "server/national/figures.h"
#include "validation/contribution.h"
#include "validation/schema.h"

namespace quartermaster::national {

// A cell's figures, exactly and as the message that says them.
struct DescribedCell {
  Figures figures;
  v1::NationalStatistics statistics;
};

DescribedCell DescribeCell(const ServiceSchema& service, const IndicatorSchema& indicator, const Cell& cell);
v1::NationalStatistics MakeStatistics(const ServiceSchema& service, const IndicatorSchema& indicator, const Cell& cell);

// `cells` has one for each indicator of the service, in the order of the schema.
std::vector<DescribedCell> DescribeCells(const ServiceSchema& service, const std::vector<Cell>& cells);

// How a participant's contribution and a cell go together.
enum class Membership {
  // It is in the cell.
  kWithin,
  // It is not in the cell, and stands there as one more would.
  kBeside,
  // It is not in the cell, and is shown without a standing.
  kApart,
};

// Whether a value this far above the mean, or below it, is better. Unspecified for a neutral indicator.
template <typename Number>
v1::Comparison CompareWithMean(schema::v1::Polarity polarity, Number distance) {
  const bool higher = polarity == schema::v1::POLARITY_HIGHER_IS_BETTER;
  if (!higher && polarity != schema::v1::POLARITY_LOWER_IS_BETTER) return v1::COMPARISON_UNSPECIFIED;
  if (distance == Number()) return v1::COMPARISON_SAME;
  return (distance > Number()) == higher ? v1::COMPARISON_BETTER : v1::COMPARISON_WORSE;
}

using Positions = google::protobuf::RepeatedPtrField<v1::IndicatorPosition>;

// Adds where a participant stands with this contribution, if it has one, in a cell of which `described` is the
// description.
v1::IndicatorPosition* AddPosition(const IndicatorSchema& indicator, const Cell& cell, const DescribedCell& described,
                                   const absl::optional<Contribution>& contribution, Membership membership,
                                   Positions* positions);

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_MESSAGES_H_
