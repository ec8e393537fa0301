// Calls a server as fast as so many clients can, each with one call at a time over a connection of its own, and prints
// one line of JSON: calls, failed, seconds, and the latencies p50_us and p99_us.
//
// It calls qm-server and the yardsticks alike: it knows only an address.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "quartermaster/v1/national_service.pb.h"
#include "quartermaster/v1/submission_service.pb.h"
#include "tests/bench/bench_collection.h"
#include "tests/bench/command_line.h"

namespace quartermaster::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string server;
  std::string tokens_file;
  std::string call = "submit";
  std::string collection = "bench";
  std::string save_reply;
  int clients = 64;
  double seconds = 3;
  uint64_t calls = 0;  // 0: as many as the seconds allow
  bool once = false;
  int participants = 100;
  int first_quarter = 68;
  int quarters = 1;
  int services = 1;
  uint32_t seed = 1;
};

// Another one each time, so that no request id is ever used twice.
uint64_t NewSeed() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

// What one client asks for. Each token submits for participants of its own: a client whose token is the t-th of T has
// every T-th participant, and goes over its participants first, then services, then quarters, in the order of time.
class Requests {
 public:
  Requests(const Options& options, size_t token, size_t tokens)
      : options_(options), random_(NewSeed()), first_(token), step_(tokens) {
    own_ = (Size(options.participants) + tokens - 1 - token) / tokens;
    for (uint32_t variant = 0; variant < kVariants; ++variant) data_.push_back(ReturnData(variant));
  }

  static const char* Method(const std::string& call) {
    if (call == "submit") return "/quartermaster.v1.SubmissionService/SubmitReturn";
    if (call == "national") return "/quartermaster.v1.NationalService/ListNationalStatistics";
    return "/quartermaster.v1.NationalService/GetPosition";
  }

  // How many there are until they begin again.
  uint64_t size() const { return own_ * Size(options_.services) * Size(options_.quarters); }

  std::string Next() {
    const uint64_t n = next_++;
    const std::string participant = ParticipantCode(static_cast<int>(first_ + n % own_ * step_));
    const uint64_t service = n / own_ % Size(options_.services);
    const uint64_t quarters_on = n / own_ / Size(options_.services) % Size(options_.quarters);
    const std::string quarter = QuarterText(options_.first_quarter + static_cast<int>(quarters_on));
    if (options_.call == "submit") return Submission(n, static_cast<int>(service), quarter, participant);
    if (options_.call == "national") {
      v1::ListNationalStatisticsRequest request;
      request.set_collection(options_.collection);
      request.set_period(quarter);
      return request.SerializeAsString();
    }
    v1::GetPositionRequest request;
    request.set_collection(options_.collection);
    request.set_period(quarter);
    request.set_participant(participant);
    return request.SerializeAsString();
  }

 private:
  static constexpr uint32_t kVariants = 251;  // A prime, so that a participant does not always send the same.
  static uint64_t Size(int count) { return static_cast<uint64_t>(count); }

  std::string Submission(uint64_t n, int service, const std::string& quarter, const std::string& participant) {
    v1::SubmitReturnRequest request;
    v1::ReturnContent& content = *request.mutable_content();
    content.set_collection(options_.collection);
    content.set_service(absl::StrCat("s", service));
    content.set_participant(participant);
    content.set_period(quarter);
    content.mutable_data()->set_type_url(
        absl::StrCat("type.googleapis.com/quartermaster.collections.", options_.collection, ".v1.Service", service));
    content.mutable_data()->set_value(data_[(n + first_ + options_.seed) % kVariants]);
    const uint64_t high = random_();
    const uint64_t low = random_();
    request.set_request_id(absl::StrFormat("%08x-%04x-4%03x-%04x-%012x", high >> 32, high >> 16 & 0xFFFF, high & 0xFFF,
                                           (low >> 48 & 0x3FFF) | 0x8000, low & 0xFFFFFFFFFFFF));
    return request.SerializeAsString();
  }

