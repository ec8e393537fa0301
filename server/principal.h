// Who calls, and what that allows. permissions.h says which role may call what.
#ifndef QUARTERMASTER_SERVER_PRINCIPAL_H_
#define QUARTERMASTER_SERVER_PRINCIPAL_H_

#include <initializer_list>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "quartermaster/v1/token_service.pb.h"

namespace quartermaster::server {

// A set of codes, as a value. Copies share it: each call has its own principal, and the token of a supplier that sends
// for many names hundreds.
class SharedCodes {
 public:
  using value_type = std::string;
  using const_iterator = std::set<std::string>::const_iterator;

  SharedCodes() : SharedCodes(std::set<std::string>()) {}
  SharedCodes(std::set<std::string> codes)  // NOLINT: a set is what it stands for.
      : codes_(std::make_shared<const std::set<std::string>>(std::move(codes))) {}
  SharedCodes(std::initializer_list<std::string> codes) : SharedCodes(std::set<std::string>(codes)) {}

  bool contains(const std::string& code) const { return codes_->count(code) > 0; }
  bool empty() const { return codes_->empty(); }
  size_t size() const { return codes_->size(); }
  const_iterator begin() const { return codes_->begin(); }
  const_iterator end() const { return codes_->end(); }

 private:
  std::shared_ptr<const std::set<std::string>> codes_;
};

// A value: it is what its token said when the call came.
struct Principal {
  std::string name;
  std::set<v1::Role> roles;
  // Of a submitter: the codes of its participants.
  SharedCodes participants;
  // Of a steward: the ids of its collections; empty for one of all.
  std::set<std::string> collections;
  // The operator of the folder, whose token has all roles, submits for everybody.
  bool owns_everybody = false;

  bool Has(v1::Role role) const { return roles.count(role) > 0; }
  // Exact live figures, and names beside values.
  bool SeesEverybody() const { return Has(v1::ROLE_REPORT_BUILDER) || Has(v1::ROLE_STEWARD); }
  // Whether this is one of its participants. With an organisation come its sites: RT1 is RT1-NORTH too.
  bool Represents(const std::string& participant) const {
    return participants.contains(participant) || participants.contains(participant.substr(0, participant.find('-')));
  }
  // Whether it sends the returns of this participant.
  bool Owns(const std::string& participant) const { return owns_everybody || Represents(participant); }
  // Whether it may read the returns, queries and named values of this participant.
  bool MayRead(const std::string& participant) const { return SeesEverybody() || Owns(participant); }
};

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_PRINCIPAL_H_
