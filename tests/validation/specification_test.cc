// The specification as a whole: how long it is, and one return with a mistake of each kind.
#include "tests/validation/specification.h"

#include <iostream>

#include "gtest/gtest.h"

namespace quartermaster::specification {
namespace {

TEST(Specification, HasARowForEveryCase) {
  const size_t rows =
      StructureRows() + MissingRows() + InvalidRows() + InconsistentRows() + HistoricalRows() + ExceptionalRows();
  std::cout << "rows: structure " << StructureRows() << ", missing " << MissingRows() << ", invalid " << InvalidRows()
            << ", inconsistent " << InconsistentRows() << ", historical " << HistoricalRows() << ", exceptional "
            << ExceptionalRows() << ", together " << rows << std::endl;
  EXPECT_GE(rows, 150u);
}

}  // namespace
}  // namespace quartermaster::specification
