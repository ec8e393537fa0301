#include "client/return_keys.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "validation/period.h"
#include "validation/suggest.h"
#include "validation/validate.h"

namespace quartermaster::client {
namespace {

constexpr size_t kMaxListedHeadings = 12;  // What a person reads at a glance.

// Whether two ways of writing a key mean the same.
bool SameKey(absl::string_view name, absl::string_view a, absl::string_view b) {
  if (absl::EqualsIgnoreCase(a, b)) return true;
  if (name != "period") return false;
  const absl::StatusOr<Period> first = Period::Parse(a);
  const absl::StatusOr<Period> second = Period::Parse(b);
  return first.ok() && second.ok() && *first == *second;
}

// The heading that is how others call the key, or empty.
std::string OtherNameOfKey(const std::string& name, const std::vector<absl::string_view>& headings) {
  static const auto& other_names = *new std::map<std::string, std::vector<std::string>>{
      {"participant",
       {"participantcode", "organisationcode", "organizationcode", "orgcode", "odscode", "trustcode", "providercode",
        "submitter", "submittercode", "organisation", "organization", "org", "ods", "trust", "provider", "code"}},
      {"period",
       {"periodend", "periodstart", "reportingperiod", "reportingmonth", "reportingquarter", "financialquarter",
        "financialyear", "month", "quarter", "date", "year"}}};
  const auto known = other_names.find(name);
  if (known == other_names.end()) return "";
  for (const std::string& other : known->second) {
    for (const absl::string_view heading : headings) {
      if (FoldedName(heading) == other) return std::string(heading);
    }
  }
  return "";
}

v1::Finding MissingColumn(const SourceTable& source, const std::string& name) {
  std::vector<absl::string_view> headings;
  for (const std::string& heading : source.table().headings()) {
    if (!heading.empty()) headings.push_back(heading);
  }
  std::string near = OtherNameOfKey(name, headings);
  if (near.empty()) near = NearestName(name, headings);
  const size_t total = headings.size();
  if (total > kMaxListedHeadings) headings.resize(kMaxListedHeadings);
  const absl::string_view column = source.table().column_word();
  const bool is_sheet = source.table().kind() == CellTable::Kind::kSheet;
  v1::Finding finding = FileFinding(
      "missing-column", source.place(), source.table().heading_row_number(),
      absl::StrCat("The file has no ", column, " \"", name, "\". Its ", is_sheet ? "headings" : "names",
                   " are: ", absl::StrJoin(headings, ", "),
                   total > headings.size() ? absl::StrCat(" and ", total - headings.size(), " more.") : "."),
      absl::StrCat(near.empty() ? absl::StrCat("Add the ", column)
                                : absl::StrCat("Did you mean the ", column, " ", near, "? Rename it to ", name),
                   ", or give --", name, " if it is the same for the whole file."));
  finding.set_field(name);
  finding.set_expected(name);
  return finding;
}

// The names of fields that a table gives values for.
std::set<std::string> UsedNames(const SourceTable& source) {
  std::set<std::string> names;
  const CellTable& table = source.table();
  if (source.is_long()) {
    const size_t column = *source.FindColumn("field");
    for (size_t row = 0; row < table.row_count(); ++row) names.emplace(table.cell(row, column));
  } else {
    for (size_t column = 0; column < table.headings().size(); ++column) {
      // Where no row fits the heading, the heading itself has to do.
      bool used = table.row_count() == 0;
      for (size_t row = 0; row < table.row_count() && !used; ++row) used = !table.cell(row, column).empty();
      if (used && !IsKeyHeading(table.headings()[column])) names.insert(table.headings()[column]);
    }
  }
  names.erase("");
  return names;
}

// The only service that the collection has, or the only one that has every field of the table. Where none has, it is
// the one that has most of them, if that is more than half: the others are misspelt then, which is said at their names.
absl::StatusOr<std::string> OnlyPossibleService(const SourceTable& source, const CollectionSchema& schema,
                                                NamesOfServices* names_of_services) {
  if (schema.services().size() == 1) return schema.services().front()->id();
  const std::set<std::string> names = UsedNames(source);
  std::vector<std::string> all;
  std::vector<std::string> best;  // Those that have `most` of the names.
  size_t most = 0;
  for (const auto& service : schema.services()) {
    all.push_back(service->id());
    const FieldNames& fields = names_of_services->Of(*service);
    const size_t known = static_cast<size_t>(std::count_if(
        names.begin(), names.end(), [&fields](const std::string& name) { return fields.Find(name) != nullptr; }));
    if (known > most) best.clear();
    most = std::max(most, known);
    if (known == most) best.push_back(service->id());
  }
  if (best.size() == 1 && 2 * most > names.size()) return best.front();
  return absl::InvalidArgumentError(absl::StrCat(
      source.place().Describe(), ": it does not say for which service it is. Add a ", source.table().column_word(),
      " service, or give --service; ", schema.id(), " has: ", absl::StrJoin(all, ", "), "."));
}

}  // namespace

bool IsKeyHeading(absl::string_view heading) {
  const std::string folded = FoldedName(heading);
  return folded == "participant" || folded == "period" || folded == "service" || folded == "collection";
}

absl::string_view KeySource::Text(const SourceTable& source, size_t row) const {
  const absl::string_view text = column ? source.table().cell(row, *column) : absl::string_view();
  return text.empty() ? absl::string_view(option) : text;
}

absl::string_view KeySource::TextAt(const std::vector<absl::string_view>& cells, int offset) const {
  if (!column) return option;
  const ptrdiff_t cell = static_cast<ptrdiff_t>(*column) + offset;
  if (cell < 0 || cell >= static_cast<ptrdiff_t>(cells.size())) return {};
  const absl::string_view text = cells[static_cast<size_t>(cell)];
  return text.empty() ? absl::string_view(option) : text;
}

std::string KeySource::Read(const SourceTable& source, size_t row, std::vector<v1::Finding>* problems) const {
  const absl::string_view text = column ? source.table().cell(row, *column) : absl::string_view();
  // Where both say the same, the option's way of writing it is taken.
  if (text.empty() || (from_option && SameKey(name, text, option))) return option;
  if (from_option) {
    v1::Finding& finding = problems->emplace_back(
        FileFinding("option-conflict", source.place(), source.table().row_number(row),
                    absl::StrCat("The ", source.table().cell_word(), " is \"", GivenText(text), "\" and --", name,
                                 " says \"", option, "\"."),
                    absl::StrCat("Leave out --", name, ", which only fills in what the file lacks, or correct the ",
                                 source.table().cell_word(), ".")));
    finding.set_field(name);
    SetColumn(source.table(), *column, &finding);
    finding.set_given(GivenText(text));
    finding.set_expected(option);
  }
  return std::string(text);
}

absl::StatusOr<KeySources> FindKeys(const SourceTable& source, const KeyOptions& keys, const Schemas& schemas,
                                    NamesOfServices* names) {
  const auto find = [&source](const std::string& name, const std::string& option) {
    return KeySource{name, source.FindColumn(name), option, !option.empty()};
  };
  KeySources found{find("collection", keys.collection),
                   find("service", keys.service),
                   find("period", keys.period),
                   find("participant", keys.participant),
                   {}};
  if (!found.collection.column && !found.collection.from_option && schemas.size() == 1) {
    found.collection.option = schemas.begin()->first;
  }
  for (const KeySource* key : {&found.participant, &found.period}) {
    if (!key->column && !key->from_option) found.problems.push_back(MissingColumn(source, key->name));
  }
  if (!found.problems.empty() || found.service.column || found.service.from_option) return found;

  if (schemas.empty()) return found;  // Each return will say that its collection is unknown.
  if (schemas.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(source.place().Describe(), ": it holds several collections and no ",
                                                   source.table().column_word(),
                                                   " service. Add it, or give --service."));
  }
  absl::StatusOr<std::string> service = OnlyPossibleService(source, *schemas.begin()->second, names);
  if (!service.ok()) return service.status();
  found.service.option = *std::move(service);
  return found;
}

}  // namespace quartermaster::client
