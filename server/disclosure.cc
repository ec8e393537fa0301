#include "server/disclosure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/audit_entry.h"
#include "server/embargo.h"
#include "server/national/messages.h"
#include "validation/decimal.h"

namespace quartermaster::server {
namespace {

// To so many places, as a screen would show it: what is cut off tells nothing.
double Rounded(double figure, uint32_t places) {
  char text[512];  // The longest double has 309 digits before the point.
  std::snprintf(text, sizeof text, "%.*f", static_cast<int>(std::min(places, 9U)), figure);
  return std::strtod(text, nullptr);
}

// Figures of one service by the id of their indicator and their category.
using ByIndicator = absl::flat_hash_map<std::pair<absl::string_view, absl::string_view>, const v1::NationalStatistics*>;

// One for each indicator in the order of the schema; those that are not shown are withheld.
Statistics InOrder(const ServiceSchema& service, const ByIndicator& shown, v1::Withheld otherwise) {
  Statistics statistics;
  for (const IndicatorSchema& indicator : service.indicators()) {
    const auto found = shown.find({indicator.id, indicator.category});
    statistics.push_back(found != shown.end()
                             ? *found->second
                             : Withhold(national::MakeStatistics(service, indicator, national::Cell()), otherwise));
  }
  return statistics;
}

// To be stored with what is shown after a step: what came after the commit `data_sequence` is not in it.
storage::v1::ShownRecord MakeRecord(const LiveCollection& collection, const ServiceSchema& service,
                                    const Period& period, const national::NationalState::Stepped& step,
                                    const Statistics& shown, uint64_t data_sequence) {
  storage::v1::ShownRecord record;
  record.set_collection(collection.schema->id());
  record.set_service(service.id());
  record.set_period(period.ToString());
  for (size_t i = 0; i < shown.size(); ++i) {
    if (!step.shown[i]) continue;
    storage::v1::ShownCell& cell = *record.add_cells();
    cell.set_indicator(shown[i].indicator());
    cell.set_category(shown[i].category());
    cell.set_data_sequence(data_sequence);
    *cell.mutable_statistics() = shown[i];
  }
  return record;
}

// The longest kind of period of which returns are taken.
PeriodKind LongestKind(const CollectionSchema& schema) {
  for (const PeriodKind kind : {PeriodKind::kYear, PeriodKind::kQuarter}) {
    if (schema.takes(kind)) return kind;
  }
  return PeriodKind::kMonth;
}

bool IsOfLongestKind(const CollectionSchema& schema, const Period& period) {
  return period.kind() == LongestKind(schema);
}

// Of two figures, as decimals: doubles would leave 0.3 less 0.1 at 0.19999999999999998.
double Distance(double value, double from) {
  const DecimalReading a = ReadDecimal(value, Decimal::kPlaces);
  const DecimalReading b = ReadDecimal(from, Decimal::kPlaces);
  constexpr auto kTooLarge = DecimalReading::Kind::kTooLarge;
  const std::optional<Decimal> distance = Subtract(a.value, b.value);
  return a.kind == kTooLarge || b.kind == kTooLarge || !distance ? value - from : distance->ToDouble();
}

// So long a publication may take. A release whose embargo ends within it counts as seen, since it may be before the
// next one is stored.
constexpr absl::Duration kPublicationTime = absl::Minutes(1);

// Those of the services with figures that submitters see as they are disclosed, and for which `holds`.
std::vector<std::string> ServicesWhere(const LiveCollection& collection, const Period& period,
                                       const google::protobuf::RepeatedPtrField<v1::NationalStatistics>& statistics,
                                       absl::FunctionRef<bool(const ServiceSchema&)> holds) {
  std::vector<std::string> services;
  const bool is_seen_so = collection.schema->live_view() != schema::v1::LIVE_VIEW_EXACT;
  if (!is_seen_so || !IsOfLongestKind(*collection.schema, period)) return services;
  const uint32_t least = std::max(collection.schema->minimum_n(), 1U);
  for (const auto& service : collection.schema->services()) {
    const bool has_figures = std::any_of(statistics.begin(), statistics.end(), [&](const v1::NationalStatistics& each) {
      return each.service() == service->id() && each.n() >= least;
    });
    if (has_figures && holds(*service)) services.push_back(service->id());
  }
  return services;
}

}  // namespace

v1::NationalStatistics Withhold(const v1::NationalStatistics& statistics, v1::Withheld reason) {
  v1::NationalStatistics withheld;
  withheld.set_service(statistics.service());
  withheld.set_indicator(statistics.indicator());
  withheld.set_category(statistics.category());
  withheld.set_title(statistics.title());
  withheld.set_unit(statistics.unit());
  withheld.set_decimals(statistics.decimals());
  withheld.set_polarity(statistics.polarity());
  withheld.set_withheld(reason);
  return withheld;
}

v1::NationalStatistics Disclosed(const v1::NationalStatistics& exact, uint32_t minimum_n, bool ordered) {
  if (exact.n() < std::max(minimum_n, 1U)) return Withhold(exact, v1::WITHHELD_BELOW_MINIMUM_N);
  v1::NationalStatistics disclosed = Withhold(exact, v1::WITHHELD_UNSPECIFIED);
  disclosed.set_n(exact.n());
  if (exact.has_mean()) disclosed.set_mean(Rounded(exact.mean(), exact.decimals()));
  if (exact.has_pooled()) disclosed.set_pooled(Rounded(exact.pooled(), exact.decimals()));
  if (!ordered || !exact.has_median()) return disclosed;
  disclosed.set_median(Rounded(exact.median(), exact.decimals()));
  disclosed.set_lower_quartile(Rounded(exact.lower_quartile(), exact.decimals()));
  disclosed.set_upper_quartile(Rounded(exact.upper_quartile(), exact.decimals()));
  return disclosed;
}

bool Disclosure::SeesExactly(const Principal& viewer, const LiveCollection& collection) const {
  return viewer.SeesEverybody() || collection.schema->live_view() == schema::v1::LIVE_VIEW_EXACT;
}

Disclosure::Releases Disclosure::ReleasesOf(const LiveCollection& collection, const Period& period) const {
  Releases releases;
  const absl::Time now = clock_();
  const std::shared_ptr<const ReleaseIndex> index = state_->releases();
  for (const ReleaseIndex::Record& record : index->OfPeriod(collection.schema->id(), period.ToString())) {
    releases.any = true;
    if (IsSeenByAll(*index, record->release(), *collection.schema, now)) releases.visible = record;
  }
  return releases;
}

bool Disclosure::NewestIsUnseen(const LiveCollection& collection, const Period& period) const {
  const auto all = state_->releases()->OfPeriod(collection.schema->id(), period.ToString());
  return !all.empty() && IsUnderEmbargo(all.back()->release(), *collection.schema, clock_() + kPublicationTime);
}

ReleaseIndex::Record Disclosure::LastSeen(const LiveCollection& collection, const Period& period,
                                          bool newest_is_unseen) const {
  const std::shared_ptr<const ReleaseIndex> index = state_->releases();
  std::vector<ReleaseIndex::Record> all = index->OfPeriod(collection.schema->id(), period.ToString());
  if (newest_is_unseen) all.pop_back();
  while (!all.empty() && index->IsReplacedUnseen(all.back()->release())) all.pop_back();
  return all.empty() ? nullptr : all.back();
}

Statistics Disclosure::Shown(const LiveCollection& collection, const ServiceSchema& service,
                             const Period& period) const {
  if (!IsOfLongestKind(*collection.schema, period)) return InOrder(service, {}, v1::WITHHELD_OF_ANOTHER_KIND);
  const Releases releases = ReleasesOf(collection, period);
  if (releases.visible != nullptr) return DisclosedIn(*releases.visible, service);
  if (releases.any || collection.schema->live_view() != schema::v1::LIVE_VIEW_STEPPED) {
    return InOrder(service, {}, v1::WITHHELD_EMBARGOED);
  }
  return LastShown(collection, service, period);
}

Statistics Disclosure::DisclosedIn(const storage::v1::ReleaseRecord& record, const ServiceSchema& service) const {
  ByIndicator shown;
  for (const v1::NationalStatistics& each : record.shown()) {
    if (each.service() == service.id()) shown[{each.indicator(), each.category()}] = &each;
  }
  return InOrder(service, shown, v1::WITHHELD_EMBARGOED);
}

Statistics Disclosure::LastShown(const LiveCollection& collection, const ServiceSchema& service,
                                 const Period& period) const {
  ByIndicator shown;
  const std::shared_ptr<const ShownFigures> figures = state_->shown_figures();
  if (const auto* record = figures->Find(collection.schema->id(), service.id(), period.ToString()); record != nullptr) {
    for (const storage::v1::ShownCell& cell : record->cells()) {
      shown[{cell.indicator(), cell.category()}] = &cell.statistics();
    }
  }
  return InOrder(service, shown, v1::WITHHELD_TOO_FEW_CHANGES);
}

bool Disclosure::MovesInSteps(const LiveCollection& collection, const Period& period) const {
  return collection.schema->live_view() == schema::v1::LIVE_VIEW_STEPPED &&
         IsOfLongestKind(*collection.schema, period) && !ReleasesOf(collection, period).any;
}

struct Disclosure::StepCommit {
  // It has so many figures, and those of the period with which they become as many; of some 200 bytes each.
  static constexpr size_t kMaxFigures = 10'000;

