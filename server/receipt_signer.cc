#include "server/receipt_signer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/util/time_util.h"
#include "storage/sha256.h"

namespace quartermaster::server {
namespace {

constexpr char kSignedPrefix[] = "quartermaster receipts 1\n";

// The different first bytes keep a node from passing for a leaf.
std::string HashLeaf(absl::string_view statement) { return Sha256(absl::StrCat(std::string(1, '\0'), statement)); }
std::string HashNode(absl::string_view left, absl::string_view right) {
  return Sha256(absl::StrCat("\x01", left, right));
}

// The levels of the tree from the leaves to the root. The last node of an odd level goes up as it is.
std::vector<std::vector<std::string>> BuildTree(const std::vector<std::string>& statements) {
  std::vector<std::vector<std::string>> levels(1);
  for (const std::string& statement : statements) levels.back().push_back(HashLeaf(statement));
  while (levels.back().size() > 1) {
    const std::vector<std::string>& below = levels.back();
    std::vector<std::string> level;
    for (size_t i = 0; i < below.size(); i += 2) {
      level.push_back(i + 1 < below.size() ? HashNode(below[i], below[i + 1]) : below[i]);
    }
    levels.push_back(std::move(level));
  }
  return levels;
}

// RFC 3339 with six digits after the second, always.
std::string CommitTimeText(const google::protobuf::Timestamp& time) {
  const int64_t microseconds = google::protobuf::util::TimeUtil::TimestampToMicroseconds(time);
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::FromUnixMicros(microseconds), absl::UTCTimeZone());
}

}  // namespace

std::string ReceiptStatement(const storage::ReturnKey& key, const v1::Receipt& receipt) {
  return absl::StrCat("quartermaster receipt 1\ncollection ", key.collection, "\nservice ", key.service,
                      "\nparticipant ", key.participant, "\nperiod ", key.period, "\nrevision ", receipt.revision(),
                      "\ncommit_time ", CommitTimeText(receipt.commit_time()), "\nsubmitter ", receipt.submitter(),
                      "\ncontent_sha256 ", receipt.content_sha256(), "\nrule_version ", receipt.rule_version(),
                      "\nsequence ", receipt.sequence(), "\n");
}

std::vector<v1::ReceiptSignature> SignTogether(const ReceiptKey& key, const std::vector<std::string>& statements) {
  std::vector<v1::ReceiptSignature> signatures;
  if (statements.empty()) return signatures;
  const std::vector<std::vector<std::string>> levels = BuildTree(statements);
  const std::string signed_root = key.Sign(absl::StrCat(kSignedPrefix, levels.back().front()));
  for (size_t leaf = 0; leaf < statements.size(); ++leaf) {
    v1::ReceiptSignature& signature = signatures.emplace_back();
    signature.set_statement(statements[leaf]);
    signature.set_key_id(key.id());
    signature.set_signature(signed_root);
    size_t node = leaf;
    for (const std::vector<std::string>& level : levels) {
      if (const size_t beside = node ^ 1; beside < level.size()) {
        v1::ReceiptSibling* sibling = signature.add_siblings();
        sibling->set_sha256(level[beside]);
        sibling->set_is_left(beside < node);
      }
      node /= 2;
    }
  }
  return signatures;
}

ReceiptSigner::ReceiptSigner(const ReceiptKey* key) : key_(key), thread_([this] { Run(); }) {}

ReceiptSigner::~ReceiptSigner() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReceiptSigner::Sign(std::string statement, Done done) {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    // Somebody's `done` may ask for the next signature: the thread that makes room must not wait for it.
    if (std::this_thread::get_id() != thread_.get_id()) {
      changed_.wait(lock, [this] { return tasks_.size() < kMaxWaiting; });
    }
    tasks_.push_back({std::move(statement), std::move(done)});
  }
  changed_.notify_all();
}

v1::ReceiptSignature ReceiptSigner::SignAlone(const std::string& statement) const {
  return std::move(SignTogether(*key_, {statement}).front());
}

void ReceiptSigner::Run() {
  while (true) {
    std::vector<Task> group = TakeGroup();
    if (group.empty()) return;
    std::vector<std::string> statements;
    for (Task& task : group) statements.push_back(std::move(task.statement));
    std::vector<v1::ReceiptSignature> signatures = SignTogether(*key_, statements);
    for (size_t i = 0; i < group.size(); ++i) group[i].done(std::move(signatures[i]));
  }
}

std::vector<ReceiptSigner::Task> ReceiptSigner::TakeGroup() {
  std::vector<Task> group;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    while (!tasks_.empty() && group.size() < kMaxTogether) {
      group.push_back(std::move(tasks_.front()));
      tasks_.pop_front();
    }
  }
  changed_.notify_all();
  return group;
}

}  // namespace quartermaster::server
