// Checks a stored release: that its text is what was published, that its statistics follow from its values, and that
// its values follow from the revisions that it pins.
//
// A text names the returns that it was made of, but not the participants and populations, of which the store keeps the
// latest alone. So a text that does not come out again is wrong only if none of those changed since it was made.
#ifndef QUARTERMASTER_SERVER_RELEASE_CHECK_H_
#define QUARTERMASTER_SERVER_RELEASE_CHECK_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/store_reader.h"
#include "validation/participants.h"

namespace quartermaster::server {

struct ReleaseCheckResult {
  // What is wrong, for people; nothing if it is empty. No value of a return is in it.
  std::vector<std::string> problems;
  // The text came out again, bit for bit, from the pinned revisions.
  bool is_reproduced = false;
  // It did not, and participants or populations changed since, or another method made it: nobody can tell why.
  bool is_undecided = false;
};

// `catalogue` and `participants` are those of the store. Beside the text of the release twice, and what it says, there
// is memory for the figures of the returns that it pins. Where they alone do not give the text, all returns of the
// collection are read, one after the other, and their figures are there once: seconds become what rebuilding the
// collection takes. A store that stops being read ends it; what it says then is of no use.
ReleaseCheckResult CheckRelease(const storage::v1::ReleaseRecord& record, const storage::Catalogue& catalogue,
                                const std::shared_ptr<const Participants>& participants,
                                const storage::StoreReader& store);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_RELEASE_CHECK_H_
