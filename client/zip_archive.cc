// The only file that knows libzip.
#include "client/zip_archive.h"

#include <zip.h>

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace quartermaster::client {
namespace {

struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

absl::Status Damaged(absl::string_view what, zip_error_t* error) {
  return absl::DataLossError(absl::StrCat(what, ": ", zip_error_strerror(error), "."));
}

absl::Status TooLarge(absl::string_view name, uint64_t limit) {
  return absl::ResourceExhaustedError(
      absl::StrCat(name, " would unpack to more than the ", limit >> 20, " MB that are taken."));
}

}  // namespace

struct ZipArchive::State {
  ~State() {
    if (archive != nullptr) zip_discard(archive);
  }
  zip_t* archive = nullptr;
  uint64_t unpacked_bytes = 0;
};

bool LooksLikeZip(absl::string_view bytes) { return absl::StartsWith(bytes, "PK\x03\x04"); }

ZipArchive::ZipArchive(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZipArchive::~ZipArchive() = default;

absl::StatusOr<std::unique_ptr<ZipArchive>> ZipArchive::Open(absl::string_view bytes) {
  zip_error_t error;
  zip_error_init(&error);
  auto state = std::make_unique<State>();
  zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), /*freep=*/0, &error);
  if (source != nullptr) {
    state->archive = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (state->archive == nullptr) zip_source_free(source);
  }
  const absl::Status status = state->archive != nullptr ? absl::OkStatus() : Damaged("the zip archive", &error);
  zip_error_fini(&error);
  if (!status.ok()) return status;
  if (zip_get_num_entries(state->archive, 0) > kMaxZipEntries) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the zip archive has more than the ", kMaxZipEntries, " entries that are taken."));
  }
  return std::unique_ptr<ZipArchive>(new ZipArchive(std::move(state)));
}

bool ZipArchive::Has(const std::string& name) const {
  return zip_name_locate(state_->archive, name.c_str(), ZIP_FL_NOCASE) >= 0;
}

absl::Status ZipArchive::Read(const std::string& name, absl::FunctionRef<absl::Status(absl::string_view)> take) {
  zip_t* const archive = state_->archive;
  const zip_int64_t index = zip_name_locate(archive, name.c_str(), ZIP_FL_NOCASE);
  if (index < 0) return absl::NotFoundError(absl::StrCat(name, " is not there."));
  const auto place = static_cast<zip_uint64_t>(index);
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat_index(archive, place, 0, &stat) != 0) return Damaged(name, zip_get_error(archive));
  if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
    return absl::PermissionDeniedError(absl::StrCat(name, " is encrypted."));
  }
  const uint64_t declared = (stat.valid & ZIP_STAT_SIZE) != 0 ? stat.size : 0;
  if (declared > kMaxUnpackedEntryBytes) return TooLarge(name, kMaxUnpackedEntryBytes);
  if (declared > kMaxUnpackedBytes - state_->unpacked_bytes) return TooLarge("the archive", kMaxUnpackedBytes);

  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive, place, 0));
  if (file == nullptr) return Damaged(name, zip_get_error(archive));
  constexpr size_t kPieceBytes = 64 * 1024;  // What inflates at once fits the processor's second cache.
  std::vector<char> piece(kPieceBytes);
  uint64_t unpacked = 0;
  for (;;) {
    const zip_int64_t got = zip_fread(file.get(), piece.data(), piece.size());
    if (got < 0) return Damaged(name, zip_file_get_error(file.get()));
    if (got == 0) break;
    unpacked += static_cast<uint64_t>(got);
    if (unpacked > declared) {
      return absl::DataLossError(
          absl::StrCat(name, " unpacks to more than the ", declared, " bytes that it declares."));
    }
    state_->unpacked_bytes += static_cast<uint64_t>(got);
    if (absl::Status status = take(absl::string_view(piece.data(), static_cast<size_t>(got))); !status.ok()) {
      return status;
    }
  }
  if (unpacked == declared) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(name, " ends after ", unpacked, " of ", declared, " bytes."));
}

}  // namespace quartermaster::client
