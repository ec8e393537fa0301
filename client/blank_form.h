// Whether a form may be written over a file that is there: what somebody has filled in is not lost to a new form.
#ifndef QUARTERMASTER_CLIENT_BLANK_FORM_H_
#define QUARTERMASTER_CLIENT_BLANK_FORM_H_

#include <string>

#include "absl/status/status.h"

namespace quartermaster::client {

// OK where there is no such file, it is empty, or it is a form without any value. INVALID_ARGUMENT where it holds
// values or cannot be understood, and where it cannot be read what ReadFile says.
absl::Status CheckHoldsNoValues(const std::string& path);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_BLANK_FORM_H_
