// The checks of each kind of record in a change.
#include "storage/catalogue_check.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/keys.h"
#include "storage/records.h"

namespace quartermaster::storage {
namespace {

template <typename Record>
absl::Status CheckRecords(const std::vector<Record>& records, const char* what, size_t& bytes) {
  absl::Status checked;
  for (const Record& record : records) checked.Update(CheckReadsBack(record, what, bytes));
  return checked;
}

// What is new gets the number of the commit as its id, so one at most can be.
template <typename Record>
absl::Status CheckGrants(const std::vector<Record>& records, const char* what, size_t& bytes) {
  absl::Status checked = CheckRecords(records, what, bytes);
  int without_id = 0;
  for (const Record& record : records) {
    if (KeyOf(record).id == 0) ++without_id;
  }
  if (without_id > 1) {
    checked.Update(absl::InvalidArgumentError(absl::StrCat("a change makes ", what, " twice; it may make one")));
  }
  return checked;
}

absl::Status CheckSecrets(const std::vector<v1::TokenRecord>& tokens) {
  for (const v1::TokenRecord& record : tokens) {
    if (record.secret_sha256().size() == kSecretHashBytes) continue;
    return absl::InvalidArgumentError(absl::StrCat("the hash of a secret has ", kSecretHashBytes,
                                                   " bytes, this one has ", record.secret_sha256().size()));
  }
  return absl::OkStatus();
}

absl::Status CheckReleases(const std::vector<NewRelease>& releases, size_t& bytes) {
  absl::Status checked;
  if (releases.size() > 1) {
    checked = absl::InvalidArgumentError("a change publishes two releases; it may publish one");
  }
  for (const NewRelease& release : releases) {
    checked.Update(CheckReadsBack(release.record, "a release", bytes));
    if (release.parts.empty()) checked.Update(absl::InvalidArgumentError("a release has no parts"));
    for (const std::string& part : release.parts) {
      bytes += part.size();
      if (part.size() <= kMaxReleasePartBytes) continue;
      checked.Update(absl::InvalidArgumentError(
          absl::StrCat("a part of a release has ", part.size(), " bytes; it may have ", kMaxReleasePartBytes)));
    }
  }
  return checked;
}

}  // namespace

absl::Status CheckChange(const CatalogueChange& change, size_t& bytes) {
  absl::Status checked = CheckRecords(change.collections, "a collection", bytes);
  checked.Update(CheckRecords(change.participants, "a participant", bytes));
  checked.Update(CheckRecords(change.populations, "a population", bytes));
  checked.Update(CheckGrants(change.exceptions, "a standing exception", bytes));
  checked.Update(CheckRecords(change.enrolments, "an enrolment", bytes));
  checked.Update(CheckGrants(change.window_grants, "a window grant", bytes));
  checked.Update(CheckGrants(change.tokens, "a token", bytes));
  checked.Update(CheckSecrets(change.tokens));
  checked.Update(CheckRecords(change.shown, "what was shown", bytes));
  checked.Update(CheckReleases(change.releases, bytes));
  return checked;
}

}  // namespace quartermaster::storage
