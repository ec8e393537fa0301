// What the tests of the audit share: its lines as they are read, and what must hold of them.
#ifndef QUARTERMASTER_TESTS_STORAGE_AUDIT_TESTING_H_
#define QUARTERMASTER_TESTS_STORAGE_AUDIT_TESTING_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "storage/store.h"

namespace quartermaster::storage {

// Every line; fails the test if the scan does.
std::vector<std::string> ReadAudit(const Store& store);

// Fails the test unless the lines are a chain from number 1 on, and end where the store says that they do.
void ExpectChain(const Store& store, const std::vector<std::string>& lines);

// How many lines tell of each commit.
std::map<uint64_t, int> LinesByCommit(const std::vector<std::string>& lines);

// Fails the test unless each commit from 1 to the last has one line, and no other commit has any.
void ExpectOneLineForEachCommit(const Store& store, const std::vector<std::string>& lines);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_TESTS_STORAGE_AUDIT_TESTING_H_
