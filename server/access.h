// Who is calling. So far one principal exists: the operator, who holds the token in the data folder and has all roles.
#ifndef QUARTERMASTER_SERVER_ACCESS_H_
#define QUARTERMASTER_SERVER_ACCESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/principal.h"

namespace quartermaster::server {

// Thread-safe: it never changes.
class Access {
 public:
  // Reads DIR/operator.token, or makes it with mode 0600 where it does not exist. FAILED_PRECONDITION if others may
  // read it.
  static absl::StatusOr<Access> Open(const std::string& data_dir);

  // The principal, from the value of the metadata `authorization`: "Bearer TOKEN". UNAUTHENTICATED.
  absl::StatusOr<Principal> Authenticate(absl::string_view authorization) const;

 private:
  explicit Access(const std::string& operator_token) : operator_token_(operator_token) {}
  std::string operator_token_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_ACCESS_H_
