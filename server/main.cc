// qm-server: reads flags and configuration, serves until SIGTERM or SIGINT; or does something with a data folder that
// nobody serves.
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <future>
#include <iostream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "quartermaster/config/v1/server_config.pb.h"
#include "server/offline_commands.h"
#include "server/server.h"

namespace {

using quartermaster::server::OfflineOptions;
using quartermaster::server::ServerOptions;

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;
// A disk of a petabyte; more is a slip, and the number of bytes must fit.
constexpr uint64_t kMaxReservedMib = uint64_t{1} << 30;

// While it starts it looks so often whether it is asked to stop. It then ends as if killed, which a store survives at
// any moment: a start takes minutes where much is stored, and has promised nobody anything.
constexpr std::chrono::milliseconds kBetweenLooks(50);

int Usage(const std::string& problem) {
  std::cerr << "qm-server: " << problem << std::endl;
  return kExitUsage;
}

void AddServingOptions(CLI::App* app, ServerOptions* options) {
  app->add_option("--data-dir", options->data_dir,
                  "Folder of the store and of operator.token; made if it does not exist");
  app->add_option("--listen", options->listening.address,
                  "HOST:PORT; port 0 lets the kernel pick. Off the loopback it needs a certificate")
      ->capture_default_str();
  quartermaster::server::CertificateFiles& certificates = options->listening.certificates;
  app->add_option(
      "--certificate-file", certificates.certificate,
      "The server's certificate chain, PEM. With it the server speaks TLS only. Read again when it changes");
  app->add_option("--private-key-file", certificates.private_key, "Its private key, PEM, readable by its owner alone");
  app->add_option("--client-authority-file", certificates.client_authority,
                  "The authority of clients' certificates, PEM. Not given, clients show none");
  app->add_flag("--require-client-certificate", options->listening.require_client_certificate,
                "Refuse clients that show no certificate");
  app->add_option_function<uint64_t>(
         "--reserved-mib", [options](uint64_t mib) { options->reserved_bytes = mib << 20; },
         "Refuse writes while the disk of --data-dir has less free than this; 640 unless given")
      ->check(CLI::Range(uint64_t{1}, kMaxReservedMib));
  app->add_option("--backup-dir", options->backup_dir,
                  "Folder of backups, best on another disk; made if it does not exist. Without it there are none");
}

void AddOfflineOptions(CLI::App* app, OfflineOptions* offline) {
  CLI::Option_group* actions = app->add_option_group("Instead of serving");
  actions->add_flag("--verify", offline->verify,
                    "Check the store in --data-dir: every hash, every release. No server may run on it. A store of an "
                    "older format is brought to that of this program for good");
  actions->add_flag("--list-backups", offline->list_backups, "List what is in --backup-dir");
  CLI::Option* restore = actions->add_flag("--restore", offline->restore,
                                           "Make the new folder --data-dir from the latest backup in --backup-dir");
  actions->require_option(0, 1);
  app->add_option("--backup", offline->backup, "With --restore: the id of the backup")->needs(restore);
  app->add_flag("--json", offline->json, "What these print, as JSON");
}

// Keeps the first thing that is wrong with a text, and prints nothing itself.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) text_ = absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Fills in what the flags left open. Gives false, and says why, if the file is not right.
bool ReadConfig(const std::string& path, const CLI::App& app, ServerOptions* options) {
  std::ifstream file(path);
  std::stringstream text;
  if (file) text << file.rdbuf();
  if (!file) {
    Usage(absl::StrCat("--config: cannot read ", path, ": ", std::strerror(errno)));
    return false;
  }
  quartermaster::config::v1::ServerConfig config;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(text.str(), &config)) {
    Usage(absl::StrCat("--config: ", path, " is no ServerConfig in protobuf text format: ", error.text()));
    return false;
  }
  const auto fill = [&app](const std::string& flag, const std::string& configured, std::string* option) {
    if (app.get_option(flag)->empty() && !configured.empty()) *option = configured;
  };
  quartermaster::server::ListeningOptions& listening = options->listening;
  fill("--data-dir", config.data_dir(), &options->data_dir);
  fill("--backup-dir", config.backup_dir(), &options->backup_dir);
  fill("--listen", config.listen(), &listening.address);
  fill("--certificate-file", config.certificate_file(), &listening.certificates.certificate);
  fill("--private-key-file", config.private_key_file(), &listening.certificates.private_key);
  fill("--client-authority-file", config.client_authority_file(), &listening.certificates.client_authority);
  if (app.get_option("--require-client-certificate")->empty()) {
    listening.require_client_certificate = config.require_client_certificate();
  }
  options->certificate_principals.assign(config.certificate_principals().begin(),
                                         config.certificate_principals().end());
  return true;
}

int Serve(const ServerOptions& options) {
  // Some send it so that certificates are read anew, which happens by itself; it must not end what is under way.
  std::signal(SIGHUP, SIG_IGN);
  // Blocked before any thread exists, so that only the waits below get them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto starting = std::async(std::launch::async, [&options] { return quartermaster::server::Server::Start(options); });
  const timespec no_wait{};
  while (starting.wait_for(kBetweenLooks) == std::future_status::timeout) {
    if (sigtimedwait(&signals, nullptr, &no_wait) < 0) continue;
    std::cerr << "qm-server: stopping before it serves" << std::endl;
    std::_Exit(0);
  }
  auto server = starting.get();
  if (!server.ok()) {
    std::cerr << "qm-server: " << server.status().message() << std::endl;
    return server.status().code() == absl::StatusCode::kInvalidArgument ? kExitUsage : kExitFailure;
  }
  std::cout << "listening on " << (*server)->address() << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  std::cerr << "qm-server: stopping" << std::endl;
  (*server)->Shutdown();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  // The store, its backups and the keys beside it are for whoever runs the server alone.
  umask(S_IRWXG | S_IRWXO);
  // Debian's build of Abseil looks for deadlocks at every lock, gRPC's too: a tenth of a look at a table.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  ServerOptions options;
  OfflineOptions offline;
  std::string config_path;
  CLI::App app{"Receives indicator returns, validates and stores them, and has the national figures right at once.",
               "qm-server"};
  app.set_version_flag("--version", "qm-server " QM_VERSION, "Print the version and exit");
  AddServingOptions(&app, &options);
  app.add_option("--config", config_path, "A ServerConfig in protobuf text format; flags win over it");
  AddOfflineOptions(&app, &offline);
  app.footer(
      "Example: qm-server --data-dir /var/lib/quartermaster --backup-dir /mnt/backups\n"
      "Prints `listening on HOST:PORT` when it serves. Exit code 1: it failed, or a check found problems.\n"
      "Who may call by certificate stands in the file of --config.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (!config_path.empty() && !ReadConfig(config_path, app, &options)) return kExitUsage;
  if (options.data_dir.empty() && !offline.list_backups) {
    return Usage("--data-dir: not given. Name the folder in which everything is kept");
  }
  if (options.backup_dir.empty() && (offline.list_backups || offline.restore)) {
    return Usage("--backup-dir: not given. Name the folder in which the backups are");
  }
  offline.data_dir = options.data_dir;
  offline.backup_dir = options.backup_dir;
  return offline.any() ? quartermaster::server::RunOffline(offline) : Serve(options);
}
