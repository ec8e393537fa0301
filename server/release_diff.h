// What changed between two releases of one period: pure, from their contents.
#ifndef QUARTERMASTER_SERVER_RELEASE_DIFF_H_
#define QUARTERMASTER_SERVER_RELEASE_DIFF_H_

#include "google/protobuf/repeated_field.h"
#include "quartermaster/v1/release_service.pb.h"
#include "server/release_content.h"

namespace quartermaster::server {

using StatisticsList = google::protobuf::RepeatedPtrField<v1::NationalStatistics>;

// Adds the returns and the values that differ, as the response orders them. A value that does not count is none here:
// the values then say why the statistics moved. The two may be of different versions of the collection.
void DiffContents(const ReleaseContent& from, const ReleaseContent& to, v1::DiffReleasesResponse* response);

// Adds the statistics whose n or figures differ: in the order of `to`, then those that only `from` has.
void DiffStatistics(const StatisticsList& from, const StatisticsList& to, v1::DiffReleasesResponse* response);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_RELEASE_DIFF_H_
