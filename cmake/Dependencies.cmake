# Debian's own packages; ARCHITECTURE.md says why each is there.
find_package(Threads REQUIRED)
# A submission calls gRPC, Protocol Buffers, Abseil and RocksDB thousands of times, and a call into a shared library goes through a table:
# what is shipped has their archives in it (tests/bench/README.md has what that brings). Other presets link the shared libraries, which a
# changed file waits less for and the suppressions of the sanitizers name.
string(COMPARE EQUAL "${CMAKE_BUILD_TYPE}" Release link_archives)
set(Protobuf_USE_STATIC_LIBS ${link_archives})
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(RocksDB CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(EXPAT REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(GTest CONFIG REQUIRED)
find_package(benchmark REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(TCMALLOC REQUIRED IMPORTED_TARGET libtcmalloc_minimal)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(XLSXWRITER REQUIRED IMPORTED_TARGET xlsxwriter)
find_path(LIBCSV_INCLUDE_DIR csv.h REQUIRED)
find_library(LIBCSV_LIBRARY csv REQUIRED)

# The packages of gRPC and Abseil ship archives, but their targets name the shared libraries only.
if(link_archives)
  add_library(quartermaster_rocksdb ALIAS RocksDB::rocksdb)
  get_property(imported_targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  foreach(target ${imported_targets})
    get_target_property(library ${target} IMPORTED_LOCATION_NONE)
    string(REGEX REPLACE "[.]so[.0-9]*$" ".a" archive "${library}")
    if(target MATCHES "^(gRPC|absl)::" AND EXISTS ${archive})
      set_target_properties(${target} PROPERTIES IMPORTED_LOCATION_NONE ${archive})
    endif()
  endforeach()
else()
  add_library(quartermaster_rocksdb ALIAS RocksDB::rocksdb-shared)
endif()

# It links a program in a sixth of the time.
find_program(LLD_PROGRAM ld.lld)
if(LLD_PROGRAM)
  add_link_options(-fuse-ld=lld)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Both are what ccache asks for where headers are precompiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
