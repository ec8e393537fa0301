# How libraries, programs and tests of this repository are made.

# Warnings are errors on our own code; generated code and other people's headers are not ours.
add_library(quartermaster_warnings INTERFACE)
target_compile_options(quartermaster_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  # Where several files are compiled as one, GCC takes their local types for a header's.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>
  # GCC 12 takes copies of short std::strings for out of bounds (its bugs 105329, 105651); the sanitizers find real ones.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow>)

# Most of the time of a build goes into headers, so they are precompiled and, in the presets for whole builds, several
# files are compiled as one.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 30)

# Nothing but headers, precompiled once for all targets that want no others.
file(WRITE ${CMAKE_BINARY_DIR}/common_headers.cc "")
set(common_headers <string> <vector> <memory> <functional> <absl/status/statusor.h> <absl/strings/str_cat.h>
  <google/protobuf/descriptor.h> <google/protobuf/generated_message_reflection.h> <google/protobuf/map_field_inl.h>
  <google/protobuf/message.h> <google/protobuf/reflection_ops.h> <google/protobuf/wire_format.h>)
add_library(quartermaster_common_headers OBJECT ${CMAKE_BINARY_DIR}/common_headers.cc)
target_link_libraries(quartermaster_common_headers PRIVATE Threads::Threads quartermaster_warnings)
target_precompile_headers(quartermaster_common_headers PRIVATE ${common_headers})

# quartermaster_library(NAME SOURCES file... DEPENDS target... PRECOMPILED header... PRECOMPILED_BY target): precompiled headers of its
# own, or of a target that has more than the common ones.
function(quartermaster_library name)
  cmake_parse_arguments(arg "" "PRECOMPILED_BY" "SOURCES;DEPENDS;PRECOMPILED" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS} PRIVATE quartermaster_warnings)
  if(arg_PRECOMPILED)
    target_precompile_headers(${name} PRIVATE ${common_headers} ${arg_PRECOMPILED})
  elseif(arg_PRECOMPILED_BY)
    target_precompile_headers(${name} REUSE_FROM ${arg_PRECOMPILED_BY})
  else()
    target_precompile_headers(${name} REUSE_FROM quartermaster_common_headers)
  endif()
endfunction()

# quartermaster_program(NAME SOURCES file... DEPENDS target...)
function(quartermaster_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} quartermaster_warnings)
  target_precompile_headers(${name} REUSE_FROM quartermaster_common_headers)
endfunction()

# Tests spend their time in what they test, and a build spends most of its own in compiling tests.
set(test_options $<$<CONFIG:Release>:-O1>)

# quartermaster_test_library(NAME SOURCES file... DEPENDS target... PRECOMPILED header...): what several tests need. Its precompiled headers
# are theirs as well.
function(quartermaster_test_library name)
  cmake_parse_arguments(arg "" "" "PRECOMPILED" ${ARGN})
  quartermaster_library(${name} ${arg_UNPARSED_ARGUMENTS} PRECOMPILED <gmock/gmock.h> <gtest/gtest.h> ${arg_PRECOMPILED})
  target_compile_options(${name} PRIVATE ${test_options})
endfunction()

# quartermaster_test(NAME SOURCES file... DEPENDS target... PRECOMPILED_BY target): one GoogleTest program, one ctest. PRECOMPILED_BY is
# a quartermaster_test_library.
function(quartermaster_test name)
  cmake_parse_arguments(arg "" "PRECOMPILED_BY" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${test_options})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} ${arg_PRECOMPILED_BY} GTest::gmock_main quartermaster_warnings)
  if(NOT arg_PRECOMPILED_BY)
    set(arg_PRECOMPILED_BY quartermaster_testing)
  endif()
  target_precompile_headers(${name} REUSE_FROM ${arg_PRECOMPILED_BY})
  add_test(NAME ${name} COMMAND ${name})
  # Only a build with the thread sanitizer reads the suppressions.
  set_tests_properties(${name} PROPERTIES TIMEOUT 300
    ENVIRONMENT "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.suppressions")
endfunction()
