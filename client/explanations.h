// The explanations of queries that a command carries: `--explain RULE=TEXT`, or `--explain RULE:SUBJECT=TEXT` for the
// query about one field or indicator; with `--reason REASON` for all of them.
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
constexpr size_t kMaxExplanations = 200;            // As many as the server takes with a return.

class Explanations {
 public:
  // `reason` may be empty. INVALID_ARGUMENT where an option is not written so, has no text or too long a one, or
  // explains the same again; where there are too many; and where the reason is none, or the reason of nothing.
  static absl::StatusOr<Explanations> Parse(const std::vector<std::string>& options, const std::string& reason = "");

  // In the order of the options.
  const google::protobuf::RepeatedPtrField<v1::QueryExplanation>& messages() const { return messages_; }

  // Notes which of them the queries of a verdict meet.
  void NoteUse(const v1::Verdict& verdict);
  // What to tell about those that met none, a sentence each, and about those that came too late.
  std::vector<std::string> DescribeUnused() const;

 private:
  google::protobuf::RepeatedPtrField<v1::QueryExplanation> messages_;
  std::vector<bool> used_;
  std::vector<std::string> raised_;  // the rules of queries that came, for advice
  size_t come_too_late_ = 0;         // open queries of returns that were answered before
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_EXPLANATIONS_H_
