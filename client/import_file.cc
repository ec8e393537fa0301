#include "client/import_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cell_value.h"
#include "client/csv.h"
#include "client/input_file.h"
#include "client/misplaced_rows.h"
#include "client/workbook.h"
#include "client/zip_archive.h"
#include "validation/suggest.h"

namespace quartermaster::client {
namespace {

struct ExpectedColumn {
  absl::string_view name;
  bool required;
};

// The table of a CSV file, or of the only sheet of a workbook that has rows. Null if there is none.
std::shared_ptr<const SourceTable> OnlyTable(const std::string& path, absl::string_view bytes,
                                             std::vector<v1::Finding>* problems) {
  std::vector<std::pair<TablePlace, TableResult>> tables;
  if (LooksLikeZip(bytes)) {
    WorkbookResult workbook = ReadWorkbook(path, bytes);
    *problems = std::move(workbook.problems);
    for (WorkbookSheet& sheet : workbook.sheets) {
      tables.emplace_back(TablePlace(path, sheet.name), std::move(sheet.result));
    }
  } else {
    tables.emplace_back(path, ReadCsv(path, bytes));
  }
  if (tables.size() > 1) {
    problems->push_back(FileFinding("too-many-sheets", path, 0,
                                    absl::StrCat("The workbook has ", tables.size(), " sheets that are not blank."),
                                    "An import takes one: save the sheet in a workbook of its own."));
  }
  if (tables.size() != 1) return nullptr;
  auto& [place, result] = tables.front();
  *problems = std::move(result.problems);
  if (result.table == nullptr) return nullptr;
  return std::make_shared<const SourceTable>(std::move(place), std::move(result.table));
}

// Reads the table and checks its headings: an unknown one is an error, since leaving out what a steward has written
// down would go unnoticed. Null if there are problems.
absl::StatusOr<std::shared_ptr<const SourceTable>> ReadTable(const std::string& path,
                                                             const std::vector<ExpectedColumn>& expected,
                                                             size_t max_rows, std::vector<v1::Finding>* problems) {
  const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxFileBytes);
  if (!bytes.ok()) return absl::InvalidArgumentError(bytes.status().message());
  const std::shared_ptr<const SourceTable> source = OnlyTable(path, *bytes, problems);
  if (source == nullptr) return nullptr;
  const CellTable& table = source->table();
  const TablePlace& place = source->place();
  *problems = MisplacedRows(place, table).Describe().of_file;

  std::vector<absl::string_view> names;
  for (const ExpectedColumn& column : expected) names.push_back(column.name);
  for (size_t i = 0; i < table.headings().size(); ++i) {
    const std::string& heading = table.headings()[i];
    const bool known = std::any_of(names.begin(), names.end(),
                                   [&source, i](absl::string_view name) { return source->FindColumn(name) == i; });
    if (known || heading.empty()) continue;
    const std::string near = NearestName(heading, names);
    v1::Finding& finding = problems->emplace_back(
        FileFinding("unknown-column", place, table.heading_row_number(),
                    absl::StrCat("The file has a column \"", GivenText(heading), "\"."),
                    DidYouMean(near, absl::StrCat("The columns are: ", absl::StrJoin(names, ", "), "."))));
    SetColumn(table, i, &finding);
  }
  for (const ExpectedColumn& column : expected) {
    if (!column.required || source->FindColumn(column.name)) continue;
    problems->push_back(FileFinding("missing-column", place, table.heading_row_number(),
                                    absl::StrCat("The file has no column \"", column.name, "\"."),
                                    absl::StrCat("The columns are: ", absl::StrJoin(names, ", "), ".")));
  }
  if (table.row_count() > max_rows) {
    problems->push_back(FileFinding(
        "too-many-rows", place, 0, absl::StrCat("The file has more than ", max_rows, " rows; an import takes no more."),
        "Split the file and import its parts one after the other."));
  }
  if (!problems->empty()) return nullptr;
  return source;
}

std::string Cell(const SourceTable& source, size_t row, absl::string_view name) {
  const absl::optional<size_t> column = source.FindColumn(name);
  return column ? std::string(source.table().cell(row, *column)) : std::string();
}

// The whole number in a cell; a problem, and nothing, where it holds anything else.
absl::optional<int64_t> WholeNumber(const SourceTable& source, size_t row, absl::string_view name,
                                    std::vector<v1::Finding>* problems) {
  const std::string text = Cell(source, row, name);
  if (const absl::optional<int64_t> number = ParseWholeNumber(text)) return number;
  v1::Finding& finding = problems->emplace_back(
      FileFinding("type", source.place(), source.table().row_number(row),
                  text.empty() ? absl::StrCat(name, " is missing.")
                               : absl::StrCat("\"", GivenText(text), "\" is not a whole number."),
                  "Write digits only, without thousands separators."));
  if (const auto column = source.FindColumn(name)) SetColumn(source.table(), *column, &finding);
  finding.set_class_(text.empty() ? schema::v1::CLASS_MISSING : schema::v1::CLASS_INVALID);
  finding.set_field(std::string(name));
  finding.set_given(GivenText(text));
  finding.set_expected("a whole number");
  return absl::nullopt;
}

}  // namespace

