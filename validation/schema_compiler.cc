#include "validation/schema_compiler.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "validation/descriptor_files.h"
#include "validation/known_options.h"

namespace quartermaster {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::DescriptorProto;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

constexpr size_t kMaxServices = 200;               // The largest collections have ten.
constexpr size_t kMaxFieldsInCollection = 20'000;  // Some kilobytes each: bounds the memory of a schema.
constexpr size_t kMaxTextBytes = 2000;             // A long paragraph.
constexpr size_t kMaxPatternBytes = 500;           // Patterns are codes and dates.
// Of the instructions of a pattern, by which its memory is bounded; [A-Z]{2}[0-9]+ has ten.
constexpr int kMaxPatternSize = 2000;
constexpr int64_t kMaxPatternMemory = 256 << 10;
constexpr uint32_t kDefaultPlaces = 6;
constexpr uint32_t kDefaultMaxLength = 1000;
constexpr uint32_t kMaxLength = 10'000;  // A page and a half; longer texts belong in a document.

// "available_bed_days" reads "Available bed days".
std::string LabelFromName(const std::string& name) {
  std::string label = name;
  for (char& c : label) c = c == '_' ? ' ' : c;
  if (!label.empty()) label[0] = absl::ascii_toupper(label[0]);
  return label;
}

// The files of the collection: its own and the imports of the same package, in the order of the imports.
std::vector<const FileDescriptor*> CollectionFiles(const FileDescriptor* file) {
  std::vector<const FileDescriptor*> files;
  for (int i = 0; i < file->dependency_count(); ++i) {
    if (file->dependency(i)->package() == file->package()) files.push_back(file->dependency(i));
  }
  files.push_back(file);
  return files;
}

}  // namespace

SchemaResult CollectionSchema::Compile(const FileDescriptorSet& descriptor_set, const std::string& file_name,
                                       uint32_t version) {
  return SchemaCompiler().Compile(descriptor_set, file_name, version);
}

SchemaResult SchemaCompiler::Compile(const FileDescriptorSet& descriptor_set, const std::string& file_name,
                                     uint32_t version) {
  schema_ = std::shared_ptr<CollectionSchema>(new CollectionSchema);
  schema_->version_ = version;
  schema_->file_name_ = file_name;
  schema_->pool_ = std::make_unique<DescriptorPool>();
  const FileDescriptor* file = BuildFiles(descriptor_set, file_name, schema_->pool_.get(), &problems_);
  if (file == nullptr) return {nullptr, std::move(problems_)};
  schema_->message_factory_ = std::make_unique<google::protobuf::DynamicMessageFactory>(schema_->pool_.get());

  CompileCollectionOption(file);
  for (const FileDescriptor* part : CollectionFiles(file)) {
    for (int i = 0; i < part->message_type_count(); ++i) {
      if (IsHopeless() || !KnownOptions(part->message_type(i)->options()).HasExtension(schema::v1::service)) continue;
      CompileService(part->message_type(i));
    }
  }
  if (schema_->services_.empty() && problems_.empty()) {
    Report({file, {}, file->name()},
           "The collection has no service. Give at least one message the option (schema.v1.service).");
  }
  if (!problems_.empty()) return {nullptr, std::move(problems_)};
  return {std::move(schema_), {}};
}

bool SchemaCompiler::IsHopeless() const { return problems_.size() >= kMaxSchemaProblems; }

void SchemaCompiler::Report(const Place& place, std::string message) {
  if (IsHopeless()) return;
  SchemaProblem problem{place.file->name(), 0, 0, place.element, std::move(message)};
  google::protobuf::SourceLocation location;
  // An option has a location only as a whole; what lies in it takes that of the nearest thing around it.
  for (SourcePath path = place.path; !path.empty(); path.pop_back()) {
    if (place.file->GetSourceLocation(path, &location)) {
      problem.line = location.start_line + 1;
      problem.column = location.start_column + 1;
      break;
    }
  }
  problems_.push_back(std::move(problem));
}

SchemaCompiler::SourcePath SchemaCompiler::PathOf(const Message* message) {
  if (message->containing_type() == nullptr) return {FileDescriptorProto::kMessageTypeFieldNumber, message->index()};
  SourcePath path = PathOf(message->containing_type());
  path.insert(path.end(), {DescriptorProto::kNestedTypeFieldNumber, message->index()});
  return path;
}

SchemaCompiler::Place SchemaCompiler::PlaceOf(const Field* field) {
  SourcePath path = PathOf(field->containing_type());
  path.insert(path.end(), {DescriptorProto::kFieldFieldNumber, field->index()});
  return {field->file(), path, absl::StrCat(field->containing_type()->name(), ".", field->name())};
}

