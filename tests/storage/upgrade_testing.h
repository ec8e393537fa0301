// What the tests of upgrades share: stores filled with what each format can hold, and a look at a store behind its
// back.
#ifndef QUARTERMASTER_TESTS_STORAGE_UPGRADE_TESTING_H_
#define QUARTERMASTER_TESTS_STORAGE_UPGRADE_TESTING_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "storage/store.h"

namespace quartermaster::storage {

// When everything in a golden store happened.
inline constexpr int64_t kUpgradeNowUs = 1'750'000'000'123'456;

// With the clock at that moment. `env` null: the operating system.
absl::StatusOr<std::unique_ptr<Store>> OpenAsBefore(const std::string& folder, rocksdb::Env* env = nullptr);

Submission WithFinding(Submission submission);

// What format 1 can hold, in two parts: the first of them lies in tables, the second in the log.
void FillFirstPart(Store& store);
void FillSecondPart(Store& store);

// What format 2 can hold beyond that, also in two parts; then format 3; then format 4, which has the audit.
void FillFirstPartOfFormat2(Store& store);
void FillSecondPartOfFormat2(Store& store);
void FillFirstPartOfFormat3(Store& store);
void FillSecondPartOfFormat3(Store& store);
void FillFirstPartOfFormat4(Store& store);
void FillSecondPartOfFormat4(Store& store);

// Everything that a store says but its audit, line by line.
std::vector<std::string> Everything(Store& store);

using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;

// Opens the database behind the store's back, with the families that it has, in the order of their making.
void Tamper(const std::string& folder, const std::function<rocksdb::Status(rocksdb::DB&, const Handles&)>& change);

rocksdb::Status MakeFamily(rocksdb::DB& db, const std::string& name);

// What the store says about itself, and its families: "version 1, made 5: default returns".
std::string Description(const std::string& folder);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_TESTS_STORAGE_UPGRADE_TESTING_H_
