// A zip archive in memory, such as an Excel workbook, whose entries are unpacked within limits.
//
// What an archive says about itself is not believed: an entry that unpacks to more than it declares is damaged, and one
// that would unpack to more than the limits is refused, at its declared size before anything is unpacked, and at the
// true one while it is.
#ifndef QUARTERMASTER_CLIENT_ZIP_ARCHIVE_H_
#define QUARTERMASTER_CLIENT_ZIP_ARCHIVE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace quartermaster::client {

// A workbook has a few dozen entries, and one with a picture or chart for each of hundreds of sheets a few thousand.
constexpr int64_t kMaxZipEntries = 10'000;

// A sheet of 60,000 returns with a hundred cells each, at 40 bytes of XML a cell, which Excel packs into about 20 MB.
constexpr uint64_t kMaxUnpackedEntryBytes = 256ull << 20;

// Several such sheets and their texts; a desk parses so much in some seconds.
constexpr uint64_t kMaxUnpackedBytes = 512ull << 20;

// Whether the bytes begin as a zip archive does.
bool LooksLikeZip(absl::string_view bytes);

// Thread-compatible. Errors name the entry: DATA_LOSS for what is damaged, RESOURCE_EXHAUSTED past a limit,
// PERMISSION_DENIED for an entry that is encrypted, NOT_FOUND.
class ZipArchive {
 public:
  // `bytes` must outlive the archive.
  static absl::StatusOr<std::unique_ptr<ZipArchive>> Open(absl::string_view bytes);
  ~ZipArchive();
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  // Letter case does not matter, as in the names of a workbook's parts.
  bool Has(const std::string& name) const;

  // Unpacks the entry piece by piece; its checksum is verified after the last. Stops at the first error of `take`,
  // which it gives. What all calls unpack counts against kMaxUnpackedBytes.
  absl::Status Read(const std::string& name, absl::FunctionRef<absl::Status(absl::string_view piece)> take);

 private:
  struct State;
  explicit ZipArchive(std::unique_ptr<State> state);
  const std::unique_ptr<State> state_;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_ZIP_ARCHIVE_H_