void SchemaCompiler::Report(const Field* field, std::string message) { Report(PlaceOf(field), std::move(message)); }

bool SchemaCompiler::ReadMonth(const Place& place, const char* name, const std::string& text,
                               absl::optional<Period>* month) {
  if (text.empty()) return true;
  const absl::StatusOr<Period> read = Period::Parse(text);
  if (!read.ok() || read->kind() != PeriodKind::kMonth || read->ToString() != text) {
    Report(place, absl::StrCat(name, " must be a month, written like \"2023-04\"."));
    return false;
  }
  const bool fits =
      schema_->takes(PeriodKind::kMonth) ||
      (schema_->takes(PeriodKind::kQuarter) ? read->first_month() % 3 == 0 : read->first_month() % 12 == 3);
  if (!fits) {
    Report(place, absl::StrCat(name, " must be the first month of a period that the collection takes."));
    return false;
  }
  *month = *read;
  return true;
}

bool SchemaCompiler::CheckId(const Place& place, const std::string& id, absl::flat_hash_set<std::string>* seen) {
  static const RE2& pattern = *new RE2("[a-z0-9]+(-[a-z0-9]+)*");
  if (id.size() > 64 || !RE2::FullMatch(id, pattern)) {
    Report(place, absl::StrCat("The id \"", id, "\" must be 1 to 64 lower-case letters, digits and single hyphens."));
    return false;
  }
  if (!seen->insert(id).second) {
    Report(place, absl::StrCat("The id \"", id, "\" is used twice."));
    return false;
  }
  return true;
}

void SchemaCompiler::CheckText(const Place& place, const char* name, const std::string& text) {
  if (text.size() <= kMaxTextBytes) return;
  Report(place, absl::StrCat(name, " is longer than ", kMaxTextBytes, " bytes. Put it into a document."));
}

void SchemaCompiler::CompileService(const Message* message) {
  const auto options = KnownOptions(message->options());
  const schema::v1::Service& annotation = options.GetExtension(schema::v1::service);
  const Place place{message->file(), PathOf(message), message->name()};

  if (schema_->services_.size() >= kMaxServices) {
    return Report(place, absl::StrCat("A collection has at most ", kMaxServices, " services."));
  }
  auto service = std::make_unique<ServiceSchema>();
  absl::flat_hash_set<std::string> seen;
  for (const auto& other : schema_->services_) seen.insert(other->id());
  CheckId(place, annotation.id(), &seen);
  if (annotation.title().empty()) Report(place, "The service needs a title.");
  service->id_ = annotation.id();
  service->title_ = annotation.title();
  service->description_ = annotation.description();
  service->takes_months_and_quarters_ = schema_->takes(PeriodKind::kMonth) && schema_->takes(PeriodKind::kQuarter);
  service->descriptor_ = message;
  service->prototype_ = schema_->message_factory_->GetPrototype(message);
  CheckText(place, "title", annotation.title());
  groups_ = 0;
  openings_.clear();
  CompileFields(message, "", "", {}, service.get());
  ResolveOpenings(service.get());
  if (service->fields_.empty()) Report(place, "The service has no field.");
  CompileRules(message, service.get());
  CompileIndicators(message, service.get());
  // Of a service with a problem, fields may be missing, or a message contain itself.
  if (problems_.empty()) service->layout_ = MessageLayout(*message, service->fields_);
  service_fields_ += service->fields_.size();
  schema_->services_.push_back(std::move(service));
}

