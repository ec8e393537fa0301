// The only file that knows Expat. It calls back from C, so nothing here throws.
#include "client/xml_parser.h"

#include <expat.h>

#include <cstring>

#include "absl/strings/str_cat.h"

namespace quartermaster::client {
namespace {

constexpr char kNamespaceEnd = '|';

absl::string_view LocalName(const char* name) {
  const char* const end = std::strrchr(name, kNamespaceEnd);
  return end == nullptr ? name : end + 1;
}

}  // namespace

absl::string_view XmlAttributes::Get(absl::string_view name) const {
  for (const char* const* pair = pairs_; *pair != nullptr; pair += 2) {
    if (LocalName(pair[0]) == name) return pair[1];
  }
  return {};
}

bool XmlAttributes::IsTrue(absl::string_view name) const {
  const absl::string_view value = Get(name);
  return value == "1" || value == "true";
}

struct XmlParser::State {
  explicit State(XmlHandler* its_handler)
      : handler(its_handler), parser(XML_ParserCreateNS(/*encoding=*/nullptr, kNamespaceEnd)) {
    if (parser == nullptr) {
      status = absl::ResourceExhaustedError("there is not enough memory to read XML.");
      return;
    }
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, OnStart, OnEnd);
    XML_SetCharacterDataHandler(parser, OnText);
    XML_SetStartDoctypeDeclHandler(parser, OnDocumentType);
  }
  ~State() {
    if (parser != nullptr) XML_ParserFree(parser);
  }

  static void OnStart(void* self, const char* name, const char** attributes) {
    State* const state = static_cast<State*>(self);
    if (!state->status.ok()) return;
    if (++state->depth > kMaxXmlDepth) {
      return state->Stop(absl::DataLossError(absl::StrCat("its elements nest more than ", kMaxXmlDepth, " deep.")));
    }
    state->Take(state->handler->Start(LocalName(name), XmlAttributes(attributes)));
  }
  static void OnEnd(void* self, const char* name) {
    State* const state = static_cast<State*>(self);
    if (!state->status.ok()) return;
    --state->depth;
    state->Take(state->handler->End(LocalName(name)));
  }
  static void OnText(void* self, const char* text, int size) {
    State* const state = static_cast<State*>(self);
    if (!state->status.ok()) return;
    state->Take(state->handler->Text(absl::string_view(text, static_cast<size_t>(size))));
  }
  static void OnDocumentType(void* self, const char*, const char*, const char*, int) {
    static_cast<State*>(self)->Stop(absl::DataLossError("it declares a document type, which no workbook has."));
  }

  void Take(absl::Status result) {
    if (!result.ok()) Stop(std::move(result));
  }
  void Stop(absl::Status reason) {
    if (status.ok()) status = std::move(reason);
    XML_StopParser(parser, XML_FALSE);
  }

  absl::Status Parse(absl::string_view piece, bool is_last) {
    if (!status.ok()) return status;
    fed_bytes += piece.size();
    const XML_Status result = XML_Parse(parser, piece.data(), static_cast<int>(piece.size()), is_last ? 1 : 0);
    if (!status.ok()) return status;
    if (result != XML_STATUS_OK) {
      status = absl::DataLossError(absl::StrCat("it is no XML, line ", XML_GetCurrentLineNumber(parser), ": ",
                                                XML_ErrorString(XML_GetErrorCode(parser)), "."));
    } else if (!is_last && fed_bytes - static_cast<uint64_t>(XML_GetCurrentByteIndex(parser)) > kMaxXmlTokenBytes) {
      status = absl::DataLossError(absl::StrCat("a tag has more than ", kMaxXmlTokenBytes, " bytes."));
    }
    return status;
  }

  XmlHandler* const handler;
  XML_Parser parser;
  absl::Status status;
  int depth = 0;
  uint64_t fed_bytes = 0;
};

XmlParser::XmlParser(XmlHandler* handler) : state_(std::make_unique<State>(handler)) {}
XmlParser::~XmlParser() = default;

absl::Status XmlParser::Feed(absl::string_view piece) { return state_->Parse(piece, /*is_last=*/false); }
absl::Status XmlParser::Finish() { return state_->Parse("", /*is_last=*/true); }

}  // namespace quartermaster::client
