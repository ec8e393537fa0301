// Who calls, and what that allows. permissions.h says which role may call what.
#ifndef QUARTERMASTER_SERVER_PRINCIPAL_H_
#define QUARTERMASTER_SERVER_PRINCIPAL_H_

#include <set>
#include <string>

#include "quartermaster/v1/token_service.pb.h"

namespace quartermaster::server {

// A value: it is what its token said when the call came.
struct Principal {
  std::string name;
  std::set<v1::Role> roles;
  // Of a submitter: the codes of its participants.
  std::set<std::string> participants;
  // Of a steward: the ids of its collections; empty for one of all.
  std::set<std::string> collections;
  // The operator of the folder, whose token has all roles, submits for everybody.
  bool owns_everybody = false;

  bool Has(v1::Role role) const { return roles.count(role) > 0; }
  // Exact live figures, and names beside values.
  bool SeesEverybody() const { return Has(v1::ROLE_REPORT_BUILDER) || Has(v1::ROLE_STEWARD); }
  // Whether this is one of its participants. With an organisation come its sites: RT1 is RT1-NORTH too.
  bool Represents(const std::string& participant) const {
    return participants.count(participant) > 0 || participants.count(participant.substr(0, participant.find('-'))) > 0;
  }
  // Whether it sends the returns of this participant.
  bool Owns(const std::string& participant) const { return owns_everybody || Represents(participant); }
  // Whether it may read the returns, queries and named values of this participant.
  bool MayRead(const std::string& participant) const { return SeesEverybody() || Owns(participant); }
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_PRINCIPAL_H_
