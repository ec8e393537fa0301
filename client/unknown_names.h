// Headings of a wide table and field names of a long one that no field has, or that do not say which field they mean.
// Each gives one finding for the file, however many rows hold a value for it: it is one mistake, made once.
#ifndef QUARTERMASTER_CLIENT_UNKNOWN_NAMES_H_
#define QUARTERMASTER_CLIENT_UNKNOWN_NAMES_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/source_table.h"
#include "validation/schema.h"

namespace quartermaster::client {

// A file for another service has a few dozen; a list must end.
constexpr size_t kMaxUnknownNames = 100;

// What an unknown name probably means.
struct NameMeaning {
  const FieldSchema* meant = nullptr;
  bool is_checked = false;  // The values are judged as those of `meant`.
  // The name is one of `meant`, but another column, or name of the return, has that field already.
  bool is_second = false;
  // The name is the label of all of them.
  std::vector<const FieldSchema*> candidates;
};

class UnknownNames {
 public:
  // `source` must outlive this.
  explicit UnknownNames(const SourceTable& source) : source_(source) {}

  // A row holds a value for `name`, which `service` does not have. The fields of `meaning` must outlive this.
  void Add(const ServiceSchema& service, absl::string_view name, const NameMeaning& meaning, uint32_t row_number);

  // `collection` is for the advice.
  std::vector<v1::Finding> Describe(const std::string& collection) const;

 private:
  static constexpr size_t kMaxListedRows = 5;

  struct Name {
    std::string service;
    std::string name;
    NameMeaning meaning;
    size_t rows = 0;
    std::vector<uint32_t> first_rows;
  };
  std::string Message(const Name& name) const;
  std::string Hint(const Name& name, const std::string& collection) const;
  v1::Finding DescribeOne(const Name& name, const std::string& collection) const;

  const SourceTable& source_;
  std::vector<Name> names_;  // in the order in which they come
  // By service, name, and whether it is checked and is a second one, which returns of objects each decide.
  std::map<std::tuple<std::string, std::string, bool, bool>, size_t> index_;
  size_t more_values_ = 0;  // under names past the limit
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_UNKNOWN_NAMES_H_
