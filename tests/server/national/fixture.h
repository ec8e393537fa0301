// A small collection with every kind of indicator and rollup, and short ways to feed a NationalState with it.
#ifndef QUARTERMASTER_TESTS_SERVER_NATIONAL_FIXTURE_H_
#define QUARTERMASTER_TESTS_SERVER_NATIONAL_FIXTURE_H_

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "server/national/national_state.h"
#include "validation/return_values.h"
#include "validation/schema.h"

namespace quartermaster::national {

// Services "ward" and "clinic"; months, quarters and years; ward asks for population("18-64").
std::shared_ptr<const CollectionSchema> TestCollection();

// 2025-04, 2025-26-Q1, FY2025-26.
Period At(const std::string& text);

// A return with these values by path; bools are 0 and 1, choices their number. The rest is absent.
ReturnValues Return(const ServiceSchema& service, const std::map<std::string, double>& values);

// The row of an indicator, or of one category of it. Fails the test if there is none.
const v1::NationalStatistics& Row(const std::vector<v1::NationalStatistics>& statistics, const std::string& indicator,
                                  const std::string& category = "");
const v1::IndicatorPosition& Row(const std::vector<v1::IndicatorPosition>& positions, const std::string& indicator,
                                 const std::string& category = "");

// What NationalState::AddPosition and Foretell add.
std::vector<v1::IndicatorPosition> PositionsOf(const NationalState& state,
                                               absl::Span<const ServiceSchema* const> services,
                                               const std::string& participant, const Period& period);
std::vector<v1::IndicatorPosition> Foretold(const NationalState& state, const ServiceSchema& service,
                                            const std::string& participant, const Period& period,
                                            const ReturnValues& values);

// What the server would keep of populations, by participant. Every period has the same.
class Register {
 public:
  // The state reads it where it lies, so it must outlive the state.
  PopulationSource Source() const;
  std::map<std::string, int64_t> populations;
};

inline std::shared_ptr<const Succession> NoMergers() { return std::make_shared<Succession>(); }

// As text, for comparing lists of messages.
template <typename Message>
std::string Text(const std::vector<Message>& messages) {
  std::string text;
  for (const Message& message : messages) text += message.DebugString() + "\n";
  return text;
}

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_TESTS_SERVER_NATIONAL_FIXTURE_H_
