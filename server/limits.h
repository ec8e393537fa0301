// How much the server takes from one caller and from all, where nothing else bounds it. Each number says whom it spares
// and why no honest caller meets it. Past one a call ends with RESOURCE_EXHAUSTED, a reason and what to do; a
// connection, which has nobody to tell, is closed.
//
// Limits of what is sent stand with what they bound: fields and nesting in validation/schema.h, expressions in
// validation/expression.h, findings of unknown names in validation/field_rules.cc, descriptor sets in
// validation/descriptor_files.cc, imports in server/imports.cc, pages in server/paging.h, waiting writes in
// storage/rocksdb_store.h, verdicts that a stream may hold in server/services/submission_service.cc, and so on.
#ifndef QUARTERMASTER_SERVER_LIMITS_H_
#define QUARTERMASTER_SERVER_LIMITS_H_

#include <cstddef>

#include "absl/time/time.h"

namespace quartermaster::server {

// gRPC's default, said here: a return has kilobytes, a large schema under one MiB.
inline constexpr int kMaxMessageBytes = 4 << 20;

// A token, and what proxies add. gRPC's default, said here.
inline constexpr int kMaxMetadataBytes = 8 << 10;

// Calls of one principal: a program that sends one call after the other makes some hundreds a second, and one that
// makes more at once has a stream for it. A rush of ten seconds' calls passes.
inline constexpr double kCallsPerSecond = 1'000;
inline constexpr double kCallsAtOnce = 10'000;

// Calls without a valid credential from one address. Nobody guesses 256 bits; this keeps a program that was set up
// wrongly from filling the logs and the audit.
inline constexpr double kRefusalsPerSecond = 20;
inline constexpr double kRefusalsAtOnce = 1'000;

// So many principals, and so many addresses, are remembered: ten times the users of a large national collection, 1 MB.
// Past it the oldest are forgotten, which spares them.
inline constexpr size_t kMaxKnownCallers = 10'000;

// Streams of returns of one principal, of which one fills the store's groups; and of all. Each holds 2 MiB of verdicts
// that nobody reads, and one verdict more, some three times as much in memory: those of one principal 150 MB, and all,
// which takes sixteen principals that do it, 2.4 GB.
inline constexpr int kMaxStreamsOfPrincipal = 16;
inline constexpr int kMaxStreams = 256;

// Watches of one principal: half of all places (server/watchers.h).
inline constexpr int kMaxWatchesOfPrincipal = 25;

// Of downloads of bundles, of releases and of extracts, each: so many at once, because what is not read yet stays in
// memory, at the worst half a gigabyte; half of them for one principal, which has the next when it has read one.
inline constexpr int kMaxDownloads = 4;
inline constexpr int kMaxDownloadsOfPrincipal = 2;

// Whoever has not taken a message of a download, an extract, a watch or the audit for so long keeps one of few places
// from others. It is long, because a reader that is slow has megabytes on the way before it takes the next.
inline constexpr absl::Duration kMaxWaitForReader = absl::Minutes(10);

// Connections from one address, which may be a proxy with a hospital trust behind it, and from all.
inline constexpr size_t kMaxConnectionsOfAddress = 256;
inline constexpr size_t kMaxConnections = 1'024;

// Files that the store, logs and connections that are just being closed need beside the connections.
inline constexpr size_t kOtherFiles = 2'048;

// From the connection to the client's greeting. A slow line takes one second; an overloaded machine may read it late.
inline constexpr absl::Duration kMaxHandshake = absl::Seconds(20);

// A connection without calls is closed after so long; clients open another when they need it.
inline constexpr absl::Duration kMaxIdle = absl::Minutes(5);

// Who says nothing for so long is asked whether it is still there, and has so long to answer: a machine that was
// switched off keeps its streams for a minute and a half.
inline constexpr absl::Duration kKeepaliveInterval = absl::Seconds(60);
inline constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(20);

// Calls on one connection at once. Clients let the rest wait. It is what RFC 9113 recommends at least.
inline constexpr int kMaxCallsOfConnection = 100;

// Calls of one address that their callers take back before they are answered, not counting as many as a connection may
// have at once, since a program that ends takes back what it has under way. Past it all connections of the address are
// closed, and none is taken for so long (server/taken_back_watch.h).
inline constexpr double kTakenBackPerSecond = 100;
inline constexpr double kTakenBackAtOnce = 1'000;
inline constexpr absl::Duration kBlockedFor = absl::Seconds(10);

// What gRPC may hold of what has come and was not read yet, and of what goes out: 64 messages of the largest size.
inline constexpr size_t kMaxTransportBytes = 256u << 20;

// Threads of what gRPC itself answers, such as reflection.
inline constexpr int kMaxGrpcThreads = 16;

// Looks at national figures that wait for their turn: more than all connections may ask for at once in a busy moment,
// and some seconds of work.
inline constexpr size_t kMaxWaitingReads = 8'192;

// Of the thread that answers them while returns come in (server/worker.h): those who send on the last day of a window
// come before those who look. A tenth of its time is some hundred looks a second. Looks that take longer than two
// milliseconds take more of it, since they are not followed by a longer rest than Worker::kLongestRest.
inline constexpr double kReadingShare = 0.1;

}  // namespace quartermaster::server

#endif  // QUARTERMASTER_SERVER_LIMITS_H_
