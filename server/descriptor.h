// A file descriptor that is closed in the end.
#ifndef QUARTERMASTER_SERVER_DESCRIPTOR_H_
#define QUARTERMASTER_SERVER_DESCRIPTOR_H_

#include <unistd.h>

namespace quartermaster::server {

// Negative: none, and nothing is closed.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_DESCRIPTOR_H_
