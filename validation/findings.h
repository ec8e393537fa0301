// How findings are made and worded. Internal to validation/, but for DisplayValue, which the client prints too.
#ifndef QUARTERMASTER_VALIDATION_FINDINGS_H_
#define QUARTERMASTER_VALIDATION_FINDINGS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "quartermaster/schema/v1/annotations.pb.h"
#include "quartermaster/v1/finding.pb.h"
#include "re2/re2.h"
#include "validation/schema.h"
#include "validation/utf8.h"

namespace quartermaster {

// Appends a finding of a rule. The reference holds until the next one is appended.
v1::Finding& AddFinding(absl::string_view rule_id, schema::v1::Class finding_class, schema::v1::Severity severity,
                        absl::string_view field, std::vector<v1::Finding>* findings);

// The same for a field of the schema, with its label.
v1::Finding& AddFieldFinding(absl::string_view rule_id, schema::v1::Class finding_class, schema::v1::Severity severity,
                             const FieldSchema& field, std::vector<v1::Finding>* findings);

// Whether the whole text matches. RE2 here does not take absl::string_view.
bool FullMatch(absl::string_view text, const RE2& pattern);

// "a, b or c".
std::string JoinNames(const std::vector<absl::string_view>& names);

// A value as people write it: 12.5, yes, crisis; "absent", "not available".
std::string DisplayValue(const FieldSchema& field, const FieldValue& value);

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_FINDINGS_H_
