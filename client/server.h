// The server as the commands see it: one function a call, each with a bounded wait and bounded retries, each failure an
// absl::Status whose message a person can act on. gRPC stays behind it.
#ifndef QUARTERMASTER_CLIENT_SERVER_H_
#define QUARTERMASTER_CLIENT_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/transport_security.h"
#include "quartermaster/v1/audit_service.pb.h"
#include "quartermaster/v1/bundle_service.pb.h"
#include "quartermaster/v1/collection_service.pb.h"
#include "quartermaster/v1/extract_service.pb.h"
#include "quartermaster/v1/national_service.pb.h"
#include "quartermaster/v1/participant_service.pb.h"
#include "quartermaster/v1/progress_service.pb.h"
#include "quartermaster/v1/query_service.pb.h"
#include "quartermaster/v1/release_service.pb.h"
#include "quartermaster/v1/return_service.pb.h"
#include "quartermaster/v1/standing_exception_service.pb.h"
#include "quartermaster/v1/store_service.pb.h"
#include "quartermaster/v1/submission_service.pb.h"
#include "quartermaster/v1/token_service.pb.h"
#include "quartermaster/v1/window_service.pb.h"

namespace quartermaster::client {

struct ServerOptions {
  std::string address = "127.0.0.1:7443";
  // Sent as `authorization: Bearer TOKEN`; empty: none is sent.
  std::string token;
  // The longest wait for one answer. Sixty seconds are far more than any call takes, and short enough for a scheduler.
  int timeout_seconds = 60;
  // The longest before the second attempt; each later wait is twice as long. All attempts then span under two seconds.
  absl::Duration first_retry_wait = absl::Milliseconds(250);
  // In clear, unless it says otherwise.
  TransportSecurity security;
};

// The server is asked again after UNAVAILABLE, and after RESOURCE_EXHAUSTED (too many writes wait; nothing was stored),
// since every call here but granting and making tokens is safe to repeat: reads change nothing, submissions and
// withdrawals carry a request_id, what is said of a query twice counts once, and imports and publications of what is
// there already change nothing, those of releases included. Thread-safe.
class Server {
 public:
  static constexpr int kMaxAttempts = 4;  // Enough for a restart or a rush; an outage is for the caller's scheduler.
  // Returns that are on their way at once: they fill the server's groups, and their verdicts fit in its and our memory.
  static constexpr size_t kMaxInFlight = 256;

  explicit Server(ServerOptions options);
  ~Server();

  absl::StatusOr<v1::ListCollectionsResponse> ListCollections();
  absl::StatusOr<v1::GetCollectionResponse> GetCollection(const v1::GetCollectionRequest& request);
  absl::StatusOr<v1::PublishCollectionResponse> PublishCollection(const v1::PublishCollectionRequest& request);
  absl::StatusOr<v1::ImportParticipantsResponse> ImportParticipants(const v1::ImportParticipantsRequest& request);
  absl::StatusOr<v1::ImportPopulationsResponse> ImportPopulations(const v1::ImportPopulationsRequest& request);
  absl::StatusOr<v1::ImportEnrolmentsResponse> ImportEnrolments(const v1::ImportEnrolmentsRequest& request);
  absl::StatusOr<v1::ListNationalStatisticsResponse> ListNationalStatistics(
      const v1::ListNationalStatisticsRequest& request);
  absl::StatusOr<v1::GetPositionResponse> GetPosition(const v1::GetPositionRequest& request);
  absl::StatusOr<v1::GetTrendResponse> GetTrend(const v1::GetTrendRequest& request);
  // Calls `on_row` for each row as it comes, until it gives an error, which is then the result. Asked again only while
  // none has come. The timeout is for each part of the rows.
  absl::Status Extract(const v1::ExtractRequest& request,
                       const std::function<absl::Status(const v1::ExtractRow&)>& on_row);
  // The same for the lines of the audit.
  absl::Status ReadAudit(const v1::ReadAuditRequest& request,
                         const std::function<absl::Status(const v1::ReadAuditResponse&)>& on_response);
  absl::StatusOr<v1::GetReturnResponse> GetReturn(const v1::GetReturnRequest& request);
  absl::StatusOr<v1::WithdrawReturnResponse> WithdrawReturn(const v1::WithdrawReturnRequest& request);

  absl::StatusOr<v1::CheckCollectionResponse> CheckCollection(const v1::CheckCollectionRequest& request);
  // The whole bundle, put together from its parts.
  absl::StatusOr<v1::Bundle> DownloadBundle(const v1::DownloadBundleRequest& request);
  absl::StatusOr<v1::ExplainQueryResponse> ExplainQuery(const v1::ExplainQueryRequest& request);
  absl::StatusOr<v1::AcceptQueryResponse> AcceptQuery(const v1::AcceptQueryRequest& request);
  absl::StatusOr<v1::ReturnQueryResponse> ReturnQuery(const v1::ReturnQueryRequest& request);
  absl::StatusOr<v1::CommentOnQueryResponse> CommentOnQuery(const v1::CommentOnQueryRequest& request);
  // Granting is no call that is safe to repeat, so it is made once.
  absl::StatusOr<v1::GrantStandingExceptionResponse> GrantStandingException(
      const v1::GrantStandingExceptionRequest& request);
  absl::StatusOr<v1::EndStandingExceptionResponse> EndStandingException(const v1::EndStandingExceptionRequest& request);

