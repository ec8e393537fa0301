// A collection's schema as people read it: services, fields, rules, indicators.
#ifndef QUARTERMASTER_CLIENT_COLLECTION_TABLE_H_
#define QUARTERMASTER_CLIENT_COLLECTION_TABLE_H_

#include <ostream>
#include <string>
#include <vector>

#include "client/table.h"
#include "google/protobuf/repeated_field.h"
#include "quartermaster/v1/collection_service.pb.h"
#include "validation/schema.h"

namespace quartermaster::client {

// A row a collection, for people or for programs.
Table CollectionTable(const google::protobuf::RepeatedPtrField<v1::Collection>& collections, bool for_people);

// Everything about one service.
void PrintService(const ServiceSchema& service, std::ostream& out);

// "number, 2 decimals", "yes or no".
std::string TypeNameOf(const FieldSchema& field);
// "0 to 400", the first choices, "at most 200 characters"; empty where any value of its type will do.
std::string LimitsOf(const FieldSchema& field);
// "yes", "no", "from 2024-04".
std::string RequiredOf(const FieldSchema& field);

// The fields of a collection for programs: service, field, label, type, unit and limits. `service` empty means all.
// What their values are judged by besides is in client/rule_table.h.
Table FieldTable(const CollectionSchema& schema, const std::string& service);
std::vector<Column> FieldColumns();

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_COLLECTION_TABLE_H_
