// Tables as they are printed, for tests.
#ifndef QUARTERMASTER_TESTS_CLIENT_TABLE_TEXTS_H_
#define QUARTERMASTER_TESTS_CLIENT_TABLE_TEXTS_H_

#include <sstream>
#include <string>

#include "client/table.h"

namespace quartermaster::client {

inline std::string Aligned(const Table& table) {
  std::ostringstream out;
  PrintAligned(table, out);
  return out.str();
}

inline std::string Csv(const Table& table) {
  std::ostringstream out;
  PrintCsv(table, out);
  return out.str();
}

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_TESTS_CLIENT_TABLE_TEXTS_H_
