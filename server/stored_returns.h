// Stored returns as the API shows them.
#ifndef QUARTERMASTER_SERVER_STORED_RETURNS_H_
#define QUARTERMASTER_SERVER_STORED_RETURNS_H_

#include "quartermaster/v1/return_service.pb.h"
#include "server/principal.h"
#include "storage/store.h"
#include "validation/schema.h"

namespace quartermaster::server {

// Without its data. `state` is that of a revision which is not withdrawn.
v1::StoredReturn Describe(const storage::StoredReturn& stored, v1::ReturnState state);

// With its data.
v1::StoredReturn DescribeWithData(const storage::StoredReturn& stored, v1::ReturnState state,
                                  const ServiceSchema& service);

// Adds what shadow rules found, which only stewards see.
void AddShadowFindings(const storage::StoredReturn& stored, const Principal& caller, v1::StoredReturn* described);

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_STORED_RETURNS_H_