  const Options options_;
  std::mt19937_64 random_;
  const uint64_t first_;
  const uint64_t step_;
  uint64_t own_;
  uint64_t next_ = 0;
  std::vector<std::string> data_;
};

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToBytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// All clients, until the time or the calls are up.
class Load {
 public:
  // `tokens` may be empty: none is sent.
  Load(const Options& options, std::vector<std::string> tokens)
      : options_(options), tokens_(std::move(tokens)), running_(options.clients) {}

  // Prints the result. Whether every call was answered.
  bool Run() {
    for (int i = 0; i < options_.clients; ++i) {
      clients_.push_back(std::make_unique<Client>(this, static_cast<size_t>(i)));
    }
    for (const auto& client : clients_) {
      if (!client->Connect()) return false;
    }
    start_ = Clock::now();
    end_ = start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
    if (options_.call == "idle") {
      std::this_thread::sleep_until(end_);
      return true;
    }
    for (const auto& client : clients_) client->CallNext();
    std::unique_lock<std::mutex> lock(mutex_);
    all_done_.wait(lock, [this] { return running_ == 0; });
    return Print();
  }

 private:
  class Client {
   public:
    Client(Load* load, size_t number)
        : load_(*load),
          token_(load->tokens_.empty() ? "" : load->tokens_[number % load->tokens_.size()]),
          requests_(load->options_, number % std::max<size_t>(load->tokens_.size(), 1),
                    std::max<size_t>(load->tokens_.size(), 1)) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      arguments.SetMaxReceiveMessageSize(-1);
      channel_ = grpc::CreateCustomChannel(load_.options_.server, grpc::InsecureChannelCredentials(), arguments);
      stub_ = std::make_unique<grpc::GenericStub>(channel_);
    }

    bool Connect() { return channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20)); }

    void CallNext() {
      const uint64_t n = load_.next_.fetch_add(1);
      called_ = Clock::now();
      const bool all_called = load_.options_.once && latencies_us_.size() == requests_.size();
      if (all_called || called_ >= load_.end_ || (load_.options_.calls > 0 && n >= load_.options_.calls)) {
        return load_.ClientIsDone();
      }
      context_ = std::make_unique<grpc::ClientContext>();
      if (!token_.empty()) context_->AddMetadata("authorization", "Bearer " + token_);
      request_ = ToBuffer(requests_.Next());
      stub_->UnaryCall(context_.get(), Requests::Method(load_.options_.call), grpc::StubOptions(), &request_,
                       &response_, [this](const grpc::Status& status) { OnDone(status); });
    }

    void OnDone(const grpc::Status& status) {
      latencies_us_.push_back(std::chrono::duration<float, std::micro>(Clock::now() - called_).count());
      if (!status.ok()) load_.Failed(absl::StrCat(status.error_code(), ": ", status.error_message()));
      if (latencies_us_.size() == 1) CheckAccepted();
      CallNext();
    }

    // A return that is rejected costs less, and would not be seen otherwise. A yardstick answers with nothing.
    void CheckAccepted() {
      v1::SubmitReturnResponse reply;
      if (load_.options_.call != "submit" || response_.Length() == 0) return;
      const bool read = reply.ParseFromString(ToBytes(response_));
      if (!read || !reply.verdict().accepted()) load_.Failed("a return was rejected");
    }

    const std::vector<float>& latencies_us() const { return latencies_us_; }
    const grpc::ByteBuffer& response() const { return response_; }

   private:
    Load& load_;
    const std::string token_;
    Requests requests_;
    std::shared_ptr<grpc::Channel> channel_;
    std::unique_ptr<grpc::GenericStub> stub_;
    std::unique_ptr<grpc::ClientContext> context_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer response_;
    Clock::time_point called_;
    std::vector<float> latencies_us_;
  };

  void ClientIsDone() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--running_ == 0) {
      seconds_ = std::chrono::duration<double>(Clock::now() - start_).count();
      all_done_.notify_one();
    }
  }

  void Failed(const std::string& problem) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (failed_++ == 0) std::cerr << "load_generator: " << problem << std::endl;
  }

  bool Print() const {
    std::vector<float> all;
    for (const auto& client : clients_) {
      all.insert(all.end(), client->latencies_us().begin(), client->latencies_us().end());
    }
    std::sort(all.begin(), all.end());
    const auto at = [&](double share) { return all.empty() ? 0 : all[static_cast<size_t>(share * (all.size() - 1))]; };
    std::cout << absl::StrFormat(R"({"calls":%d,"failed":%d,"seconds":%.4f,"p50_us":%.1f,"p99_us":%.1f})", all.size(),
                                 failed_, seconds_, at(0.50), at(0.99))
              << std::endl;
    if (!options_.save_reply.empty()) {
      std::ofstream(options_.save_reply, std::ios::binary) << ToBytes(clients_.front()->response());
    }
    return failed_ == 0 && !all.empty();
  }

  const Options options_;
  const std::vector<std::string> tokens_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::atomic<uint64_t> next_ = 0;
  Clock::time_point start_;
  Clock::time_point end_;
  std::mutex mutex_;  // Guards what follows.
  std::condition_variable all_done_;
  int running_;
  uint64_t failed_ = 0;
  double seconds_ = 0;
};

}  // namespace
}  // namespace quartermaster::bench

