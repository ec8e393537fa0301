#include "server/live_state.h"

#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/errors.h"
#include "server/resumed_steps.h"
#include "server/worker.h"

namespace quartermaster::server {
namespace {

// The service and period of a stored return, as the schema has them.
struct Place {
  const ServiceSchema* service;
  Period period;
};

absl::StatusOr<Place> PlaceOf(const storage::ReturnKey& key, const CollectionSchema& schema) {
  const ServiceSchema* service = schema.FindService(key.service);
  const absl::StatusOr<Period> period = Period::Parse(key.period);
  if (service == nullptr || !period.ok()) {
    return absl::DataLossError(absl::StrCat("a stored return has the service \"", key.service, "\" and the period \"",
                                            key.period, "\", which the collection ", key.collection, " does not have"));
  }
  return Place{service, *period};
}

absl::StatusOr<ReturnValues> ReadValues(const Place& place, const std::string& participant, std::string data,
                                        const google::protobuf::RepeatedPtrField<v1::NotAvailable>& not_available) {
  absl::StatusOr<ReturnValues> read = ReturnValues::Read(*place.service, std::move(data), not_available);
  if (read.ok()) return read;
  return absl::DataLossError(absl::StrCat("the stored return of ", participant, " for ", place.service->id(), " ",
                                          place.period.ToString(), " does not read back: ", read.status().message()));
}

// Puts or removes one stored revision, which must be the latest of its return.
absl::Status Count(const storage::StoredReturn& stored, const CollectionSchema& schema, const ReturnValues* values,
                   national::NationalState* national) {
  const absl::StatusOr<Place> place = PlaceOf(stored.key, schema);
  if (!place.ok()) return place.status();
  const std::string& participant = stored.key.participant;
  if (stored.withdrawal) {
    national->Remove(*place->service, participant, place->period);
    return absl::OkStatus();
  }
  absl::optional<ReturnValues> read;
  if (values == nullptr) {
    absl::StatusOr<ReturnValues> again =
        ReadValues(*place, participant, stored.record.data(), stored.record.not_available());
    if (!again.ok()) return again.status();
    values = &read.emplace(*std::move(again));
  }
  national->Put(*place->service, participant, place->period, *values, stored.record.receipt().revision());
  return absl::OkStatus();
}

// Fills new statistics with stored returns. To read their values takes longer than to get them from the store, so they
// are read, batch by batch, on a thread beside the caller's, and by the caller's wherever that one has enough to do.
class ReturnFeed {
 public:
  // Both must outlive it.
  ReturnFeed(const CollectionSchema& schema, national::NationalState* national)
      : schema_(schema), national_(national), reader_(std::make_unique<Worker>(kMostWaitingBatches)) {}

  // Takes the values out of it.
  absl::Status Add(storage::StoredReturn* stored) {
    if (stored->withdrawal) return absl::OkStatus();
    const absl::StatusOr<Place> place = PlaceOf(stored->key, schema_);
    if (!place.ok()) return place.status();
    if (batch_.empty()) batch_.reserve(kBatchReturns);
    batch_bytes_ += stored->record.data().size();
    batch_.push_back({*place, std::move(stored->key.participant), stored->record.receipt().revision(),
                      std::move(*stored->record.mutable_data()), std::move(*stored->record.mutable_not_available())});
    return batch_.size() < kBatchReturns && batch_bytes_ < kBatchBytes ? absl::OkStatus() : HandOver();
  }

  // To be called after the last one.
  absl::Status Finish() {
    if (absl::Status status = HandOver(); !status.ok()) return status;
    reader_.reset();  // Reads what waits.
    if (!status_.ok()) return status_;
    national_->CountKept();
    return absl::OkStatus();
  }

 private:
  static constexpr size_t kMostWaitingBatches = 4;
  // So many take some milliseconds, a hundred times as long as to hand them over. Returns may be of great length.
  static constexpr size_t kBatchReturns = 256;
  static constexpr size_t kBatchBytes = 4 << 20;
  // What the values follow from. The rest of the record stays behind, to be used for the next.
  struct Unread {
    Place place;
    std::string participant;
    uint32_t revision;
    std::string data;
    google::protobuf::RepeatedPtrField<v1::NotAvailable> not_available;
  };
  using Batch = std::vector<Unread>;

  // Gives the first problem of any batch so far.
  absl::Status HandOver() {
    // std::function wants what can be copied.
    const auto keep = [this, batch = std::make_shared<Batch>(std::exchange(batch_, {}))] { KeepAll(batch.get()); };
    batch_bytes_ = 0;
    if (!reader_->Do(keep)) keep();
    const std::lock_guard<std::mutex> lock(mutex_);
    return status_;
  }

  void KeepAll(Batch* batch) {
    for (Unread& unread : *batch) {
      const auto values = ReadValues(unread.place, unread.participant, std::move(unread.data), unread.not_available);
      if (!values.ok()) {
        const std::lock_guard<std::mutex> lock(mutex_);
        return status_.Update(values.status());
      }
      national_->Keep(*unread.place.service, unread.participant, unread.place.period, *values, unread.revision);
    }
  }

