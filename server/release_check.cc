#include "server/release_check.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/content_hash.h"
#include "server/live_state.h"
#include "server/national/cell.h"
#include "server/national/messages.h"
#include "server/release_content.h"
#include "server/release_maker.h"
#include "storage/sha256.h"

namespace quartermaster::server {
namespace {

const IndicatorSchema* FindIndicator(const ServiceSchema& service, const v1::NationalStatistics& figures) {
  for (const IndicatorSchema& each : service.indicators()) {
    if (each.id == figures.indicator() && each.category == figures.category()) return &each;
  }
  return nullptr;
}

// One release under the check. The steps are called in their order; each adds what is wrong.
class ReleaseCheck {
 public:
  ReleaseCheck(const storage::v1::ReleaseRecord& record, const storage::Catalogue& catalogue,
               std::shared_ptr<const Participants> participants, const storage::StoreReader& store)
      : record_(record), catalogue_(catalogue), participants_(std::move(participants)), store_(store) {}

  ReleaseCheckResult Run() {
    if (ReadText() && FindSchema()) {
      CheckHeader();
      CheckStatistics();
      if (ReadReturns() && result_.problems.empty()) Reproduce();
    }
    return std::move(result_);
  }

 private:
  template <typename... Parts>
  void Add(const Parts&... parts) {
    result_.problems.push_back(absl::StrCat(parts...));
  }

  bool ReadText() {
    const v1::Release& release = record_.release();
    const absl::Status read =
        store_.ReadRelease(release.collection(), release.period(), release.number(), [this](const std::string& part) {
          text_ += part;
          return text_.size() <= kMaxReleaseBytes;
        });
    if (!read.ok()) {
      Add("its content does not read: ", read.message());
      return false;
    }
    if (Sha256Hex(text_) != release.sha256()) {
      Add("its content is not what was published: the SHA-256 differs");
      return false;
    }
    absl::StatusOr<ReleaseContent> content = ReadContent(text_);
    if (!content.ok()) {
      Add("its content is none: ", content.status().message());
      return false;
    }
    content_ = *std::move(content);
    return true;
  }

  bool FindSchema() {
    for (const storage::v1::CollectionRecord& version : catalogue_.collections) {
      if (version.id() != content_.collection || version.version() != content_.collection_version) continue;
      SchemaResult compiled =
          CollectionSchema::Compile(version.descriptor_set(), version.file_name(), version.version());
      schema_ = std::move(compiled.schema);
      if (schema_ == nullptr) Add("its version ", version.version(), " of the collection does not compile");
      return schema_ != nullptr;
    }
    Add("its version ", content_.collection_version, " of the collection is not stored");
    return false;
  }

  void CheckHeader() {
    const v1::Release& release = record_.release();
    const bool same = content_.collection == release.collection() && content_.period == release.period() &&
                      content_.collection_version == release.collection_version() &&
                      content_.method_version == release.method_version() && text_.size() == release.bytes() &&
                      content_.returns.size() == release.returns();
    if (!same) Add("its content and its record say different things of it");
    const bool same_figures =
        static_cast<size_t>(record_.statistics_size()) == content_.statistics.size() &&
        std::equal(content_.statistics.begin(), content_.statistics.end(), record_.statistics().begin(),
                   [](const ReleasedStatistics& a, const v1::NationalStatistics& b) {
                     return a.figures.service() == b.service() && a.figures.indicator() == b.indicator() &&
                            a.figures.category() == b.category() && HaveSameFigures(a.figures, b);
                   });
    if (!same_figures) Add("its content and its record have different statistics");
  }

  // From the values in the text, and from nothing else.
  void CheckStatistics() {
    std::map<std::tuple<std::string, std::string, std::string>, national::Cell> cells;
    for (const ReleasedValue& value : content_.values) {
      if (!value.counts) continue;
      cells[{value.service, value.indicator, value.category}].Replace(
          absl::nullopt,
          Contribution{.numerator = value.numerator, .denominator = value.denominator, .value = value.value});
    }
    for (const ReleasedStatistics& statistics : content_.statistics) {
      const v1::NationalStatistics& figures = statistics.figures;
      const ServiceSchema* service = schema_->FindService(figures.service());
      const IndicatorSchema* indicator = service == nullptr ? nullptr : FindIndicator(*service, figures);
      if (indicator == nullptr) {
        Add("it has statistics of ", figures.service(), " ", figures.indicator(), ", which its collection has not");
        continue;
      }
      const national::Cell& cell = cells[{figures.service(), figures.indicator(), figures.category()}];
      if (!HaveSameFigures(national::MakeStatistics(*service, *indicator, cell), figures)) {
        Add("the statistics of ", figures.service(), " ", figures.indicator(), " do not follow from its values");
      }
    }
  }

