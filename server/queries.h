// The life of queries: explained by participants, reviewed by stewards. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_QUERIES_H_
#define QUARTERMASTER_SERVER_QUERIES_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "quartermaster/v1/query_service.pb.h"
#include "server/live_state.h"
#include "server/principal.h"
#include "storage/store.h"

namespace quartermaster::server {

inline constexpr size_t kMaxTextCharacters = 1000;   // A paragraph.
inline constexpr size_t kMaxReasonCharacters = 500;  // A few sentences, of what a steward or a participant did.
// Comments end before a query has all the events that it can have, so that it can be settled whatever was said.
inline constexpr size_t kMaxCommentedEvents = storage::kMaxQueryEvents * 3 / 4;

// Thread-safe. The store and the state must outlive it, and every `done` that it has been given.
class Queries {
 public:
  Queries(storage::Store* store, LiveState* state);

  // Those of participants that the caller may read. Errors as QueryService says.
  absl::StatusOr<v1::ListQueriesResponse> List(const v1::ListQueriesRequest& request, const Principal& caller) const;

  // Adds to what was said about a query. Of the event, kind, reason and text are given; `done` gets the query as it
  // stands then, on this thread or on the store's. Errors as QueryService says.
  using QueryDone = std::function<void(absl::StatusOr<v1::Query>)>;
  void Say(const v1::QueryName& name, v1::QueryEvent event, const std::string& author, QueryDone done);

 private:
  // Absent where a newer revision has come meanwhile, without the query.
  absl::StatusOr<absl::optional<v1::Query>> Read(const QueryIndex::Selected& selected) const;

  storage::Store* const store_;
  LiveState* const state_;
};

// INVALID_ARGUMENT for a number that is no reason; protobuf takes any.
absl::Status CheckReason(absl::string_view field, v1::ExplanationReason reason);

// INVALID_ARGUMENT unless the text has 1 to `max_characters` characters, not all of them blank and none of them a
// control character, or is empty where that is allowed. protobuf has seen to it that it is UTF-8.
absl::Status CheckText(absl::string_view field, const std::string& text, bool may_be_empty,
                       size_t max_characters = kMaxTextCharacters);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_QUERIES_H_
