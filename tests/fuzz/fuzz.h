// What the fuzz targets share. A target defines LLVMFuzzerTestOneInput, hands the bytes to one part of Quartermaster,
// and requires what that part promises, whatever the bytes are.
#ifndef QUARTERMASTER_TESTS_FUZZ_FUZZ_H_
#define QUARTERMASTER_TESTS_FUZZ_FUZZ_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "quartermaster/v1/finding.pb.h"
#include "validation/schema.h"

namespace quartermaster::fuzz {

// Ends the program where a promise is broken, so that the fuzzer keeps the input.
void Require(bool holds, absl::string_view promise);

inline absl::string_view AsText(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// What every finding has, whoever made it: a rule, a class, a severity, a sentence for a person, and nothing that
// protobuf refuses to send.
void RequireSound(const v1::Finding& finding);

// What a status that is shown to a user has: a message of UTF-8 that is not longer than a screen.
void RequireSound(const absl::Status& status);

// The collection of collection.proto, which has every kind of field and rule once. Its id is "fuzz".
const std::shared_ptr<const CollectionSchema>& FuzzCollection();
// The files that it is compiled from.
const google::protobuf::FileDescriptorSet& FuzzDescriptors();

}  // namespace quartermaster::fuzz

#endif  // QUARTERMASTER_TESTS_FUZZ_FUZZ_H_
