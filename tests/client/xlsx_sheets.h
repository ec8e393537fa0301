// The sheets of an Excel workbook, for tests: a ZIP archive of XML files, read by zlib alone.
#ifndef QUARTERMASTER_TESTS_CLIENT_XLSX_SHEETS_H_
#define QUARTERMASTER_TESTS_CLIENT_XLSX_SHEETS_H_

#include <map>
#include <string>

namespace quartermaster::client {

// The XML of each file of the archive, by name: "xl/worksheets/sheet1.xml". Ends the test program where it is no
// archive.
std::map<std::string, std::string> ReadArchive(const std::string& path);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_TESTS_CLIENT_XLSX_SHEETS_H_