  storage::CatalogueChange change;
  std::vector<std::unique_ptr<TakenSteps>> taken;
  std::vector<std::string> periods;
  size_t figures = 0;
};

void Disclosure::Step(const std::shared_ptr<const LiveCollection>& collection,
                      const std::vector<const ServiceSchema*>& services, const std::vector<Period>& periods,
                      std::function<void()> done) {
  // Read first: what comes while the figures are read may be in them, and counts after a start as if it were not.
  const uint64_t sequence = state_->sequence();
  std::vector<StepCommit> commits;
  for (const Period& period : periods) {
    if (!MovesInSteps(*collection, period)) continue;
    if (commits.empty() || commits.back().figures >= StepCommit::kMaxFigures) commits.emplace_back();
    AddSteps(collection, services, period, sequence, &commits.back());
    if (commits.back().periods.empty()) commits.pop_back();
  }
  if (commits.empty()) return done();
  for (size_t i = 0; i < commits.size(); ++i) {
    storage::CatalogueChange& change = commits[i].change;
    change.audit = AuditEntry(kOwnPrincipal, "", kStored)
                       .Text("task", "show newer figures")
                       .Text("collection", collection->schema->id())
                       .Text("period", absl::StrJoin(commits[i].periods, ", "))
                       .members();
    auto taken = std::make_shared<std::vector<std::unique_ptr<TakenSteps>>>(std::move(commits[i].taken));
    store_->ChangeCatalogue(
        change,
        [this, change, taken = std::move(taken)](uint64_t stored) {
          for (const auto& steps : *taken) steps->Keep();
          state_->Move(change, stored);
        },
        // Commits are answered in their order.
        [done = i + 1 == commits.size() ? std::move(done) : std::function<void()>()](const absl::StatusOr<uint64_t>&) {
          if (done != nullptr) done();
        });
  }
}

void Disclosure::AddSteps(const std::shared_ptr<const LiveCollection>& collection,
                          const std::vector<const ServiceSchema*>& services, const Period& period, uint64_t sequence,
                          StepCommit* commit) const {
  const uint32_t minimum_n = collection->schema->minimum_n();
  national::NationalState::Steps steps = collection->national->Step(services, period, minimum_n);
  bool any = false;
  for (size_t i = 0; i < services.size(); ++i) {
    if (!steps[i]) continue;
    any = true;
    Statistics shown;
    for (const v1::NationalStatistics& exact : steps[i]->statistics) {
      shown.push_back(Disclosed(exact, minimum_n, /*ordered=*/false));
    }
    commit->figures += shown.size();
    commit->change.shown.push_back(MakeRecord(*collection, *services[i], period, *steps[i], shown, sequence));
  }
  if (!any) return;
  commit->periods.push_back(period.ToString());
  commit->taken.push_back(
      std::make_unique<TakenSteps>(collection, services, period, std::move(steps), /*release=*/absl::nullopt));
}

Statistics Disclosure::OfRelease(const LiveCollection& collection, const ServiceSchema& service, const Period& period,
                                 const absl::optional<national::NationalState::Stepped>& stepped,
                                 bool replaces_unseen) const {
  if (!stepped) {
    const ReleaseIndex::Record seen = LastSeen(collection, period, replaces_unseen);
    return seen == nullptr ? LastShown(collection, service, period) : DisclosedIn(*seen, service);
  }
  Statistics shown;
  for (const v1::NationalStatistics& exact : stepped->statistics) {
    shown.push_back(Disclosed(exact, collection.schema->minimum_n(), /*ordered=*/true));
  }
  return shown;
}

Statistics Disclosure::ShownIn(const LiveCollection& collection, const storage::v1::ReleaseRecord& record) const {
  const absl::StatusOr<Period> period = Period::Parse(record.release().period());
  const bool is_withheld = !period.ok() || !IsOfLongestKind(*collection.schema, *period);
  Statistics shown;
  for (const v1::NationalStatistics& each : record.shown()) {
    shown.push_back(is_withheld ? Withhold(each, v1::WITHHELD_OF_ANOTHER_KIND) : each);
  }
  return shown;
}

bool Disclosure::IsDisclosed(const LiveCollection& collection, const storage::v1::ReleaseRecord& record,
                             const ServiceSchema& service) const {
  if (collection.schema->live_view() == schema::v1::LIVE_VIEW_EXACT) return true;
  const Statistics statistics = DisclosedIn(record, service);
  ByIndicator shown;
  for (const v1::NationalStatistics& each : statistics) shown[{each.indicator(), each.category()}] = &each;
  for (const v1::NationalStatistics& exact : record.statistics()) {
    if (exact.service() != service.id()) continue;
    const v1::NationalStatistics disclosed = Disclosed(exact, collection.schema->minimum_n(), /*ordered=*/true);
    const auto found = shown.find({exact.indicator(), exact.category()});
    if (found == shown.end() || !google::protobuf::util::MessageDifferencer::Equals(*found->second, disclosed)) {
      return false;
    }
  }
  return true;
}

std::vector<std::string> Disclosure::WouldNotDisclose(
    const LiveCollection& collection, const Period& period,
    const google::protobuf::RepeatedPtrField<v1::NationalStatistics>& statistics) const {
  const bool replaces_unseen = NewestIsUnseen(collection, period);
  return ServicesWhere(collection, period, statistics, [&](const ServiceSchema& service) {
    return !collection.national->MayStep(service, period, collection.schema->minimum_n(), replaces_unseen);
  });
}

TakenSteps::~TakenSteps() {
  for (size_t i = 0; i < steps_.size() && !stored_; ++i) {
    if (release_) {
      collection_->national->AbandonRelease(*services_[i], period_, *release_, steps_[i]);
    } else if (steps_[i]) {
      collection_->national->AbandonStep(*services_[i], period_, *steps_[i]);
    }
  }
}

void TakenSteps::Disclose(const Disclosure& disclosure, storage::NewRelease* release,
                          std::vector<storage::v1::ShownRecord>* shown) const {
  storage::v1::ReleaseRecord& record = release->record;
  record.set_replaces_unseen(release_->replaces_unseen);
  // What a release whose embargo is over shows is what was shown last. The record of it comes with the next release.
  const ReleaseIndex::Record seen = disclosure.LastSeen(*collection_, period_, release_->replaces_unseen);
  if (seen != nullptr) shown->assign(seen->shown_after_embargo().begin(), seen->shown_after_embargo().end());
  std::set<const ServiceSchema*> stepped;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const ServiceSchema& service = *services_[i];
    const Statistics disclosed =
        disclosure.OfRelease(*collection_, service, period_, steps_[i], release_->replaces_unseen);
    for (const v1::NationalStatistics& each : disclosed) *record.add_shown() = each;
    if (!steps_[i]) continue;
    stepped.insert(&service);
    storage::v1::ShownRecord after =
        MakeRecord(*collection_, service, period_, *steps_[i], disclosed, record.release().data_sequence());
    if (release_->is_unseen) {
      *record.add_shown_after_embargo() = std::move(after);
    } else {
      shown->push_back(std::move(after));
    }
  }
  for (std::string& service : ServicesWhere(*collection_, period_, record.statistics(),
                                            [&](const ServiceSchema& each) { return stepped.count(&each) == 0; })) {
    record.add_undisclosed_services(std::move(service));
  }
}

