// What stewards bring in: participants, populations, enrolments, collections. It knows no gRPC.
#ifndef QUARTERMASTER_SERVER_IMPORTS_H_
#define QUARTERMASTER_SERVER_IMPORTS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "quartermaster/v1/collection_service.pb.h"
#include "quartermaster/v1/participant_service.pb.h"
#include "server/live_state.h"
#include "server/one_at_a_time.h"
#include "server/submissions.h"
#include "storage/store.h"

namespace quartermaster::server {

// Thread-safe. The store and the state must outlive it, and every `done` that it has been given. `done` is called on
// this thread or on the store's.
class Imports {
 public:
  Imports(storage::Store* store, LiveState* state, Clock clock);

  // All or nothing; see ParticipantService. `author` is who imports, for the audit.
  using ParticipantsDone = std::function<void(absl::StatusOr<v1::ImportParticipantsResponse>)>;
  void ImportParticipants(const v1::ImportParticipantsRequest& request, const std::string& author,
                          ParticipantsDone done);
  using PopulationsDone = std::function<void(absl::StatusOr<v1::ImportPopulationsResponse>)>;
  void ImportPopulations(const v1::ImportPopulationsRequest& request, const std::string& author, PopulationsDone done);
  using EnrolmentsDone = std::function<void(absl::StatusOr<v1::ImportEnrolmentsResponse>)>;
  void ImportEnrolments(const v1::ImportEnrolmentsRequest& request, const std::string& author, EnrolmentsDone done);

  // Checks the collection, alone and against its current version, and makes it the next one.
  using CollectionDone = std::function<void(absl::StatusOr<v1::PublishCollectionResponse>)>;
  void PublishCollection(const v1::PublishCollectionRequest& request, const std::string& publisher,
                         CollectionDone done);

  // Publishes all of them in one commit, into a store that has none. INTERNAL where one does not compile.
  void PublishFirst(const std::vector<v1::PublishCollectionRequest>& requests, const std::string& publisher,
                    std::function<void(absl::Status)> done);

 private:
  // What these do in their turn.
  void ImportParticipantsNow(const v1::ImportParticipantsRequest& request, const std::string& author,
                             ParticipantsDone done);
  void PublishCollectionNow(const v1::PublishCollectionRequest& request, const CollectionSchema& compiled,
                            const std::string& publisher, CollectionDone done);

  storage::Store* const store_;
  LiveState* const state_;
  const Clock clock_;
  OneAtATime turns_;  // What is judged against other participants, or against the current version of a collection.
};

// The reasons why a collection was refused, as the API shows them.
void AddProblems(const std::vector<SchemaProblem>& problems,
                 google::protobuf::RepeatedPtrField<v1::SchemaProblem>* response);

// A collection as the API shows it, without its descriptor set.
v1::Collection DescribeCollection(const storage::v1::CollectionRecord& record, const CollectionSchema& schema);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_IMPORTS_H_
