#include "server/extract_values.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/release_content.h"

namespace quartermaster::server {
namespace {

ServiceValues NothingYet(const ServiceSchema& service) {
  ServiceValues values;
  for (const IndicatorSchema& indicator : service.indicators()) {
    values.indicators.push_back({indicator.id, indicator.category, &indicator, {}});
  }
  return values;
}

void Sort(ServiceValues* values) {
  for (ExtractedIndicator& indicator : values->indicators) {
    std::sort(indicator.values.begin(), indicator.values.end(),
              [](const ExtractedValue& a, const ExtractedValue& b) { return a.participant < b.participant; });
  }
  // A return can be a part of the values of two bodies, before and after a merger.
  std::sort(values->returns.begin(), values->returns.end());
  values->returns.erase(std::unique(values->returns.begin(), values->returns.end()), values->returns.end());
}

// Puts the lines of one service into values.
class LineTaker {
 public:
  LineTaker(const ServiceSchema& service, const Period& period)
      : service_(service), period_(period), values_(NothingYet(service)) {}

  absl::Status Take(absl::string_view line) {
    absl::StatusOr<ContentLine> read = ReadContentLine(line);
    if (!read.ok()) return read.status();
    if (auto* value = std::get_if<ReleasedValue>(&*read)) Add(std::move(*value));
    if (const auto* pinned = std::get_if<PinnedReturn>(&*read)) {
      if (pinned->period == period_.ToString() && pinned->service == service_.id()) {
        values_.returns.push_back({pinned->participant, period_, pinned->revision});
      }
    }
    return absl::OkStatus();
  }

  ServiceValues Finish() {
    Sort(&values_);
    return std::move(values_);
  }

 private:
  void Add(ReleasedValue value) {
    if (value.service != service_.id()) return;
    auto found = std::find_if(values_.indicators.begin(), values_.indicators.end(),
                              [&value](const ExtractedIndicator& indicator) {
                                return indicator.id == value.indicator && indicator.category == value.category;
                              });
    if (found == values_.indicators.end()) {
      found = values_.indicators.insert(found, {value.indicator, value.category, nullptr, {}});
    }
    found->values.push_back({std::move(value.participant),
                             {value.numerator, value.denominator, value.value},
                             value.months_present < value.months_expected,
                             value.counts});
  }

  const ServiceSchema& service_;
  const Period& period_;
  ServiceValues values_;
};

}  // namespace

ServiceValues LiveValues(const LiveCollection& collection, const ServiceSchema& service, const Period& period) {
  ServiceValues values = NothingYet(service);
  // Only copied here, since nothing moves meanwhile.
  collection.national->VisitValues(
      {&service}, period, [&](const ServiceSchema&, const national::ParticipantValues& of) {
        for (size_t i = 0; i < of.contributions.size(); ++i) {
          if (!of.contributions[i]) continue;
          values.indicators[i].values.push_back({of.participant, *of.contributions[i], of.partial(), of.counts});
        }
        for (const national::UsedReturn& used : of.returns) {
          if (used.period == period) values.returns.push_back(used);
        }
      });
  Sort(&values);
  return values;
}

absl::StatusOr<ServiceValues> ReleasedValues(const storage::Store& store, const v1::Release& release,
                                             const ServiceSchema& service, const Period& period) {
  LineTaker taker(service, period);
  std::string rest;  // The beginning of a line that the next part goes on with.
  absl::Status taken;
  const absl::Status read =
      store.ReadRelease(release.collection(), release.period(), release.number(), [&](const std::string& part) {
        rest += part;
        size_t begin = 0;
        for (size_t end = rest.find('\n'); taken.ok() && end != std::string::npos; end = rest.find('\n', begin)) {
          taken = taker.Take(absl::string_view(rest).substr(begin, end + 1 - begin));
          begin = end + 1;
        }
        rest.erase(0, begin);
        return taken.ok();
      });
  if (!read.ok()) return read;
  if (!taken.ok()) return taken;
  if (!rest.empty()) return absl::DataLossError("the content of a release ends in the middle of a line");
  return taker.Finish();
}

}  // namespace quartermaster::server
