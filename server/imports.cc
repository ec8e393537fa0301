#include "server/imports.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/protobuf/util/time_util.h"
#include "re2/re2.h"
#include "server/errors.h"
#include "server/windows.h"
#include "validation/schema_evolution.h"
#include "validation/utf8.h"
#include "validation/validate.h"

namespace quartermaster::server {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr int kMaxParticipants =
    10'000;  // A hundred times the largest national collection; keeps one import one message.
constexpr int kMaxPopulations = 50'000;             // Of some 30 bytes each: they fit one message of 4 MiB.
constexpr size_t kMaxTextBytes = 800;               // 200 characters of UTF-8.
constexpr size_t kMaxMessageBytes = 1000;           // A sentence or three, and a text of 200 bytes.
constexpr int64_t kMaxPopulation = 10'000'000'000;  // More people than there are.

// Adds a finding about one row of an import.
void AddRowFinding(absl::string_view rule_id, schema::v1::Class finding_class, int row, absl::string_view field,
                   absl::string_view given, absl::string_view message, absl::string_view hint,
                   google::protobuf::RepeatedPtrField<v1::Finding>* findings) {
  v1::Finding* finding = findings->Add();
  finding->set_rule_id(std::string(rule_id));
  finding->set_class_(finding_class);
  finding->set_severity(schema::v1::SEVERITY_ERROR);
  finding->set_field(std::string(field));
  finding->set_row(static_cast<uint32_t>(row));
  finding->set_given(ShortText(given));
  finding->set_message(ShortText(message, kMaxMessageBytes));
  finding->set_hint(std::string(hint));
}

void JudgeParticipantRow(const v1::Participant& participant, int row, absl::flat_hash_set<std::string>* seen,
                         google::protobuf::RepeatedPtrField<v1::Finding>* findings) {
  if (const std::string problem = ParticipantCodeProblem(participant.code()); !problem.empty()) {
    AddRowFinding("participant-code", schema::v1::CLASS_INVALID, row, "code", participant.code(), problem,
                  "Take the national code of the organisation.", findings);
  } else if (!seen->insert(participant.code()).second) {
    AddRowFinding("duplicate-row", schema::v1::CLASS_STRUCTURE, row, "code", participant.code(),
                  absl::StrCat("The participant ", participant.code(), " is there twice."), "Keep one of the rows.",
                  findings);
  }
  if (participant.name().empty()) {
    AddRowFinding("required", schema::v1::CLASS_MISSING, row, "name", "", "The name is missing.",
                  "Give the name by which people know the participant.", findings);
  }
  for (const auto& [field, text] : {std::pair<const char*, const std::string*>{"name", &participant.name()},
                                    {"nation", &participant.nation()},
                                    {"region", &participant.region()},
                                    {"integrated_care_board", &participant.integrated_care_board()},
                                    {"organisation_type", &participant.organisation_type()}}) {
    const bool readable = std::none_of(text->begin(), text->end(), [](char c) { return absl::ascii_iscntrl(c); });
    if (text->size() <= kMaxTextBytes && readable) continue;
    AddRowFinding("length", schema::v1::CLASS_INVALID, row, field, *text,
                  absl::StrCat("The ", field, " is longer than 200 characters, or holds control characters."),
                  "Shorten it to what people would read.", findings);
  }
}

void JudgePopulationRow(const v1::Population& population, int row, const Participants& participants,
                        absl::flat_hash_set<std::string>* seen,
                        google::protobuf::RepeatedPtrField<v1::Finding>* findings) {
  static const RE2& band = *new RE2(R"(\d{1,3}-\d{1,3}|\d{1,3}\+)");
  if (participants.Find(population.participant()) == nullptr) {
    AddRowFinding("unknown-participant", schema::v1::CLASS_STRUCTURE, row, "participant", population.participant(),
                  absl::StrCat("No participant with the code \"", population.participant(), "\" is registered."),
                  "Import the participant first, or correct the code.", findings);
  }
  if (!RE2::FullMatch(population.age_band(), band)) {
    AddRowFinding("pattern", schema::v1::CLASS_INVALID, row, "age_band", population.age_band(),
                  absl::StrCat("\"", population.age_band(), "\" is not an age band."), "Write 0-17, 18-64 or 65+.",
                  findings);
  }
  for (const auto& [field, people] : {std::pair<const char*, int64_t>{"registered", population.registered()},
                                      std::pair<const char*, int64_t>{"weighted", population.weighted()}}) {
    if (people >= 0 && people <= kMaxPopulation) continue;
    AddRowFinding("minimum", schema::v1::CLASS_INVALID, row, field, absl::StrCat(people),
                  "A population is 0 to 10,000,000,000 people.", "Check the figure.", findings);
  }
  const absl::StatusOr<Period> from = Period::Parse(population.from());
  if (!population.from().empty() && (!from.ok() || from->kind() != PeriodKind::kMonth)) {
    AddRowFinding("period", schema::v1::CLASS_INVALID, row, "from", population.from(),
                  absl::StrCat("\"", population.from(), "\" is not a month."),
                  "Write the first month for which the figure holds, such as 2024-04.", findings);
    return;
  }
  const std::string month = population.from().empty() ? "" : from->ToString();
  if (!seen->insert(absl::StrCat(population.participant(), "\n", population.age_band(), "\n", month)).second) {
    AddRowFinding("duplicate-row", schema::v1::CLASS_STRUCTURE, row, "participant", population.participant(),
                  "The same participant, age band and month are there twice.", "Keep one of the rows.", findings);
  }
}

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

}  // namespace

