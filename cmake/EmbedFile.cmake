# Writes a C++ source that holds a file's bytes: cmake -DINPUT=file -DOUTPUT=file.cc -DNAME=function -P EmbedFile.cmake
file(READ ${INPUT} hex HEX)
# A literal: GCC reads it ten times as fast as a list of numbers.
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
file(WRITE ${OUTPUT} "// Made by cmake/EmbedFile.cmake.
#include <cstddef>
namespace quartermaster {
extern const unsigned char k${NAME}[];
extern const size_t k${NAME}Size;
const unsigned char k${NAME}[] = \"${bytes}\";
const size_t k${NAME}Size = sizeof(k${NAME}) - 1;
}  // namespace quartermaster
")
