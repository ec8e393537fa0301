// What a number in a workbook looks like to the person who sees it. A workbook keeps dates as days and percentages as
// fractions, so the number alone would be read as something that nobody has written. Formats are those of ECMA-376-1,
// 18.8.30 and 18.8.31.
#ifndef QUARTERMASTER_CLIENT_NUMBER_FORMAT_H_
#define QUARTERMASTER_CLIENT_NUMBER_FORMAT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace quartermaster::client {

enum class NumberLook {
  kNumber,   // Plain, with separators, with a currency: the number that is kept is the one that is meant.
  kPercent,  // 0.125 is shown as 12.5%.
  kMonth,    // A month and a year, no day: Apr-25.
  kDate,     // A date or a time.
};

// Of the formats that each workbook has without saying so, by their number. Others are plain numbers.
NumberLook LookOfBuiltInFormat(uint32_t id);

// Of a format as the workbook writes it: "dd/mm/yyyy", "[$-809]mmm\-yy;@", "0.0%".
NumberLook LookOfFormatCode(absl::string_view code);

// The text of a cell that keeps `stored`: a plain number as it is stored, 12.5%, 2025-04 for the first of a month that
// is shown without its day, else 2025-04-03, 2025-04-03T12:30:00 or 12:30:00. Days count from 1900, or from 1904 where
// the workbook says so. What is no number, or no date that Excel can show, stays as it is stored.
std::string ShownNumber(absl::string_view stored, NumberLook look, bool from_1904);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_NUMBER_FORMAT_H_
