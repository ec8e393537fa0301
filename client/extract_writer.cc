#include "client/extract_writer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/extract_csv.h"
#include "client/extract_jsonl.h"
#include "client/extract_xlsx.h"

namespace quartermaster::client {
namespace {

using Make = absl::StatusOr<std::unique_ptr<ExtractWriter>> (*)(const std::string& file);

struct Form {
  absl::string_view ending;
  Make make;
};

constexpr Form kForms[] = {
    {".csv", MakeExtractCsv},
    {".jsonl", MakeExtractJsonl},
    {".xlsx", [](const std::string& file) { return MakeExtractXlsx(file, kExcelRows); }},
};

absl::StatusOr<Make> FindForm(const std::string& path) {
  for (const Form& form : kForms) {
    if (absl::EndsWithIgnoreCase(path, form.ending)) return form.make;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--output-file: ", path, " does not end in .csv, .jsonl or .xlsx, which says what to write."));
}

}  // namespace

absl::Status CheckExtractEnding(const std::string& path) { return FindForm(path).status(); }

absl::StatusOr<std::unique_ptr<ExtractWriter>> MakeExtractWriter(const std::string& path, const std::string& file) {
  const absl::StatusOr<Make> make = FindForm(path);
  if (!make.ok()) return make.status();
  return (*make)(file);
}

}  // namespace quartermaster::client
