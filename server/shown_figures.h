// What those who are not report builders were last shown of the country, by collection, service and period.
#ifndef QUARTERMASTER_SERVER_SHOWN_FIGURES_H_
#define QUARTERMASTER_SERVER_SHOWN_FIGURES_H_

#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "quartermaster/storage/v1/records.pb.h"

namespace quartermaster::server {

// A value: copied to make the next moment, then shared unchanged between threads.
class ShownFigures {
 public:
  // Replaces what has the same key.
  void Put(const storage::v1::ShownRecord& record) {
    all_[{record.collection(), record.service(), record.period()}] =
        std::make_shared<const storage::v1::ShownRecord>(record);
  }

  // Null if nothing was shown.
  const storage::v1::ShownRecord* Find(const std::string& collection, const std::string& service,
                                       const std::string& period) const {
    const auto found = all_.find({collection, service, period});
    return found == all_.end() ? nullptr : found->second.get();
  }

  using Key = std::tuple<std::string, std::string, std::string>;
  const std::map<Key, std::shared_ptr<const storage::v1::ShownRecord>>& all() const { return all_; }

 private:
  std::map<Key, std::shared_ptr<const storage::v1::ShownRecord>> all_;  // shared by the moments
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SHOWN_FIGURES_H_
