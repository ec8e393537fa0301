#include "server/asked_collections.h"

#include <vector>

#include "quartermaster/schema/v1/annotations.pb.h"
#include "quartermaster/v1/collection_service.pb.h"
#include "quartermaster/v1/standing_exception_service.pb.h"
#include "quartermaster/v1/window_service.pb.h"
#include "server/live_state.h"

namespace quartermaster::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// No collection has this id.
constexpr char kNobodys[] = "";

void AddNamed(const Message& message, std::set<std::string>* collections) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> given;
  reflection.ListFields(message, &given);
  for (const FieldDescriptor* field : given) {
    if (field->name() == "collection" && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated()) {
      collections->insert(reflection.GetString(message, field));
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      AddNamed(reflection.GetMessage(message, field), collections);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      AddNamed(reflection.GetRepeatedMessage(message, field, i), collections);
    }
  }
}

template <typename Request>
void AddBrought(const Request& request, std::set<std::string>* collections) {
  for (const google::protobuf::FileDescriptorProto& file : request.descriptor_set().file()) {
    if (file.name() != request.file_name()) continue;
    const std::string& id = file.options().GetExtension(schema::v1::collection).id();
    // Options as protoc first reads them are given their meaning only when the schema is compiled, and might then name
    // another collection than is seen here.
    collections->insert(file.options().uninterpreted_option().empty() ? id : kNobodys);
  }
}

void AddOfException(uint64_t id, const LiveState& state, std::set<std::string>* collections) {
  const std::shared_ptr<const StandingExceptions> exceptions = state.exceptions();
  const auto found = exceptions->all().find(id);
  if (found != exceptions->all().end()) collections->insert(found->second.collection());
}

void AddOfGrant(uint64_t id, const LiveState& state, std::set<std::string>* collections) {
  const std::shared_ptr<const WindowGrants> grants = state.window_grants();
  const auto found = grants->all().find(id);
  if (found != grants->all().end()) collections->insert(found->second.grant().collection());
}

}  // namespace

std::set<std::string> AskedCollections(const Message& request, const LiveState& state) {
  std::set<std::string> collections;
  if (const auto* publish = dynamic_cast<const v1::PublishCollectionRequest*>(&request)) {
    AddBrought(*publish, &collections);
  } else if (const auto* check = dynamic_cast<const v1::CheckCollectionRequest*>(&request)) {
    AddBrought(*check, &collections);
    if (!check->collection().empty()) collections.insert(check->collection());
  } else if (const auto* end = dynamic_cast<const v1::EndStandingExceptionRequest*>(&request)) {
    AddOfException(end->id(), state, &collections);
  } else if (const auto* uses = dynamic_cast<const v1::ListExceptionUsesRequest*>(&request)) {
    AddOfException(uses->id(), state, &collections);
  } else if (const auto* end_grant = dynamic_cast<const v1::EndWindowGrantRequest*>(&request)) {
    AddOfGrant(end_grant->id(), state, &collections);
  } else {
    AddNamed(request, &collections);
  }
  return collections;
}

}  // namespace quartermaster::server
