#include "client/json.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver.h"
#include "google/protobuf/util/type_resolver_util.h"

namespace quartermaster::client {

namespace {

// Types that are packed in an Any and that only a collection's own descriptors describe.
google::protobuf::util::Status WriteWithTypes(const google::protobuf::Message& message,
                                              const google::protobuf::FileDescriptorSet& types,
                                              const google::protobuf::util::JsonPrintOptions& options,
                                              std::string* json) {
  google::protobuf::SimpleDescriptorDatabase packed;
  for (const auto& file : types.file()) packed.Add(file);
  // Our own types first: a collection's set brings copies of the files that both have.
  google::protobuf::DescriptorPoolDatabase built_in(*google::protobuf::DescriptorPool::generated_pool());
  google::protobuf::MergedDescriptorDatabase merged(&built_in, &packed);
  const google::protobuf::DescriptorPool pool(&merged);
  constexpr char kPrefix[] = "type.googleapis.com";
  const std::unique_ptr<google::protobuf::util::TypeResolver> resolver(
      google::protobuf::util::NewTypeResolverForDescriptorPool(kPrefix, &pool));
  return google::protobuf::util::BinaryToJsonString(resolver.get(),
                                                    absl::StrCat(kPrefix, "/", message.GetDescriptor()->full_name()),
                                                    message.SerializeAsString(), json, options);
}

}  // namespace

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message,
                                   const google::protobuf::FileDescriptorSet* types) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = types != nullptr ? WriteWithTypes(message, *types, options, &json)
                                       : google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) {
    return absl::InternalError(absl::StrCat("the reply cannot be written as JSON: ", std::string(status.message())));
  }
  return json;
}

}  // namespace quartermaster::client
