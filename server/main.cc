// qm-server: reads flags and configuration, serves until SIGTERM or SIGINT.
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "google/protobuf/text_format.h"
#include "quartermaster/config/v1/server_config.pb.h"
#include "server/server.h"

namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

// Fills in what the flags left open. Gives false, and says why, if the file is not right.
bool ReadConfig(const std::string& path, quartermaster::server::ServerOptions* options, bool listen_given) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  quartermaster::config::v1::ServerConfig config;
  if (!file || !google::protobuf::TextFormat::ParseFromString(text.str(), &config)) {
    std::cerr << "qm-server: --config: " << path << " cannot be read as a ServerConfig in protobuf text format"
              << std::endl;
    return false;
  }
  if (options->data_dir.empty()) options->data_dir = config.data_dir();
  if (!listen_given && !config.listen().empty()) options->listen = config.listen();
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  quartermaster::server::ServerOptions options;
  std::string config_path;
  CLI::App app{"Receives indicator returns, validates and stores them, and has the national figures right at once.",
               "qm-server"};
  app.add_option("--data-dir", options.data_dir,
                 "Folder of the store and of operator.token; made if it does not exist");
  CLI::Option* listen =
      app.add_option("--listen", options.listen, "HOST:PORT on the loopback; port 0 lets the kernel pick")
          ->capture_default_str();
  app.add_option("--config", config_path, "A ServerConfig in protobuf text format; flags win over it");
  app.footer("Example: qm-server --data-dir /var/lib/quartermaster\nPrints `listening on HOST:PORT` when it serves.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (!config_path.empty() && !ReadConfig(config_path, &options, !listen->empty())) return kExitUsage;
  if (options.data_dir.empty()) {
    std::cerr << "qm-server: --data-dir: not given. Name the folder in which everything is kept" << std::endl;
    return kExitUsage;
  }

  // Blocked before any thread exists, so that only the wait below gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto server = quartermaster::server::Server::Start(options);
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