absl::StatusOr<ImportFile<v1::ImportParticipantsRequest>> ReadParticipants(const std::string& path) {
  ImportFile<v1::ImportParticipantsRequest> file;
  const auto source = ReadTable(path,
                                {{"code", true},
                                 {"name", true},
                                 {"nation", false},
                                 {"region", false},
                                 {"integrated_care_board", false},
                                 {"organisation_type", false},
                                 {"successor", false},
                                 {"succeeded_from", false}},
                                kMaxParticipants, &file.problems);
  if (!source.ok()) return source.status();
  if (*source == nullptr) return file;
  file.source = *source;
  for (size_t row = 0; row < (*source)->table().row_count(); ++row) {
    v1::Participant* participant = file.request.add_participants();
    participant->set_code(Cell(**source, row, "code"));
    participant->set_name(Cell(**source, row, "name"));
    participant->set_nation(Cell(**source, row, "nation"));
    participant->set_region(Cell(**source, row, "region"));
    participant->set_integrated_care_board(Cell(**source, row, "integrated_care_board"));
    participant->set_organisation_type(Cell(**source, row, "organisation_type"));
    participant->set_successor(Cell(**source, row, "successor"));
    participant->set_succeeded_from(Cell(**source, row, "succeeded_from"));
    file.rows.push_back((*source)->table().row_number(row));
  }
  return file;
}

absl::StatusOr<ImportFile<v1::ImportPopulationsRequest>> ReadPopulations(const std::string& path) {
  ImportFile<v1::ImportPopulationsRequest> file;
  const auto source = ReadTable(
      path, {{"participant", true}, {"age_band", true}, {"registered", true}, {"weighted", false}, {"from", false}},
      kMaxPopulations, &file.problems);
  if (!source.ok()) return source.status();
  if (*source == nullptr) return file;
  file.source = *source;
  for (size_t row = 0; row < (*source)->table().row_count(); ++row) {
    v1::Population* population = file.request.add_populations();
    population->set_participant(Cell(**source, row, "participant"));
    population->set_age_band(Cell(**source, row, "age_band"));
    population->set_from(Cell(**source, row, "from"));
    if (const auto registered = WholeNumber(**source, row, "registered", &file.problems)) {
      population->set_registered(*registered);
    }
    if (!Cell(**source, row, "weighted").empty()) {
      if (const auto weighted = WholeNumber(**source, row, "weighted", &file.problems))
        population->set_weighted(*weighted);
    }
    file.rows.push_back((*source)->table().row_number(row));
  }
  return file;
}

absl::StatusOr<ImportFile<v1::ImportEnrolmentsRequest>> ReadEnrolments(const std::string& path) {
  ImportFile<v1::ImportEnrolmentsRequest> file;
  const auto source =
      ReadTable(path, {{"collection", true}, {"service", true}, {"participant", true}, {"from", false}, {"to", false}},
                kMaxEnrolments, &file.problems);
  if (!source.ok()) return source.status();
  if (*source == nullptr) return file;
  file.source = *source;
  for (size_t row = 0; row < (*source)->table().row_count(); ++row) {
    v1::Enrolment* enrolment = file.request.add_enrolments();
    enrolment->set_collection(Cell(**source, row, "collection"));
    enrolment->set_service(Cell(**source, row, "service"));
    enrolment->set_participant(Cell(**source, row, "participant"));
    enrolment->set_from(Cell(**source, row, "from"));
    enrolment->set_to(Cell(**source, row, "to"));
    file.rows.push_back((*source)->table().row_number(row));
  }
  return file;
}

void LocateImportFindings(const SourceTable& source, const std::vector<uint32_t>& rows,
                          google::protobuf::RepeatedPtrField<v1::Finding>* findings) {
  for (v1::Finding& finding : *findings) {
    if (!finding.file().empty()) continue;
    source.place().Set(&finding);
    finding.set_column(finding.field());
    if (const auto column = source.FindColumn(finding.field())) SetColumn(source.table(), *column, &finding);
    if (!finding.has_row()) continue;
    if (finding.row() >= 1 && finding.row() <= rows.size()) {
      finding.set_row(rows[finding.row() - 1]);
    } else {
      finding.clear_row();  // No item of the request; better no row than a wrong one.
    }
  }
}

}  // namespace quartermaster::client
