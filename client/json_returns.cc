#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/hidden_characters.h"
#include "client/return_objects.h"
#include "client/text.h"
#include "nlohmann/json.hpp"

namespace quartermaster::client {
namespace {

constexpr size_t kMaxDepth = 32;          // Groups of fields lie three deep at most.
constexpr size_t kMaxCells = 64'000'000;  // A quarter of a gigabyte of a table: names times returns, blank or not.

// Bytes that count their lines as they are read. Copies share the place.
struct CountedBytes {
  absl::string_view bytes;
  size_t next = 0;
  uint32_t line = 1;

  void Advance() {
    if (bytes[next] == '\n') ++line;
    ++next;
  }
  // Whether there is more than blanks.
  bool HasMore() {
    while (next < bytes.size() && absl::ascii_isspace(static_cast<unsigned char>(bytes[next]))) Advance();
    return next < bytes.size();
  }
};

class CountedIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  // The end where `source` is null.
  explicit CountedIterator(CountedBytes* source) : source_(source) {}
  reference operator*() const { return source_->bytes[source_->next]; }
  CountedIterator& operator++() {
    source_->Advance();
    return *this;
  }
  // An iterator is only ever compared with the end.
  friend bool operator==(const CountedIterator& a, const CountedIterator& b) { return a.AtEnd() && b.AtEnd(); }

 private:
  bool AtEnd() const { return source_ == nullptr || source_->next == source_->bytes.size(); }

  CountedBytes* source_;
};

// What bed_days, bedDays and Bed_Days have in common: one return may have this form and another that. No message has
// two fields with that in common, since protobuf refuses it.
std::string ColumnKey(absl::string_view name) {
  std::string key = absl::AsciiStrToLower(VisibleText(name));
  key.erase(std::remove(key.begin(), key.end(), '_'), key.end());
  return key;
}

// Takes the events of the parser. Each gives false, which ends the reading, where the file is not of the form; then
// there is a problem that says why.
class ReturnHandler {
 public:
  ReturnHandler(const std::string& name, CountedBytes* source) : place_(name), source_(*source) {}

  // A field that is null is absent; a return that is null is lost.
  bool null() {
    return (Top() != Layer::kReturns && Top() != Layer::kFile) || Refuse("a return is an object", kFormHint);
  }
  bool boolean(bool value) { return TakeValue(value ? "true" : "false"); }
  bool number_integer(int64_t value) { return TakeValue(absl::StrCat(value)); }
  bool number_unsigned(uint64_t value) { return TakeValue(absl::StrCat(value)); }
  bool number_float(double, const std::string& text) { return TakeValue(text); }
  bool string(const std::string& text) { return TakeValue(text); }
  bool binary(const std::vector<uint8_t>&) { return false; }  // Never of text.
  bool key(const std::string& name);
  bool start_object(size_t);
  bool end_object();
  bool start_array(size_t);
  bool end_array();
  bool parse_error(size_t, const std::string&, const std::exception& error);

  ReturnObjects Finish();
  bool has_problem() const { return !problems_.empty(); }

 private:
  enum class Layer {
    kFile,      // Nothing has begun.
    kReturns,   // a list of returns
    kEnvelope,  // a ReturnFile
    kReturn,
    kFields,  // `data`, or a group of fields
    kItems,   // the list `notAvailable` or `unreadable`
    kItem,
  };
  struct Frame {
    Layer layer;
    std::string prefix;  // of the names of fields
  };
  struct Row {
    uint32_t line;
    std::vector<std::pair<size_t, std::string>> cells;  // each with its column
    bool has_text;
    v1::ReturnContent beside;
  };

  static constexpr char kFormHint[] =
      "Write an object a return: {\"participant\": ..., \"period\": ..., \"data\": {...}}, in a list or one behind the "
      "other.";

  Layer Top() const { return frames_.empty() ? Layer::kFile : frames_.back().layer; }
  bool Push(Layer layer, std::string prefix = "");
  bool Refuse(absl::string_view message, absl::string_view hint);
  bool TakeValue(const std::string& text);
  bool AddCell(const std::string& name, const std::string& text);
  // Whether the return that has begun has nothing yet.
  bool IsBlank() const { return rows_.back().cells.empty() && rows_.back().beside.ByteSizeLong() == 0; }

