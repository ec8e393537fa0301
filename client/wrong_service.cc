#include "client/wrong_service.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace quartermaster::client {
namespace {

constexpr size_t kFewUnknown = 3;  // Fewer are misspelt rather than of another service.

// What a key says for the table as a whole: the option, or the first row.
std::string KeyOfTable(const SourceTable& source, const KeySource& key) {
  if (!key.column || source.table().row_count() == 0) return key.option;
  const absl::string_view first = source.table().cell(0, *key.column);
  return first.empty() ? key.option : std::string(first);
}

size_t CountKnown(const SourceTable& source, const ServiceSchema& service) {
  size_t known = 0;
  for (const std::string& heading : source.table().headings()) {
    known += !heading.empty() && !IsKeyHeading(heading) && FindFieldByName(service, heading) != nullptr ? 1 : 0;
  }
  return known;
}

size_t CountHeadings(const SourceTable& source) {
  size_t count = 0;
  for (const std::string& heading : source.table().headings()) {
    count += !heading.empty() && !IsKeyHeading(heading) ? 1 : 0;
  }
  return count;
}

}  // namespace

absl::optional<v1::Finding> FindWrongService(const SourceTable& source, const KeySources& keys,
                                             const Schemas& schemas) {
  if (source.is_long()) return absl::nullopt;
  const auto schema = schemas.find(KeyOfTable(source, keys.collection));
  if (schema == schemas.end()) return absl::nullopt;
  const ServiceSchema* named = schema->second->FindService(KeyOfTable(source, keys.service));
  if (named == nullptr) return absl::nullopt;
  const size_t headings = CountHeadings(source);
  const size_t known_to_named = CountKnown(source, *named);
  if (headings < known_to_named + kFewUnknown) return absl::nullopt;
  const ServiceSchema* best = nullptr;
  size_t known_to_best = 0;
  for (const auto& service : schema->second->services()) {
    const size_t known = CountKnown(source, *service);
    if (known <= known_to_best) continue;
    best = service.get();
    known_to_best = known;
  }
  if (best == nullptr || best == named || known_to_best * 10 < headings * 9) return absl::nullopt;
  v1::Finding finding =
      FileFinding("wrong-service", source.file(), source.table().heading_row_number(),
                  absl::StrCat(known_to_best, " of ", headings, " headings are fields of the service ", best->id(),
                               ", ", known_to_named, " of ", named->id(), "."),
                  absl::StrCat(keys.service.column ? "Correct the column service: it should say " : "Give --service ",
                               best->id(), ", or check which file this is. Nothing of it was taken."));
  finding.set_field("service");
  finding.set_given(named->id());
  finding.set_expected(best->id());
  if (keys.service.column) SetColumn(source.table(), *keys.service.column, &finding);
  return finding;
}

}  // namespace quartermaster::client
