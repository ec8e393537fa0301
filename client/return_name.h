// How a return is called on a screen. What is printed for programs keeps periods as the API writes them.
#ifndef QUARTERMASTER_CLIENT_RETURN_NAME_H_
#define QUARTERMASTER_CLIENT_RETURN_NAME_H_

#include <string>

namespace quartermaster::client {

// "Q1 2025/26"; what is no period stays as it was written.
std::string DisplayPeriod(const std::string& period);

// "RT1, adult-inpatient, Q1 2025/26".
std::string DisplayReturn(const std::string& participant, const std::string& service, const std::string& period);

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_RETURN_NAME_H_
