// The values of one return, read once from its bytes into a flat row that rules, indicators and statistics share.
#ifndef QUARTERMASTER_VALIDATION_RETURN_VALUES_H_
#define QUARTERMASTER_VALIDATION_RETURN_VALUES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/repeated_field.h"
#include "quartermaster/v1/submission_service.pb.h"
#include "validation/expression.h"
#include "validation/schema.h"

namespace quartermaster {

// A number of the message that is no decimal of its field's places.
struct ReadingProblem {
  int field_index;
  DecimalReading::Kind kind;
  double given;
};

// Movable. `fields()` has one entry a field of the service, in its order; texts point into what is kept here.
class ReturnValues {
 public:
  // INVALID_ARGUMENT if `data` is not the encoding of a message of `service`.
  static absl::StatusOr<ReturnValues> Read(const ServiceSchema& service, std::string data,
                                           const google::protobuf::RepeatedPtrField<v1::NotAvailable>& not_available);

  const FieldRow& fields() const { return fields_; }
  FieldRow& mutable_fields() { return fields_; }
  // Numbers with too many places or too large; those fields are kUnreadable, but binary noise is rounded and kPresent.
  const std::vector<ReadingProblem>& problems() const { return problems_; }
  // Fields in the message that the service does not have, by the path of their group and their number: "#99",
  // "caseload_by_gender.#12". At most 100.
  const std::vector<std::string>& unknown_fields() const { return unknown_fields_; }

 private:
  class Reader;
  // What was read, and as messages of which every field is unknown what protobuf had to read; the texts lie there.
  std::unique_ptr<const std::string> data_;
  std::vector<std::unique_ptr<google::protobuf::Empty>> messages_;
  FieldRow fields_;
  std::vector<ReadingProblem> problems_;
  std::vector<std::string> unknown_fields_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_RETURN_VALUES_H_
