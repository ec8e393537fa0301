#include "server/release_content.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "validation/utf8.h"

namespace quartermaster::server {
namespace {

constexpr uint32_t kFormat = 1;  // Of the text itself.

constexpr char kRelease[] = "release";
constexpr char kReturn[] = "return";
constexpr char kValue[] = "value";
constexpr char kStatistics[] = "statistics";

struct Figure {
  const char* name;
  bool (v1::NationalStatistics::*has)() const;
  double (v1::NationalStatistics::*get)() const;
  void (v1::NationalStatistics::*set)(double);
};

// In the order of the text.
constexpr Figure kFigures[] = {
    {"mean", &v1::NationalStatistics::has_mean, &v1::NationalStatistics::mean, &v1::NationalStatistics::set_mean},
    {"median", &v1::NationalStatistics::has_median, &v1::NationalStatistics::median,
     &v1::NationalStatistics::set_median},
    {"lower_quartile", &v1::NationalStatistics::has_lower_quartile, &v1::NationalStatistics::lower_quartile,
     &v1::NationalStatistics::set_lower_quartile},
    {"upper_quartile", &v1::NationalStatistics::has_upper_quartile, &v1::NationalStatistics::upper_quartile,
     &v1::NationalStatistics::set_upper_quartile},
    {"percentile_10", &v1::NationalStatistics::has_percentile_10, &v1::NationalStatistics::percentile_10,
     &v1::NationalStatistics::set_percentile_10},
    {"percentile_90", &v1::NationalStatistics::has_percentile_90, &v1::NationalStatistics::percentile_90,
     &v1::NationalStatistics::set_percentile_90},
    {"minimum", &v1::NationalStatistics::has_minimum, &v1::NationalStatistics::minimum,
     &v1::NationalStatistics::set_minimum},
    {"maximum", &v1::NationalStatistics::has_maximum, &v1::NationalStatistics::maximum,
     &v1::NationalStatistics::set_maximum},
    {"standard_deviation", &v1::NationalStatistics::has_standard_deviation, &v1::NationalStatistics::standard_deviation,
     &v1::NationalStatistics::set_standard_deviation},
    {"pooled", &v1::NationalStatistics::has_pooled, &v1::NationalStatistics::pooled,
     &v1::NationalStatistics::set_pooled},
};

// Appends one line to a text, member by member.
class LineWriter {
 public:
  LineWriter(absl::string_view kind, std::string* out) : out_(out) {
    absl::StrAppend(out_, "{\"kind\":\"", kind, "\"");
  }
  void operator()(absl::string_view name, const std::string& text) {
    Name(name);
    out_->push_back('"');
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out_->push_back('\\');
        out_->push_back(c);
      } else if (byte < 0x20) {
        absl::StrAppend(out_, "\\u", absl::Hex(byte, absl::kZeroPad4));
      } else {
        out_->push_back(c);
      }
    }
    out_->push_back('"');
  }
  void operator()(absl::string_view name, uint32_t number) {
    Name(name);
    absl::StrAppend(out_, number);
  }
  void operator()(absl::string_view name, Decimal number) {
    Name(name);
    out_->append(number.ToString());
  }
  void operator()(absl::string_view name, double number) {
    Name(name);
    char buffer[400];  // The smallest double takes 340 characters.
    const std::to_chars_result end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed);
    out_->append(buffer, end.ptr);
  }
  void operator()(absl::string_view name, bool yes) {
    Name(name);
    out_->append(yes ? "true" : "false");
  }
  void End() { out_->append("}\n"); }

 private:
  void Name(absl::string_view name) { absl::StrAppend(out_, ",\"", name, "\":"); }
  std::string* const out_;
};

// Takes one line apart, member by member. After the first that is not as expected it reads nothing more.
class LineReader {
 public:
  LineReader(absl::string_view kind, absl::string_view line) : rest_(line) {
    Expect("{\"kind\":\"");
    Expect(kind);
    Expect("\"");
  }
  bool HasNext(absl::string_view name) const { return absl::StartsWith(rest_, absl::StrCat(",\"", name, "\":")); }

