#include "server/import_rows.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "validation/age_band.h"
#include "validation/utf8.h"
#include "validation/validate.h"

namespace quartermaster::server {
namespace {

constexpr size_t kMaxNameCharacters = 200;          // The longest names of organisations have half as many.
constexpr size_t kMaxFindingTextBytes = 1000;       // A sentence or three, and a text of 200 bytes.
constexpr int64_t kMaxPopulation = 10'000'000'000;  // More people than there are.

// Adds a finding about one row of an import.
void AddRowFinding(absl::string_view rule_id, schema::v1::Class finding_class, int row, absl::string_view field,
                   absl::string_view given, absl::string_view message, absl::string_view hint, Findings* findings) {
  v1::Finding* finding = findings->Add();
  finding->set_rule_id(std::string(rule_id));
  finding->set_class_(finding_class);
  finding->set_severity(schema::v1::SEVERITY_ERROR);
  finding->set_field(std::string(field));
  finding->set_row(static_cast<uint32_t>(row));
  finding->set_given(ShortText(given));
  finding->set_message(ShortText(message, kMaxFindingTextBytes));
  finding->set_hint(std::string(hint));
}

bool IsMonth(const std::string& text) {
  const absl::StatusOr<Period> period = Period::Parse(text);
  return period.ok() && period->kind() == PeriodKind::kMonth;
}

void AddNoMonth(int row, absl::string_view field, const std::string& given, absl::string_view hint,
                Findings* findings) {
  AddRowFinding("period", schema::v1::CLASS_INVALID, row, field, given, absl::StrCat("\"", given, "\" is not a month."),
                hint, findings);
}

void AddUnknownParticipant(int row, absl::string_view field, const std::string& code, Findings* findings) {
  AddRowFinding("unknown-participant", schema::v1::CLASS_STRUCTURE, row, field, code,
                absl::StrCat("No participant with the code \"", code, "\" is registered."),
                "Import the participant first, or correct the code.", findings);
}

// Whether what a row says of its successor can be taken, the successors of others aside. `imported` are the codes of
// all rows.
bool JudgeSuccessor(const v1::Participant& participant, int row, const Participants& known,
                    const std::set<std::string>& imported, Findings* findings) {
  const std::string& successor = participant.successor();
  const int before = findings->size();
  if (successor.empty()) {
    AddRowFinding("succession", schema::v1::CLASS_STRUCTURE, row, "succeeded_from", participant.succeeded_from(),
                  "There is a month from which a successor begins, but no successor.",
                  "Name the successor, or leave the month blank.", findings);
    return false;
  }
  if (successor == participant.code()) {
    AddRowFinding("succession", schema::v1::CLASS_STRUCTURE, row, "successor", successor,
                  absl::StrCat("The participant ", successor, " is its own successor."),
                  "Name the participant that it became, or leave it blank.", findings);
  } else if (imported.count(successor) == 0 && known.Find(successor) == nullptr) {
    AddUnknownParticipant(row, "successor", successor, findings);
  }
  if (participant.succeeded_from().empty()) {
    AddRowFinding("required", schema::v1::CLASS_MISSING, row, "succeeded_from", "",
                  absl::StrCat("The month from which ", successor, " is the successor is missing."),
                  "Write the first month of the successor, such as 2024-11.", findings);
  } else if (!IsMonth(participant.succeeded_from())) {
    AddNoMonth(row, "succeeded_from", participant.succeeded_from(),
               "Write the first month of the successor, such as 2024-11.", findings);
  }
  return findings->size() == before;
}

// The successors as they are after an import.
class SuccessorChains {
 public:
  SuccessorChains(const Participants& known, const std::map<std::string, std::string>& imported) {
    for (const auto& [code, participant] : known.all()) {
      if (!participant.successor().empty()) next_[code] = participant.successor();
    }
    for (const auto& [code, successor] : imported) {
      if (successor.empty()) {
        next_.erase(code);
      } else {
        next_[code] = successor;
      }
    }
  }

  // The codes from `code` on, at most so many that they are too many.
  std::vector<std::string> From(const std::string& code) const {
    std::vector<std::string> chain = {code};
    while (static_cast<int>(chain.size()) <= Succession::kMaxDepth + 1) {
      const auto found = next_.find(chain.back());
      if (found == next_.end()) break;
      chain.push_back(found->second);
      if (found->second == code) break;
    }
    return chain;
  }
  const std::map<std::string, std::string>& next() const { return next_; }

