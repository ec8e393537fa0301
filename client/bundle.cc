#include "client/bundle.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/input_file.h"
#include "client/schema_source.h"
#include "client/time_text.h"
#include "client/unfinished_file.h"
#include "validation/merged_return.h"
#include "validation/return_values.h"

namespace quartermaster::client {
namespace {

// Says at once, and for sure, that a file is none of ours.
constexpr absl::string_view kSignature = "Quartermaster bundle 1\n";

absl::Status Misfit(absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat("the bundle does not fit itself: ", problem, ". Download it again."));
}

}  // namespace

absl::Status WriteBundle(const v1::Bundle& bundle, const std::string& path) {
  return WriteWholeFile(absl::StrCat(kSignature, bundle.SerializeAsString()), path);
}

absl::StatusOr<v1::Bundle> ReadBundle(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxBundleFileBytes);
  if (!bytes.ok()) return absl::InvalidArgumentError(absl::StrCat("--bundle: ", bytes.status().message()));
  v1::Bundle bundle;
  if (bytes->compare(0, kSignature.size(), kSignature.data(), kSignature.size()) != 0 ||
      !bundle.ParseFromArray(bytes->data() + kSignature.size(), static_cast<int>(bytes->size() - kSignature.size())) ||
      !bundle.has_header()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--bundle: ", path, " is no bundle that this qm reads. Make one with 'qm bundle'."));
  }
  return bundle;
}

std::string DescribeBundle(const v1::Bundle& bundle) {
  const v1::BundleHeader& header = bundle.header();
  return absl::StrCat("Bundle of ", header.collection().id(), " version ", header.collection().version(), " for ",
                      absl::StrJoin(header.participants(), ", "), ", as of ", FormatTime(header.create_time()),
                      " (sequence ", header.sequence(), ")");
}

absl::StatusOr<std::unique_ptr<const BundleReference>> BundleReference::Make(const v1::Bundle& bundle) {
  auto reference = std::make_unique<BundleReference>();
  auto schema = CompileReceived(bundle.header().collection());
  if (!schema.ok()) return schema.status();
  reference->schema_ = *std::move(schema);
  for (const v1::Participant& participant : bundle.participants()) {
    if (!participant.successor().empty() && !Period::Parse(participant.succeeded_from()).ok())
      return Misfit("a participant has a successor and no month");
  }
  reference->participants_.PutAll(
      absl::MakeConstSpan(bundle.participants().data(), static_cast<size_t>(bundle.participants_size())));
  for (const v1::Population& population : bundle.populations()) {
    if (!population.from().empty() && !Period::Parse(population.from()).ok())
      return Misfit("a population has no month");
    reference->participants_.Put(population);
  }
  for (const v1::StandingException& exception : bundle.exceptions()) reference->exceptions_.Put(exception);
  reference->covered_.insert(bundle.header().participants().begin(), bundle.header().participants().end());
  for (const v1::StoredReturn& stored : bundle.returns()) {
    if (absl::Status status = reference->AddReturn(stored); !status.ok()) return status;
  }
  for (const v1::PeerBaseline& baseline : bundle.peer_baselines()) {
    if (absl::Status status = reference->AddPeers(baseline); !status.ok()) return status;
  }
  return reference;
}

absl::Status BundleReference::AddReturn(const v1::StoredReturn& stored) {
  const ServiceSchema* service = schema_->FindService(stored.service());
  const absl::StatusOr<Period> period = Period::Parse(stored.period());
  if (service == nullptr || !period.ok()) return Misfit("a return has no service or period of the collection");
  const absl::StatusOr<ReturnValues> values =
      ReturnValues::Read(*service, stored.data().value(), stored.not_available());
  if (!values.ok()) return Misfit(values.status().message());
  FieldRow row = values->fields();
  // Texts point into the message that goes; no rule against earlier returns reads them.
  for (FieldValue& value : row) value.text = {};
  returns_[{service->id(), stored.participant(), *period}] = std::move(row);
  return absl::OkStatus();
}

absl::Status BundleReference::AddPeers(const v1::PeerBaseline& baseline) {
  const absl::StatusOr<Period> period = Period::Parse(baseline.period());
  const auto median = FromBillionths(baseline.median_billionths());
  const auto deviation = FromBillionths(baseline.deviation_billionths());
  if (!period.ok() || !median || !deviation) return Misfit("a national baseline has no period or number");
  const std::string indicator =
      baseline.category().empty() ? baseline.indicator() : absl::StrCat(baseline.indicator(), "/", baseline.category());
  peers_[{baseline.service(), indicator, baseline.participant()}].emplace(
      *period, quartermaster::PeerBaseline{*median, *deviation, baseline.others(), *period});
  return absl::OkStatus();
}

ReferenceData BundleReference::Reference(const std::string& today) const {
  ReferenceData reference;
  reference.is_participant = [this](const std::string& code) { return participants_.Find(code) != nullptr; };
  reference.successor = [this](const std::string& code) -> absl::optional<Succession::Successor> {
    const Succession::Successor* successor = participants_.succession()->SuccessorOf(code);
    if (successor == nullptr) return absl::nullopt;
    return *successor;
  };
  reference.suggest_participant = [this](const std::string& code) { return participants_.Suggest(code); };
  reference.population = [this](const std::string& code, const PopulationKey& key, const Period& period) {
    return participants_.PopulationOf(code, key, period);
  };
  reference.current_return = [this](const ServiceSchema& service, const std::string& participant,
                                    const Period& period) -> absl::optional<FieldRow> {
    const auto fields = [&](const std::string& code, const Period& each) -> absl::optional<FieldRow> {
      const auto found = returns_.find({service.id(), code, each});
      if (found == returns_.end()) return absl::nullopt;
      return found->second;
    };
    const auto reports = [&](const std::string& code) {
      return std::any_of(returns_.begin(), returns_.end(), [&](const auto& entry) {
        return std::get<0>(entry.first) == service.id() && std::get<1>(entry.first) == code;
      });
    };
    return ReturnOrPredecessors(service, *participants_.succession(), participant, period, {fields, reports});
  };
  reference.peers = [this](const ServiceSchema& service, const IndicatorSchema& indicator,
                           const std::string& participant,
                           const Period& period) -> absl::optional<quartermaster::PeerBaseline> {
    const auto found = peers_.find({service.id(), indicator.name(), participant});
    if (found == peers_.end()) return absl::nullopt;
    // The latest complete period before the one that is judged, as the server searches it.
    for (int back = 1; back <= PeriodsSearchedForPeers(period.kind()); ++back) {
      const auto complete = found->second.find(period.Plus(-back));
      if (complete != found->second.end()) return complete->second;
    }
    return absl::nullopt;
  };
  reference.exception = [this, today](const ServiceSchema& service, const std::string& participant,
                                      absl::string_view rule_id, absl::string_view subject) {
    return exceptions_.Find(schema_->id(), service.id(), participant, rule_id, subject, today);
  };
  return reference;
}

}  // namespace quartermaster::client
