#include "server/imports.h"

#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/protobuf/util/time_util.h"
#include "server/audit_entry.h"
#include "server/errors.h"
#include "server/import_rows.h"
#include "server/publication_notices.h"
#include "server/windows.h"
#include "validation/schema_evolution.h"
#include "validation/utf8.h"

namespace quartermaster::server {
namespace {

using google::protobuf::util::MessageDifferencer;

// A hundred times the largest national collection; keeps one import one message.
constexpr int kMaxParticipants = 10'000;
constexpr int kMaxPopulations = 50'000;        // Of some 30 bytes each: they fit one message of 4 MiB.
constexpr int kMaxEnrolments = 50'000;         // Of some 40 bytes each, likewise.
constexpr size_t kMaxProblemTextBytes = 1000;  // A sentence or three, and a text of 200 bytes.

// The files without what only people read.
google::protobuf::FileDescriptorSet WithoutSource(google::protobuf::FileDescriptorSet set) {
  for (auto& file : *set.mutable_file()) file.clear_source_code_info();
  return set;
}

// A collection that is to be published, as its first version.
storage::v1::CollectionRecord FirstRecord(const v1::PublishCollectionRequest& request, const std::string& id,
                                          const std::string& publisher, absl::Time now) {
  storage::v1::CollectionRecord record;
  record.set_id(id);
  record.set_version(1);
  record.set_publish_time_us(absl::ToUnixMicros(now));
  record.set_publisher(publisher);
  *record.mutable_descriptor_set() = request.descriptor_set();
  record.set_file_name(request.file_name());
  return record;
}

// Answers with the response once the change is stored.
template <typename Response, typename Done>
storage::Store::Done<uint64_t> Answering(Response response, Done done) {
  return [response = std::move(response), done = std::move(done)](const absl::StatusOr<uint64_t>& sequence) {
    if (!sequence.ok()) return done(sequence.status());
    done(response);
  };
}

}  // namespace

void AddProblems(const std::vector<SchemaProblem>& problems,
                 google::protobuf::RepeatedPtrField<v1::SchemaProblem>* response) {
  for (const SchemaProblem& problem : problems) {
    v1::SchemaProblem* added = response->Add();
    added->set_file(ShortText(problem.file));
    if (problem.line > 0) added->set_line(static_cast<uint32_t>(problem.line));
    if (problem.column > 0) added->set_column(static_cast<uint32_t>(problem.column));
    added->set_element(ShortText(problem.element));
    added->set_message(ShortText(problem.message, kMaxProblemTextBytes));
  }
}

v1::Collection DescribeCollection(const storage::v1::CollectionRecord& record, const CollectionSchema& schema) {
  v1::Collection collection;
  collection.set_id(schema.id());
  collection.set_title(schema.title());
  collection.set_version(record.version());
  *collection.mutable_publish_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(record.publish_time_us());
  for (const auto cadence : schema.cadences()) collection.add_cadence(cadence);
  collection.set_first_period(schema.first_period().ToString());
  for (const auto& service : schema.services()) {
    v1::ServiceSummary* summary = collection.add_services();
    summary->set_id(service->id());
    summary->set_title(service->title());
    summary->set_fields(static_cast<uint32_t>(service->fields().size()));
    summary->set_rules(static_cast<uint32_t>(service->rules().size()));
    summary->set_indicators(static_cast<uint32_t>(service->declared_indicator_count()));
  }
  collection.set_file_name(record.file_name());
  return collection;
}

Imports::Imports(storage::Store* store, LiveState* state, Clock clock)
    : store_(store), state_(state), clock_(std::move(clock)) {}

void Imports::ImportParticipants(const v1::ImportParticipantsRequest& request, const std::string& author,
                                 ParticipantsDone done) {
  if (request.participants().empty() || request.participants_size() > kMaxParticipants) {
    return done(InvalidField("participants", absl::StrCat("send 1 to ", kMaxParticipants, " participants at a time.")));
  }
  // The copy lives until its turn, which the request need not.
  turns_.Do(std::move(done), [this, request, author](ParticipantsDone turn_done) {
    ImportParticipantsNow(request, author, std::move(turn_done));
  });
}

void Imports::ImportParticipantsNow(const v1::ImportParticipantsRequest& request, const std::string& author,
                                    ParticipantsDone done) {
  v1::ImportParticipantsResponse response;
  storage::CatalogueChange change;
  const std::shared_ptr<const Participants> known = state_->participants();
  const std::shared_ptr<const ImportTimes> import_times = state_->import_times();
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < request.participants_size(); ++i) {
    v1::Participant participant = request.participants(i);
    JudgeParticipantRow(participant, i + 1, &seen, response.mutable_findings());
    if (const auto from = Period::Parse(participant.succeeded_from()); from.ok()) {
      participant.set_succeeded_from(from->ToString());
    }
    const v1::Participant* before = known->Find(participant.code());
    if (before != nullptr && MessageDifferencer::Equals(*before, participant)) {
      response.set_unchanged(response.unchanged() + 1);
      continue;
    }
    before == nullptr ? response.set_created(response.created() + 1) : response.set_updated(response.updated() + 1);
    storage::v1::ParticipantRecord& record = change.participants.emplace_back();
    *record.mutable_former_successors() = import_times->FormerSuccessors(participant);
    *record.mutable_participant() = std::move(participant);
  }
  JudgeSuccessions(request.participants(), *known, response.mutable_findings());
  if (!response.findings().empty()) {
    v1::ImportParticipantsResponse refused;
    refused.mutable_findings()->Swap(response.mutable_findings());
    return done(std::move(refused));
  }
  if (change.participants.empty()) return done(std::move(response));
  change.audit = AuditEntry(author, "ImportParticipants", kStored).Number("rows", change.participants.size()).members();
  StoreAndMove(store_, state_, change, Answering(std::move(response), std::move(done)));
}