  const TablePlace place_;
  const CountedBytes& source_;
  std::vector<Frame> frames_;
  std::string key_;
  std::string key_of_items_;                          // Of the list that is being read.
  google::protobuf::Message* item_ = nullptr;         // of that list
  std::vector<std::string> names_;                    // of the columns, as they were first written
  absl::flat_hash_map<std::string, size_t> columns_;  // by ColumnKey
  std::vector<Row> rows_;
  bool has_beside_ = false;
  std::vector<size_t> last_rows_;  // of each column: the number of the last return that has it
  std::vector<v1::Finding> problems_;
};

bool ReturnHandler::Refuse(absl::string_view message, absl::string_view hint) {
  problems_.push_back(FileFinding("json-form", place_, source_.line,
                                  absl::StrCat("Line ", source_.line, ": ", message, "."), std::string(hint)));
  return false;
}

bool ReturnHandler::parse_error(size_t, const std::string&, const std::exception& error) {
  // "[json.exception.parse_error.101] parse error at line 2, column 5: what is wrong", or without a place.
  absl::string_view message = error.what();
  const absl::string_view before = absl::StrContains(message, "] parse error at ") ? ": " : "] ";
  if (const size_t end = message.find(before); end != absl::string_view::npos) message.remove_prefix(end + 2);
  problems_.push_back(FileFinding("not-json", place_, source_.line,
                                  absl::StrCat("The file begins as JSON and is none in line ", source_.line, ": ",
                                               Printable(GivenText(message)), "."),
                                  "Let the program that wrote it write it again; a JSON checker shows the place."));
  return false;
}

bool ReturnHandler::Push(Layer layer, std::string prefix) {
  if (frames_.size() == kMaxDepth) return Refuse("objects lie too deep in each other", kFormHint);
  frames_.push_back({layer, std::move(prefix)});
  return true;
}

bool ReturnHandler::key(const std::string& name) {
  if (Top() == Layer::kEnvelope && name != "returns") {
    return Refuse("beside \"returns\" nothing is taken", "Put the keys of each return into it.");
  }
  key_ = name;
  return true;
}

bool ReturnHandler::start_object(size_t) {
  switch (Top()) {
    case Layer::kFile:
    case Layer::kReturns:
      rows_.push_back({source_.line, {}, false, {}});
      return Push(Layer::kReturn);
    case Layer::kReturn:
      return Push(Layer::kFields, key_ == "data" ? "" : absl::StrCat(key_, "."));
    case Layer::kFields:
      return Push(Layer::kFields, absl::StrCat(frames_.back().prefix, key_, "."));
    case Layer::kItems: {
      v1::ReturnContent& beside = rows_.back().beside;
      item_ = key_of_items_ == "unreadable" ? static_cast<google::protobuf::Message*>(beside.add_unreadable())
                                            : beside.add_not_available();
      has_beside_ = true;
      return Push(Layer::kItem);
    }
    case Layer::kEnvelope:
    case Layer::kItem:
      break;
  }
  return Refuse("an object stands where none can be", kFormHint);
}

bool ReturnHandler::end_object() {
  const Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (frame.layer == Layer::kReturn && !rows_.back().has_text) {
    return Refuse("an object says nothing of any return", kFormHint);
  }
  return true;
}

bool ReturnHandler::start_array(size_t) {
  if (Top() == Layer::kFile) return Push(Layer::kReturns);
  if (Top() == Layer::kReturn && key_ == "returns" && frames_.size() == 1 && IsBlank()) {
    rows_.pop_back();
    frames_.back().layer = Layer::kEnvelope;
  }
  if (Top() == Layer::kEnvelope) return Push(Layer::kReturns);
  if (Top() == Layer::kReturn && (key_ == "notAvailable" || key_ == "not_available" || key_ == "unreadable")) {
    key_of_items_ = key_;
    return Push(Layer::kItems);
  }
  return Refuse(absl::StrCat("\"", GivenText(key_), "\" is a list"), "A field takes one value.");
}

bool ReturnHandler::end_array() {
  frames_.pop_back();
  return true;
}

bool ReturnHandler::TakeValue(const std::string& text) {
  switch (Top()) {
    case Layer::kReturn:
      return AddCell(key_, text);
    case Layer::kFields:
      if (key_ == "@type" && frames_.back().prefix.empty()) {
        rows_.back().beside.mutable_data()->set_type_url(text);
        has_beside_ = true;
        return true;
      }
      return AddCell(absl::StrCat(frames_.back().prefix, key_), text);
    case Layer::kItem: {
      const google::protobuf::FieldDescriptor* member = item_->GetDescriptor()->FindFieldByName(key_);
      if (member == nullptr) {
        return Refuse(absl::StrCat("\"", GivenText(key_), "\" is no name in \"", key_of_items_, "\""), "Leave it out.");
      }
      item_->GetReflection()->SetString(item_, member, text);
      return true;
    }
    case Layer::kItems:
      return Refuse(absl::StrCat("\"", key_of_items_, "\" is a list of objects"),
                    "Write {\"field\": ...} for each of its fields.");
    case Layer::kFile:
    case Layer::kReturns:
    case Layer::kEnvelope:
      break;
  }
  return Refuse("a return is an object", kFormHint);
}

bool ReturnHandler::AddCell(const std::string& name, const std::string& text) {
  // A null byte parts the keys of returns from each other.
  if (VisibleText(name).empty() || absl::StrContains(name, absl::string_view("\0", 1)) ||
      absl::StrContains(text, absl::string_view("\0", 1))) {
    return Refuse("a name is empty, or a null character stands in a text", "Write the text without it.");
  }
  const auto [column, is_new] = columns_.emplace(ColumnKey(name), names_.size());
  if (is_new) {
    names_.push_back(name);
    last_rows_.push_back(0);
  }
  if (std::exchange(last_rows_[column->second], rows_.size()) == rows_.size()) {
    return Refuse(absl::StrCat("\"", GivenText(name), "\" is there twice in one return"),
                  "Keep the one that is right.");
  }
  rows_.back().cells.emplace_back(column->second, text);
  rows_.back().has_text |= !Trim(text).empty();
  return true;
}

ReturnObjects ReturnHandler::Finish() {
  ReturnObjects objects;
  if (!has_problem() && rows_.empty()) {
    problems_.push_back(FileFinding("empty-file", place_, 0, "The file holds no return.", kFormHint));
  }
  if (names_.size() > kMaxColumns || names_.size() * rows_.size() > kMaxCells) {
    problems_.push_back(
        FileFinding("too-many-columns", place_, 0,
                    absl::StrCat("The file has ", names_.size(), " names in ", rows_.size(), " returns."),
                    "Split it by service or period."));
  }
  if (has_problem()) {
    objects.result.problems = std::move(problems_);
    return objects;
  }
  CellTableBuilder builder(place_, CellTable::Kind::kObjects);
  for (const std::string& name : names_) builder.AddCell(name);
  builder.EndRow(0, false);
  std::vector<absl::string_view> texts(names_.size());
  for (const Row& row : rows_) {
    for (const auto& [column, text] : row.cells) texts[column] = text;
    for (absl::string_view& text : texts) builder.AddCell(std::exchange(text, {}));
    builder.EndRow(row.line, false);
  }
  objects.result = builder.Finish();
  if (objects.result.table == nullptr || !has_beside_) return objects;
  for (Row& row : rows_) objects.beside.push_back(std::move(row.beside));
  return objects;
}

absl::string_view WithoutByteOrderMark(absl::string_view bytes) {
  if (absl::StartsWith(bytes, "\xEF\xBB\xBF")) bytes.remove_prefix(3);
  return bytes;
}

}  // namespace

bool LooksLikeJson(absl::string_view bytes) {
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(WithoutByteOrderMark(bytes));
  // A rich text document begins with a brace as well.
  return absl::StartsWith(text, "[") || (absl::StartsWith(text, "{") && !absl::StartsWith(text, "{\\"));
}

ReturnObjects ReadJsonReturns(const std::string& name, absl::string_view bytes) {
  CountedBytes source{WithoutByteOrderMark(bytes)};
  ReturnHandler handler(name, &source);
  while (!handler.has_problem() && source.HasMore()) {
    nlohmann::json::sax_parse(CountedIterator(&source), CountedIterator(nullptr), &handler,
                              nlohmann::json::input_format_t::json, /*strict=*/false);
  }
  return handler.Finish();
}

}  // namespace quartermaster::client
