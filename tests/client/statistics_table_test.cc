// Why figures are not there is said once, below the table.
#include "client/statistics_table.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace quartermaster::client {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::NationalStatistics WithMean() {
  v1::NationalStatistics statistics;
  statistics.set_n(7);
  statistics.set_mean(1);
  return statistics;
}

TEST(WithheldNoteTest, NothingIsSaidOfFiguresThatAreAllThereOrUndefined) {
  v1::NationalStatistics whole = WithMean();
  whole.set_median(1);
  const v1::NationalStatistics undefined;
  EXPECT_THAT(WithheldNote({&whole, &undefined}), IsEmpty());
}

TEST(WithheldNoteTest, MeansWithoutMediansAreExplainedOnce) {
  const v1::NationalStatistics mean = WithMean();
  const std::string note = WithheldNote({&mean, &mean});
  EXPECT_THAT(note, HasSubstr("of a release with enough that is new, median and quartiles"));
  EXPECT_EQ(note.find('\n'), note.size() - 1);
}

TEST(WithheldNoteTest, EachReasonHasItsLine) {
  v1::NationalStatistics few, embargoed;
  few.set_withheld(v1::WITHHELD_BELOW_MINIMUM_N);
  embargoed.set_withheld(v1::WITHHELD_EMBARGOED);
  const std::string note = WithheldNote({&few, &few, &embargoed});
  EXPECT_THAT(note, HasSubstr("too few participants"));
  EXPECT_THAT(note, HasSubstr("when it is released"));
  EXPECT_EQ(std::count(note.begin(), note.end(), '\n'), 2);
}

}  // namespace
}  // namespace quartermaster::client
