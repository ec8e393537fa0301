// What the text of one cell means: nothing, "not available", a number, yes or no. Numbers are plain decimal whatever
// the desk's locale is; what is not understood is left to the rules, which name it in a finding.
#ifndef QUARTERMASTER_CLIENT_CELL_VALUE_H_
#define QUARTERMASTER_CLIENT_CELL_VALUE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace quartermaster::client {

// Why a value is not available: of "NA" nothing is said, of "NA (ward system down)" what stands in the brackets. NA is
// in any letter case. Nothing of a text that has neither form.
absl::optional<absl::string_view> NotAvailableReason(absl::string_view text);

// "NA (ward system down)", or "NA" where no reason is given.
std::string NotAvailableText(absl::string_view reason);

// "*", which published tables have where a small number is hidden.
bool IsSuppressed(absl::string_view text);

// A sign, digits with at most one point, and an exponent, of which only the digits are required: -12, 0.5, .5, 1.5e-3.
// No hexadecimal, infinity, thousands separators, currency or percent signs. Nothing where it is anything else, is too
// large for a double, or so small that it would become 0.
absl::optional<double> ParseNumber(absl::string_view text);

// The same text where its value is whole and fits: 12, +12, 12.0, 1.2e1.
absl::optional<int64_t> ParseWholeNumber(absl::string_view text);

// yes, no, y, n, true, false, 1, 0, in any letter case.
absl::optional<bool> ParseYesNo(absl::string_view text);

// Advice where the text has a character that nobody sees or that looks like a space (client/hidden_characters.h), with
// the number to write where such characters separate thousands; or empty.
std::string HiddenCharacterHint(absl::string_view text);

// Advice where a spreadsheet has probably changed a code, a text or a period into a number or date of its own, or
// empty. `is_period` says which of the two was meant.
std::string SpreadsheetDamageHint(absl::string_view text, bool is_period);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_CELL_VALUE_H_
