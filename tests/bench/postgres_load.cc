// What an ordinary team would build: a table of values in PostgreSQL, one transaction a return. It sends the same
// values as load_generator and prints the same line of JSON.
#include <libpq-fe.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tests/bench/bench_collection.h"
#include "tests/bench/command_line.h"

namespace quartermaster::bench {
namespace {

using Clock = std::chrono::steady_clock;

// In the order of the primary key, so that the values of an indicator lie side by side, which is the best for this way.
constexpr char kTable[] =
    "CREATE TABLE IF NOT EXISTS value (service text, period text, field text, participant text, value double "
    "precision, "
    "PRIMARY KEY (service, period, field, participant))";
constexpr char kUpsert[] =
    "INSERT INTO value SELECT $1, $2, unnest($3::text[]), $4, unnest($5::float8[]) "
    "ON CONFLICT (service, period, field, participant) DO UPDATE SET value = excluded.value";
constexpr char kStatistics[] =
    "SELECT field, count(*), avg(value), percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY value) "
    "FROM value WHERE service = $1 AND period = $2 AND field = ANY($3::text[]) GROUP BY field";
// The figures of a row of NationalStatistics.
constexpr char kNational[] =
    "SELECT service, field, count(*), avg(value), percentile_cont(ARRAY[0.1, 0.25, 0.5, 0.75, 0.9]) "
    "WITHIN GROUP (ORDER BY value), min(value), max(value), stddev_samp(value) FROM value "
    "WHERE service = ANY($1::text[]) AND period = $2 AND field = ANY($3::text[]) GROUP BY service, field";
constexpr char kPosition[] =
    "SELECT service, field, value, rank, count FROM (SELECT service, field, participant, value, "
    "rank() OVER (PARTITION BY service, field ORDER BY value DESC) AS rank, "
    "count(*) OVER (PARTITION BY service, field) AS count FROM value "
    "WHERE service = ANY($1::text[]) AND period = $2 AND field = ANY($3::text[])) AS ranked WHERE participant = $4";

struct Options {
  std::string connection;
  std::string call = "submit";
  int clients = 64;
  double seconds = 3;
  uint64_t calls = 0;
  int participants = 100;
  int services = 1;
  int first_quarter = 68;
  uint32_t seed = 1;
};

// f0, f1, … as PostgreSQL writes an array.
std::string NumberedArray(absl::string_view prefix, int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(absl::StrCat(prefix, i));
  return absl::StrCat("{", absl::StrJoin(names, ","), "}");
}

class Connection {
 public:
  explicit Connection(const std::string& text) : connection_(PQconnectdb(text.c_str()), &PQfinish) {}
  bool Open() {
    return Check(PQstatus(connection_.get()) == CONNECTION_OK) && Execute("SET client_min_messages = warning");
  }
  bool Prepare() {
    return Done(PQprepare(connection_.get(), "upsert", kUpsert, 0, nullptr)) &&
           Done(PQprepare(connection_.get(), "statistics", kStatistics, 0, nullptr)) &&
           Done(PQprepare(connection_.get(), "national", kNational, 0, nullptr)) &&
           Done(PQprepare(connection_.get(), "position", kPosition, 0, nullptr));
  }
  bool Execute(const char* text) { return Done(PQexec(connection_.get(), text)); }
  bool Execute(const char* prepared, const std::vector<std::string>& parameters) {
    std::vector<const char*> values;
    for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
    return Done(PQexecPrepared(connection_.get(), prepared, static_cast<int>(values.size()), values.data(), nullptr,
                               nullptr, 0));
  }

