#include "storage/text_log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace quartermaster::storage {
namespace {

// Longer ones are cut.
constexpr size_t kMaxLineBytes = 2000;

}  // namespace

TextLog::TextLog(const std::string& data_dir)
    : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), path_(absl::StrCat(data_dir, "/LOG")) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Open();
}

TextLog::~TextLog() {
  if (file_ != nullptr) std::fclose(file_);
}

void TextLog::Open() {
  file_ = std::fopen(path_.c_str(), "ae");
  if (file_ == nullptr || std::fseek(file_, 0, SEEK_END) != 0) return;
  bytes_ = static_cast<size_t>(std::max(0L, std::ftell(file_)));
}

void TextLog::Logv(const char* format, va_list arguments) {
  char line[kMaxLineBytes];
  if (std::vsnprintf(line, sizeof(line), format, arguments) < 0) return;
  const std::string text = absl::StrCat(absl::FormatTime(absl::Now(), absl::UTCTimeZone()), " ", line, "\n");
  const std::lock_guard<std::mutex> lock(mutex_);
  if (bytes_ + text.size() > kMaxBytes && file_ != nullptr) {
    std::fclose(file_);
    std::rename(path_.c_str(), absl::StrCat(path_, ".old").c_str());
    Open();
  }
  if (file_ == nullptr) return;
  std::fwrite(text.data(), 1, text.size(), file_);
  std::fflush(file_);
  bytes_ += text.size();
}

}  // namespace quartermaster::storage