void Disclosure::Limit(const Principal& viewer, const LiveCollection& collection, const Period& period,
                       google::protobuf::RepeatedPtrField<v1::IndicatorPosition>* positions) const {
  if (SeesExactly(viewer, collection)) return;
  std::string service;  // The positions of one come together.
  Statistics statistics;
  ByIndicator shown;
  for (v1::IndicatorPosition& position : *positions) {
    if (position.service() != service) {
      service = position.service();
      statistics = Shown(collection, *collection.schema->FindService(service), period);
      shown.clear();
      for (const v1::NationalStatistics& each : statistics) shown[{each.indicator(), each.category()}] = &each;
    }
    const uint32_t n_expected = position.national().n_expected();
    const auto found = shown.find({position.indicator(), position.category()});
    // A version of the collection that came meanwhile may be without the indicator.
    position = LimitedPosition(
        position, found != shown.end() ? *found->second : Withhold(position.national(), v1::WITHHELD_EMBARGOED));
    position.mutable_national()->set_n_expected(n_expected);
  }
}

v1::IndicatorPosition LimitedPosition(const v1::IndicatorPosition& exact, const v1::NationalStatistics& country) {
  v1::IndicatorPosition limited;
  limited.set_service(exact.service());
  limited.set_indicator(exact.indicator());
  limited.set_category(exact.category());
  *limited.mutable_national() = country;
  limited.set_months_present(exact.months_present());
  limited.set_months_expected(exact.months_expected());
  limited.set_partial(exact.partial());
  if (!exact.has_value()) return limited;
  limited.set_value(exact.value());
  if (country.has_mean()) {
    const double distance = Distance(exact.value(), country.mean());
    limited.set_distance_from_mean(distance);
    limited.set_compared_with_mean(national::CompareWithMean(country.polarity(), distance));
  }
  if (country.has_median()) {
    limited.set_distance_from_median(Distance(exact.value(), country.median()));
    limited.set_quarter(static_cast<uint32_t>(
        national::QuarterOf(exact.value(), country.lower_quartile(), country.median(), country.upper_quartile())));
  }
  return limited;
}

}  // namespace quartermaster::server
