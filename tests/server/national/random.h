// Random numbers for tests that search for what nobody thought of: a new seed each run, printed, and repeatable.
#ifndef QUARTERMASTER_TESTS_SERVER_NATIONAL_RANDOM_H_
#define QUARTERMASTER_TESTS_SERVER_NATIONAL_RANDOM_H_

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>

namespace quartermaster::national {

class Random {
 public:
  // The seed is that of QM_TEST_SEED if it is set.
  Random() {
    const char* given = std::getenv("QM_TEST_SEED");
    const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
    std::cout << "seed: QM_TEST_SEED=" << seed << std::endl;
    engine_.seed(seed);
  }

  // From `low` to `high`, both included.
  int64_t Between(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(engine_); }
  size_t Below(size_t bound) { return static_cast<size_t>(Between(0, static_cast<int64_t>(bound) - 1)); }
  bool OneIn(int chances) { return Between(1, chances) == 1; }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_TESTS_SERVER_NATIONAL_RANDOM_H_
