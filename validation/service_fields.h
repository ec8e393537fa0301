// What the expressions of a service may name: its fields. Internal to the compilation of schemas.
#ifndef QUARTERMASTER_VALIDATION_SERVICE_FIELDS_H_
#define QUARTERMASTER_VALIDATION_SERVICE_FIELDS_H_

#include <string>
#include <vector>

#include "validation/expression.h"
#include "validation/schema.h"

namespace quartermaster {

// `service` must outlive it.
class ServiceFields : public FieldDirectory {
 public:
  explicit ServiceFields(const ServiceSchema& service) : service_(service) {}

  absl::optional<Entry> Find(absl::string_view path) const override;
  std::vector<int> FieldsUnder(absl::string_view path) const override;
  absl::optional<int> FindChoice(int field_index, absl::string_view name) const override;
  std::string Suggest(absl::string_view path) const override;
  std::string PathOf(int field_index) const override;

 private:
  const ServiceSchema& service_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_SERVICE_FIELDS_H_
