// Whether a form may be written over a file that is there: what somebody has filled in is not lost to a new form.
#ifndef QUARTERMASTER_CLIENT_BLANK_FORM_H_
#define QUARTERMASTER_CLIENT_BLANK_FORM_H_

#include <string>

#include "absl/status/status.h"

namespace quartermaster::client {

// OK where there is no such file, it is empty, or it is a form as qm template makes it, in which at most the keys of
// its one row are filled in; what was written on the sheets that explain the form is not looked for. INVALID_ARGUMENT
// where it is anything else, and where it cannot be read what ReadFile says.
absl::Status CheckHoldsNoValues(const std::string& path);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_BLANK_FORM_H_
