// The collections by which commands work without a server.
#ifndef QUARTERMASTER_CLIENT_COMMANDS_LOCAL_RULES_H_
#define QUARTERMASTER_CLIENT_COMMANDS_LOCAL_RULES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/bundle.h"
#include "client/schema_source.h"

namespace quartermaster::client {

struct LocalRuleOptions {
  std::string schema;  // --schema
  std::vector<std::string> import_folders;
  std::string bundle;  // --bundle

  bool is_given() const { return !schema.empty() || !bundle.empty(); }
};

struct LocalRules {
  std::unique_ptr<SchemaSource> schemas;
  std::unique_ptr<const BundleReference> bundle;  // null without one
  std::string description;                        // of the bundle
};

// The collection of --schema or of --bundle, else those that this program carries. INVALID_ARGUMENT where a file is
// wrong, or both are given.
absl::StatusOr<LocalRules> OpenLocalRules(const LocalRuleOptions& options);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_COMMANDS_LOCAL_RULES_H_