  absl::StatusOr<v1::GetWindowResponse> GetWindow(const v1::GetWindowRequest& request);
  // Made once, as above.
  absl::StatusOr<v1::GrantWindowResponse> GrantWindow(const v1::GrantWindowRequest& request);
  absl::StatusOr<v1::EndWindowGrantResponse> EndWindowGrant(const v1::EndWindowGrantRequest& request);

  absl::StatusOr<v1::PreviewReleaseResponse> PreviewRelease(const v1::PreviewReleaseRequest& request);
  absl::StatusOr<v1::PublishReleaseResponse> PublishRelease(const v1::PublishReleaseRequest& request);
  absl::StatusOr<v1::GetReleaseResponse> GetRelease(const v1::GetReleaseRequest& request);
  // All parts in one, checked: DATA_LOSS where the SHA-256 of the content is not that of the release.
  absl::StatusOr<v1::DownloadReleaseResponse> DownloadRelease(const v1::DownloadReleaseRequest& request);
  absl::StatusOr<v1::DiffReleasesResponse> DiffReleases(const v1::DiffReleasesRequest& request);

  // Made once, as above.
  absl::StatusOr<v1::CreateTokenResponse> CreateToken(const v1::CreateTokenRequest& request);
  absl::StatusOr<v1::RevokeTokenResponse> RevokeToken(const v1::RevokeTokenRequest& request);

  // These fetch every page.
  absl::StatusOr<v1::ListReleasesResponse> ListReleases(v1::ListReleasesRequest request);
  absl::StatusOr<v1::ListTokensResponse> ListTokens(v1::ListTokensRequest request);
  absl::StatusOr<v1::ListWindowGrantsResponse> ListWindowGrants(v1::ListWindowGrantsRequest request);
  absl::StatusOr<v1::ListReturnsResponse> ListReturns(v1::ListReturnsRequest request);
  absl::StatusOr<v1::ListParticipantsResponse> ListParticipants(v1::ListParticipantsRequest request);
  absl::StatusOr<v1::ListEnrolmentsResponse> ListEnrolments(v1::ListEnrolmentsRequest request);
  absl::StatusOr<v1::ListQueriesResponse> ListQueries(v1::ListQueriesRequest request);
  absl::StatusOr<v1::ListStandingExceptionsResponse> ListStandingExceptions(v1::ListStandingExceptionsRequest request);
  absl::StatusOr<v1::ListExceptionUsesResponse> ListExceptionUses(v1::ListExceptionUsesRequest request);

  // These two take minutes and call `on_progress` every few seconds; the timeout is for each message. Made once.
  using OnProgress = std::function<void(const v1::Progress& progress)>;
  absl::StatusOr<v1::Backup> CreateBackup(const OnProgress& on_progress);
  absl::StatusOr<v1::VerificationReport> VerifyStore(const OnProgress& on_progress);
  absl::StatusOr<v1::ListBackupsResponse> ListBackups();

  absl::StatusOr<v1::GetStatusResponse> GetStatus(const v1::GetStatusRequest& request);
  // So many in a row span about two minutes, after which a server that is upgraded is back.
  static constexpr int kMaxWatchAttempts = 10;
  // Calls `on_watched` with each message of the watch until it gives false, which is the only OK. An interrupted watch,
  // which `on_interrupted` is told of, is taken up after the last message; the error is that of the last attempt.
  using OnWatched = std::function<bool(const v1::WatchResponse& response)>;
  absl::Status Watch(v1::WatchRequest request, const OnWatched& on_watched,
                     const std::function<void()>& on_interrupted);

  absl::StatusOr<v1::GetReceiptKeyResponse> GetReceiptKey();

  // Called once for each submission, in their order, as soon as its outcome and those before it are known.
  using OnVerdict = std::function<void(size_t index, absl::StatusOr<v1::Verdict> verdict)>;
  // One call each. Each submission needs a request_id, and is sent with what is set in `common` as well, so that what
  // all of them have in common is in memory once.
  void SubmitOneByOne(const std::vector<v1::SubmitReturnRequest>& submissions, const v1::SubmitReturnRequest& common,
                      const OnVerdict& on_verdict);
  // The same over one stream for all; after an interruption a new one for the rest.
  void SubmitStreamed(const std::vector<v1::SubmitReturnRequest>& submissions, const v1::SubmitReturnRequest& common,
                      const OnVerdict& on_verdict);

 private:
  class Connection;
  const std::unique_ptr<Connection> connection_;
};

}  // namespace quartermaster::client

#endif  // QUARTERMASTER_CLIENT_SERVER_H_
