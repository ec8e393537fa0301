// The steward's files: participants, populations and enrolments, from CSV or a workbook of one sheet to requests.
#ifndef QUARTERMASTER_CLIENT_IMPORT_FILE_H_
#define QUARTERMASTER_CLIENT_IMPORT_FILE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/source_table.h"
#include "google/protobuf/repeated_field.h"
#include "quartermaster/v1/finding.pb.h"
#include "quartermaster/v1/participant_service.pb.h"

namespace quartermaster::client {

template <typename Request>
struct ImportFile {
  Request request;
  // Why the file cannot be sent as it is; the request is then incomplete.
  std::vector<v1::Finding> problems;
  // The row of the file from which each item of the request comes.
  std::vector<uint32_t> rows;
  // The file as a table; null if it cannot be read.
  std::shared_ptr<const SourceTable> source;
};

// As many as the API takes at once, since an import is all or nothing.
constexpr size_t kMaxParticipants = 10'000;
constexpr size_t kMaxPopulations = 50'000;
constexpr size_t kMaxEnrolments = 50'000;

// Columns code, name and, as far as there are any, nation, region, integrated_care_board, organisation_type, successor,
// succeeded_from.
// INVALID_ARGUMENT where there is no such file.
absl::StatusOr<ImportFile<v1::ImportParticipantsRequest>> ReadParticipants(const std::string& path);

// Columns participant, age_band, registered and, as far as there are any, weighted, from.
absl::StatusOr<ImportFile<v1::ImportPopulationsRequest>> ReadPopulations(const std::string& path);

// Columns collection, service, participant and, as far as there are any, from, to.
absl::StatusOr<ImportFile<v1::ImportEnrolmentsRequest>> ReadEnrolments(const std::string& path);

// The server's findings carry the number of the item in the request; afterwards they carry the file, row and column.
void LocateImportFindings(const SourceTable& source, const std::vector<uint32_t>& rows,
                          google::protobuf::RepeatedPtrField<v1::Finding>* findings);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_IMPORT_FILE_H_
