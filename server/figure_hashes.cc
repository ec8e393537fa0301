#include "server/figure_hashes.h"

#include <functional>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace quartermaster::server {

FigureHashes HashFigures(absl::string_view dump) {
  FigureHashes hashes;
  absl::string_view service;
  std::string place;
  absl::string_view text;  // Of the place, as far as it was read.
  const auto close = [&] {
    if (!text.empty()) hashes[place] = std::hash<std::string_view>()({text.data(), text.size()});
    text = {};
  };
  for (absl::string_view line : absl::StrSplit(dump, '\n', absl::SkipEmpty())) {
    if (absl::ConsumePrefix(&line, "service ")) {
      close();
      service = line;
    } else if (absl::StartsWith(line, "  ")) {
      // It ends the text before it, which lies right in front of it.
      if (!text.empty()) text = absl::string_view(text.data(), line.data() + line.size() - text.data());
    } else {
      close();
      // " participant RT1", or " cell 2025-04 occupancy  n=3 sum=…": what comes before the figures names the place.
      place = absl::StrCat(service, line.substr(0, line.find(" n=")));
      text = line;
    }
  }
  close();
  return hashes;
}

}  // namespace quartermaster::server