void Imports::ImportPopulations(const v1::ImportPopulationsRequest& request, const std::string& author,
                                PopulationsDone done) {
  if (request.populations().empty() || request.populations_size() > kMaxPopulations) {
    return done(InvalidField("populations", absl::StrCat("send 1 to ", kMaxPopulations, " populations at a time.")));
  }
  v1::ImportPopulationsResponse response;
  storage::CatalogueChange change;
  const std::shared_ptr<const Participants> known = state_->participants();
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < request.populations_size(); ++i) {
    JudgePopulationRow(request.populations(i), i + 1, *known, &seen, response.mutable_findings());
  }
  if (!response.findings().empty()) return done(std::move(response));
  for (v1::Population population : request.populations()) {
    if (!population.from().empty()) population.set_from(Period::Parse(population.from())->ToString());
    const v1::Population* before = known->FindPopulation(population);
    if (before != nullptr && MessageDifferencer::Equals(*before, population)) {
      response.set_unchanged(response.unchanged() + 1);
      continue;
    }
    response.set_updated(response.updated() + 1);
    *change.populations.emplace_back().mutable_population() = population;
  }
  if (change.populations.empty()) return done(std::move(response));
  change.audit = AuditEntry(author, "ImportPopulations", kStored).Number("rows", change.populations.size()).members();
  StoreAndMove(store_, state_, change, Answering(std::move(response), std::move(done)));
}

void Imports::ImportEnrolments(const v1::ImportEnrolmentsRequest& request, const std::string& author,
                               EnrolmentsDone done) {
  if (request.enrolments().empty() || request.enrolments_size() > kMaxEnrolments) {
    return done(InvalidField("enrolments", absl::StrCat("send 1 to ", kMaxEnrolments, " enrolments at a time.")));
  }
  v1::ImportEnrolmentsResponse response;
  storage::CatalogueChange change;
  const std::shared_ptr<const Participants> participants = state_->participants();
  const auto collections = state_->collections();
  const FindSchema find_schema = [&collections](const std::string& id) -> const CollectionSchema* {
    const auto found = collections.find(id);
    return found == collections.end() ? nullptr : found->second->schema.get();
  };
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < request.enrolments_size(); ++i) {
    JudgeEnrolmentRow(request.enrolments(i), i + 1, find_schema, *participants, &seen, response.mutable_findings());
  }
  if (!response.findings().empty()) return done(std::move(response));
  const std::shared_ptr<const Enrolments> known = state_->enrolments();
  for (v1::Enrolment enrolment : request.enrolments()) {
    if (!enrolment.from().empty()) enrolment.set_from(Period::Parse(enrolment.from())->ToString());
    if (!enrolment.to().empty()) enrolment.set_to(Period::Parse(enrolment.to())->ToString());
    const v1::Enrolment* before = known->Find(enrolment.collection(), enrolment.service(), enrolment.participant());
    if (before != nullptr && MessageDifferencer::Equals(*before, enrolment)) {
      response.set_unchanged(response.unchanged() + 1);
      continue;
    }
    response.set_updated(response.updated() + 1);
    *change.enrolments.emplace_back().mutable_enrolment() = std::move(enrolment);
  }
  if (change.enrolments.empty()) return done(std::move(response));
  change.audit = AuditEntry(author, "ImportEnrolments", kStored).Number("rows", change.enrolments.size()).members();
  StoreAndMove(store_, state_, change, Answering(std::move(response), std::move(done)));
}

