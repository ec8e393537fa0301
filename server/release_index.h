// The releases that were published, by collection, period and number, without their content.
#ifndef QUARTERMASTER_SERVER_RELEASE_INDEX_H_
#define QUARTERMASTER_SERVER_RELEASE_INDEX_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "quartermaster/storage/v1/records.pb.h"

namespace quartermaster::server {

// A value: copied to make the next moment, then shared unchanged between threads.
class ReleaseIndex {
 public:
  using Record = std::shared_ptr<const storage::v1::ReleaseRecord>;  // shared by the moments

  // Replaces what has the same key.
  void Put(const storage::v1::ReleaseRecord& record) {
    const v1::Release& release = record.release();
    all_[{release.collection(), release.period(), release.number()}] =
        std::make_shared<const storage::v1::ReleaseRecord>(record);
  }

  // Those of one period, oldest first.
  std::vector<Record> OfPeriod(const std::string& collection, const std::string& period) const {
    std::vector<Record> records;
    for (auto next = all_.lower_bound({collection, period, 0}); next != all_.end(); ++next) {
      if (std::get<0>(next->first) != collection || std::get<1>(next->first) != period) break;
      records.push_back(next->second);
    }
    return records;
  }

  // The newest of each period of a collection.
  std::vector<Record> NewestOf(const std::string& collection) const {
    std::vector<Record> newest;
    for (auto next = all_.lower_bound({collection, "", 0}); next != all_.end(); ++next) {
      if (std::get<0>(next->first) != collection) break;
      if (!newest.empty() && newest.back()->release().period() == std::get<1>(next->first)) newest.pop_back();
      newest.push_back(next->second);
    }
    return newest;
  }

  // Whether it was under embargo when the next of its period was published.
  bool IsReplacedUnseen(const v1::Release& release) const {
    const auto next = all_.find({release.collection(), release.period(), release.number() + 1});
    return next != all_.end() && next->second->replaces_unseen();
  }

  const std::map<std::tuple<std::string, std::string, uint32_t>, Record>& all() const { return all_; }

 private:
  std::map<std::tuple<std::string, std::string, uint32_t>, Record> all_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_RELEASE_INDEX_H_