  void operator()(absl::string_view name, std::string& text) {
    Name(name);
    Expect("\"");
    while (ok_ && !rest_.empty() && rest_[0] != '"') {
      if (absl::ConsumePrefix(&rest_, "\\u")) {
        uint32_t character = 0;
        ok_ = absl::SimpleHexAtoi(rest_.substr(0, 4), &character) && character < 0x20;
        text.push_back(static_cast<char>(character));
        rest_.remove_prefix(std::min<size_t>(4, rest_.size()));
        continue;
      }
      absl::ConsumePrefix(&rest_, "\\");
      absl::StrAppend(&text, rest_.substr(0, 1));
      rest_.remove_prefix(std::min<size_t>(1, rest_.size()));
    }
    Expect("\"");
  }
  void operator()(absl::string_view name, uint32_t& number) { ok_ = absl::SimpleAtoi(Token(name), &number) && ok_; }
  void operator()(absl::string_view name, Decimal& number) {
    const absl::string_view token = Token(name);
    const size_t point = std::min(token.find('.'), token.size());
    std::string billionths(token.substr(0, point));
    if (point < token.size()) absl::StrAppend(&billionths, token.substr(point + 1));
    const size_t places = token.size() - std::min(point + 1, token.size());
    const bool fits = places <= static_cast<size_t>(Decimal::kPlaces);
    if (fits) billionths.append(Decimal::kPlaces - places, '0');
    const std::optional<Decimal> read = fits ? FromBillionths(billionths) : std::nullopt;
    ok_ = ok_ && read.has_value();
    if (read) number = *read;
  }
  void operator()(absl::string_view name, double& number) {
    const absl::string_view token = Token(name);
    const std::from_chars_result end = std::from_chars(token.data(), token.data() + token.size(), number);
    ok_ = ok_ && end.ec == std::errc() && end.ptr == token.data() + token.size() && std::isfinite(number);
  }
  void operator()(absl::string_view name, bool& yes) {
    const absl::string_view token = Token(name);
    yes = token == "true";
    ok_ = ok_ && (yes || token == "false");
  }
  bool End() {
    Expect("}\n");
    return ok_ && rest_.empty();
  }

 private:
  void Expect(absl::string_view text) { ok_ = ok_ && absl::ConsumePrefix(&rest_, text); }
  void Name(absl::string_view name) { Expect(absl::StrCat(",\"", name, "\":")); }
  // What follows up to the next member.
  absl::string_view Token(absl::string_view name) {
    Name(name);
    const absl::string_view token = rest_.substr(0, rest_.find_first_of(",}"));
    rest_.remove_prefix(token.size());
    return token;
  }

  absl::string_view rest_;
  bool ok_ = true;
};

// The members of each kind of line, once for writing and reading: a reader fills in what a writer puts out.
template <typename Line, typename Content>
void VisitHeader(Line& line, Content& content) {
  uint32_t format = kFormat;
  line("format", format);
  line("collection", content.collection);
  line("period", content.period);
  line("collection_version", content.collection_version);
  line("method_version", content.method_version);
}

template <typename Line, typename Return>
void VisitReturn(Line& line, Return& pinned) {
  line("service", pinned.service);
  line("participant", pinned.participant);
  line("period", pinned.period);
  line("revision", pinned.revision);
  line("content_sha256", pinned.content_sha256);
}

template <typename Line, typename Value>
void VisitValue(Line& line, Value& value) {
  line("service", value.service);
  line("indicator", value.indicator);
  line("category", value.category);
  line("participant", value.participant);
  line("value", value.value);
  line("numerator", value.numerator);
  line("denominator", value.denominator);
  line("months_present", value.months_present);
  line("months_expected", value.months_expected);
  line("counts", value.counts);
  line("from_predecessors", value.from_predecessors);
}

void WriteHeader(const ReleaseContent& content, std::string* out) {
  LineWriter line(kRelease, out);
  VisitHeader(line, content);
  line.End();
}

void Write(const PinnedReturn& pinned, std::string* out) {
  LineWriter line(kReturn, out);
  VisitReturn(line, pinned);
  line.End();
}

void Write(const ReleasedValue& value, std::string* out) {
  LineWriter line(kValue, out);
  VisitValue(line, value);
  line.End();
}

void Write(const ReleasedStatistics& statistics, std::string* out) {
  LineWriter line(kStatistics, out);
  line("service", statistics.figures.service());
  line("indicator", statistics.figures.indicator());
  line("category", statistics.figures.category());
  line("n", statistics.figures.n());
  for (const Figure& figure : kFigures) {
    if ((statistics.figures.*figure.has)()) line(figure.name, (statistics.figures.*figure.get)());
  }
  if (statistics.factor) line("factor", *statistics.factor);
  line.End();
}

bool Read(absl::string_view text, PinnedReturn* pinned) {
  LineReader line(kReturn, text);
  VisitReturn(line, *pinned);
  return line.End();
}

bool Read(absl::string_view text, ReleasedValue* value) {
  LineReader line(kValue, text);
  VisitValue(line, *value);
  return line.End();
}

