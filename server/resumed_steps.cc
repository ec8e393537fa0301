#include "server/resumed_steps.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::server {

absl::StatusOr<ResumedSteps> ResumedSteps::Of(const CollectionSchema& schema, const ShownFigures& figures,
                                              const ReleaseIndex& releases) {
  ResumedSteps steps;
  for (auto next = figures.all().lower_bound({schema.id(), "", ""}); next != figures.all().end(); ++next) {
    const storage::v1::ShownRecord& record = *next->second;
    if (record.collection() != schema.id()) break;
    if (absl::Status status = steps.Add(schema, record, record.sequence(), /*unseen=*/false); !status.ok()) {
      return status;
    }
  }
  for (const ReleaseIndex::Record& release : releases.NewestOf(schema.id())) {
    for (const storage::v1::ShownRecord& record : release->shown_after_embargo()) {
      if (absl::Status status = steps.Add(schema, record, release->sequence(), /*unseen=*/true); !status.ok()) {
        return status;
      }
    }
  }
  return steps;
}

absl::Status ResumedSteps::Add(const CollectionSchema& schema, const storage::v1::ShownRecord& record,
                               uint64_t sequence, bool unseen) {
  const ServiceSchema* service = schema.FindService(record.service());
  const absl::StatusOr<Period> period = Period::Parse(record.period());
  if (service == nullptr || !period.ok()) {
    return absl::DataLossError(absl::StrCat("figures were shown of ", schema.id(), " ", record.service(), " ",
                                            record.period(), ", which the collection does not have"));
  }
  Shown& shown = shown_.emplace_back(Shown{service, *period, unseen, {}, sequence, sequence, {}, {}});
  for (const IndicatorSchema& indicator : service->indicators()) {
    const auto cell = std::find_if(record.cells().begin(), record.cells().end(), [&](const auto& each) {
      return each.indicator() == indicator.id && each.category() == indicator.category;
    });
    shown.indicators.push_back(cell != record.cells().end());
    if (shown.indicators.back()) shown.data_sequence = std::min(shown.data_sequence, cell->data_sequence());
  }
  for (const Period& part : period->WithParts()) {
    by_return_[{service->id(), part.ToString()}].push_back(&shown);
  }
  return absl::OkStatus();
}

absl::Status ResumedSteps::See(const storage::StoredReturn& latest, const storage::StoreReader& store) {
  if (by_return_.empty()) return absl::OkStatus();
  const auto found = by_return_.find({latest.key.service, latest.key.period});
  if (found == by_return_.end()) return absl::OkStatus();
  const v1::Receipt& receipt = latest.record.receipt();
  const uint64_t last = latest.withdrawal ? latest.withdrawal->sequence() : receipt.sequence();
  const auto is_later = [&](const Shown* shown) { return last > shown->data_sequence; };
  uint64_t first = receipt.sequence();
  if (receipt.revision() > 1 && std::any_of(found->second.begin(), found->second.end(), is_later)) {
    const absl::StatusOr<storage::StoredReturn> first_revision = store.GetReturn(latest.key, 1);
    if (!first_revision.ok()) return first_revision.status();
    first = first_revision->record.receipt().sequence();
  }
  for (Shown* const shown : found->second) {
    if (is_later(shown)) shown->changed.insert(latest.key.participant);
    if (first <= shown->sequence) shown->had.insert(latest.key.participant);
  }
  return absl::OkStatus();
}

void ResumedSteps::Resume(const ImportTimes& import_times, national::NationalState* national) {
  for (Shown& shown : shown_) {
    import_times.VisitMerged(shown.data_sequence, [&](const std::string& participant) {
      shown.changed.insert(participant);
      shown.had.insert(participant);
    });
    import_times.VisitPopulations(shown.data_sequence, *shown.service, shown.period,
                                  [&](const std::string& participant) { shown.changed.insert(participant); });
    import_times.AddSuccessors(&shown.changed);
    import_times.AddSuccessors(&shown.had);
    national::SinceShown since{shown.indicators, {}, {}};
    for (const std::string& participant : shown.changed) {
      if (shown.had.count(participant) == 0) {
        since.newcomers.insert(participant);
      } else {
        since.distrusted_organisations.insert(national::OrganisationOf(participant));
      }
    }
    national->ResumeSteps(*shown.service, shown.period, since, shown.unseen);
  }
}

}  // namespace quartermaster::server
