// A fault that the fuzzer must find: past a magic word it writes beyond its buffer. run.sh requires that it is found,
// so that a green run means that fuzzer and sanitizers were at work.
#include <cstring>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  char buffer[8];
  if (size > sizeof buffer && std::memcmp(data, "OVER", 4) == 0) std::memcpy(buffer, data, size);
  volatile char kept = buffer[0];
  static_cast<void>(kept);
  return 0;
}
