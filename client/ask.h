// One call with one request and one response, asked again where that is safe and may help. Internal to client/server.
#ifndef QUARTERMASTER_CLIENT_ASK_H_
#define QUARTERMASTER_CLIENT_ASK_H_

#include <grpcpp/grpcpp.h>

#include <chrono>

#include "absl/status/statusor.h"
#include "client/connection.h"
#include "client/server.h"
#include "google/protobuf/repeated_field.h"

namespace quartermaster::client {

// Of lists whose rows are small; the most that a server gives.
inline constexpr uint32_t kRowsPerPage = 1000;

// Makes the call, once.
template <typename Connection, typename Stub, typename Request, typename Response>
absl::StatusOr<Response> AskOnce(const Connection& connection, Stub& stub,
                                 grpc::Status (Stub::*call)(grpc::ClientContext*, const Request&, Response*),
                                 const Request& request) {
  grpc::ClientContext context;
  connection.Authorise(&context);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(connection.timeout_seconds()));
  Response response;
  const absl::Status status = connection.Explain((stub.*call)(&context, request, &response));
  if (!status.ok()) return status;
  return response;
}

// Makes the call until it gets an answer that will not change, at most kMaxAttempts times. `call` is a member of the
// stub.
template <typename Connection, typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Ask(const Connection& connection, Stub& stub,
                             grpc::Status (Stub::*call)(grpc::ClientContext*, const Request&, Response*),
                             const Request& request) {
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<Response> response = AskOnce(connection, stub, call, request);
    if (response.ok() || !MaySendAgain(response.status()) || attempt == Server::kMaxAttempts) return response;
    connection.WaitAfter(attempt);
  }
}

// Asks for page after page and puts them together. `rows` is the member that gives the rows of a response.
template <typename Connection, typename Stub, typename Request, typename Response, typename Row>
absl::StatusOr<Response> AskForAllPages(const Connection& connection, Stub& stub,
                                        grpc::Status (Stub::*call)(grpc::ClientContext*, const Request&, Response*),
                                        Request request, uint32_t rows_per_page,
                                        google::protobuf::RepeatedPtrField<Row>* (Response::*rows)()) {
  request.set_page_size(rows_per_page);
  Response all;
  do {
    absl::StatusOr<Response> page = Ask(connection, stub, call, request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    for (Row& row : *((*page).*rows)()) (all.*rows)()->Add()->Swap(&row);
  } while (!request.page_token().empty());
  return all;
}

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_ASK_H_
