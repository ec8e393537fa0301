// The explanations of queries that a command carries: `--explain RULE=TEXT`, or `--explain RULE:SUBJECT=TEXT` for the
// query about one field or indicator.
#ifndef QUARTERMASTER_CLIENT_EXPLANATIONS_H_
#define QUARTERMASTER_CLIENT_EXPLANATIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "quartermaster/v1/query.pb.h"
#include "quartermaster/v1/submission_service.pb.h"

namespace quartermaster::client {

constexpr size_t kMaxExplanationCharacters = 1000;  // As the API says.

class Explanations {
 public:
  // INVALID_ARGUMENT where one is not written so, has no text or too long a one, or explains the same again.
  static absl::StatusOr<Explanations> Parse(const std::vector<std::string>& options);

  // In the order of the options.
  const google::protobuf::RepeatedPtrField<v1::QueryExplanation>& messages() const { return messages_; }

  // Notes which of them the queries of a verdict meet.
  void NoteUse(const v1::Verdict& verdict);
  // What to tell about those that met none: a sentence each.
  std::vector<std::string> DescribeUnused() const;

 private:
  google::protobuf::RepeatedPtrField<v1::QueryExplanation> messages_;
  std::vector<bool> used_;
  std::vector<std::string> raised_;  // the rules of queries that came, for advice
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_EXPLANATIONS_H_