void Imports::PublishCollection(const v1::PublishCollectionRequest& request, const std::string& publisher,
                                CollectionDone done) {
  if (request.descriptor_set().file().empty()) return done(InvalidField("descriptor_set", "it holds no file."));
  v1::PublishCollectionResponse response;
  SchemaResult compiled = CollectionSchema::Compile(request.descriptor_set(), request.file_name(), 1);
  if (compiled.schema != nullptr) compiled.problems = TimeZoneProblems(*compiled.schema);
  if (!compiled.problems.empty()) {
    AddProblems(compiled.problems, response.mutable_problems());
    return done(std::move(response));
  }
  turns_.Do(std::move(done), [this, request, schema = compiled.schema, publisher](CollectionDone turn_done) {
    PublishCollectionNow(request, *schema, publisher, std::move(turn_done));
  });
}

void Imports::PublishCollectionNow(const v1::PublishCollectionRequest& request, const CollectionSchema& compiled,
                                   const std::string& publisher, CollectionDone done) {
  v1::PublishCollectionResponse response;
  storage::v1::CollectionRecord record = FirstRecord(request, compiled.id(), publisher, clock_());
  const auto current = state_->FindCollection(record.id());
  if (current.ok()) {
    if (MessageDifferencer::Equals(WithoutSource((*current)->record.descriptor_set()),
                                   WithoutSource(request.descriptor_set()))) {
      *response.mutable_collection() = DescribeCollection((*current)->record, *(*current)->schema);
      return done(std::move(response));
    }
    AddProblems(EvolutionProblems(*(*current)->schema, compiled), response.mutable_problems());
    record.set_version((*current)->record.version() + 1);
  }
  if (!response.problems().empty()) return done(std::move(response));
  *response.mutable_collection() = DescribeCollection(record, compiled);
  const CollectionSchema* current_schema = current.ok() ? (*current)->schema.get() : nullptr;
  for (std::string& notice : PublicationNotices(current_schema, compiled, *state_->participants())) {
    response.add_notices(std::move(notice));
  }
  if (request.validate_only()) {
    response.mutable_collection()->clear_publish_time();
    return done(std::move(response));
  }
  response.set_published(true);
  storage::CatalogueChange change;
  change.audit = AuditEntry(publisher, "PublishCollection", kStored)
                     .Text("collection", record.id())
                     .Number("version", record.version())
                     .members();
  change.collections.push_back(std::move(record));
  StoreAndMove(store_, state_, change, Answering(std::move(response), std::move(done)));
}

void Imports::PublishFirst(const std::vector<v1::PublishCollectionRequest>& requests, const std::string& publisher,
                           std::function<void(absl::Status)> done) {
  storage::CatalogueChange change;
  for (const v1::PublishCollectionRequest& request : requests) {
    const SchemaResult compiled = CollectionSchema::Compile(request.descriptor_set(), request.file_name(), 1);
    if (compiled.schema == nullptr) {
      const SchemaProblem& problem = compiled.problems.front();
      return done(absl::InternalError(
          absl::StrCat(problem.file, ":", problem.line, ": ", problem.element, ": ", problem.message)));
    }
    change.collections.push_back(FirstRecord(request, compiled.schema->id(), publisher, clock_()));
  }
  change.audit = AuditEntry(kOwnPrincipal, "", kStored)
                     .Text("task", "publish the shipped collections")
                     .Number("rows", change.collections.size())
                     .members();
  StoreAndMove(store_, state_, change,
               [done = std::move(done)](const absl::StatusOr<uint64_t>& sequence) { done(sequence.status()); });
}

}  // namespace quartermaster::server
