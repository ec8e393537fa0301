// Whether a new version of a collection keeps faith with the one before, so that every stored return stays readable.
#ifndef QUARTERMASTER_VALIDATION_SCHEMA_EVOLUTION_H_
#define QUARTERMASTER_VALIDATION_SCHEMA_EVOLUTION_H_

#include <vector>

#include "validation/schema.h"

namespace quartermaster {

// Each service, field or choice of `before` that `after` drops, renumbers or retypes, each cadence that it takes away,
// each change of decimals, each indicator that becomes another under its id, each range that becomes narrower or field
// that becomes required without saying from which month on.
std::vector<SchemaProblem> EvolutionProblems(const CollectionSchema& before, const CollectionSchema& after);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_SCHEMA_EVOLUTION_H_