  // Counts the pinned returns.
  bool ReadReturns() {
    StartCollection();
    for (const PinnedReturn& pinned : content_.returns) {
      const storage::ReturnKey key{content_.collection, pinned.service, pinned.participant, pinned.period};
      const std::string name =
          absl::StrCat(pinned.service, " ", pinned.participant, " ", pinned.period, " revision ", pinned.revision);
      const absl::StatusOr<storage::StoredReturn> stored = store_.GetReturn(key, pinned.revision);
      if (!stored.ok()) {
        Add("the pinned return ", name, " is not there: ", stored.status().message());
        return false;
      }
      if (ContentSha256(stored->record.data(), stored->record.not_available()) != pinned.content_sha256) {
        Add("the pinned return ", name, " is not the one that was released: the SHA-256 differs");
        return false;
      }
      Count(*stored);
      pinned_.insert(key);
    }
    return true;
  }

  void Reproduce() {
    const bool same_method = content_.method_version == kMethodVersion;
    // Who has returns of other periods alone matters where participants merged; reading all of them takes longer.
    result_.is_reproduced = same_method && (ComesOut() || (CountOthersOfThatTime() && ComesOut()));
    if (result_.is_reproduced || !result_.problems.empty()) return;
    result_.is_undecided = !same_method || HasChangedSince();
    if (!result_.is_undecided) Add("its values do not follow from the returns that it names");
  }

  void StartCollection() {
    collection_ = std::make_shared<LiveCollection>();
    collection_->schema = schema_;
    collection_->national = std::make_shared<national::NationalState>(
        schema_,
        [this](const std::string& participant, const PopulationKey& key, const Period& period) {
          return participants_->PopulationOf(participant, key, period);
        },
        participants_->succession());
  }

  void Count(const storage::StoredReturn& stored) {
    const ServiceSchema* service = schema_->FindService(stored.key.service);
    const absl::StatusOr<Period> period = Period::Parse(stored.key.period);
    if (service == nullptr || !period.ok()) return;  // Of a later version of the collection.
    const auto values = ReturnValues::Read(*service, stored.record.data(), stored.record.not_available());
    if (!values.ok()) return;
    collection_->national->Put(*service, stored.key.participant, *period, *values, stored.record.receipt().revision());
  }

  // Whether the text comes out of what was counted.
  bool ComesOut() const {
    const absl::StatusOr<Period> period = Period::Parse(content_.period);
    if (!period.ok()) return false;
    ReleaseContent again;
    again.collection = content_.collection;
    again.period = content_.period;
    again.collection_version = content_.collection_version;
    again.returns = content_.returns;
    AddFigures(collection_, *period, &again);
    return WriteContent(again) == text_;
  }

  // Counts, beside what is pinned, what counted when the release was made. False if it does not read.
  bool CountOthersOfThatTime() {
    storage::ReturnFilter filter;
    filter.collection = content_.collection;
    filter.all_revisions = true;
    const uint64_t sequence = record_.release().data_sequence();
    absl::optional<storage::ReturnKey> decided;  // The newest revision that was there already has been met.
    const absl::Status scanned = store_.ScanReturns(filter, [&](const storage::StoredReturn& stored) {
      if (stored.record.receipt().sequence() > sequence || (decided && *decided == stored.key)) return true;
      decided = stored.key;
      const bool was_withdrawn = stored.withdrawal && stored.withdrawal->sequence() <= sequence;
      if (!was_withdrawn && pinned_.count(stored.key) == 0) Count(stored);
      return true;
    });
    if (!scanned.ok()) Add("the returns do not read: ", scanned.message());
    return scanned.ok();
  }

  bool HasChangedSince() const {
    const uint64_t sequence = record_.release().data_sequence();
    const auto is_later = [sequence](const auto& each) { return each.sequence() > sequence; };
    return std::any_of(catalogue_.participants.begin(), catalogue_.participants.end(), is_later) ||
           std::any_of(catalogue_.populations.begin(), catalogue_.populations.end(), is_later);
  }

  const storage::v1::ReleaseRecord& record_;
  const storage::Catalogue& catalogue_;
  const std::shared_ptr<const Participants> participants_;
  const storage::StoreReader& store_;
  std::string text_;
  ReleaseContent content_;
  std::shared_ptr<const CollectionSchema> schema_;
  std::shared_ptr<LiveCollection> collection_;  // What was counted so far.
  std::set<storage::ReturnKey> pinned_;
  ReleaseCheckResult result_;
};

}  // namespace

ReleaseCheckResult CheckRelease(const storage::v1::ReleaseRecord& record, const storage::Catalogue& catalogue,
                                const std::shared_ptr<const Participants>& participants,
                                const storage::StoreReader& store) {
  return ReleaseCheck(record, catalogue, participants, store).Run();
}

}  // namespace quartermaster::server