void AddProblems(const std::vector<SchemaProblem>& problems,
                 google::protobuf::RepeatedPtrField<v1::SchemaProblem>* response) {
  for (const SchemaProblem& problem : problems) {
    v1::SchemaProblem* added = response->Add();
    added->set_file(ShortText(problem.file));
    if (problem.line > 0) added->set_line(static_cast<uint32_t>(problem.line));
    if (problem.column > 0) added->set_column(static_cast<uint32_t>(problem.column));
    added->set_element(ShortText(problem.element));
    added->set_message(ShortText(problem.message, kMaxMessageBytes));
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

void Imports::ImportParticipants(const v1::ImportParticipantsRequest& request, ParticipantsDone done) {
  if (request.participants().empty() || request.participants_size() > kMaxParticipants) {
    return done(InvalidField("participants", absl::StrCat("send 1 to ", kMaxParticipants, " participants at a time.")));
  }
  v1::ImportParticipantsResponse response;
  storage::CatalogueChange change;
  const std::shared_ptr<const Participants> known = state_->participants();
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < request.participants_size(); ++i) {
    const v1::Participant& participant = request.participants(i);
    JudgeParticipantRow(participant, i + 1, &seen, response.mutable_findings());
    const v1::Participant* before = known->Find(participant.code());
    if (before != nullptr && MessageDifferencer::Equals(*before, participant)) {
      response.set_unchanged(response.unchanged() + 1);
      continue;
    }
    before == nullptr ? response.set_created(response.created() + 1) : response.set_updated(response.updated() + 1);
    *change.participants.emplace_back().mutable_participant() = participant;
  }
  if (!response.findings().empty()) {
    v1::ImportParticipantsResponse refused;
    refused.mutable_findings()->Swap(response.mutable_findings());
    return done(std::move(refused));
  }
  if (change.participants.empty()) return done(std::move(response));
  store_->ChangeCatalogue(change, [this, change, response, done = std::move(done)](absl::StatusOr<uint64_t> sequence) {
    if (!sequence.ok()) return done(sequence.status());
    state_->Move(change, *sequence);
    done(response);
  });
}

void Imports::ImportPopulations(const v1::ImportPopulationsRequest& request, PopulationsDone done) {
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
  store_->ChangeCatalogue(change, [this, change, response, done = std::move(done)](absl::StatusOr<uint64_t> sequence) {
    if (!sequence.ok()) return done(sequence.status());
    state_->Move(change, *sequence);
    done(response);
  });
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
  if (publishing_.exchange(true)) return done(TryAgain("another collection is being published. Send this one again."));

  storage::v1::CollectionRecord record = FirstRecord(request, compiled.schema->id(), publisher, clock_());
  if (const auto current = state_->FindCollection(record.id()); current.ok()) {
    if (MessageDifferencer::Equals(WithoutSource((*current)->record.descriptor_set()),
                                   WithoutSource(request.descriptor_set()))) {
      publishing_ = false;
      *response.mutable_collection() = DescribeCollection((*current)->record, *(*current)->schema);
      return done(std::move(response));
    }
    AddProblems(EvolutionProblems(*(*current)->schema, *compiled.schema), response.mutable_problems());
    record.set_version((*current)->record.version() + 1);
  }
  if (!response.problems().empty() || request.validate_only()) {
    publishing_ = false;
    if (response.problems().empty()) *response.mutable_collection() = DescribeCollection(record, *compiled.schema);
    return done(std::move(response));
  }
  *response.mutable_collection() = DescribeCollection(record, *compiled.schema);
  response.set_published(true);
  storage::CatalogueChange change;
  change.collections.push_back(std::move(record));
  store_->ChangeCatalogue(change, [this, change, response, done = std::move(done)](absl::StatusOr<uint64_t> sequence) {
    if (sequence.ok()) state_->Move(change, *sequence);
    publishing_ = false;
    if (!sequence.ok()) return done(sequence.status());
    done(response);
  });
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
  store_->ChangeCatalogue(change, [this, change, done = std::move(done)](absl::StatusOr<uint64_t> sequence) {
    if (sequence.ok()) state_->Move(change, *sequence);
    done(sequence.status());
  });
}

}  // namespace quartermaster::server
