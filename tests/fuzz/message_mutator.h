// Changes a protobuf message part by part, so that what comes out is a message again and reaches what lies behind the
// parser. Random bytes seldom do.
#ifndef QUARTERMASTER_TESTS_FUZZ_MESSAGE_MUTATOR_H_
#define QUARTERMASTER_TESTS_FUZZ_MESSAGE_MUTATOR_H_

#include <cstddef>
#include <cstdint>
#include <random>

#include "google/protobuf/message.h"

namespace quartermaster::fuzz {

using Random = std::minstd_rand;

// Changes one place of the message, anywhere in it: sets, clears, adds, removes, repeats or exchanges.
void MutateMessage(google::protobuf::Message* message, Random* random);

// What LLVMFuzzerCustomMutator is to do where the input is a message of the type of `scratch`: one input in four is
// changed as bytes, so that broken encodings are tried as well; the others as messages. `mutate` changes a message.
size_t MutateInput(uint8_t* data, size_t size, size_t max_size, unsigned seed, google::protobuf::Message* scratch,
                   void (*mutate)(google::protobuf::Message*, Random*) = MutateMessage);

}  // namespace quartermaster::fuzz

#endif  // QUARTERMASTER_TESTS_FUZZ_MESSAGE_MUTATOR_H_
