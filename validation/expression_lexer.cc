// See expression_lexer.h. Numbers and escapes are read in expression_literals.cc.
#include "validation/expression_lexer.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "validation/expression_literals.h"
#include "validation/utf8.h"

namespace quartermaster {
namespace {

// Longer symbols stand before their own beginnings.
constexpr absl::string_view kSymbols[] = {"==", "!=", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%",
                                          "<",  ">",  "!",  "?",  ":",  "(",  ")", "[", "]", ",", "."};

// What people write by habit from other languages, and what it is here.
struct Habit {
  absl::string_view written;
  absl::string_view advice;
};
constexpr Habit kHabits[] = {
    {"=", "write == to compare"},
    {"&", "write && for and"},
    {"|", "write || for or"},
    {"\u2018", "write straight quotes: ' or \""},
    {"\u2019", "write straight quotes: ' or \""},
    {"\u201C", "write straight quotes: ' or \""},
    {"\u201D", "write straight quotes: ' or \""},
    {"\u2212", "write the minus of the keyboard: -"},
    {"\u2013", "write the minus of the keyboard: -"},
};

bool StartsIdentifier(char c) { return absl::ascii_isalpha(c) || c == '_'; }
bool ContinuesIdentifier(char c) { return absl::ascii_isalnum(c) || c == '_'; }

class Lexer {
 public:
  explicit Lexer(absl::string_view source) : source_(source) {}

  absl::StatusOr<std::vector<Token>> Run() {
    for (size_t i = 0; i < source_.size();) {
      const size_t bytes = Utf8CharacterBytes(source_.substr(i));
      if (bytes == 0) return ErrorAt(source_, i, "this is not UTF-8 text");
      i += bytes;
    }
    for (SkipBlanks(); at_ < source_.size(); SkipBlanks()) {
      absl::Status status = ReadToken();
      if (!status.ok()) return status;
    }
    Push(TokenKind::kEnd, 0);
    return std::move(tokens_);
  }

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }

  // Blanks and comments to the end of the line.
  void SkipBlanks() {
    while (at_ < source_.size()) {
      if (absl::StartsWith(source_.substr(at_), "//")) {
        at_ = std::min(source_.find('\n', at_), source_.size());
      } else if (absl::ascii_isspace(source_[at_])) {
        ++at_;
      } else {
        return;
      }
    }
  }

  Token& Push(TokenKind kind, size_t bytes) {
    tokens_.push_back(Token{kind, at_, source_.substr(at_, bytes), Decimal(), ""});
    at_ += bytes;
    return tokens_.back();
  }

  absl::Status ReadToken() {
    const char c = Peek();
    if (StartsIdentifier(c)) {
      size_t bytes = 1;
      while (ContinuesIdentifier(Peek(bytes))) ++bytes;
      Push(TokenKind::kIdentifier, bytes);
      return absl::OkStatus();
    }
    if (absl::ascii_isdigit(c) || (c == '.' && absl::ascii_isdigit(Peek(1)))) return ReadNumber();
    if (c == '"' || c == '\'') return ReadString();
    const absl::string_view rest = source_.substr(at_);
    for (absl::string_view symbol : kSymbols) {
      if (!absl::StartsWith(rest, symbol)) continue;
      Push(TokenKind::kSymbol, symbol.size());
      return absl::OkStatus();
    }
    const absl::string_view character = rest.substr(0, Utf8CharacterBytes(rest));
    for (const Habit& habit : kHabits) {
      if (habit.written == character) {
        return ErrorAt(source_, at_, absl::StrCat(Quoted(character), " is not of the language: ", habit.advice));
      }
    }
    return ErrorAt(source_, at_, absl::StrCat(Quoted(character), " is not of the language"));
  }

  size_t CountDigits(size_t from, bool hexadecimal = false) const {
    size_t i = from;
    while (hexadecimal ? absl::ascii_isxdigit(Peek(i)) : absl::ascii_isdigit(Peek(i))) ++i;
    return i - from;
  }

  absl::Status ReadNumber() {
    TokenKind kind = TokenKind::kInt;
    size_t bytes = CountDigits(0);
    if (Peek() == '0' && Peek(1) == 'x' && CountDigits(2, true) > 0) {
      bytes = 2 + CountDigits(2, true);
    } else {
      if (Peek(bytes) == '.' && CountDigits(bytes + 1) > 0) {
        kind = TokenKind::kDouble;
        bytes += 1 + CountDigits(bytes + 1);
      }
      if (Peek(bytes) == 'e' || Peek(bytes) == 'E') {
        const size_t sign = Peek(bytes + 1) == '+' || Peek(bytes + 1) == '-' ? 1 : 0;
        const size_t digits = CountDigits(bytes + 1 + sign);
        if (digits > 0) {
          kind = TokenKind::kDouble;
          bytes += 1 + sign + digits;
        }
      }
    }
    const absl::string_view text = source_.substr(at_, bytes);
    if (ContinuesIdentifier(Peek(bytes))) {
      return ErrorAt(source_, at_ + bytes,
                     "a letter directly behind a number: leave it out, or write an operator between them");
    }
    const absl::StatusOr<Decimal> number = kind == TokenKind::kInt ? ParseIntLiteral(text) : ParseDoubleLiteral(text);
    if (!number.ok()) return ErrorAt(source_, at_, number.status().message());
    Push(kind, bytes).number = *number;
    return absl::OkStatus();
  }

  absl::Status ReadString() {
    const char quote = Peek();
    std::string text;
    absl::string_view rest = source_.substr(at_ + 1);
    while (!rest.empty() && rest.front() != quote && rest.front() != '\n') {
      if (rest.front() != '\\') {
        text.push_back(rest.front());
        rest.remove_prefix(1);
        continue;
      }
      const size_t backslash = source_.size() - rest.size();
      rest.remove_prefix(1);
      const absl::Status status = AppendEscapedCharacter(&rest, &text);
      if (!status.ok()) return ErrorAt(source_, backslash, status.message());
    }
    if (rest.empty() || rest.front() != quote) {
      return ErrorAt(source_, at_, absl::StrCat("this text has no closing ", absl::string_view(&quote, 1)));
    }
    Push(TokenKind::kString, source_.size() - rest.size() + 1 - at_).text = std::move(text);
    return absl::OkStatus();
  }

  const absl::string_view source_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

absl::StatusOr<std::vector<Token>> Tokenize(absl::string_view source) { return Lexer(source).Run(); }

absl::Status ErrorAt(absl::string_view source, size_t offset, absl::string_view message) {
  int line = 1;
  int column = 1;
  for (char c : source.substr(0, offset)) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++column;  // Once a character: the bytes that continue one are 10xxxxxx.
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(line, ":", column, ": ", message));
}

}  // namespace quartermaster