 private:
  bool Check(bool good) {
    if (!good) std::cerr << "postgres_load: " << PQerrorMessage(connection_.get()) << std::endl;
    return good;
  }
  bool Done(PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return Check(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

bool Call(const Options& options, uint64_t n, Connection* connection) {
  static const std::string& fields = *new std::string(NumberedArray("f", kFields));
  static const std::string& indicators = *new std::string(NumberedArray("f", kIndicators));
  const std::string period = QuarterText(options.first_quarter);
  const std::string participant = ParticipantCode(static_cast<int>(n % static_cast<uint64_t>(options.participants)));
  const std::string services = NumberedArray("s", options.services);
  if (options.call == "national") return connection->Execute("national", {services, period, indicators});
  if (options.call == "position") return connection->Execute("position", {services, period, indicators, participant});
  const auto participants = static_cast<uint64_t>(options.participants);
  const std::string service = absl::StrCat("s", n / participants % static_cast<uint64_t>(options.services));
  std::vector<std::string> values;
  const auto variant = static_cast<uint32_t>((n + options.seed) % 251);
  for (int i = 0; i < kFields; ++i) values.push_back(absl::StrFormat("%.2f", FieldValue(i, variant)));
  return connection->Execute("BEGIN") &&
         connection->Execute(
             "upsert", {service, period, fields, participant, absl::StrCat("{", absl::StrJoin(values, ","), "}")}) &&
         connection->Execute("statistics", {service, period, indicators}) && connection->Execute("COMMIT");
}

int Run(const Options& options) {
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < options.clients; ++i) {
    connections.push_back(std::make_unique<Connection>(options.connection));
    if (!connections.back()->Open() || (i == 0 && !connections.back()->Execute(kTable)) ||
        !connections.back()->Prepare()) {
      return 1;
    }
  }
  std::atomic<uint64_t> next = 0;
  std::atomic<uint64_t> failed = 0;
  std::mutex mutex;
  std::vector<float> all;
  const Clock::time_point start = Clock::now();
  const Clock::time_point end =
      start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  std::vector<std::thread> threads;
  for (const auto& connection : connections) {
    threads.emplace_back([&, at = connection.get()] {
      std::vector<float> latencies_us;
      while (true) {
        const Clock::time_point called = Clock::now();
        const uint64_t n = next.fetch_add(1);
        if (called >= end || (options.calls > 0 && n >= options.calls)) break;
        if (!Call(options, n, at)) {
          ++failed;
          break;
        }
        latencies_us.push_back(std::chrono::duration<float, std::micro>(Clock::now() - called).count());
      }
      const std::lock_guard<std::mutex> lock(mutex);
      all.insert(all.end(), latencies_us.begin(), latencies_us.end());
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::sort(all.begin(), all.end());
  const auto at = [&](double share) {
    return all.empty() ? 0 : all[static_cast<size_t>(share * static_cast<double>(all.size() - 1))];
  };
  std::cout << absl::StrFormat(R"({"calls":%d,"failed":%d,"seconds":%.4f,"p50_us":%.1f,"p99_us":%.1f})", all.size(),
                               failed.load(), seconds, at(0.50), at(0.99))
            << std::endl;
  return failed == 0 && !all.empty() ? 0 : 1;
}

}  // namespace
}  // namespace quartermaster::bench

int main(int argc, char** argv) {
  quartermaster::bench::Options options;
  quartermaster::bench::CommandLine line("postgres_load",
                                         "One transaction a return in PostgreSQL, by so many clients.");
  line.Add("--connection", &options.connection, "As libpq takes it");
  line.Require("--connection");
  line.Add("--call", &options.call, "submit, national or position");
  line.Restrict("--call", {"submit", "national", "position"});
  line.Add("--clients", &options.clients, "Connections, each on a thread");
  line.Add("--seconds", &options.seconds, "How long");
  line.Add("--calls", &options.calls, "At most so many calls in all; 0: no limit");
  line.Add("--participants", &options.participants, "Codes B00000 to B99999");
  line.Add("--services", &options.services, "How many services");
  line.Add("--first-quarter", &options.first_quarter, "Quarters after 2008-09-Q1");
  line.Add("--seed", &options.seed, "Other values");
  if (const auto ended = line.Parse(argc, argv)) return *ended;
  return quartermaster::bench::Run(options);
}
