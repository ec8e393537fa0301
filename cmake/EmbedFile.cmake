# Writes a C++ source that holds a file's bytes: cmake -DINPUT=file -DOUTPUT=file.cc -DNAME=function -P EmbedFile.cmake
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUTPUT} "// Made by cmake/EmbedFile.cmake.
#include <cstddef>
namespace quartermaster {
extern const unsigned char k${NAME}[];
extern const size_t k${NAME}Size;
const unsigned char k${NAME}[] = {${bytes}};
const size_t k${NAME}Size = sizeof(k${NAME});
}  // namespace quartermaster
")
