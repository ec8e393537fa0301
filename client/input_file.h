// Reads a file that a person named, within a limit that is checked before anything is read.
#ifndef QUARTERMASTER_CLIENT_INPUT_FILE_H_
#define QUARTERMASTER_CLIENT_INPUT_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace quartermaster::client {

// 60,000 returns of a hundred ten-byte cells: the whole country for a decade. A larger file is something else, and
// reading it would only slow down the desk that it lies on.
constexpr uint64_t kMaxFileBytes = 64ull << 20;

// A collection's schema; the largest real ones have a tenth of it. Also bounds what a server has to compile.
constexpr uint64_t kMaxSchemaBytes = 1ull << 20;

// A token is one short line.
constexpr uint64_t kMaxTokenBytes = 4096;

// A private key of RSA with 16,384 bits has a fifth of it in PEM.
constexpr uint64_t kMaxKeyBytes = 64 << 10;

// The bytes of the file. NOT_FOUND, PERMISSION_DENIED, FAILED_PRECONDITION (not a regular file), OUT_OF_RANGE (larger
// than max_bytes, and nothing was read). The message names the file and says what to do.
absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes);

// How standard input is named on the command line, and how findings call it.
constexpr absl::string_view kStandardInputPath = "-";
constexpr absl::string_view kStandardInputName = "standard input";

// All bytes of standard input, up to its end. OUT_OF_RANGE where there are more than max_bytes.
absl::StatusOr<std::string> ReadStandardInput(uint64_t max_bytes);

// The bytes of a file with a private key, that only its owner can read; FAILED_PRECONDITION otherwise.
absl::StatusOr<std::string> ReadKeyFile(const std::string& path);

// The token in a file that only its owner can read; FAILED_PRECONDITION otherwise, INVALID_ARGUMENT if it holds none.
absl::StatusOr<std::string> ReadTokenFile(const std::string& path);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_INPUT_FILE_H_
