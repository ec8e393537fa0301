// What a submission says about queries, and what a verdict says of where they stand.
#ifndef QUARTERMASTER_SERVER_QUERY_STANDINGS_H_
#define QUARTERMASTER_SERVER_QUERY_STANDINGS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "quartermaster/v1/submission_service.pb.h"
#include "storage/store.h"

namespace quartermaster::server {

using Explanations = google::protobuf::RepeatedPtrField<v1::QueryExplanation>;

// More than a return has rules; each costs a look at every query.
inline constexpr int kMaxExplanations = 200;

// INVALID_ARGUMENT where there are too many, or a text is missing or too long.
absl::Status CheckExplanations(const Explanations& explanations);

// Says where each query among the verdict's findings stands, by what the store holds. With `explanations`, as if they
// were stored with it.
absl::Status AddStandings(const storage::Store& store, const storage::ReturnKey& key, const Explanations& explanations,
                          v1::Verdict* verdict);

// The explanations that say something new about the queries among the findings.
absl::StatusOr<std::vector<storage::NewQueryEvent>> NewExplanations(const storage::Store& store,
                                                                    const Explanations& explanations,
                                                                    const storage::ReturnKey& key,
                                                                    const std::vector<v1::Finding>& findings,
                                                                    const std::string& author);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_QUERY_STANDINGS_H_