void SchemaCompiler::CompileFields(const Message* message, const std::string& prefix, const std::string& label,
                                   const std::vector<const Field*>& above, ServiceSchema* service) {
  if (message->file()->syntax() != FileDescriptor::SYNTAX_PROTO3) {
    // A proto2 message may refuse stored returns that lack a field which is required later.
    Report({message->file(), PathOf(message), message->name()}, "The file must have syntax = \"proto3\".");
    return;
  }
  for (int i = 0; i < message->field_count(); ++i) {
    const Field* field = message->field(i);
    if (service->fields_.size() >= CollectionSchema::kMaxFieldsInService) {
      if (service->fields_.size() == CollectionSchema::kMaxFieldsInService) {
        Report(field, absl::StrCat("A service has at most ", CollectionSchema::kMaxFieldsInService, " fields."));
      }
      return;
    }
    if (service_fields_ + service->fields_.size() >= kMaxFieldsInCollection) {
      return Report(field, absl::StrCat("A collection has at most ", kMaxFieldsInCollection, " fields."));
    }
    if (IsHopeless()) return;
    const auto options = KnownOptions(field->options());
    const schema::v1::Field& annotation = options.GetExtension(schema::v1::field);
    CheckText(PlaceOf(field), "label", annotation.label());
    if (field->options().weak()) {
      // Protobuf ends a program that reads a message with such a field by its descriptor.
      Report(field, "The option weak is not taken. Leave it out.");
      continue;
    }
    const std::string own_label = annotation.label().empty() ? LabelFromName(field->name()) : annotation.label();
    if (field->is_repeated()) {
      Report(field, "A field of a return holds one value: repeated fields and maps are not taken. Name each value.");
      continue;
    }
    std::vector<const Field*> descriptors = above;
    descriptors.push_back(field);
    if (field->cpp_type() == Field::CPPTYPE_MESSAGE) {
      if (descriptors.size() >= CollectionSchema::kMaxGroupDepth ||
          groups_++ >= CollectionSchema::kMaxFieldsInService) {
        Report(field,
               absl::StrCat("Messages are nested at most ", CollectionSchema::kMaxGroupDepth, " deep, and at most ",
                            CollectionSchema::kMaxFieldsInService, " of them make a service."));
        return;
      }
      CompileFields(field->message_type(), absl::StrCat(prefix, field->name(), "."),
                    absl::StrCat(label, own_label, ": "), descriptors, service);
      continue;
    }
    static const auto& headings =
        *new absl::flat_hash_set<std::string>{"collection", "service", "participant", "period", "field", "value"};
    if (prefix.empty() && headings.contains(field->name())) {
      Report(field, "Files have a heading of this name for something else. Choose another name.");
      continue;
    }
    FieldSchema compiled;
    compiled.path = absl::StrCat(prefix, field->name());
    compiled.label = absl::StrCat(label, own_label);
    compiled.descriptors = std::move(descriptors);
    CompileField(field, std::move(compiled), service);
  }
}

void SchemaCompiler::CompileField(const Field* field, FieldSchema compiled, ServiceSchema* service) {
  const auto options = KnownOptions(field->options());
  const schema::v1::Field& annotation = options.GetExtension(schema::v1::field);
  if (!field->has_presence()) {
    Report(field, "Absent is not zero: write `optional` before the type.");
    return;
  }
  if (field->real_containing_oneof() != nullptr) {
    Report(field, "A oneof is not taken; write the fields beside each other and a rule that allows one of them.");
    return;
  }
  if (!SetType(field, &compiled)) return;
  if (IsNumber(compiled.type) && annotation.label().empty())
    Report(field, "The field needs a label: people see it in findings.");
  CheckText(PlaceOf(field), "unit", annotation.unit());
  CheckText(PlaceOf(field), "definition", annotation.definition());
  CheckText(PlaceOf(field), "pattern_description", annotation.pattern_description());
  compiled.unit = annotation.unit();
  compiled.definition = annotation.definition();
  compiled.required = annotation.required();
  compiled.allow_not_available = annotation.allow_not_available();
  compiled.rollup = annotation.rollup();
  if (!annotation.required_since().empty() && !compiled.required) {
    Report(field, "required_since goes together with required: true.");
  } else {
    ReadMonth(PlaceOf(field), "required_since", annotation.required_since(), &compiled.required_since);
  }
  if (compiled.type == ValueType::kInt && compiled.rollup == schema::v1::ROLLUP_MEAN) {
    Report(field, "The mean of whole numbers need not be whole: use double for a field with ROLLUP_MEAN.");
  }
  SetNumberLimits(field, annotation, &compiled);
  SetTextLimits(field, annotation, &compiled);
  compiled.index = static_cast<int>(service->fields_.size());
  SetHistory(field, annotation, &compiled);
  service->field_index_[compiled.path] = compiled.index;
  service->fields_.push_back(std::move(compiled));
}

bool SchemaCompiler::SetType(const Field* field, FieldSchema* compiled) {
  switch (field->cpp_type()) {
    case Field::CPPTYPE_INT32:
    case Field::CPPTYPE_INT64:
    case Field::CPPTYPE_UINT32:
    case Field::CPPTYPE_UINT64:
      compiled->type = ValueType::kInt;
      return true;
    case Field::CPPTYPE_DOUBLE:
      compiled->type = ValueType::kDouble;
      return true;
    case Field::CPPTYPE_BOOL:
      compiled->type = ValueType::kBool;
      return true;
    case Field::CPPTYPE_ENUM:
      compiled->type = ValueType::kChoice;
      SetChoices(field, compiled);
      return true;
    case Field::CPPTYPE_STRING:
      if (field->type() == Field::TYPE_STRING) {
        compiled->type = ValueType::kString;
        return true;
      }
      break;
    default:
      break;
  }
  Report(field,
         absl::StrCat("The type ", field->type_name(), " is not taken. Use double, int64, bool, string or an enum."));
  return false;
}

