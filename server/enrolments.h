// Who is expected to send returns for which services.
#ifndef QUARTERMASTER_SERVER_ENROLMENTS_H_
#define QUARTERMASTER_SERVER_ENROLMENTS_H_

#include <map>
#include <string>
#include <tuple>

#include "quartermaster/storage/v1/records.pb.h"

namespace quartermaster::server {

// A value: copied to make the next moment, then shared unchanged between threads.
class Enrolments {
 public:
  // Replaces what has the same key.
  void Put(const storage::v1::EnrolmentRecord& record) {
    all_[{record.enrolment().collection(), record.enrolment().service(), record.enrolment().participant()}] = record;
  }

  const std::map<std::tuple<std::string, std::string, std::string>, storage::v1::EnrolmentRecord>& all() const {
    return all_;
  }

 private:
  std::map<std::tuple<std::string, std::string, std::string>, storage::v1::EnrolmentRecord> all_;
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_ENROLMENTS_H_
