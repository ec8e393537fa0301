// A collection's schema as people read it: services, fields, rules, indicators.
#ifndef QUARTERMASTER_CLIENT_COLLECTION_TABLE_H_
#define QUARTERMASTER_CLIENT_COLLECTION_TABLE_H_

#include <ostream>
#include <string>

#include "client/table.h"
#include "validation/schema.h"

namespace quartermaster::client {

// Everything about one service.
void PrintService(const ServiceSchema& service, std::ostream& out);

// The fields of a collection for programs: service, field, label, type, unit and limits. `service` empty means all.
Table FieldTable(const CollectionSchema& schema, const std::string& service);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_COLLECTION_TABLE_H_
