// What the commands about releases print as tables. For people: titles, and figures to the indicator's decimals. For
// programs: ids, and figures in full.
#ifndef QUARTERMASTER_CLIENT_RELEASE_TABLE_H_
#define QUARTERMASTER_CLIENT_RELEASE_TABLE_H_

#include <string>

#include "client/table.h"
#include "google/protobuf/repeated_field.h"
#include "quartermaster/v1/release_service.pb.h"

namespace quartermaster::client {

using Releases = google::protobuf::RepeatedPtrField<v1::Release>;
using MissingReturns = google::protobuf::RepeatedPtrField<v1::MissingReturn>;
using OpenQueries = google::protobuf::RepeatedPtrField<v1::OpenQuery>;

// A row a release.
Table ReleaseTable(const Releases& releases, bool for_people);

// For people: what is missing for the period, with the months that are there, and what is unexplained.
Table MissingTable(const MissingReturns& missing, const std::string& period);
Table OpenQueryTable(const OpenQueries& queries);
// Both in one, for programs, and the services whose figures submitters would not see.
Table ObstacleTable(const v1::PreviewReleaseResponse& preview);

// For people: what changed between two releases, a table each.
Table ReturnChangeTable(const v1::DiffReleasesResponse& diff);
Table ValueChangeTable(const v1::DiffReleasesResponse& diff);
// A row a figure that moved.
Table StatisticsChangeTable(const v1::DiffReleasesResponse& diff);
// All three in one, for programs.
Table DiffTable(const v1::DiffReleasesResponse& diff);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RELEASE_TABLE_H_
