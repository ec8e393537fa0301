// What a service's returns are judged by beyond the types and limits of their fields, as people read it: its rules, and
// what is compared with other periods and other participants.
#ifndef QUARTERMASTER_CLIENT_RULE_TABLE_H_
#define QUARTERMASTER_CLIENT_RULE_TABLE_H_

#include <string>

#include "client/table.h"
#include "validation/schema.h"

namespace quartermaster::client {

// The rules of the schema: expressions, for which their messages speak, and sums with their parts.
Table RulesForPeople(const ServiceSchema& service);

// What queries a value for how it compares: change, change-in-year, vanished, opening, exceptional-own and
// exceptional-national, by the field or indicator.
Table ComparisonsForPeople(const ServiceSchema& service);

// Both for programs, a row a rule and field or indicator. `service` empty means all.
Table RuleTable(const CollectionSchema& schema, const std::string& service);

// "0 to 400", "from 2024-01: 0 to 300, before: 0 to 400"; empty where any number will do.
std::string RangeOf(const FieldSchema& field);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RULE_TABLE_H_
