// From the cells of files to returns that can be judged and sent.
//
// Fields are named by their paths or labels (client/field_names.h).
//
// A wide table has a row a return: participant, period, service, then a column a field. A long table has a row a value:
// participant, period, service, field, value. A column `collection` may stand in either. Key columns that a file lacks
// are filled in by options.
#ifndef QUARTERMASTER_CLIENT_RETURN_FILE_H_
#define QUARTERMASTER_CLIENT_RETURN_FILE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/source_table.h"
#include "quartermaster/v1/submission_service.pb.h"
#include "validation/schema.h"

namespace quartermaster::client {

// The keys that were given as options; empty where they were not.
struct KeyOptions {
  std::string collection;
  std::string service;
  std::string period;
  std::string participant;
};

// The collections by which files are read, by id.
using Schemas = std::map<std::string, std::shared_ptr<const CollectionSchema>>;

// One return of a file.
struct FileReturn {
  v1::ReturnContent content;
  // Canonical where it could be read, else as it was written.
  std::string period;
  // Null where the collection is not among the schemas.
  std::shared_ptr<const CollectionSchema> schema;
  Origin origin;
  // Why it cannot be sent as it stands in the file: keys that are twice there or contradict an option, a field that is
  // twice there. They come with their places. What is wrong with its values is for the rules to say.
  std::vector<v1::Finding> problems;
  // It is not to be sent, for what a finding about a file says: a heading is misspelt, so it is not complete, or one of
  // the files cannot be read. Or it is too large.
  bool withheld = false;
  // Its values stand in wrong columns, or under the headings of another service: only its keys can be judged, and
  // `content` has no values.
  bool is_shifted = false;
  // Nobody knows whose return it is, since its cells stand in wrong columns. Its keys are empty, as is `schema`.
  bool has_unread_keys = false;

  bool CanBeSent() const { return problems.empty() && !withheld; }
};

struct FileReturns {
  // In the order of the files and rows; in a long table by the first row of each.
  std::vector<FileReturn> returns;
  // Why a file cannot be used at all. Where there is one, nothing of the command should be sent.
  std::vector<v1::Finding> problems;
  // Rows that were left out, headings and names that no field has, and values of another service. The returns that they
  // concern are withheld.
  std::vector<v1::Finding> row_problems;
};

// A decade of months from 200 participants for seven services is 168,000 returns; more than this wants several
// commands.
constexpr size_t kMaxReturns = 200'000;

// Of the content of a return: a server takes requests of 4 MiB, explanations included.
constexpr size_t kMaxReturnBytes = 3 << 20;

// The collections that the files and options ask for. `known` are those that there are. INVALID_ARGUMENT where a file
// does not say which of several it is for.
absl::StatusOr<std::vector<std::string>> CollectionsAskedFor(
    const std::vector<std::shared_ptr<const SourceTable>>& sources, const KeyOptions& keys,
    const std::vector<std::string>& known);

// Reads the returns of all files together, so that one that is in two of them is noticed. `schemas` holds those of the
// collections asked for that exist. INVALID_ARGUMENT where a file does not say which of several services it is for.
absl::StatusOr<FileReturns> ReadReturns(const std::vector<std::shared_ptr<const SourceTable>>& sources,
                                        const KeyOptions& keys, const Schemas& schemas);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RETURN_FILE_H_
