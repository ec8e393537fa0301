#include "server/extract.h"

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/embargo.h"
#include "server/errors.h"
#include "server/expected.h"
#include "server/extract_rows.h"
#include "server/extract_values.h"
#include "server/find_services.h"
#include "server/national/messages.h"

namespace quartermaster::server {
namespace {

absl::StatusOr<std::vector<Period>> PeriodsOf(const v1::ExtractRequest& request, const CollectionSchema& schema) {
  const absl::StatusOr<Period> first = Period::Parse(request.from());
  if (!first.ok()) return InvalidField("from", first.status().message());
  const absl::StatusOr<Period> last = Period::Parse(request.to());
  if (!last.ok()) return InvalidField("to", last.status().message());
  if (first->kind() != last->kind()) {
    return InvalidField("to", absl::StrCat(last->ToDisplayString(), " is a ", PeriodKindName(last->kind()), ", and ",
                                           first->ToDisplayString(), " a ", PeriodKindName(first->kind()),
                                           ". Ask for periods of one kind."));
  }
  if (*last < *first) {
    return InvalidField("to", absl::StrCat(last->ToDisplayString(), " is before ", first->ToDisplayString(), "."));
  }
  const auto shortest = static_cast<PeriodKind>(*std::min_element(schema.cadences().begin(), schema.cadences().end()));
  if (first->kind() < shortest) {
    return InvalidField("from", absl::StrCat("the collection has figures by ", PeriodKindName(shortest),
                                             " and longer, not by ", PeriodKindName(first->kind()), "."));
  }
  std::vector<Period> periods;
  for (Period period = *first; period <= *last; period = period.Plus(1)) {
    if (periods.size() == static_cast<size_t>(kMaxExtractPeriods)) {
      return InvalidField("to", absl::StrCat("an extract has at most ", kMaxExtractPeriods,
                                             " periods. Make several of shorter ranges."));
    }
    periods.push_back(period);
  }
  return periods;
}

// The view that the caller gets; an error for one that it may not have. The public view is of all that was released,
// and beside the figures that move in steps it would tell single values, so whoever sees steps gets it only published.
absl::StatusOr<v1::ExtractView> ViewOf(const v1::ExtractRequest& request, const Principal& caller) {
  switch (request.view()) {
    case v1::EXTRACT_VIEW_UNSPECIFIED:
      return caller.SeesEverybody() ? v1::EXTRACT_VIEW_EXACT : v1::EXTRACT_VIEW_OWN;
    case v1::EXTRACT_VIEW_EXACT:
    case v1::EXTRACT_VIEW_PUBLIC:
      if (caller.SeesEverybody()) return request.view();
      return PermissionDenied(absl::StrCat("The exact and the public view are for report builders, and ", caller.name,
                                           " is none. Ask for the own view."));
    case v1::EXTRACT_VIEW_OWN:
      return request.view();
    default:
      return InvalidField("view", "it is none of exact, own and public.");
  }
}

// One extract on its way.
class Extract {
 public:
  Extract(const v1::ExtractRequest& request, v1::ExtractView view, const Principal& caller, const LiveState& state,
          const storage::Store& store, Disclosure* disclosure, absl::Time now, WriteExtract write,
          std::shared_ptr<const LiveCollection> collection)
      : request_(request),
        view_(view),
        caller_(caller),
        state_(state),
        store_(store),
        disclosure_(disclosure),
        now_(now),
        collection_(std::move(collection)),
        writer_(write) {
    const std::shared_ptr<const Participants> participants = state_.participants();
    for (const int attribute : request_.group_by()) {
      const v1::PeerAttribute attributes[] = {static_cast<v1::PeerAttribute>(attribute)};
      groups_.push_back(std::make_unique<PeerGroups>(*participants, PeerFilters(), attributes));
    }
  }

  absl::Status Make(const std::vector<Period>& periods, const std::vector<const ServiceSchema*>& services) {
    const bool released = request_.released() || view_ == v1::EXTRACT_VIEW_PUBLIC;
    if (!released && SeesInSteps()) Step(periods, services);
    for (const Period& period : periods) {
      for (const ServiceSchema* service : services) {
        const ReleaseIndex::Record release = released ? NewestRelease(period, *service) : nullptr;
        if (released && release == nullptr) continue;
        absl::StatusOr<ServiceValues> values = release == nullptr
                                                   ? LiveValues(*collection_, *service, period)
                                                   : ReleasedValues(store_, release->release(), *service, period);
        if (!values.ok()) return values.status();
        writer_.Begin(period, *service);
        const absl::Status status = view_ == v1::EXTRACT_VIEW_PUBLIC
                                        ? AddPublicRows(*values, collection_->schema->minimum_n(),
                                                        groups_.empty() ? nullptr : groups_[0].get(), &writer_)
                                        : AddRows(*values, period, *service, release);
        if (!status.ok()) return status;
      }
    }
    return writer_.Finish();
  }

 private:
  bool SeesInSteps() const { return view_ == v1::EXTRACT_VIEW_OWN && !disclosure_->SeesExactly(caller_, *collection_); }

