// Prints the figures of samples, for a program that shares no code with them to compute again.
//
// Reads one sample a line from standard input: decimal numbers of at most 9 places, separated by spaces; an
// empty line is a sample of nobody. Writes one line for each: n, mean, median, lower_quartile, upper_quartile,
// percentile_10, percentile_90, minimum, maximum and standard_deviation, then for each value, in the order in which
// they came, its rank, percentile and quarter. Numbers are exact decimals, and "-" where there is none. Ends with 1 at
// what is no such number.
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/national/distribution.h"
#include "server/national/figures.h"
#include "validation/contribution.h"
#include "validation/decimal.h"

namespace quartermaster::national {
namespace {

std::optional<Decimal> ParseDecimal(const std::string& text) {
  const size_t point = text.find('.');
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  if (fraction.size() > Decimal::kPlaces) return std::nullopt;
  fraction.resize(Decimal::kPlaces, '0');
  const std::optional<Decimal> value = FromBillionths(text.substr(0, point) + fraction);
  if (!value || Magnitude(*value) >= kContributionLimit) return std::nullopt;
  return value;
}

std::string Text(const std::optional<Decimal>& figure) { return figure ? figure->ToString() : "-"; }

std::string FiguresLine(const std::vector<Decimal>& values) {
  Distribution distribution;
  for (const Decimal value : values) distribution.Insert(value);
  const Figures figures = ComputeFigures(distribution);
  std::string line = absl::StrCat(figures.n);
  for (const auto& figure :
       {figures.mean, figures.median, figures.lower_quartile, figures.upper_quartile, figures.percentile_10,
        figures.percentile_90, figures.minimum, figures.maximum, figures.standard_deviation}) {
    absl::StrAppend(&line, " ", Text(figure));
  }
  for (const Decimal value : values) {
    const Standing standing = ComputeStanding(distribution, figures, value);
    absl::StrAppend(&line, " ", standing.rank, " ", Text(standing.percentile), " ", standing.quarter);
  }
  return line;
}

int Run() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::vector<Decimal> values;
    for (const std::string& word : std::vector<std::string>(absl::StrSplit(line, ' ', absl::SkipEmpty()))) {
      const std::optional<Decimal> value = ParseDecimal(word);
      if (!value) {
        std::cerr << "\"" << word << "\" is no decimal number of at most 9 places below 2^100 billionths.\n";
        return 1;
      }
      values.push_back(*value);
    }
    std::cout << FiguresLine(values) << "\n";
  }
  return 0;
}

}  // namespace
}  // namespace quartermaster::national

int main() { return quartermaster::national::Run(); }
