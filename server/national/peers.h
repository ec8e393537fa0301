// The median of all values of a distribution but one, and their median absolute deviation from it, found by rank: the
// values are in order already, so a country of ten thousand costs little more than one of a hundred.
#ifndef QUARTERMASTER_SERVER_NATIONAL_PEERS_H_
#define QUARTERMASTER_SERVER_NATIONAL_PEERS_H_

#include "absl/types/optional.h"
#include "server/national/distribution.h"
#include "validation/decimal.h"
#include "validation/robust_statistics.h"

namespace quartermaster::national {

// Equals ComputeMedianAndDeviation of the values without one that equals `left_out`, which must be among them; absent
// if none is left.
absl::optional<MedianAndDeviation> ComputePeers(const Distribution& values, const absl::optional<Decimal>& left_out);

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_PEERS_H_
