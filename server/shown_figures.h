// What those who are not report builders were last shown of the country, by collection, service and period.
#ifndef QUARTERMASTER_SERVER_SHOWN_FIGURES_H_
#define QUARTERMASTER_SERVER_SHOWN_FIGURES_H_

#include <map>
#include <string>
#include <tuple>

#include "quartermaster/storage/v1/records.pb.h"

namespace quartermaster::server {

// A value: copied to make the next moment, then shared unchanged between threads.
class ShownFigures {
 public:
  // Replaces what has the same key.
  void Put(const storage::v1::ShownRecord& record) { all_[{record.collection(), record.service(), record.period()}] = record; }

  const std::map<std::tuple<std::string, std::string, std::string>, storage::v1::ShownRecord>& all() const { return all_; }

 private:
  std::map<std::tuple<std::string, std::string, std::string>, storage::v1::ShownRecord> all_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_SHOWN_FIGURES_H_