void SchemaCompiler::SetChoices(const Field* field, FieldSchema* compiled) {
  const google::protobuf::EnumDescriptor* type = field->enum_type();
  // The style guide's prefix: TeamType has TEAM_TYPE_UNSPECIFIED as its zero.
  const std::string& zero = type->value(0)->name();
  const size_t unspecified = zero.rfind("UNSPECIFIED");
  const std::string prefix = unspecified == std::string::npos ? "" : zero.substr(0, unspecified);
  for (int i = 0; i < type->value_count(); ++i) {
    const google::protobuf::EnumValueDescriptor* value = type->value(i);
    if (value->number() == 0 && unspecified != std::string::npos) continue;  // Not a choice: nobody means it.
    Choice choice{value->number(), value->name(), absl::StartsWith(value->name(), prefix) ? prefix.size() : 0, ""};
    const auto options = KnownOptions(value->options());
    choice.label = options.GetExtension(schema::v1::choice).label();
    if (choice.label.empty()) {
      choice.label = absl::AsciiStrToLower(choice.name.substr(choice.name_prefix_size));
      for (char& c : choice.label) c = c == '_' ? ' ' : c;
    }
    if (compiled->FindChoice(choice.label) != nullptr) {
      Report(field, absl::StrCat("Two choices read \"", choice.label, "\". Give each a label of its own."));
    }
    compiled->choices.push_back(std::move(choice));
  }
}

absl::optional<Decimal> SchemaCompiler::ReadLimit(const Field* field, const char* name, double value, int places) {
  const DecimalReading reading = ReadDecimal(value, places);
  if (reading.kind == DecimalReading::Kind::kExact || reading.kind == DecimalReading::Kind::kBinaryNoise)
    return reading.value;
  const std::string kind = places == 0
                               ? "whole number"
                               : absl::StrCat("number of at most ", places, " decimal place", places == 1 ? "" : "s");
  Report(field, absl::StrCat(name, " must be a ", kind, " and of a magnitude of at most 1,000,000,000,000."));
  return absl::nullopt;
}

void SchemaCompiler::SetNumberLimits(const Field* field, const schema::v1::Field& annotation, FieldSchema* compiled) {
  if (!IsNumber(compiled->type)) {
    if (annotation.has_min() || annotation.has_max() || annotation.has_decimals()) {
      Report(field, "min, max and decimals are for numbers.");
    }
    return;
  }
  if (compiled->type == ValueType::kDouble) {
    const uint32_t places = annotation.has_decimals() ? annotation.decimals() : kDefaultPlaces;
    if (places > Decimal::kPlaces) {
      Report(field, "decimals must be 0 to 9.");
      return;
    }
    compiled->places = static_cast<int>(places);
  } else if (annotation.decimals() != 0) {
    Report(field, "A whole number has no decimals. Use double.");
  }
  if (annotation.has_min()) compiled->minimum = ReadLimit(field, "min", annotation.min(), compiled->places);
  if (annotation.has_max()) compiled->maximum = ReadLimit(field, "max", annotation.max(), compiled->places);
  if (compiled->minimum && compiled->maximum && *compiled->minimum > *compiled->maximum) {
    Report(field, "min is more than max, so no value would be accepted.");
  }
}

void SchemaCompiler::SetTextLimits(const Field* field, const schema::v1::Field& annotation, FieldSchema* compiled) {
  if (compiled->type != ValueType::kString) {
    if (annotation.max_length() != 0 || !annotation.pattern().empty())
      Report(field, "max_length and pattern are for text.");
    return;
  }
  compiled->max_length = annotation.max_length() == 0 ? kDefaultMaxLength : annotation.max_length();
  if (compiled->max_length > kMaxLength) Report(field, absl::StrCat("max_length is at most ", kMaxLength, "."));
  compiled->pattern_description = annotation.pattern_description();
  if (annotation.pattern().empty()) return;
  if (annotation.pattern().size() > kMaxPatternBytes) {
    return Report(field, absl::StrCat("The pattern is longer than ", kMaxPatternBytes, " bytes."));
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternMemory);
  auto pattern = std::make_shared<const RE2>(annotation.pattern(), options);
  if (!pattern->ok()) {
    Report(field, absl::StrCat("The pattern is no RE2 expression: ", pattern->error(), "."));
    return;
  }
  if (pattern->ProgramSize() > kMaxPatternSize) {
    return Report(field, "The pattern is too large: it repeats too much. Ask for less, or use max_length.");
  }
  compiled->pattern = std::move(pattern);
}

}  // namespace quartermaster
