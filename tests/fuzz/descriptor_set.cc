// A collection that somebody publishes: a PublishCollectionRequest with any descriptor set, through the compiler of
// schemas, the server's checks, and the comparison with the version before.
#include <set>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.pb.h"
#include "quartermaster/v1/collection_service.pb.h"
#include "server/windows.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/message_mutator.h"
#include "validation/contribution.h"
#include "validation/rollup.h"
#include "validation/rule_list.h"
#include "validation/schema_evolution.h"
#include "validation/utf8.h"
#include "validation/validate.h"

namespace quartermaster::fuzz {
namespace {

// As the server shows them.
std::string Text(const std::vector<SchemaProblem>& problems) {
  std::string text;
  for (const SchemaProblem& problem : problems) {
    Require(!problem.message.empty(), "a problem says what is wrong");
    absl::StrAppend(&text, ShortText(problem.file), ":", problem.line, ":", problem.column, ": ",
                    ShortText(problem.element), ": ", ShortText(problem.message, 1000), "\n");
  }
  return text;
}

void RequireSoundField(const ServiceSchema& service, size_t index) {
  const FieldSchema& field = service.fields()[index];
  Require(field.index == static_cast<int>(index), "a field knows its place");
  Require(service.FindField(field.path) == &field, "a field is found by its path");
  Require(!field.descriptors.empty() && field.descriptors.size() <= CollectionSchema::kMaxGroupDepth,
          "groups are not deep");
  Require(field.places >= 0 && field.places <= Decimal::kPlaces, "decimals are 0 to 9");
  Require(!field.minimum || !field.maximum || *field.minimum <= *field.maximum, "a range holds a number");
  Require(!field.opening || static_cast<size_t>(field.opening->closing) < service.fields().size(),
          "an opening closes in the service");
  for (const Choice& choice : field.choices) {
    Require(field.FindChoice(choice.label) == &choice, "a choice is found by its label");
  }
}

// Gives a field of the service the value 1, or what is nearest to it.
void SetOne(const FieldSchema& field, google::protobuf::Message* message) {
  for (size_t i = 0; i + 1 < field.descriptors.size(); ++i) {
    message = message->GetReflection()->MutableMessage(message, field.descriptors[i]);
  }
  const google::protobuf::FieldDescriptor* last = field.descriptors.back();
  const google::protobuf::Reflection* reflection = message->GetReflection();
  switch (last->cpp_type()) {
    case google::protobuf::FieldDescriptor::CPPTYPE_INT32:
      return reflection->SetInt32(message, last, 1);
    case google::protobuf::FieldDescriptor::CPPTYPE_INT64:
      return reflection->SetInt64(message, last, 1);
    case google::protobuf::FieldDescriptor::CPPTYPE_UINT32:
      return reflection->SetUInt32(message, last, 1);
    case google::protobuf::FieldDescriptor::CPPTYPE_UINT64:
      return reflection->SetUInt64(message, last, 1);
    case google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection->SetDouble(message, last, 1);
    case google::protobuf::FieldDescriptor::CPPTYPE_BOOL:
      return reflection->SetBool(message, last, true);
    case google::protobuf::FieldDescriptor::CPPTYPE_ENUM:
      return reflection->SetEnumValue(message, last, 1);
    case google::protobuf::FieldDescriptor::CPPTYPE_STRING:
      return reflection->SetString(message, last, "AB1");
    default:
      Require(false, "a field has one of the types that are taken");
  }
}

// What whoever published the collection does to its returns: findings are sound, and figures defined or not. Earlier
// returns are the same.
void RequireJudges(const CollectionSchema& schema, const ServiceSchema& service,
                   const google::protobuf::Message& message) {
  v1::ReturnContent content;
  content.set_collection(schema.id());
  content.set_service(service.id());
  content.set_participant("RT1");
  content.set_period("2025-04");
  content.mutable_data()->PackFrom(message);
  const absl::StatusOr<ReturnValues> values = ReturnValues::Read(service, content.data().value(), {});
  Require(values.ok(), "a message that was packed is read");
  const FieldRow& row = values->fields();
  ReferenceData reference;
  reference.current_return = [&row](const ServiceSchema&, const std::string&, const Period&) { return row; };
  reference.population = [](const std::string&, const PopulationKey&, const Period&) {
    return Decimal::FromInteger(100);
  };
  const Judgement judgement = Judge(schema, content, reference);
  for (const v1::Finding& finding : judgement.findings) RequireSound(finding);
  for (const v1::Finding& finding : judgement.shadow_findings) RequireSound(finding);
  const std::vector<absl::optional<Decimal>> populations(service.populations().size(), Decimal::FromInteger(100));
  for (const IndicatorSchema& indicator : service.indicators()) Contribute(indicator, {row, populations});
  Require(RollUp(service, {row, row, row}).size() == row.size(), "a quarter has the fields of its months");
}

void RequireSoundService(const CollectionSchema& schema, const ServiceSchema& service) {
  Require(!service.id().empty() && !service.title().empty(), "a service has an id and a title");
  Require(schema.FindService(service.id()) == &service, "a service is found by its id");
  Require(!service.fields().empty() && service.fields().size() <= CollectionSchema::kMaxFieldsInService,
          "a service has fields, and not too many");
  for (size_t i = 0; i < service.fields().size(); ++i) RequireSoundField(service, i);
  std::set<std::string> ids;
  for (const RuleSchema& rule : service.rules()) {
    Require(ids.insert(rule.id).second && rule.severity != schema::v1::SEVERITY_UNSPECIFIED, "a rule is one of its id");
  }
  for (size_t i = 0; i < service.indicators().size(); ++i) {
    const IndicatorSchema& indicator = service.indicators()[i];
    Require(indicator.index == static_cast<int>(i), "an indicator knows its place");
    Require(indicator.factor > Decimal(), "a factor is more than 0");
  }
  ListRules(service);
  const std::unique_ptr<google::protobuf::Message> message = service.NewMessage();
  RequireJudges(schema, service, *message);
  for (const FieldSchema& field : service.fields()) SetOne(field, message.get());
  RequireJudges(schema, service, *message);
}

void RequireSoundWindows(const CollectionSchema& schema) {
  if (!server::TimeZoneProblems(schema).empty()) return;
  const server::Windows windows(std::make_shared<server::WindowGrants>());
  for (const WindowSchema& window : schema.windows()) {
    const Period period = window.kind == PeriodKind::kMonth     ? Period::Month(2025, 4)
                          : window.kind == PeriodKind::kQuarter ? Period::Quarter(2025, 1)
                                                                : Period::Year(2025);
    const server::WindowDates dates = server::DatesOf(window, period);
    Require(dates.opens <= dates.due && dates.due <= dates.closes, "a window opens before it closes");
    windows.DescribeWindow(schema, period, absl::FromUnixSeconds(1'745'000'000));
  }
}

void RequireSoundCollection(const CollectionSchema& schema) {
  Require(!schema.id().empty() && !schema.services().empty(), "a collection has an id and a service");
  Require(schema.minimum_n() >= 3, "nobody is shown alone");
  for (const auto& service : schema.services()) RequireSoundService(schema, *service);
  RequireSoundWindows(schema);
  Require(EvolutionProblems(schema, schema).empty(), "a version keeps faith with itself");
  // The fuzz collection is the one that most inputs are a change of.
  Text(EvolutionProblems(*FuzzCollection(), schema));
  Text(EvolutionProblems(schema, *FuzzCollection()));
}

}  // namespace
}  // namespace quartermaster::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  quartermaster::v1::PublishCollectionRequest request;
  return quartermaster::fuzz::MutateInput(data, size, max_size, seed, &request);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace quartermaster;
  using namespace quartermaster::fuzz;
  v1::PublishCollectionRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size))) return 0;
  const SchemaResult result = CollectionSchema::Compile(request.descriptor_set(), request.file_name(), 1);
  Require((result.schema == nullptr) == !result.problems.empty(), "a file is a collection, or there is a reason");
  const SchemaResult again = CollectionSchema::Compile(request.descriptor_set(), request.file_name(), 1);
  Require(Text(result.problems) == Text(again.problems), "compiling twice gives the same problems");
  if (result.schema == nullptr) return 0;
  RequireSoundCollection(*result.schema);
  Require(EvolutionProblems(*result.schema, *again.schema).empty(), "a version keeps faith with its copy");
  return 0;
}
