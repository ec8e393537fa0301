// Any ReturnContent against the shipped collections, judged as the server does and as `qm validate` does offline.
#include <algorithm>
#include <map>

#include "proto/shipped_collections.h"
#include "re2/re2.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/message_mutator.h"
#include "validation/contribution.h"
#include "validation/digest.h"
#include "validation/rollup.h"
#include "validation/rule_list.h"
#include "validation/utf8.h"
#include "validation/validate.h"

namespace quartermaster::fuzz {
namespace {

// A collection compiled twice: by the server that published it, and by a client that fetched it.
struct Collection {
  std::shared_ptr<const CollectionSchema> server;
  std::shared_ptr<const CollectionSchema> client;
};

std::shared_ptr<const CollectionSchema> Compile(const google::protobuf::FileDescriptorSet& files,
                                                const std::string& file_name) {
  const SchemaResult result = CollectionSchema::Compile(files, file_name, 1);
  Require(result.schema != nullptr, "a shipped collection compiles");
  return result.schema;
}

// Made when first asked for: not every run needs all.
const Collection& FindCollection(const std::string& id) {
  static auto& collections = *new std::map<std::string, Collection>;
  Collection& collection = collections[id];
  if (collection.server != nullptr) return collection;
  for (const ShippedCollection& shipped : ShippedCollections()) {
    if (shipped.id != id) continue;
    google::protobuf::FileDescriptorSet files = DescriptorsOf(shipped);
    collection.server = Compile(files, shipped.file_name);
    collection.client = Compile(files, shipped.file_name);
    return collection;
  }
  collections.erase(id);
  static const auto& own = *new Collection{FuzzCollection(), Compile(FuzzDescriptors(), "collection.proto")};
  return own;
}

uint64_t Hash(const std::string& participant, const std::string& name, const Period& period) {
  return Digest().Add(participant).Add(name).Add(period.ToString()).value();
}

// Earlier returns, populations and peers that follow from what is asked alone, so that both judges see the same. `row`
// is what an earlier return resembles.
ReferenceData MakeReference(const FieldRow& row) {
  ReferenceData reference;
  reference.is_participant = [](const std::string& code) { return code != "RT9"; };
  reference.suggest_participant = [](const std::string&) { return "RT1"; };
  reference.current_month = Period::Month(2026, 3);
  reference.population = [](const std::string& participant, const PopulationKey& key, const Period& period) {
    const uint64_t hash = Hash(participant, key.age_band, period);
    return hash % 4 == 0 ? absl::nullopt : absl::optional<Decimal>(Decimal::FromInteger(hash % 1'000'000));
  };
  reference.current_return = [&row](const ServiceSchema& service, const std::string& participant,
                                    const Period& period) -> absl::optional<FieldRow> {
    const uint64_t hash = Hash(participant, service.id(), period);
    if (hash % 4 == 0) return absl::nullopt;
    FieldRow earlier = row;
    for (FieldValue& value : earlier) value.text = {};
    for (const FieldSchema& field : service.fields()) {
      FieldValue& value = earlier[static_cast<size_t>(field.index)];
      if (!IsNumber(field.type) || value.presence != Presence::kPresent) continue;
      value.number = Decimal::FromRaw(value.number.raw() / Decimal::kOne * (hash % 3) * Decimal::kOne);
    }
    return earlier;
  };
  reference.peers = [](const ServiceSchema&, const IndicatorSchema& indicator, const std::string& participant,
                       const Period& period) -> absl::optional<PeerBaseline> {
    const uint64_t hash = Hash(participant, indicator.id, period);
    return PeerBaseline{Decimal::FromInteger(hash % 100), Decimal::FromInteger(hash % 7),
                        static_cast<uint32_t>(5 + hash % 9), period.Plus(-1)};
  };
  reference.exception = [](const ServiceSchema&, const std::string& participant, absl::string_view rule_id,
                           absl::string_view subject) -> absl::optional<v1::ExceptionUse> {
    if (Digest().Add(participant).Add(rule_id).Add(subject).value() % 4 != 0) return absl::nullopt;
    v1::ExceptionUse use;
    use.set_id(1);
    use.set_until("2026-12-31");
    return use;
  };
  return reference;
}

std::string Bytes(const Judgement& judgement) {
  std::string bytes;
  for (const auto* findings : {&judgement.findings, &judgement.shadow_findings}) {
    for (const v1::Finding& finding : *findings) {
      bytes += finding.SerializeAsString();
      bytes.push_back('\0');
    }
  }
  return bytes;
}

void RequireSoundFindings(const Judgement& judgement, const std::vector<v1::Finding>& findings) {
  for (const v1::Finding& finding : findings) {
    RequireSound(finding);
    if (judgement.service == nullptr) continue;
    const bool is_query = finding.severity() == schema::v1::SEVERITY_QUERY;
    Require(!is_query || finding.fingerprint().size() == 16, "a query has a fingerprint");
    const auto& rules = judgement.service->rules();
    const bool is_of_schema =
        std::any_of(rules.begin(), rules.end(), [&](const RuleSchema& rule) { return rule.id == finding.rule_id(); });
    Require(is_of_schema || IsBuiltInRule(finding.rule_id()), "a finding is of a rule that there is");
  }
}

// What an accepted return may hold.
void RequireWithinBounds(const FieldSchema& field, const FieldValue& value, const Period& period) {
  Require(value.presence != Presence::kUnreadable, "what cannot be read is not accepted");
  if (value.presence != Presence::kPresent) {
    const bool is_required =
        field.required && (!field.required_since || period.first_month() >= field.required_since->first_month());
    const bool is_waived = value.presence == Presence::kNotAvailable && field.allow_not_available;
    Require(!is_required || is_waived, "what is required is there");
    return;
  }
  absl::optional<Decimal> minimum = field.minimum;
  absl::optional<Decimal> maximum = field.maximum;
  for (const RangeFrom& range : field.tightened) {
    if (period.first_month() < range.since.first_month()) continue;
    minimum = range.minimum;
    maximum = range.maximum;
  }
  switch (field.type) {
    case ValueType::kInt:
    case ValueType::kDouble: {
      Int128 unit = 1;
      for (int i = field.places; i < Decimal::kPlaces; ++i) unit *= 10;
      Require(value.number.raw() % unit == 0, "an accepted number has no more places than its field");
      Require(Magnitude(value.number) <= Decimal::FromInteger(1'000'000'000'000),
              "an accepted number is not too large");
      Require(!minimum || value.number >= *minimum, "an accepted number is not below its minimum");
      Require(!maximum || value.number <= *maximum, "an accepted number is not above its maximum");
      return;
    }
    case ValueType::kChoice:
      Require(std::any_of(field.choices.begin(), field.choices.end(),
                          [&](const Choice& choice) { return Decimal::FromInteger(choice.number) == value.number; }),
              "an accepted choice is one");
      return;
    case ValueType::kString:
      Require(CountCharacters(value.text) <= field.max_length, "an accepted text is not too long");
      Require(field.pattern == nullptr || RE2::FullMatch(std::string(value.text), *field.pattern),
              "an accepted text matches");
      return;
    case ValueType::kBool:
      return;
  }
}

void RequireFigures(const Judgement& judgement, const std::string& participant, const ReferenceData& reference) {
  const ServiceSchema& service = *judgement.service;
  const FieldRow& row = judgement.values->fields();
  const auto populations = LookUpPopulations(service, participant, *judgement.period, reference.population);
  for (const IndicatorSchema& indicator : service.indicators()) {
    const absl::optional<Contribution> contribution = Contribute(indicator, {row, populations});
    if (!contribution) continue;
    for (const Decimal part : {contribution->numerator, contribution->denominator, contribution->value}) {
      Require(Magnitude(part) < kContributionLimit, "a contribution is not too large");
    }
    Require(contribution->denominator > Decimal(), "a denominator is more than 0");
  }
  const FieldRow doubled = CombineBodies(service, {row, row});
  const FieldRow quarter = RollUp(service, {row, row, row});
  for (const FieldSchema& field : service.fields()) {
    const auto index = static_cast<size_t>(field.index);
    if (quarter[index].presence == Presence::kPresent && field.rollup == schema::v1::ROLLUP_MEAN) {
      Require(quarter[index].number == row[index].number, "the mean of three alike is each of them");
    }
    if (doubled[index].presence == Presence::kPresent) {
      Require(doubled[index].number.raw() == 2 * row[index].number.raw(), "two alike have twice as much");
    }
  }
}

// Most often what is sent is right but for a value: the message of the service is changed in its parts.
void MutateContent(google::protobuf::Message* message, Random* random) {
  auto* content = static_cast<v1::ReturnContent*>(message);
  const ServiceSchema* service = FindCollection(content->collection()).server->FindService(content->service());
  if (service == nullptr || std::uniform_int_distribution<int>(0, 3)(*random) == 0) {
    return MutateMessage(message, random);
  }
  const std::unique_ptr<google::protobuf::Message> values = service->NewMessage();
  if (!values->ParseFromString(content->data().value())) return MutateMessage(message, random);
  MutateMessage(values.get(), random);
  content->mutable_data()->set_value(values->SerializeAsString());
}

}  // namespace
}  // namespace quartermaster::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  quartermaster::v1::ReturnContent content;
  return quartermaster::fuzz::MutateInput(data, size, max_size, seed, &content, quartermaster::fuzz::MutateContent);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace quartermaster;
  using namespace quartermaster::fuzz;
  v1::ReturnContent content;
  if (!content.ParseFromArray(data, static_cast<int>(size))) return 0;
  const Collection& collection = FindCollection(content.collection());
  const Judgement alone = Judge(*collection.server, content, ReferenceData());
  RequireSoundFindings(alone, alone.findings);
  if (alone.service != nullptr) {
    const std::string& bytes = content.data().value();
    Require(ReturnValues::Read(*alone.service, bytes, {}).ok() == alone.service->NewMessage()->ParseFromString(bytes),
            "what protobuf reads is read, and nothing else");
  }
  const FieldRow row = alone.values ? alone.values->fields() : FieldRow();
  const ReferenceData reference = MakeReference(row);
  const Judgement judgement = Judge(*collection.server, content, reference);
  RequireSoundFindings(judgement, judgement.findings);
  RequireSoundFindings(judgement, judgement.shadow_findings);
  const Judgement offline = Judge(*collection.client, content, reference);
  Require(Bytes(judgement) == Bytes(offline), "offline and online findings are the same bytes");
  if (!judgement.accepted()) return 0;
  Require(judgement.service != nullptr && judgement.period && judgement.values, "what is accepted was read");
  Require(alone.accepted() || judgement.findings.size() > 0, "more knowledge accepts no more without a word");
  for (const FieldSchema& field : judgement.service->fields()) {
    RequireWithinBounds(field, judgement.values->fields()[static_cast<size_t>(field.index)], *judgement.period);
  }
  RequireFigures(judgement, content.participant(), reference);
  return 0;
}
