#include "tests/client/xlsx_sheets.h"

#include <zlib.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace quartermaster::client {
namespace {

// Offsets and signatures of APPNOTE.TXT, PKWARE's description of ZIP files.
constexpr char kCentralHeader[] = "PK\x01\x02";
constexpr size_t kLocalHeaderBytes = 30;
constexpr size_t kCentralHeaderBytes = 46;

[[noreturn]] void Fail(const std::string& path) {
  std::fprintf(stderr, "%s is no archive that can be read\n", path.c_str());
  std::abort();
}

uint32_t Number(const std::string& bytes, size_t offset, size_t size) {
  uint32_t number = 0;
  for (size_t i = size; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes.at(offset + i));
  return number;
}

std::string Inflate(const std::string& bytes, size_t begin, const std::string& path) {
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) Fail(path);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + begin));
  stream.avail_in = static_cast<uInt>(bytes.size() - begin);
  std::string text;
  int result = Z_OK;
  while (result == Z_OK) {
    char buffer[65536];
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer, sizeof buffer - stream.avail_out);
  }
  inflateEnd(&stream);
  if (result != Z_STREAM_END) Fail(path);
  return text;
}

}  // namespace

std::map<std::string, std::string> ReadArchive(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::map<std::string, std::string> files;
  for (size_t at = bytes.find(kCentralHeader); at != std::string::npos;
       at = bytes.find(kCentralHeader, at + kCentralHeaderBytes)) {
    const size_t local = Number(bytes, at + 42, 4);
    const size_t begin = local + kLocalHeaderBytes + Number(bytes, local + 26, 2) + Number(bytes, local + 28, 2);
    files[bytes.substr(at + kCentralHeaderBytes, Number(bytes, at + 28, 2))] = Inflate(bytes, begin, path);
  }
  if (files.empty()) Fail(path);
  return files;
}

}  // namespace quartermaster::client
