// Loaded before the C library (LD_PRELOAD), it makes each sync of a file a millisecond longer, as on the disk of an
// ordinary server, where bytes that are synced have left the machine's memory. The bytes are synced as well.
#include <dlfcn.h>

#include <chrono>
#include <thread>

namespace {

using Sync = int (*)(int);

int SyncLater(const char* name, int file) {
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return reinterpret_cast<Sync>(dlsym(RTLD_NEXT, name))(file);
}

}  // namespace

extern "C" int fsync(int file) { return SyncLater("fsync", file); }
extern "C" int fdatasync(int file) { return SyncLater("fdatasync", file); }
