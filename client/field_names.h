// How people write the names of fields: as paths, or as the labels that they read everywhere ("Pay: Substantive
// staff"), in any letter case, with spaces, underscores or hyphens.
#ifndef QUARTERMASTER_CLIENT_FIELD_NAMES_H_
#define QUARTERMASTER_CLIENT_FIELD_NAMES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "validation/schema.h"

namespace quartermaster::client {

// What two ways of writing a name have in common: lower case, without spaces, underscores, hyphens and hidden
// characters. Between two digits those are kept as one "_", so that "weeks 1-5" is not "weeks 15".
std::string FoldedName(absl::string_view name);

// The names of one service's fields. Thread-safe: it never changes.
class FieldNames {
 public:
  // `service` must outlive this.
  explicit FieldNames(const ServiceSchema& service);

  // The fields that a heading or name can mean: the one with exactly this path, or path in protobuf JSON
  // (caseloadByAge.over65), else all whose path or label is folded alike. Several where a label is not unique.
  std::vector<const FieldSchema*> FindAll(absl::string_view name) const;
  // The only one; null if there is none or there are several.
  const FieldSchema* Find(absl::string_view name) const;

  // The field that a name which none has probably means: the only one with this last part of its path or label, or the
  // one whose path or label is most like it. Null if none is near.
  const FieldSchema* FindMeant(absl::string_view name) const;

 private:
  struct Folded {
    std::string path;
    std::string label;
  };

  const ServiceSchema& service_;
  std::vector<Folded> folded_;  // of each field
  absl::flat_hash_map<std::string, const FieldSchema*> json_paths_;
  absl::flat_hash_map<std::string, std::vector<const FieldSchema*>> fields_;  // by folded path or label
};

// The names of each service that is asked for, made once.
class NamesOfServices {
 public:
  const FieldNames& Of(const ServiceSchema& service);

 private:
  absl::flat_hash_map<const ServiceSchema*, std::unique_ptr<const FieldNames>> names_;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_FIELD_NAMES_H_