int main(int argc, char** argv) {
  quartermaster::bench::Options options;
  int print_collection = 0;
  int print_participants = 0;
  quartermaster::bench::CommandLine line("load_generator", "Calls a server as fast as so many clients can.");
  line.Add("--server", &options.server, "HOST:PORT");
  line.Add("--tokens-file", &options.tokens_file,
           "A token a line; each submits for participants of its own, and clients take them in turn");
  line.Add("--call", &options.call, "submit, national, position, or idle: connections that call nothing");
  line.Restrict("--call", {"submit", "national", "position", "idle"});
  line.Add("--collection", &options.collection, "Its id");
  line.Add("--clients", &options.clients, "Connections, with one call at a time each");
  line.Add("--seconds", &options.seconds, "How long");
  line.Add("--calls", &options.calls, "At most so many calls in all; 0: no limit");
  line.Add("--once", &options.once, "Each client goes over all that is its own once");
  line.Add("--participants", &options.participants, "Codes B00000 to B99999");
  line.Add("--first-quarter", &options.first_quarter, "Quarters after 2008-09-Q1");
  line.Add("--quarters", &options.quarters, "How many quarters");
  line.Add("--services", &options.services, "How many services");
  line.Add("--seed", &options.seed, "Other values");
  line.Add("--save-reply", &options.save_reply, "A file for the bytes of a reply");
  line.Add("--print-collection", &print_collection,
           "Print the schema of the collection with so many services, and end");
  line.Add("--print-participants", &print_participants, "Print a participants' file of so many, and end");
  if (const auto ended = line.Parse(argc, argv)) return *ended;
  using namespace quartermaster::bench;
  if (print_collection > 0) {
    std::cout << CollectionText(options.collection, print_collection);
    return 0;
  }
  if (print_participants > 0) {
    std::cout << "code,name\n";
    for (int i = 0; i < print_participants; ++i) std::cout << ParticipantCode(i) << ",Trust " << i << "\n";
    return 0;
  }
  std::vector<std::string> tokens;
  if (!options.tokens_file.empty()) {
    std::ifstream file(options.tokens_file);
    for (std::string token; std::getline(file, token);) tokens.push_back(token);
    if (tokens.empty()) {
      std::cerr << "load_generator: --tokens-file: " << options.tokens_file << " holds no token" << std::endl;
      return 2;
    }
  }
  return Load(options, tokens).Run() ? 0 : 1;
}
