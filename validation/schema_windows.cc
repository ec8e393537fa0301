// When returns are taken, as the option of the file says it. Whether a time zone of that name exists is for the server
// to see: it needs files.
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "re2/re2.h"
#include "validation/schema_compiler.h"
#include "validation/utf8.h"

namespace quartermaster {
namespace {

constexpr int kMaxDays = 3660;  // Ten years: far beyond any window, and no date leaves the calendar.
constexpr size_t kMaxContactCharacters = 200;
constexpr char kDefaultTimeZone[] = "Europe/London";

std::string CadenceName(int cadence) { return schema::v1::Cadence_Name(static_cast<schema::v1::Cadence>(cadence)); }

// A relative name of the IANA database. A path, or the zone that a machine happens to have, would make a collection
// depend on where it is served.
bool IsZoneName(const std::string& name) {
  static const RE2& pattern = *new RE2("[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*");
  return name.size() <= 64 && name != "localtime" && RE2::FullMatch(name, pattern);
}

bool IsPlainText(const std::string& text) {
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

}  // namespace

void SchemaCompiler::CompileWindows(const Place& place, const schema::v1::Collection& collection) {
  for (const schema::v1::Window& annotation : collection.window()) {
    const int cadence = annotation.cadence();
    if (cadence < schema::v1::CADENCE_MONTH || cadence > schema::v1::CADENCE_YEAR) {
      Report(place, "A window needs a cadence: CADENCE_MONTH, CADENCE_QUARTER or CADENCE_YEAR.");
    } else if (!schema_->takes(static_cast<PeriodKind>(cadence))) {
      Report(place, absl::StrCat("There is a window for ", CadenceName(cadence),
                                 ", which the collection does not take. Add it to cadence, or drop the window."));
    } else if (schema_->FindWindow(static_cast<PeriodKind>(cadence)) != nullptr) {
      Report(place, absl::StrCat("There are two windows for ", CadenceName(cadence), ". Keep one."));
    } else {
      CompileWindow(place, annotation);
    }
  }
}

void SchemaCompiler::CompileWindow(const Place& place, const schema::v1::Window& annotation) {
  WindowSchema window;
  window.kind = static_cast<PeriodKind>(annotation.cadence());
  window.closes_with = window.kind;
  const std::string of = absl::StrCat("The window for ", CadenceName(annotation.cadence()));
  const auto days = [&](const char* name, int64_t number) {
    if (number >= -kMaxDays && number <= kMaxDays) return static_cast<int>(number);
    Report(place, absl::StrCat(of, ": ", name, " is more than ", kMaxDays, " days, which are ten years."));
    return 0;
  };
  const size_t problems = problems_.size();
  window.opens_days = annotation.has_opens_days() ? days("opens_days", annotation.opens_days()) : 1;
  window.due_days = days("due_days", annotation.due_days());
  window.closes_days = days("closes_days", annotation.closes_days());
  if (annotation.has_release_days()) window.release_days = days("release_days", annotation.release_days());
  if (problems_.size() == problems) CheckDates(place, window);

  const int closes_with = annotation.closes_with();
  if (closes_with != schema::v1::CADENCE_UNSPECIFIED) {
    if (closes_with <= annotation.cadence() || closes_with > schema::v1::CADENCE_YEAR) {
      Report(place, absl::StrCat(of, ": closes_with must be a longer period that contains this one."));
    } else {
      window.closes_with = static_cast<PeriodKind>(closes_with);
    }
  }
  window.contact = std::string(absl::StripAsciiWhitespace(annotation.contact()));
  if (window.contact.empty() || CountCharacters(window.contact) > kMaxContactCharacters ||
      !IsPlainText(window.contact)) {
    Report(place, absl::StrCat(of, ": contact must say whom to ask when it is closed, in a line of 1 to ",
                               kMaxContactCharacters, " characters."));
  }
  window.time_zone = annotation.time_zone().empty() ? kDefaultTimeZone : annotation.time_zone();
  if (!IsZoneName(window.time_zone)) {
    Report(place, absl::StrCat(of, ": time_zone must be a name of the IANA database, such as \"Europe/London\"."));
  }
  schema_->windows_.push_back(std::move(window));
}

// closes_days and release_days count from the same day or a later one than the others, so this order of the numbers is
// the order of the dates in every period.
void SchemaCompiler::CheckDates(const Place& place, const WindowSchema& window) {
  const std::string of = absl::StrCat("The window for ", CadenceName(static_cast<int>(window.kind)));
  if (window.due_days < window.opens_days) {
    Report(place, absl::StrCat(of, " is due before it opens: due_days must be at least opens_days."));
  }
  if (window.closes_days < window.due_days) {
    Report(place, absl::StrCat(of, " closes before it is due: closes_days must be at least due_days."));
  }
  if (window.release_days && *window.release_days < window.due_days) {
    Report(place, absl::StrCat(of, " is released before it is due: release_days must be at least due_days."));
  }
}

}  // namespace quartermaster
