#include "server/counted_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace quartermaster::server {
namespace {

std::string Counted(const in_addr& address) {
  return std::string(reinterpret_cast<const char*>(&address), sizeof address);
}

std::string Counted(const in6_addr& address) {
  const char* bytes = reinterpret_cast<const char*>(address.s6_addr);
  return IN6_IS_ADDR_V4MAPPED(&address) ? std::string(bytes + 12, 4) : std::string(bytes, 8);
}

}  // namespace

std::string CountedAddress(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) return Counted(reinterpret_cast<const sockaddr_in&>(peer).sin_addr);
  return Counted(reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr);
}

std::string CountedAddress(absl::string_view peer) {
  const absl::string_view name = peer.substr(0, peer.rfind(':'));
  absl::string_view host = name;
  if (absl::ConsumePrefix(&host, "ipv4:")) {
    in_addr address;
    if (inet_pton(AF_INET, std::string(host).c_str(), &address) == 1) return Counted(address);
  } else if (absl::ConsumePrefix(&host, "ipv6:")) {
    // The name is a URI, in which brackets are escaped; a zone, as in "fe80::1%25eth0", is of this machine alone.
    std::string text = absl::StrReplaceAll(host, {{"%5B", ""}, {"%5D", ""}, {"[", ""}, {"]", ""}});
    text = text.substr(0, text.find('%'));
    in6_addr address;
    if (inet_pton(AF_INET6, text.c_str(), &address) == 1) return Counted(address);
  }
  return std::string(name);
}

}  // namespace quartermaster::server
