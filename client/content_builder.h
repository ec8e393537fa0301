// Puts the texts of cells into the message of a service, and beside it what the message cannot hold.
#ifndef QUARTERMASTER_CLIENT_CONTENT_BUILDER_H_
#define QUARTERMASTER_CLIENT_CONTENT_BUILDER_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "quartermaster/v1/submission_service.pb.h"
#include "validation/schema.h"

namespace quartermaster::client {

// Builds one return. It makes no finding: a text that is not of its field's type travels along as unreadable, and the
// rules name it, so that the file is judged alike here and at the server.
class ContentBuilder {
 public:
  // Null where the return names a service that does not exist; then its values are left out. `service` must outlive
  // this.
  explicit ContentBuilder(const ServiceSchema* service);

  // `field` is one of the service's. A blank text is absent and does nothing.
  void Add(const FieldSchema& field, absl::string_view text);
  // A text that is no value, whatever the field takes: an error of Excel.
  void AddUnreadable(const FieldSchema& field, absl::string_view text);

  // Moves what was built into `content`, whose key the caller sets.
  void Finish(v1::ReturnContent* content);

 private:
  bool SetValue(const FieldSchema& field, absl::string_view text);

  std::unique_ptr<google::protobuf::Message> message_;
  v1::ReturnContent values_;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_CONTENT_BUILDER_H_
