// Stops the program where its own promise is broken, in release builds too: to go on would put on disk what cannot be
// taken back. Never for what a user or a disk can cause; those get a status.
#ifndef QUARTERMASTER_STORAGE_CHECK_H_
#define QUARTERMASTER_STORAGE_CHECK_H_

#include <cstdio>
#include <cstdlib>

namespace quartermaster::storage {

inline void Check(bool condition, const char* promise) {
  if (condition) return;
  std::fprintf(stderr, "broken promise in storage: %s\n", promise);
  std::abort();
}

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_CHECK_H_
