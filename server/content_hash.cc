#include "server/content_hash.h"

#include <algorithm>
#include <vector>

#include "storage/sha256.h"

namespace quartermaster::server {

std::string ContentSha256(const std::string& data,
                          const google::protobuf::RepeatedPtrField<v1::NotAvailable>& not_available) {
  std::vector<const v1::NotAvailable*> sorted;
  for (const v1::NotAvailable& missing : not_available) sorted.push_back(&missing);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->field() < b->field(); });
  std::string hashed = data;
  for (const v1::NotAvailable* missing : sorted) {
    for (const std::string* text : {&missing->field(), &missing->reason()}) {
      hashed.push_back('\0');
      hashed += *text;
    }
  }
  return Sha256Hex(hashed);
}

}  // namespace quartermaster::server
