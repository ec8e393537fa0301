// Rows of a table that are no returns, and that everybody would leave out: totals below them, notes of whoever made the
// file. They are named once for the table, and keep no return from being sent.
#ifndef QUARTERMASTER_CLIENT_STRAY_ROWS_H_
#define QUARTERMASTER_CLIENT_STRAY_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/return_keys.h"
#include "client/source_table.h"
#include "quartermaster/v1/finding.pb.h"

namespace quartermaster::client {

// Thread-compatible.
class StrayRows {
 public:
  // Both must outlive it.
  StrayRows(const SourceTable& source, const KeySources& keys) : source_(source), keys_(keys) {}

  // Whether the row is one; then it is kept in mind.
  bool Take(uint32_t row_number, const std::vector<absl::string_view>& cells);
  // A finding of each kind that there was.
  std::vector<v1::Finding> Describe() const;

 private:
  // Where the participant should stand it says "Total" or "England", and that is no code, or there is no period.
  bool IsTotal(const std::vector<absl::string_view>& cells) const;
  // "Source: ESR extract of 3 May": words in the first cell, which is for a key, and nothing else.
  bool IsNote(const std::vector<absl::string_view>& cells) const;

  const SourceTable& source_;
  const KeySources& keys_;
  std::vector<uint32_t> totals_;
  std::vector<uint32_t> notes_;
  std::string first_note_;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_STRAY_ROWS_H_
