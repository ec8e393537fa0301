#include "tests/bench/bench_collection.h"

#include <bit>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace quartermaster::bench {
namespace {

std::string RuleBody(int rule) {
  const std::string a = absl::StrCat("f", rule);
  const std::string b = absl::StrCat("f", rule + 10);
  const std::string c = absl::StrCat("f", rule + 20);
  switch (rule % 4) {
    case 0:
      return absl::StrCat("expression: \"", a, " <= ", b, "\"");
    case 1:
      return absl::StrCat("expression: \"", b, " == 0 || ", a, " / ", b, " < 2\"");
    case 2:
      return absl::StrCat("expression: \"!has(", a, ") || ", a, " + ", b, " <= ", c, " * 3 && ", c, " >= 0\"");
    default:
      return absl::StrCat("sum: { total: \"", c, "\" parts: [\"", a, "\", \"", b, "\"] tolerance: 1000 }");
  }
}

std::string ServiceText(int service) {
  std::string text = absl::StrCat("message Service", service, " {\noption (schema.v1.service) = { id: \"s", service,
                                  "\" title: \"Service ", service, "\" };\n");
  for (int i = 0; i < kRules; ++i) {
    absl::StrAppend(&text, "option (schema.v1.rule) = { id: \"r", i,
                    "\" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT message: \"Wrong.\" ", RuleBody(i), " };\n");
  }
  for (int i = 0; i < kIndicators; ++i) {
    absl::StrAppend(&text, "option (schema.v1.indicator) = { id: \"s", service, "-i", i, "\" title: \"Indicator ", i,
                    "\" numerator: \"f", i, "\" denominator: \"f", i + 30, "\" factor: 100 ",
                    i % 2 == 0 ? "exceptional: { own: 4 national: 5 absolute: 5 }" : "", " };\n");
  }
  for (int i = 0; i < kFields; ++i) {
    absl::StrAppend(&text, "optional double f", i, " = ", i + 1, " [(schema.v1.field) = { label: \"F", i,
                    "\" required: true min: 0 max: 100000 decimals: 2 rollup: ROLLUP_SUM",
                    i % 3 == 0 ? " change: { percent: 50 absolute: 1000 }" : "", " }];\n");
  }
  return text + "}\n";
}

}  // namespace

std::string CollectionText(const std::string& id, int services) {
  // Nothing is longer than it need be: fifty services come near the megabyte that is taken.
  std::string text = absl::StrCat("syntax = \"proto3\";\npackage quartermaster.collections.", id,
                                  ".v1;\nimport \"quartermaster/schema/v1/annotations.proto\";\n",
                                  "option (schema.v1.collection) = { id: \"", id, "\" title: \"", id,
                                  "\" cadence: CADENCE_QUARTER first_period: \"2008-04\" };\n");
  for (int i = 0; i < services; ++i) text += ServiceText(i);
  return text;
}

double FieldValue(int field, uint32_t variant) {
  // Hundredths of up to 5, spread by a multiplicative hash.
  const uint32_t spread = (variant * 2654435761u + static_cast<uint32_t>(field) * 40503u) >> 7;
  return (10'000 + 100 * field + static_cast<int>(spread % 500)) / 100.0;
}

std::string ReturnData(uint32_t variant) {
  std::string data;
  for (int field = 0; field < kFields; ++field) {
    // Field number and wire type 1 (64 bits, little endian), as protobuf writes a double.
    const uint32_t tag = static_cast<uint32_t>(field + 1) << 3 | 1;
    if (tag < 128) {
      data.push_back(static_cast<char>(tag));
    } else {
      data.push_back(static_cast<char>((tag & 127) | 128));
      data.push_back(static_cast<char>(tag >> 7));
    }
    const uint64_t bits = std::bit_cast<uint64_t>(FieldValue(field, variant));
    for (int byte = 0; byte < 8; ++byte) data.push_back(static_cast<char>(bits >> (8 * byte)));
  }
  return data;
}

std::string ParticipantCode(int participant) { return absl::StrFormat("B%05d", participant); }

std::string QuarterText(int quarter) {
  const int year = 2008 + quarter / 4;
  return absl::StrFormat("%d-%02d-Q%d", year, (year + 1) % 100, quarter % 4 + 1);
}

}  // namespace quartermaster::bench
