// Where gRPC gets the messages of a call that is made often: request and response lie in one piece of memory, and go at
// once. Internal to server/services.
#ifndef QUARTERMASTER_SERVER_SERVICES_ARENA_MESSAGES_H_
#define QUARTERMASTER_SERVER_SERVICES_ARENA_MESSAGES_H_

#include <grpcpp/support/message_allocator.h>

#include <array>
#include <cstddef>

#include "google/protobuf/arena.h"

namespace quartermaster::server {

// Thread-safe.
template <typename Request, typename Response>
class ArenaMessages final : public grpc::MessageAllocator<Request, Response> {
 public:
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new Holder; }

 private:
  // A verdict about twenty indicators with the request for it; what is longer takes more pieces.
  static constexpr size_t kFirstBytes = 16 << 10;

  class Holder final : public grpc::MessageHolder<Request, Response> {
   public:
    Holder() : arena_(first_.data(), first_.size()) {
      this->set_request(google::protobuf::Arena::CreateMessage<Request>(&arena_));
      this->set_response(google::protobuf::Arena::CreateMessage<Response>(&arena_));
    }
    // gRPC calls it once it needs neither of them.
    void Release() override { delete this; }

   private:
    alignas(std::max_align_t) std::array<char, kFirstBytes> first_;
    google::protobuf::Arena arena_;
  };
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SERVICES_ARENA_MESSAGES_H_
