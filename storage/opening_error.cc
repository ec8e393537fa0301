#include "storage/opening_error.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/disk_full.h"

namespace quartermaster::storage {

absl::Status ExplainOpening(const absl::Status& status, const std::string& data_dir) {
  switch (status.code()) {
    case absl::StatusCode::kDataLoss:
      return absl::DataLossError(absl::StrCat(
          "the store in ", data_dir, " is damaged: ", status.message(),
          ". It was not opened, so that nothing is answered wrongly. Keep the folder, and restore a backup into a new "
          "one: qm admin restore --backup-dir DIR --to NEW_DIR. qm admin verify --data-dir DIR checks a store."));
    case absl::StatusCode::kResourceExhausted:
      return DiskFullError(absl::StrCat("the disk of the store in ", data_dir,
                                        " is full, and a start needs some room (", status.message(),
                                        "). Make room on it, then start again; nothing is lost."));
    case absl::StatusCode::kUnavailable:
      if (absl::StrContains(status.message(), std::strerror(EACCES))) {
        return absl::FailedPreconditionError(absl::StrCat(
            "the user who starts this may not read and write the store in ", data_dir, " (", status.message(),
            "). Start it as the user to whom it belongs, or give all files back: chown -R."));
      }
      if (absl::StrContains(status.message(), std::strerror(EROFS))) {
        return absl::FailedPreconditionError(absl::StrCat("the disk of the store in ", data_dir,
                                                          " is mounted read only (", status.message(),
                                                          "). Mount it for writing, then start again."));
      }
      return absl::UnavailableError(absl::StrCat(
          "the disk of the store in ", data_dir, " failed (", status.message(),
          "). Look at the disk and at the log of the system, then start again; if the disk is broken, restore a backup "
          "on another: qm admin restore --backup-dir DIR --to NEW_DIR."));
    default:
      return status;
  }
}

}  // namespace quartermaster::storage
