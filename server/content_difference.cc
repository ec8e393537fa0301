#include "server/content_difference.h"

#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "server/errors.h"
#include "validation/return_values.h"

namespace quartermaster::server {
namespace {

constexpr size_t kMaxNamedFields = 5;  // What a person looks up; more are another return altogether.

using NotAvailableFields = google::protobuf::RepeatedPtrField<v1::NotAvailable>;

std::map<absl::string_view, absl::string_view> ReasonsByField(const NotAvailableFields& not_available) {
  std::map<absl::string_view, absl::string_view> reasons;
  for (const v1::NotAvailable& missing : not_available) reasons[missing.field()] = missing.reason();
  return reasons;
}

bool IsSame(const FieldValue& a, const FieldValue& b) {
  return a.presence == b.presence && a.number == b.number && a.text == b.text;
}

// Fields whose value, or reason for having none, is not the same; none where one of the two does not read.
std::vector<absl::string_view> DifferentFields(const ServiceSchema& service, const storage::v1::ReturnRecord& first,
                                               const v1::ReturnContent& second) {
  std::vector<absl::string_view> fields;
  const auto before = ReturnValues::Read(service, first.data(), first.not_available());
  const auto after = ReturnValues::Read(service, second.data().value(), second.not_available());
  if (!before.ok() || !after.ok()) return fields;
  auto reasons_before = ReasonsByField(first.not_available());
  auto reasons_after = ReasonsByField(second.not_available());
  for (const FieldSchema& field : service.fields()) {
    const size_t index = static_cast<size_t>(field.index);
    const bool is_same = IsSame(before->fields()[index], after->fields()[index]) &&
                         reasons_before[field.path] == reasons_after[field.path];
    if (!is_same) fields.push_back(field.path);
  }
  return fields;
}

}  // namespace

absl::Status NamingTheDifference(const absl::Status& error, const storage::Store& store, const CollectionSchema& schema,
                                 const storage::ReturnKey& key, const v1::ReturnContent& content) {
  const absl::optional<uint32_t> revision = storage::RevisionOfFirstUse(error);
  const ServiceSchema* service = schema.FindService(key.service);
  if (!revision || service == nullptr) return error;
  const absl::StatusOr<storage::StoredReturn> first = store.GetReturn(key, *revision);
  if (!first.ok()) return error;
  std::vector<absl::string_view> fields = DifferentFields(*service, first->record, content);
  if (fields.empty()) return error;
  const size_t more = fields.size() > kMaxNamedFields ? fields.size() - kMaxNamedFields : 0;
  fields.resize(fields.size() - more);
  return WithSentence(error, absl::StrCat("What differs: ", absl::StrJoin(fields, ", "),
                                          more > 0 ? absl::StrCat(" and ", more, " more.") : "."));
}

}  // namespace quartermaster::server
