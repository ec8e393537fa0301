#include "client/commands/local_rules.h"

#include <utility>

namespace quartermaster::client {

absl::StatusOr<LocalRules> OpenLocalRules(const LocalRuleOptions& options) {
  LocalRules rules;
  if (!options.bundle.empty() && !options.schema.empty()) {
    return absl::InvalidArgumentError("--bundle: it holds a schema of its own. Give --schema or --bundle, not both.");
  }
  if (!options.is_given()) {
    rules.schemas = ShippedSchemas();
    return rules;
  }
  if (options.bundle.empty()) {
    absl::StatusOr<std::unique_ptr<SchemaSource>> schemas = SchemaOfFile(options.schema, options.import_folders);
    if (!schemas.ok()) return schemas.status();
    rules.schemas = *std::move(schemas);
    return rules;
  }
  const absl::StatusOr<v1::Bundle> bundle = ReadBundle(options.bundle);
  if (!bundle.ok()) return bundle.status();
  absl::StatusOr<std::unique_ptr<const BundleReference>> reference = BundleReference::Make(*bundle);
  if (!reference.ok()) return reference.status();
  rules.bundle = *std::move(reference);
  rules.schemas = SourceOf(rules.bundle->schema());
  rules.description = DescribeBundle(*bundle);
  return rules;
}

}  // namespace quartermaster::client