  const CollectionSchema& schema_;
  national::NationalState* const national_;
  Batch batch_;
  size_t batch_bytes_ = 0;
  std::mutex mutex_;  // Guards what follows but the thread.
  absl::Status status_;
  std::unique_ptr<Worker> reader_;  // Last: its destruction waits for what uses the others.
};

// What is durable but cannot be taken into memory would be served wrongly from now on; a restart says what is wrong.
void MustHold(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << "qm-server: stopping, because memory cannot follow the store: " << status.message() << std::endl;
  std::abort();
}

SchemaResult Compile(const storage::v1::CollectionRecord& record) {
  return CollectionSchema::Compile(record.descriptor_set(), record.file_name(), record.version());
}

template <typename Described>
void SetIdIfNew(uint64_t sequence, Described* described) {
  if (described->id() == 0) described->set_id(sequence);
}

}  // namespace

void StoreAndMove(storage::Store* store, LiveState* state, const storage::CatalogueChange& change,
                  storage::Store::Done<uint64_t> done) {
  store->ChangeCatalogue(
      change, [state, change](uint64_t sequence) { state->Move(change, sequence); }, std::move(done));
}

absl::StatusOr<std::unique_ptr<LiveState>> LiveState::Build(const storage::StoreReader* store) {
  absl::StatusOr<storage::Catalogue> catalogue = store->ReadCatalogue();
  if (!catalogue.ok()) return catalogue.status();
  std::unique_ptr<LiveState> state(new LiveState(store));
  state->TakeOver(*catalogue);
  state->releases_.Replace([&](ReleaseIndex* next) {
    for (const auto& record : catalogue->releases) next->Put(record);
  });
  {
    const std::lock_guard<std::mutex> lock(state->mutex_);
    state->sequence_ = store->last_sequence();
  }
  // To compile one takes as long as to read thousands of returns, so that is done beside.
  std::vector<std::pair<storage::v1::CollectionRecord, std::future<SchemaResult>>> current;
  for (size_t i = 0; i < catalogue->collections.size(); ++i) {
    const bool is_last =
        i + 1 == catalogue->collections.size() || catalogue->collections[i + 1].id() != catalogue->collections[i].id();
    if (is_last) current.emplace_back(std::move(catalogue->collections[i]), std::future<SchemaResult>());
  }
  for (auto& [record, compiled] : current) compiled = std::async(std::launch::async, Compile, std::cref(record));
  for (auto& [record, compiled] : current) {
    SchemaResult schema = compiled.get();  // On a line of its own: until then the record is read.
    if (absl::Status status = state->Publish(std::move(record), std::move(schema)); !status.ok()) return status;
  }
  // What was said is read where a query needs it; a scan finds what lost its return.
  const absl::Status whole = store->ScanQueries("", [](const auto&, const auto&) { return true; });
  if (!whole.ok()) return whole;
  return state;
}

absl::StatusOr<std::shared_ptr<const LiveCollection>> LiveState::FindCollection(const std::string& id) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = collections_.find(id);
  if (found != collections_.end()) return found->second;
  const auto first = [](std::string* out, const auto& entry) { out->append(entry.first); };
  return NotFound("collection", id, absl::StrCat("There are: ", absl::StrJoin(collections_, ", ", first), "."));
}

std::map<std::string, std::shared_ptr<const LiveCollection>> LiveState::collections() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return collections_;
}

uint64_t LiveState::sequence() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return sequence_;
}

void LiveState::Move(const storage::StoredReturn& stored, const CollectionSchema* judged_by,
                     const ReturnValues* values) {
  const absl::StatusOr<std::shared_ptr<const LiveCollection>> collection = FindCollection(stored.key.collection);
  MustHold(collection.status());
  const ReturnValues* fitting = (*collection)->schema.get() == judged_by ? values : nullptr;
  MustHold(Count(stored, *(*collection)->schema, fitting, (*collection)->national.get()));
  MustHold(IndexQueries(stored));
  const std::lock_guard<std::mutex> lock(mutex_);
  sequence_ = stored.withdrawal ? stored.withdrawal->sequence() : stored.record.receipt().sequence();
}

void LiveState::Move(const storage::QueryName& name, const std::string& fingerprint,
                     const storage::v1::QueryRecord& record) {
  queries_.SetState(name, fingerprint, StandingOf(record, fingerprint).state());
  const std::lock_guard<std::mutex> lock(mutex_);
  sequence_ = record.events(record.events_size() - 1).sequence();
}

absl::Status LiveState::IndexQueries(const storage::StoredReturn& stored) {
  std::vector<QueryIndex::Entry> entries;
  if (!stored.withdrawal) {
    for (const v1::Finding& finding : stored.record.findings()) {
      if (finding.severity() != schema::v1::SEVERITY_QUERY) continue;
      const auto record = store_->GetQuery({stored.key, finding.rule_id(), SubjectOf(finding)});
      if (!record.ok()) return record.status();
      entries.push_back({finding.rule_id(), SubjectOf(finding), finding.fingerprint(),
                         StandingOf(*record, finding.fingerprint()).state()});
    }
  }
  queries_.Put(stored.key, std::move(entries));
  return absl::OkStatus();
}

