#include "server/judging.h"

#include "absl/time/civil_time.h"

namespace quartermaster::server {

ReferenceData MakeReference(const LiveCollection& collection, const Participants& participants,
                            const StandingExceptions& exceptions, const Windows& windows, const PendingReturns* pending,
                            absl::Time now) {
  const std::string& id = collection.schema->id();
  ReferenceData reference;
  reference.is_participant = [&participants](const std::string& code) { return participants.Find(code) != nullptr; };
  reference.successor = [&participants](const std::string& code) -> absl::optional<Succession::Successor> {
    const Succession::Successor* successor = participants.succession()->SuccessorOf(code);
    if (successor == nullptr) return absl::nullopt;
    return *successor;
  };
  reference.suggest_participant = [&participants](const std::string& code) { return participants.Suggest(code); };
  reference.population = [&participants](const std::string& code, const PopulationKey& key, const Period& period) {
    return participants.PopulationOf(code, key, period);
  };
  reference.current_return = [&collection, &id, pending](const ServiceSchema& service, const std::string& participant,
                                                         const Period& period) -> absl::optional<FieldRow> {
    if (pending != nullptr) {
      absl::optional<FieldRow> row = pending->Find({id, service.id(), participant, period}, service);
      if (row) return row;
    }
    return collection.national->ReturnFields(service, participant, period);
  };
  reference.peers = [&collection, settled = windows.Settled(*collection.schema, now)](
                        const ServiceSchema& service, const IndicatorSchema& indicator, const std::string& participant,
                        const Period& period) {
    return collection.national->Peers(service, indicator, participant, period, settled);
  };
  reference.exception = [&exceptions, &id, today = DayOf(now)](const ServiceSchema& service,
                                                               const std::string& participant,
                                                               absl::string_view rule_id, absl::string_view subject) {
    return exceptions.Find(id, service.id(), participant, rule_id, subject, today);
  };
  reference.current_month = MonthOf(now);
  return reference;
}

Period MonthOf(absl::Time time) {
  const absl::CivilMonth month = absl::ToCivilMonth(time, absl::UTCTimeZone());
  return Period::Month(static_cast<int>(month.year()), month.month());
}

std::string DayOf(absl::Time time) { return absl::FormatCivilTime(absl::ToCivilDay(time, absl::UTCTimeZone())); }

}  // namespace quartermaster::server
