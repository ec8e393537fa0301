#include "client/return_file.h"

#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/field_names.h"
#include "client/return_keys.h"
#include "client/return_name.h"
#include "client/table_reader.h"

namespace quartermaster::client {
namespace {

constexpr size_t kMaxListedPlaces = 5;  // Of one return that is there again and again.

// A return that is there twice could be either; so neither is taken.
void FindDuplicates(std::vector<FileReturn>* returns) {
  absl::flat_hash_map<std::string, std::vector<size_t>> indexes_by_key;
  for (size_t i = 0; i < returns->size(); ++i) {
    if (!(*returns)[i].has_unread_keys) indexes_by_key[JoinedKeys((*returns)[i])].push_back(i);
  }
  for (const auto& [key, indexes] : indexes_by_key) {
    if (indexes.size() < 2) continue;
    std::vector<std::string> places;
    for (size_t i = 0; i < indexes.size() && i < kMaxListedPlaces; ++i) {
      places.push_back((*returns)[indexes[i]].origin.Describe());
    }
    if (indexes.size() > kMaxListedPlaces) places.push_back("...");
    for (const size_t index : indexes) {
      FileReturn& file_return = (*returns)[index];
      file_return.problems.push_back(FileFinding(
          "duplicate-row", file_return.origin.source().place(), file_return.origin.row_number(),
          absl::StrCat(
              "The return of ",
              DisplayReturn(file_return.content.participant(), file_return.content.service(), file_return.period),
              " is there ", indexes.size(), " times: ", absl::StrJoin(places, ", "), "."),
          "Keep the one that is right; none of them was taken."));
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CollectionsAskedFor(
    const std::vector<std::shared_ptr<const SourceTable>>& sources, const KeyOptions& keys,
    const std::vector<std::string>& known) {
  std::set<std::string> asked_for;
  if (!keys.collection.empty()) asked_for.insert(keys.collection);
  for (const auto& source : sources) {
    if (const absl::optional<size_t> column = source->FindColumn("collection")) {
      for (size_t row = 0; row < source->table().row_count(); ++row) {
        asked_for.emplace(source->table().cell(row, *column));
      }
    } else if (keys.collection.empty()) {
      if (known.size() != 1) {
        return absl::InvalidArgumentError(absl::StrCat(
            source->place().Describe(), ": it does not say for which collection it is. Give --collection; ",
            known.empty() ? "none has been published yet."
                          : absl::StrCat("there are: ", absl::StrJoin(known, ", "), ".")));
      }
      asked_for.insert(known.front());
    }
  }
  asked_for.erase("");
  return std::vector<std::string>(asked_for.begin(), asked_for.end());
}

absl::StatusOr<FileReturns> ReadReturns(const std::vector<std::shared_ptr<const SourceTable>>& sources,
                                        const KeyOptions& keys, const Schemas& schemas) {
  FileReturns result;
  NamesOfServices names;
  for (const auto& source : sources) {
    const absl::StatusOr<KeySources> key_sources = FindKeys(*source, keys, schemas, &names);
    if (!key_sources.ok()) return key_sources.status();
    if (!key_sources->problems.empty()) {
      result.problems.insert(result.problems.end(), key_sources->problems.begin(), key_sources->problems.end());
      continue;
    }
    TableReader(source, *key_sources, schemas, &names).Read(&result);
    if (result.returns.size() > kMaxReturns) break;
  }
  FindDuplicates(&result.returns);
  for (FileReturn& file_return : result.returns) {
    file_return.withheld |= file_return.content.ByteSizeLong() > kMaxReturnBytes;
  }
  return result;
}

}  // namespace quartermaster::client