  void Step(const std::vector<Period>& periods, const std::vector<const ServiceSchema*>& services) {
    std::promise<void> stepped;
    disclosure_->Step(collection_, services, periods, [&stepped] { stepped.set_value(); });
    stepped.get_future().wait();
  }

  // The newest that the view may show: what is under embargo is for report builders, and is not public for anybody. Nor
  // is one in which so few had something new that submitters saw it as the one before.
  ReleaseIndex::Record NewestRelease(const Period& period, const ServiceSchema& service) const {
    const std::shared_ptr<const ReleaseIndex> index = state_.releases();
    const std::vector<ReleaseIndex::Record> all = index->OfPeriod(collection_->schema->id(), period.ToString());
    const auto newest = std::find_if(all.rbegin(), all.rend(), [&](const ReleaseIndex::Record& record) {
      if (view_ == v1::EXTRACT_VIEW_EXACT) return true;
      if (!IsSeenByAll(*index, record->release(), *collection_->schema, now_)) return false;
      return view_ == v1::EXTRACT_VIEW_OWN || disclosure_->IsDisclosed(*collection_, *record, service);
    });
    return newest == all.rend() ? nullptr : *newest;
  }

  absl::Status AddRows(const ServiceValues& values, const Period& period, const ServiceSchema& service,
                       const ReleaseIndex::Record& release) {
    const Whose whose = [this](const std::string& participant) {
      return view_ == v1::EXTRACT_VIEW_EXACT || caller_.Owns(participant);
    };
    absl::Status status;
    if (request_.fields()) status = AddFields(values, collection_->schema->id(), service, store_, whose, &writer_);
    if (status.ok()) status = AddValues(values, whose, &writer_);
    if (!status.ok()) return status;
    const std::vector<std::string> expected = ExpectedParticipants(state_, *collection_, service, period);
    for (v1::NationalStatistics& statistics : CountryStatistics(values, period, service, release)) {
      if (release == nullptr) statistics.set_n_expected(static_cast<uint32_t>(expected.size()));
      status = writer_.Add([&](v1::ExtractRow* row) { row->mutable_statistics()->Swap(&statistics); });
      if (!status.ok()) return status;
    }
    for (const auto& groups : groups_) {
      status = AddGroupStatistics(values, service, *groups, expected, &writer_);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  Statistics CountryStatistics(const ServiceValues& values, const Period& period, const ServiceSchema& service,
                               const ReleaseIndex::Record& release) const {
    if (SeesInSteps()) {
      return disclosure_->Shown(*collection_, service, period);
    }
    Statistics statistics;
    if (release != nullptr) {
      for (const v1::NationalStatistics& one : release->statistics()) {
        if (one.service() == service.id()) statistics.push_back(one);
      }
      return statistics;
    }
    for (const ExtractedIndicator& indicator : values.indicators) {
      statistics.push_back(national::MakeStatistics(service, *indicator.schema,
                                                    CellOf(indicator, [](const std::string&) { return true; })));
    }
    return statistics;
  }

  const v1::ExtractRequest& request_;
  const v1::ExtractView view_;
  const Principal& caller_;
  const LiveState& state_;
  const storage::Store& store_;
  Disclosure* const disclosure_;
  const absl::Time now_;
  const std::shared_ptr<const LiveCollection> collection_;
  std::vector<std::unique_ptr<PeerGroups>> groups_;  // One for each attribute.
  RowWriter writer_;
};

}  // namespace

absl::Status MakeExtract(const v1::ExtractRequest& request, const Principal& caller, const LiveState& state,
                         const storage::Store& store, Disclosure* disclosure, absl::Time now, WriteExtract write) {
  const absl::StatusOr<v1::ExtractView> view = ViewOf(request, caller);
  if (!view.ok()) return view.status();
  const auto collection = state.FindCollection(request.collection());
  if (!collection.ok()) return collection.status();
  const auto services = FindServices(*(*collection)->schema, request.service());
  if (!services.ok()) return services.status();
  const absl::StatusOr<std::vector<Period>> periods = PeriodsOf(request, *(*collection)->schema);
  if (!periods.ok()) return periods.status();
  std::vector<v1::PeerAttribute> attributes;
  for (const int attribute : request.group_by()) attributes.push_back(static_cast<v1::PeerAttribute>(attribute));
  if (absl::Status status = CheckAttributes(attributes, "group_by"); !status.ok()) return status;
  if (*view == v1::EXTRACT_VIEW_PUBLIC && request.fields()) {
    return InvalidField("fields", "the public view has no fields of returns. Leave it out.");
  }
  if (*view == v1::EXTRACT_VIEW_PUBLIC && attributes.size() > 1) {
    return InvalidField("group_by",
                        "the public view groups by one attribute, since two tables of the same returns could "
                        "tell together what each of them withholds.");
  }
  if (*view == v1::EXTRACT_VIEW_OWN && !attributes.empty() && !disclosure->SeesExactly(caller, **collection)) {
    return PermissionDenied(absl::StrCat("The figures of groups are for report builders, and ", caller.name,
                                         " is none. Leave group_by out."));
  }
  return Extract(request, *view, caller, state, store, disclosure, now, write, *collection).Make(*periods, *services);
}

}  // namespace quartermaster::server