template <typename CatalogueOrChange>
void LiveState::TakeOver(const CatalogueOrChange& catalogue) {
  const auto put = [](auto& snapshot, const auto& records, auto value_of) {
    if (records.empty()) return;
    snapshot.Replace([&](auto* next) {
      for (const auto& record : records) next->Put(value_of(record));
    });
  };
  const auto whole = [](const auto& record) -> const auto& { return record; };
  put(import_times_, catalogue.participants, whole);
  put(import_times_, catalogue.populations, whole);
  if (!catalogue.participants.empty()) {
    std::vector<const v1::Participant*> participants;
    for (const auto& record : catalogue.participants) participants.push_back(&record.participant());
    participants_.Replace([&](Participants* next) { next->PutAll(participants); });
  }
  put(participants_, catalogue.populations, [](const auto& record) { return record.population(); });
  put(exceptions_, catalogue.exceptions, [](const auto& record) { return record.exception(); });
  put(enrolments_, catalogue.enrolments, whole);
  put(window_grants_, catalogue.window_grants, whole);
  put(tokens_, catalogue.tokens, whole);
  put(shown_figures_, catalogue.shown, whole);
}

void LiveState::Move(storage::CatalogueChange change, uint64_t sequence) {
  for (auto& record : change.participants) record.set_sequence(sequence);
  for (auto& record : change.populations) record.set_sequence(sequence);
  for (auto& record : change.shown) record.set_sequence(sequence);
  for (auto& record : change.exceptions) SetIdIfNew(sequence, record.mutable_exception());
  for (auto& record : change.window_grants) SetIdIfNew(sequence, record.mutable_grant());
  for (auto& record : change.tokens) SetIdIfNew(sequence, record.mutable_token());
  TakeOver(change);
  if (!change.releases.empty()) {
    releases_.Replace([&](ReleaseIndex* next) {
      for (const storage::NewRelease& release : change.releases) next->Put(release.record);
    });
  }
  for (const auto& [id, collection] : collections()) {
    if (!change.participants.empty()) collection->national->SuccessionChanged(participants()->succession());
    if (!change.populations.empty()) collection->national->PopulationsChanged();
  }
  for (const auto& record : change.collections) MustHold(Publish(record, Compile(record)));
  const std::lock_guard<std::mutex> lock(mutex_);
  sequence_ = sequence;
}

absl::Status LiveState::Publish(storage::v1::CollectionRecord record, SchemaResult compiled) {
  if (compiled.schema == nullptr) {
    return absl::DataLossError(absl::StrCat("version ", record.version(), " of the collection ", record.id(),
                                            " does not compile any more: ", compiled.problems.front().message));
  }
  const std::string id = record.id();
  auto collection = FeedCollection(std::move(record), std::move(compiled.schema),
                                   [this](const storage::StoredReturn& stored) { return IndexQueries(stored); });
  if (!collection.ok()) return collection.status();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    collections_[id].swap(*collection);
  }
  return absl::OkStatus();  // What was replaced is freed here, while others read.
}

absl::StatusOr<std::shared_ptr<const LiveCollection>> LiveState::MakeCollection(
    storage::v1::CollectionRecord record, std::shared_ptr<const CollectionSchema> schema) const {
  return FeedCollection(std::move(record), std::move(schema),
                        [](const storage::StoredReturn&) { return absl::OkStatus(); });
}

absl::StatusOr<std::shared_ptr<const LiveCollection>> LiveState::FeedCollection(
    storage::v1::CollectionRecord record, std::shared_ptr<const CollectionSchema> schema,
    absl::FunctionRef<absl::Status(const storage::StoredReturn&)> visit) const {
  auto collection = std::make_shared<LiveCollection>();
  collection->record = std::move(record);
  collection->schema = std::move(schema);
  collection->national = std::make_shared<national::NationalState>(
      collection->schema,
      [this](const std::string& participant, const PopulationKey& key, const Period& period) {
        return participants()->PopulationOf(participant, key, period);
      },
      participants()->succession());
  storage::ReturnFilter filter;
  filter.collection = collection->record.id();
  absl::StatusOr<ResumedSteps> steps = ResumedSteps::Of(*collection->schema, *shown_figures(), *releases());
  if (!steps.ok()) return steps.status();
  ReturnFeed feed(*collection->schema, collection->national.get());
  absl::Status fed;
  absl::Status scanned = store_->ScanReturns(filter, [&](storage::StoredReturn& stored) {
    fed = visit(stored);
    if (fed.ok()) fed = steps->See(stored, *store_);
    if (fed.ok()) fed = feed.Add(&stored);
    return fed.ok();
  });
  fed.Update(scanned);
  if (fed.ok()) fed = feed.Finish();
  if (!fed.ok()) return fed;
  steps->Resume(*import_times(), collection->national.get());
  return collection;
}

}  // namespace quartermaster::server
