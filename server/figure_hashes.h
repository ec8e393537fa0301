// Figures in memory as they are compared with others: one hash for each place, so that two sets of figures need not be
// held as text.
#ifndef QUARTERMASTER_SERVER_FIGURE_HASHES_H_
#define QUARTERMASTER_SERVER_FIGURE_HASHES_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace quartermaster::server {

// By the place that the figures are about: a participant of a service, or a cell of it. Two texts that differ have one
// hash once in 2^64 times.
using FigureHashes = std::map<std::string, uint64_t>;

// Of the text that national/national_state.h dumps.
FigureHashes HashFigures(absl::string_view dump);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_FIGURE_HASHES_H_
