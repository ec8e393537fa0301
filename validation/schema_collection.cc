// What the option of the file says of the collection as a whole, but for its windows.
#include "absl/strings/str_cat.h"
#include "validation/known_options.h"
#include "validation/schema_compiler.h"

namespace quartermaster {

using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;

void SchemaCompiler::CompileCollectionOption(const FileDescriptor* file) {
  const Place place{file, {FileDescriptorProto::kOptionsFieldNumber, schema::v1::kCollectionFieldNumber}, file->name()};
  const auto options = KnownOptions(file->options());
  if (!options.HasExtension(schema::v1::collection)) {
    Report(place, "The file has no option (schema.v1.collection), so it is not a collection.");
    return;
  }
  const schema::v1::Collection& collection = options.GetExtension(schema::v1::collection);
  absl::flat_hash_set<std::string> seen;
  CheckId(place, collection.id(), &seen);
  schema_->id_ = collection.id();
  schema_->title_ = collection.title();
  if (collection.title().empty()) Report(place, "The collection needs a title.");
  if (collection.cadence().empty())
    Report(place, "The collection needs at least one cadence, such as CADENCE_QUARTER.");
  for (const int cadence : collection.cadence()) {
    if (cadence < schema::v1::CADENCE_MONTH || cadence > schema::v1::CADENCE_YEAR) {
      Report(place, "A cadence is CADENCE_MONTH, CADENCE_QUARTER or CADENCE_YEAR.");
      continue;
    }
    schema_->cadences_.push_back(static_cast<schema::v1::Cadence>(cadence));
  }
  const absl::StatusOr<Period> first = Period::Parse(collection.first_period());
  if (!first.ok() || first->kind() != PeriodKind::kMonth || first->first_month() % 12 != 3) {
    Report(place, "first_period must be an April, such as \"2020-04\".");
  } else {
    schema_->first_period_ = *first;
  }
  SetDisclosure(place, collection);
  CompileWindows(place, collection);
}

void SchemaCompiler::SetDisclosure(const Place& place, const schema::v1::Collection& collection) {
  if (!schema::v1::LiveView_IsValid(collection.live_view())) {
    Report(place, "live_view must be LIVE_VIEW_STEPPED, LIVE_VIEW_NONE or LIVE_VIEW_EXACT.");
  } else if (collection.live_view() != schema::v1::LIVE_VIEW_UNSPECIFIED) {
    schema_->live_view_ = collection.live_view();
  }
  if (collection.has_minimum_n()) {
    // Of two participants each would know the other.
    if (collection.minimum_n() < 3 || collection.minimum_n() > 1000) Report(place, "minimum_n must be 3 to 1000.");
    schema_->minimum_n_ = collection.minimum_n();
  }
  schema_->include_partial_periods_ = collection.include_partial_periods();
}

}  // namespace quartermaster