bool Read(absl::string_view text, ReleasedStatistics* statistics) {
  LineReader line(kStatistics, text);
  line("service", *statistics->figures.mutable_service());
  line("indicator", *statistics->figures.mutable_indicator());
  line("category", *statistics->figures.mutable_category());
  uint32_t n = 0;
  line("n", n);
  statistics->figures.set_n(n);
  for (const Figure& figure : kFigures) {
    if (!line.HasNext(figure.name)) continue;
    double number = 0;
    line(figure.name, number);
    (statistics->figures.*figure.set)(number);
  }
  if (line.HasNext("factor")) line("factor", statistics->factor.emplace());
  return line.End();
}

auto OrderOf(const PinnedReturn& pinned) { return std::tie(pinned.service, pinned.participant, pinned.period); }
auto OrderOf(const ReleasedValue& value) {
  return std::tie(value.service, value.indicator, value.category, value.participant);
}

// Reads the lines of one kind, in their order; gives false at the first that is another text than the writer's.
class ContentReader {
 public:
  explicit ContentReader(absl::string_view text) : rest_(text) {}

  absl::StatusOr<ReleaseContent> Read() {
    ReleaseContent content;
    if (!ReadHeader(&content) || !ReadLines(kReturn, &content.returns) || !ReadLines(kValue, &content.values) ||
        !ReadLines(kStatistics, &content.statistics) || !rest_.empty()) {
      return absl::DataLossError(absl::StrCat("line ", line_number_,
                                              " of the content of a release is not one that "
                                              "this program writes"));
    }
    return content;
  }

 private:
  bool ReadHeader(ReleaseContent* content) {
    const absl::string_view text = NextLine();
    LineReader line(kRelease, text);
    VisitHeader(line, *content);
    if (!line.End()) return false;
    std::string again;
    WriteHeader(*content, &again);
    return again == text && IsUtf8(text) && Advance(text);
  }

  template <typename Item>
  bool ReadLines(absl::string_view kind, std::vector<Item>* items) {
    const std::string start = absl::StrCat("{\"kind\":\"", kind, "\"");
    std::string again;
    while (absl::StartsWith(rest_, start)) {
      const absl::string_view text = NextLine();
      Item item;
      if (!server::Read(text, &item)) return false;
      again.clear();
      Write(item, &again);
      if (again != text || !IsUtf8(text) || !Follows(*items, item)) return false;
      items->push_back(std::move(item));
      Advance(text);
    }
    return true;
  }

  template <typename Item>
  static bool Follows(const std::vector<Item>& items, const Item& item) {
    return items.empty() || OrderOf(items.back()) < OrderOf(item);
  }
  static bool Follows(const std::vector<ReleasedStatistics>&, const ReleasedStatistics&) { return true; }

  // With its line feed, if it has one.
  absl::string_view NextLine() const {
    const size_t end = rest_.find('\n');
    return rest_.substr(0, end == absl::string_view::npos ? end : end + 1);
  }
  bool Advance(absl::string_view line) {
    rest_.remove_prefix(line.size());
    ++line_number_;
    return true;
  }

  absl::string_view rest_;
  size_t line_number_ = 1;  // Of the next line.
};

}  // namespace

void SortContent(ReleaseContent* content) {
  const auto before = [](const auto& a, const auto& b) { return OrderOf(a) < OrderOf(b); };
  std::sort(content->returns.begin(), content->returns.end(), before);
  std::sort(content->values.begin(), content->values.end(), before);
}

std::string WriteContent(const ReleaseContent& content) {
  std::string text;
  WriteHeader(content, &text);
  const auto write_all = [&text](const auto& items) {
    for (const auto& item : items) {
      if (text.size() > kMaxReleaseBytes) return;
      Write(item, &text);
    }
  };
  write_all(content.returns);
  write_all(content.values);
  write_all(content.statistics);
  return text;
}

absl::StatusOr<ReleaseContent> ReadContent(absl::string_view text) { return ContentReader(text).Read(); }

absl::StatusOr<ContentLine> ReadContentLine(absl::string_view line) {
  const auto is_of = [line](absl::string_view kind) {
    return absl::StartsWith(line, absl::StrCat("{\"kind\":\"", kind, "\""));
  };
  PinnedReturn pinned;
  ReleasedValue value;
  if (is_of(kReturn) && Read(line, &pinned)) return pinned;
  if (is_of(kValue) && Read(line, &value)) return value;
  if (!is_of(kReturn) && !is_of(kValue)) return ContentLine();
  return absl::DataLossError("a line of the content of a release is not one that this program writes");
}

bool HaveSameFigures(const v1::NationalStatistics& a, const v1::NationalStatistics& b) {
  return a.n() == b.n() && std::all_of(std::begin(kFigures), std::end(kFigures), [&](const Figure& figure) {
           return (a.*figure.has)() == (b.*figure.has)() && (a.*figure.get)() == (b.*figure.get)();
         });
}

}  // namespace quartermaster::server
