// A short, stable stand-in for a text: the 64-bit FNV-1a hash (G. Fowler, L. C. Noll, K.-P. Vo, "The FNV
// Non-Cryptographic Hash Algorithm"). It is stored, so it must never change. Nobody gains by making two texts collide:
// they would only carry their own explanation over.
#ifndef QUARTERMASTER_VALIDATION_DIGEST_H_
#define QUARTERMASTER_VALIDATION_DIGEST_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace quartermaster {

class Digest {
 public:
  // Each text ends with a zero byte, so that "a", "bc" differs from "ab", "c".
  Digest& Add(absl::string_view text) {
    for (const char byte : text) AddByte(static_cast<unsigned char>(byte));
    AddByte(0);
    return *this;
  }
  Digest& Add(uint64_t number) { return Add(absl::StrCat(number)); }

  uint64_t value() const { return value_; }
  // 16 hexadecimal digits.
  std::string ToString() const { return absl::StrCat(absl::Hex(value_, absl::kZeroPad16)); }

 private:
  void AddByte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3u; }

  uint64_t value_ = 0xcbf29ce484222325u;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_VALIDATION_DIGEST_H_
