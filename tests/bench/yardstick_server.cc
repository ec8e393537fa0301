// What the service is measured beside: a bare gRPC server that takes the same requests and does the least that could be
// called storing them, or answers reads with bytes that are ready. It judges nothing and knows nobody.
//
// Prints `listening on HOST:PORT`, and ends when standard input does.
#include <grpcpp/grpcpp.h>
#include <rocksdb/db.h>

#include <atomic>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "quartermaster/v1/national_service.grpc.pb.h"
#include "quartermaster/v1/submission_service.grpc.pb.h"
#include "tests/bench/command_line.h"

namespace quartermaster::bench {
namespace {

// One put a return, of as many bytes as the service stores for it; the request's own come first.
class BareSubmissions
    : public v1::SubmissionService::WithRawCallbackMethod_SubmitReturn<v1::SubmissionService::Service> {
 public:
  BareSubmissions(rocksdb::DB* database, bool synced, size_t stored_bytes)
      : database_(database), stored_bytes_(stored_bytes) {
    write_options_.sync = synced;
  }

  grpc::ServerUnaryReactor* SubmitReturn(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override {
    std::vector<grpc::Slice> slices;
    std::string value;
    const bool read = request->Dump(&slices).ok();
    for (const grpc::Slice& slice : slices) value.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    value.resize(stored_bytes_);
    const uint64_t number = next_.fetch_add(1);
    const rocksdb::Slice key(reinterpret_cast<const char*>(&number), sizeof(number));
    const bool stored = read && database_->Put(write_options_, key, value).ok();
    *response = grpc::ByteBuffer(&empty_, 1);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(stored ? grpc::Status::OK : grpc::Status(grpc::StatusCode::INTERNAL, "it could not be stored"));
    return reactor;
  }

 private:
  rocksdb::DB* const database_;
  rocksdb::WriteOptions write_options_;
  const size_t stored_bytes_;
  const grpc::Slice empty_;
  std::atomic<uint64_t> next_ = 0;
};

// Reads that are answered with ready bytes.
class BareReads : public v1::NationalService::WithRawCallbackMethod_ListNationalStatistics<
                      v1::NationalService::WithRawCallbackMethod_GetPosition<v1::NationalService::Service>> {
 public:
  explicit BareReads(const std::string& reply) : reply_(reply) {}

  grpc::ServerUnaryReactor* ListNationalStatistics(grpc::CallbackServerContext* context, const grpc::ByteBuffer*,
                                                   grpc::ByteBuffer* response) override {
    return Reply(context, response);
  }
  grpc::ServerUnaryReactor* GetPosition(grpc::CallbackServerContext* context, const grpc::ByteBuffer*,
                                        grpc::ByteBuffer* response) override {
    return Reply(context, response);
  }

 private:
  grpc::ServerUnaryReactor* Reply(grpc::CallbackServerContext* context, grpc::ByteBuffer* response) const {
    *response = grpc::ByteBuffer(&reply_, 1);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  const grpc::Slice reply_;
};

int Serve(const std::string& data_dir, bool synced, size_t stored_bytes, const std::string& reply_file) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, data_dir, &opened);
  const std::unique_ptr<rocksdb::DB> database(opened);
  if (!status.ok()) {
    std::cerr << "yardstick_server: " << status.ToString() << std::endl;
    return 1;
  }
  std::ifstream file(reply_file, std::ios::binary);
  const std::string reply{std::istreambuf_iterator<char>(file), {}};
  BareSubmissions submissions(database.get(), synced, stored_bytes);
  BareReads reads(reply);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&submissions);
  builder.RegisterService(&reads);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::cout << "listening on 127.0.0.1:" << port << std::endl;
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
  server->Shutdown();
  return 0;
}

}  // namespace
}  // namespace quartermaster::bench

int main(int argc, char** argv) {
  std::string data_dir;
  std::string reply_file;
  bool synced = false;
  size_t stored_bytes = 1024;
  quartermaster::bench::CommandLine line("yardstick_server", "A bare gRPC server, to measure beside.");
  line.Add("--data-dir", &data_dir, "The folder of its RocksDB");
  line.Require("--data-dir");
  line.Add("--synced", &synced, "Sync each put on its own");
  line.Add("--stored-bytes", &stored_bytes, "The bytes of a put");
  line.Add("--reply-file", &reply_file, "What reads are answered with");
  if (const auto ended = line.Parse(argc, argv)) return *ended;
  return quartermaster::bench::Serve(data_dir, synced, stored_bytes, reply_file);
}