 private:
  std::map<std::string, std::string> next_;
};

bool IsCircle(const std::vector<std::string>& chain) { return chain.size() > 1 && chain.front() == chain.back(); }

}  // namespace

void JudgeParticipantRow(const v1::Participant& participant, int row, absl::flat_hash_set<std::string>* seen,
                         Findings* findings) {
  if (const std::string problem = ParticipantCodeProblem(participant.code()); !problem.empty()) {
    AddRowFinding("participant-code", schema::v1::CLASS_INVALID, row, "code", participant.code(), problem,
                  "Take the national code of the organisation.", findings);
  } else if (!seen->insert(participant.code()).second) {
    AddRowFinding("duplicate-row", schema::v1::CLASS_STRUCTURE, row, "code", participant.code(),
                  absl::StrCat("The participant ", participant.code(), " is there twice."), "Keep one of the rows.",
                  findings);
  }
  if (participant.name().empty()) {
    AddRowFinding("required", schema::v1::CLASS_MISSING, row, "name", "", "The name is missing.",
                  "Give the name by which people know the participant.", findings);
  }
  for (const auto& [field, text] : {std::pair<const char*, const std::string*>{"name", &participant.name()},
                                    {"nation", &participant.nation()},
                                    {"region", &participant.region()},
                                    {"integrated_care_board", &participant.integrated_care_board()},
                                    {"organisation_type", &participant.organisation_type()}}) {
    const bool readable = std::none_of(text->begin(), text->end(), [](char c) { return absl::ascii_iscntrl(c); });
    if (CountCharacters(*text) <= kMaxNameCharacters && readable) continue;
    AddRowFinding("length", schema::v1::CLASS_INVALID, row, field, *text,
                  absl::StrCat("The ", field, " is longer than ", kMaxNameCharacters,
                               " characters, or holds control characters."),
                  "Shorten it to what people would read.", findings);
  }
}

void JudgeSuccessions(const google::protobuf::RepeatedPtrField<v1::Participant>& participants,
                      const Participants& known, Findings* findings) {
  std::set<std::string> codes;
  for (const v1::Participant& participant : participants) codes.insert(participant.code());
  std::map<std::string, std::string> successors;
  std::map<std::string, int> rows;
  for (int i = 0; i < participants.size(); ++i) {
    const v1::Participant& participant = participants[i];
    successors[participant.code()] = "";
    if (participant.successor().empty() && participant.succeeded_from().empty()) continue;
    if (!JudgeSuccessor(participant, i + 1, known, codes, findings)) continue;
    successors[participant.code()] = participant.successor();
    rows[participant.code()] = i + 1;
  }

  const SuccessorChains chains(known, successors);
  std::set<std::string> reported;  // One mistake gives one finding, however many participants share the chain.
  for (const auto& [code, successor] : chains.next()) {
    const std::vector<std::string> chain = chains.From(code);
    const bool is_circle = IsCircle(chain);
    const bool is_too_long = static_cast<int>(chain.size()) > Succession::kMaxDepth + 1;
    if (!is_circle && !is_too_long) continue;
    // What is stored was checked when it came, so one of these is new; the last of them closed or lengthened it.
    const auto last =
        std::find_if(chain.rbegin(), chain.rend(), [&](const std::string& c) { return rows.count(c) > 0; });
    const bool is_known = std::any_of(chain.begin(), chain.end(), [&](const auto& c) { return reported.count(c) > 0; });
    if (last == chain.rend() || is_known) continue;
    reported.insert(chain.begin(), chain.end());
    const std::string shown = absl::StrJoin(chain, " to ");
    AddRowFinding("succession", schema::v1::CLASS_STRUCTURE, rows.at(*last), "successor", successors.at(*last),
                  is_circle ? absl::StrCat("The successors go in a circle: ", shown, ".")
                            : absl::StrCat("There are more than ", Succession::kMaxDepth,
                                           " successors one after the other: ", shown, "."),
                  is_circle ? "Correct one of the successors." : "Let the first ones be succeeded by a later one.",
                  findings);
  }
}

void JudgePopulationRow(const v1::Population& population, int row, const Participants& participants,
                        absl::flat_hash_set<std::string>* seen, Findings* findings) {
  if (participants.Find(population.participant()) == nullptr) {
    AddUnknownParticipant(row, "participant", population.participant(), findings);
  }
  if (!IsAgeBand(population.age_band())) {
    AddRowFinding("pattern", schema::v1::CLASS_INVALID, row, "age_band", population.age_band(),
                  absl::StrCat("\"", population.age_band(), "\" is not an age band."),
                  "Write 0-17, 18-64 or 65+: the lower age first, without leading zeros.", findings);
  }
  for (const auto& [field, people] : {std::pair<const char*, int64_t>{"registered", population.registered()},
                                      std::pair<const char*, int64_t>{"weighted", population.weighted()}}) {
    if (people >= 0 && people <= kMaxPopulation) continue;
    AddRowFinding("minimum", schema::v1::CLASS_INVALID, row, field, absl::StrCat(people),
                  "A population is 0 to 10,000,000,000 people.", "Check the figure.", findings);
  }
  if (!population.from().empty() && !IsMonth(population.from())) {
    AddNoMonth(row, "from", population.from(), "Write the first month for which the figure holds, such as 2024-04.",
               findings);
    return;
  }
  const std::string month = population.from().empty() ? "" : Period::Parse(population.from())->ToString();
  if (!seen->insert(absl::StrCat(population.participant(), "\n", population.age_band(), "\n", month)).second) {
    AddRowFinding("duplicate-row", schema::v1::CLASS_STRUCTURE, row, "participant", population.participant(),
                  "The same participant, age band and month are there twice.", "Keep one of the rows.", findings);
  }
}

void JudgeEnrolmentRow(const v1::Enrolment& enrolment, int row, const FindSchema& find_schema,
                       const Participants& participants, absl::flat_hash_set<std::string>* seen, Findings* findings) {
  const CollectionSchema* schema = find_schema(enrolment.collection());
  if (schema == nullptr) {
    AddRowFinding("unknown-collection", schema::v1::CLASS_STRUCTURE, row, "collection", enrolment.collection(),
                  absl::StrCat("There is no collection \"", enrolment.collection(), "\"."),
                  "`qm collection list` lists them.", findings);
  } else if (schema->FindService(enrolment.service()) == nullptr) {
    const auto id = [](std::string* out, const auto& service) { out->append(service->id()); };
    AddRowFinding(
        "unknown-service", schema::v1::CLASS_STRUCTURE, row, "service", enrolment.service(),
        absl::StrCat("The collection ", schema->id(), " has no service \"", ShortText(enrolment.service()), "\"."),
        absl::StrCat("There are: ", absl::StrJoin(schema->services(), ", ", id), "."), findings);
  }
  if (participants.Find(enrolment.participant()) == nullptr) {
    AddUnknownParticipant(row, "participant", enrolment.participant(), findings);
  }
  bool are_months = true;
  for (const auto& [field, month] : {std::pair<const char*, const std::string*>{"from", &enrolment.from()},
                                     std::pair<const char*, const std::string*>{"to", &enrolment.to()}}) {
    if (month->empty() || IsMonth(*month)) continue;
    are_months = false;
    AddNoMonth(row, field, *month, "Write a month such as 2024-04, or leave it blank for no limit.", findings);
  }
  if (are_months && !enrolment.from().empty() && !enrolment.to().empty() &&
      *Period::Parse(enrolment.to()) < *Period::Parse(enrolment.from())) {
    AddRowFinding("period", schema::v1::CLASS_INVALID, row, "to", enrolment.to(),
                  absl::StrCat("The last month, ", enrolment.to(), ", is before the first, ", enrolment.from(), "."),
                  "Correct one of the months.", findings);
  }
  const std::string key =
      absl::StrCat(enrolment.collection(), "\n", enrolment.service(), "\n", enrolment.participant());
  if (!seen->insert(key).second) {
    AddRowFinding("duplicate-row", schema::v1::CLASS_STRUCTURE, row, "participant", enrolment.participant(),
                  "The same collection, service and participant are there twice.", "Keep one of the rows.", findings);
  }
}

}  // namespace quartermaster::server
