// Reads XML from a file that a person or an attacker made: element by element, without a document type and so without
// entities of its own, and within bounds.
//
// Names come without their namespaces: what a workbook calls "row" is a row, whatever prefix its program likes.
#ifndef QUARTERMASTER_CLIENT_XML_PARSER_H_
#define QUARTERMASTER_CLIENT_XML_PARSER_H_

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace quartermaster::client {

// The attributes of one element; valid while its handler runs.
class XmlAttributes {
 public:
  explicit XmlAttributes(const char* const* pairs) : pairs_(pairs) {}
  // Empty where there is none of this name.
  absl::string_view Get(absl::string_view name) const;
  // Whether it is there and says yes, as XML Schema writes that: "1" or "true".
  bool IsTrue(absl::string_view name) const;

 private:
  const char* const* pairs_;
};

// What is done with each element. An error ends the parsing, which gives it.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual absl::Status Start(absl::string_view name, const XmlAttributes& attributes) = 0;
  virtual absl::Status End(absl::string_view name) = 0;
  // UTF-8; a text may come in several pieces.
  virtual absl::Status Text(absl::string_view text) = 0;
};

// A workbook nests a dozen; its drawings and extensions, which are read past, a few more.
constexpr int kMaxXmlDepth = 100;

// A tag with its attributes, or a comment: the longest of a workbook are some kilobytes. It bounds how much is looked
// at again with each piece until its end comes.
constexpr size_t kMaxXmlTokenBytes = 1 << 20;

// Thread-compatible.
class XmlParser {
 public:
  // `handler` must outlive this.
  explicit XmlParser(XmlHandler* handler);
  ~XmlParser();
  XmlParser(const XmlParser&) = delete;
  XmlParser& operator=(const XmlParser&) = delete;

  // DATA_LOSS, with the line, where it is no XML, has a document type, or passes a bound; else the handler's own error.
  // After an error nothing more may be fed.
  absl::Status Feed(absl::string_view piece);
  // After the last piece.
  absl::Status Finish();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_XML_PARSER_H_
