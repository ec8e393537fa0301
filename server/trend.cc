#include "server/trend.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/errors.h"
#include "server/expected.h"
#include "server/national/process_limits.h"
#include "validation/suggest.h"

namespace quartermaster::server {
namespace {

// An indicator, or one category of a distribution, and the service that has it.
struct Subject {
  const ServiceSchema* service;
  const IndicatorSchema* indicator;
};

absl::StatusOr<std::vector<const ServiceSchema*>> ServicesWith(const CollectionSchema& schema,
                                                               const v1::GetTrendRequest& request) {
  std::vector<const ServiceSchema*> services;
  std::vector<absl::string_view> known;
  bool is_service = request.service().empty();
  for (const auto& service : schema.services()) {
    if (!request.service().empty() && service->id() != request.service()) continue;
    is_service = true;
    for (const IndicatorSchema& indicator : service->indicators()) {
      known.push_back(indicator.id);
      const bool is_new = services.empty() || services.back() != service.get();
      if (indicator.id == request.indicator() && is_new) services.push_back(service.get());
    }
  }
  if (!is_service) return NotFound("service", request.service(), "`qm collection show` lists them.");
  if (services.empty()) {
    return NotFound("indicator", request.indicator(),
                    DidYouMean(NearestName(request.indicator(), known), "`qm collection show` lists them."));
  }
  return services;
}

absl::StatusOr<Subject> FindSubject(const CollectionSchema& schema, const v1::GetTrendRequest& request) {
  const auto services = ServicesWith(schema, request);
  if (!services.ok()) return services.status();
  if (services->size() > 1) {
    const auto id = [](std::string* out, const ServiceSchema* service) { out->append(service->id()); };
    return InvalidField(
        "service",
        absl::StrCat("several services have this indicator: ", absl::StrJoin(*services, ", ", id), ". Name one."));
  }
  std::vector<std::string> categories;
  for (const IndicatorSchema& indicator : services->front()->indicators()) {
    if (indicator.id != request.indicator()) continue;
    if (indicator.category == request.category()) return Subject{services->front(), &indicator};
    categories.push_back(indicator.category);
  }
  return InvalidField("category", categories.front().empty()
                                      ? "the indicator is no distribution and has no categories. Leave it out."
                                      : absl::StrCat("name one of ", absl::StrJoin(categories, ", "), "."));
}

Period FirstPeriod(const CollectionSchema& schema, PeriodKind kind) {
  Period first = schema.first_period();
  while (first.kind() != kind) first = first.Container();
  return first;
}

// Whether the participant has a value in any period of the kind.
bool HasValue(const LiveCollection& collection, const Subject& subject, const std::string& participant,
              PeriodKind kind) {
  const absl::optional<Period> last = collection.national->LastPeriod(*subject.service, kind);
  for (Period period = FirstPeriod(*collection.schema, kind); last && period <= *last; period = period.Plus(1)) {
    const auto values = collection.national->Values(*subject.service, participant, period);
    if (values.months_present > 0 && values.contributions[static_cast<size_t>(subject.indicator->index)]) return true;
  }
  return false;
}

// What was asked for: of one that is not named, that of the first or last period, else the shortest in which there is a
// value to show.
absl::StatusOr<PeriodKind> KindOf(const LiveCollection& collection, const Subject& subject,
                                  const v1::GetTrendRequest& request) {
  const auto& cadences = collection.schema->cadences();
  const auto shortest = *std::min_element(cadences.begin(), cadences.end());
  schema::v1::Cadence cadence = request.cadence();
  absl::string_view field = "cadence";  // What says which it is.
  const std::string& end = request.from().empty() ? request.to() : request.from();
  if (cadence == schema::v1::CADENCE_UNSPECIFIED && !end.empty()) {
    const absl::StatusOr<Period> period = Period::Parse(end);
    if (!period.ok()) return InvalidField(request.from().empty() ? "to" : "from", period.status().message());
    cadence = static_cast<schema::v1::Cadence>(period->kind());
    field = request.from().empty() ? "to" : "from";
  }
  if (cadence == schema::v1::CADENCE_UNSPECIFIED) {
    for (int kind = shortest; kind <= schema::v1::CADENCE_YEAR; ++kind) {
      const auto tried = static_cast<PeriodKind>(kind);
      if (HasValue(collection, subject, request.participant(), tried)) return tried;
    }
    return static_cast<PeriodKind>(shortest);
  }
  if (cadence < shortest || cadence > schema::v1::CADENCE_YEAR) {
    return InvalidField(field, absl::StrCat("the collection has figures by ",
                                            PeriodKindName(static_cast<PeriodKind>(shortest)), " and longer."));
  }
  return static_cast<PeriodKind>(cadence);
}

absl::StatusOr<Period> ReadPeriod(absl::string_view field, const std::string& text, PeriodKind kind) {
  absl::StatusOr<Period> period = Period::Parse(text);
  if (!period.ok()) return InvalidField(field, period.status().message());
  if (period->kind() != kind) {
    return InvalidField(field, absl::StrCat(period->ToDisplayString(), " is a ", PeriodKindName(period->kind()),
                                            ", and the series is one by ", PeriodKindName(kind), "."));
  }
  return period;
}

// The periods from the first to the last; none where nobody has a value yet.
absl::StatusOr<std::vector<Period>> PeriodsOf(const LiveCollection& collection, const Subject& subject,
                                              const v1::GetTrendRequest& request) {
  const absl::StatusOr<PeriodKind> kind = KindOf(collection, subject, request);
  if (!kind.ok()) return kind.status();
  Period first = FirstPeriod(*collection.schema, *kind);
  if (!request.from().empty()) {
    const absl::StatusOr<Period> from = ReadPeriod("from", request.from(), *kind);
    if (!from.ok()) return from.status();
    first = *from;
  }
  absl::optional<Period> last = collection.national->LastPeriod(*subject.service, *kind);
  if (!request.to().empty()) {
    const absl::StatusOr<Period> to = ReadPeriod("to", request.to(), *kind);
    if (!to.ok()) return to.status();
    if (*to < first) {
      return InvalidField("to", absl::StrCat(to->ToDisplayString(), " is before ", first.ToDisplayString(),
                                             ", with which the series begins."));
    }
    last = *to;
  }
  std::vector<Period> periods;
  for (Period period = first; last && period <= *last; period = period.Plus(1)) {
    if (periods.size() == static_cast<size_t>(kMaxTrendPoints)) {
      return InvalidField("from", absl::StrCat("a series has at most ", kMaxTrendPoints, " periods. Begin later."));
    }
    periods.push_back(period);
  }
  return periods;
}

// Whether a value can be below 0: a field that its numerator is made of can, or enters it with a minus. For the second
// the numerator is tried with each field as 1 and the others as 0, which tells for every sum and difference.
bool CanBeNegative(const ServiceSchema& service, const IndicatorSchema& indicator) {
  FieldRow fields(service.fields().size());
  for (FieldValue& field : fields) field.presence = Presence::kPresent;
  const std::vector<absl::optional<Decimal>> populations(service.populations().size(), Decimal::FromInteger(1));
  const auto is_negative = [&] {
    const EvaluationResult result = indicator.numerator.Evaluate({fields, populations});
    return result.error == EvaluationError::kNone && result.number < Decimal();
  };
  if (is_negative()) return true;
  for (const int index : indicator.numerator.fields()) {
    const FieldSchema& field = service.fields()[static_cast<size_t>(index)];
    if (IsNumber(field.type) && (!field.minimum || *field.minimum < Decimal())) return true;
    fields[static_cast<size_t>(index)].number = Decimal::FromInteger(1);
    if (is_negative()) return true;
    fields[static_cast<size_t>(index)].number = Decimal();
  }
  return false;
}

void SetLimits(const national::ProcessLimits& limits, v1::ProcessLimits* described) {
  described->set_mean(limits.mean.ToDouble());
  described->set_mean_moving_range(limits.mean_moving_range.ToDouble());
  described->set_lower(limits.lower.ToDouble());
  described->set_upper(limits.upper.ToDouble());
  described->set_points(static_cast<uint32_t>(limits.points));
}

void AddSigns(const national::PointSigns& signs, v1::TrendPoint* point) {
  if (signs.outside_limits) point->add_signs(v1::SPECIAL_CAUSE_OUTSIDE_LIMITS);
  if (signs.shift) point->add_signs(v1::SPECIAL_CAUSE_SHIFT);
  if (signs.trend) point->add_signs(v1::SPECIAL_CAUSE_TREND);
  if (signs.near_limit) point->add_signs(v1::SPECIAL_CAUSE_NEAR_LIMIT);
}

// Adds the points, and gives the values that limits and signs are made of, one a point.
std::vector<absl::optional<Decimal>> AddPoints(const LiveState& state, const LiveCollection& collection,
                                               const Subject& subject, const std::vector<Period>& periods,
                                               v1::GetTrendResponse* response) {
  const national::NationalState& national = *collection.national;
  std::vector<absl::optional<Decimal>> series;
  for (const Period& period : periods) {
    v1::TrendPoint* point = response->add_points();
    point->set_period(period.ToString());
    for (auto& statistics : national.Statistics({subject.service}, period, {subject.indicator->id})) {
      if (statistics.category() == subject.indicator->category) *point->mutable_national() = std::move(statistics);
    }
    point->mutable_national()->set_n_expected(
        static_cast<uint32_t>(ExpectedParticipants(state, collection, *subject.service, period).size()));
    absl::optional<Decimal>& complete = series.emplace_back();
    const auto values = national.Values(*subject.service, response->participant(), period);
    if (values.months_present == 0) continue;
    const auto& contribution = values.contributions[static_cast<size_t>(subject.indicator->index)];
    if (!contribution) continue;
    point->set_value(contribution->value.ToDouble());
    point->set_partial(values.partial());
    point->set_from_predecessors(values.from_predecessors);
    if (!values.partial()) complete = contribution->value;
  }
  return series;
}

}  // namespace

absl::StatusOr<v1::GetTrendResponse> MakeTrend(const LiveState& state, const v1::GetTrendRequest& request) {
  v1::GetTrendResponse response;
  // Read first: a commit that comes while the figures are read may be in them, but none up to this one is missing.
  response.set_sequence(state.sequence());
  const auto collection = state.FindCollection(request.collection());
  if (!collection.ok()) return collection.status();
  const std::shared_ptr<const Participants> participants = state.participants();
  if (participants->Find(request.participant()) == nullptr) {
    return NotFound("participant", request.participant(),
                    DidYouMean(participants->Suggest(request.participant()), "`qm participant list` lists them."));
  }
  const absl::StatusOr<Subject> subject = FindSubject(*(*collection)->schema, request);
  if (!subject.ok()) return subject.status();
  const absl::StatusOr<std::vector<Period>> periods = PeriodsOf(**collection, *subject, request);
  if (!periods.ok()) return periods.status();

  response.set_participant(request.participant());
  response.set_collection(request.collection());
  response.set_service(subject->service->id());
  response.set_indicator(subject->indicator->id);
  response.set_category(subject->indicator->category);
  response.set_title(subject->indicator->title);
  response.set_unit(subject->indicator->unit);
  response.set_decimals(subject->indicator->decimals);
  response.set_polarity(subject->indicator->polarity);
  const auto series = AddPoints(state, **collection, *subject, *periods, &response);
  const national::ProcessAnalysis analysis =
      national::AnalyseProcess(series, CanBeNegative(*subject->service, *subject->indicator));
  if (analysis.limits) SetLimits(*analysis.limits, response.mutable_limits());
  for (size_t i = 0; i < series.size(); ++i) AddSigns(analysis.signs[i], response.mutable_points(static_cast<int>(i)));
  return response;
}

}  // namespace quartermaster::server
