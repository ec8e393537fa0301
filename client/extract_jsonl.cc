#include "client/extract_jsonl.h"

#include <fstream>

#include "client/json.h"
#include "client/unfinished_file.h"

namespace quartermaster::client {
namespace {

class ExtractJsonl : public ExtractWriter {
 public:
  explicit ExtractJsonl(const std::string& file) : file_(file), out_(file, std::ios::binary) {}

  absl::Status Write(const v1::ExtractRow& row) override {
    const absl::StatusOr<std::string> json = ToJson(row);
    if (!json.ok()) return json.status();
    out_ << *json << '\n';
    return out_ ? absl::OkStatus() : WriteProblem(file_);
  }

  absl::Status Finish() override {
    out_.close();
    return out_ ? absl::OkStatus() : WriteProblem(file_);
  }

 private:
  const std::string file_;
  std::ofstream out_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ExtractWriter>> MakeExtractJsonl(const std::string& file) {
  return std::make_unique<ExtractJsonl>(file);
}

}  // namespace quartermaster::client
