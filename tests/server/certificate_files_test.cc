// Which certificates a server serves with, when they change, and that broken ones change nothing.
#include "server/certificate_files.h"

#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/certificate_reload.h"
#include "tests/server/certificates_testing.h"

namespace quartermaster::server {
namespace {

using quartermaster::testing::CertificateWish;
using quartermaster::testing::MadeCertificate;
using quartermaster::testing::MakeCertificate;
using ::testing::HasSubstr;

class CertificateFilesTest : public ::testing::Test {
 protected:
  CertificateFilesTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "quartermaster-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    files_.certificate = folder_ + "/server.pem";
    files_.private_key = folder_ + "/server.key";
  }
  ~CertificateFilesTest() override { std::filesystem::remove_all(folder_); }

  static CertificateWish ForServers() { return {.usage = "serverAuth"}; }

  void Write(const std::string& path, const std::string& text, mode_t mode = 0600) {
    const std::string whole = path + ".new";
    std::ofstream(whole) << text;
    chmod(whole.c_str(), mode);
    std::filesystem::rename(whole, path);
  }
  void Write(const MadeCertificate& made) {
    Write(files_.private_key, made.key_pem);
    Write(files_.certificate, made.certificate_pem);
  }

  absl::StatusOr<ServerCertificates> Judge() {
    const absl::StatusOr<CertificateTexts> texts = ReadCertificateFiles(files_);
    if (!texts.ok()) return texts.status();
    return JudgeCertificates(files_, *texts, now_);
  }
  std::string Problem() { return std::string(Judge().status().message()); }

  std::string folder_;
  CertificateFiles files_;
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
};

TEST_F(CertificateFilesTest, WritesAnewWhatItHasRead) {
  const MadeCertificate made = MakeCertificate(ForServers());
  const MadeCertificate authority = MakeCertificate({.usage = ""});
  files_.client_authority = folder_ + "/authority.pem";
  Write(files_.private_key, "words\n" + made.key_pem);
  Write(files_.certificate, absl::StrCat(made.certificate_pem, "words\n", authority.certificate_pem), 0644);
  Write(files_.client_authority, absl::StrCat(authority.certificate_pem, authority.certificate_pem));
  const absl::StatusOr<ServerCertificates> judged = Judge();
  ASSERT_TRUE(judged.ok()) << judged.status();
  EXPECT_EQ(judged->identity, absl::StrCat(made.key_pem, made.certificate_pem, authority.certificate_pem));
  EXPECT_EQ(judged->client_authorities, absl::StrCat(authority.certificate_pem, authority.certificate_pem));
  EXPECT_EQ(judged->expires, ForServers().not_after);
}

TEST_F(CertificateFilesTest, SaysWhyItTakesNoOthers) {
  const MadeCertificate made = MakeCertificate(ForServers());
  Write(made);
  EXPECT_TRUE(Judge().ok()) << Problem();
  for (const mode_t mode : {0640, 0604, 0620, 0602, 0777}) {
    Write(files_.private_key, made.key_pem, mode);
    EXPECT_THAT(Problem(), HasSubstr("chmod 600 " + files_.private_key));
  }
  Write(MakeCertificate({.not_after = now_, .usage = "serverAuth"}));
  EXPECT_THAT(Problem(), HasSubstr("server.pem: the certificate expired on 2027-01-15 08:00:00 UTC"));
  Write(MakeCertificate({.not_before = now_ + absl::Seconds(1), .usage = "serverAuth"}));
  EXPECT_THAT(Problem(), HasSubstr("the certificate is good from 2027-01-15 08:00:01 UTC on"));
  Write(MakeCertificate({}));
  EXPECT_THAT(Problem(), HasSubstr("is not for servers"));
  Write(made);
  Write(files_.private_key, MakeCertificate(ForServers()).key_pem);
  EXPECT_THAT(Problem(), HasSubstr("it is not the key of the first certificate in " + files_.certificate));
  Write(files_.private_key, made.certificate_pem);
  EXPECT_THAT(Problem(), HasSubstr("it holds no private key in PEM"));
  Write(made);
  // Wherever a file is cut, it is good or said to be bad, and never taken in part.
  for (size_t size = 0; size < made.certificate_pem.size(); size += 7) {
    Write(files_.certificate, made.certificate_pem.substr(0, size));
    const absl::StatusOr<ServerCertificates> judged = Judge();
    EXPECT_TRUE(!judged.ok() || judged->identity == made.key_pem + made.certificate_pem) << size;
  }
  Write(made);
  files_.client_authority = folder_ + "/authority.pem";
  Write(files_.client_authority, made.certificate_pem);
  EXPECT_THAT(Problem(), HasSubstr("authority.pem: it holds a certificate that is no authority's"));
  Write(files_.client_authority, MakeCertificate({.not_after = now_, .usage = ""}).certificate_pem);
  EXPECT_THAT(Problem(), HasSubstr("authority.pem: the certificate expired on"));
  Write(files_.client_authority, "");
  EXPECT_THAT(Problem(), HasSubstr("authority.pem: it holds no certificate in PEM"));
  std::filesystem::remove(files_.client_authority);
  EXPECT_THAT(Problem(), HasSubstr("--client-authority-file: " + files_.client_authority + ": it cannot be read"));
  ASSERT_EQ(mkfifo(files_.client_authority.c_str(), 0600), 0);
  EXPECT_THAT(Problem(), HasSubstr("it is no file"));
  std::filesystem::remove(files_.client_authority);
  Write(files_.client_authority, std::string(kMaxCertificateFileBytes + 1, ' '));
  EXPECT_THAT(Problem(), HasSubstr("larger than 1 MiB"));
}

TEST_F(CertificateFilesTest, LeavesOutAuthoritiesThatHaveExpired) {
  Write(MakeCertificate(ForServers()));
  files_.client_authority = folder_ + "/authority.pem";
  const std::string expired =
      MakeCertificate({.subject = {{"CN", "old"}}, .not_after = now_, .usage = ""}).certificate_pem;
  const std::string good = MakeCertificate({.usage = ""}).certificate_pem;
  const std::string to_come = MakeCertificate({.not_before = now_ + absl::Hours(1), .usage = ""}).certificate_pem;
  Write(files_.client_authority, absl::StrCat(expired, good, expired, to_come));
  const absl::StatusOr<ServerCertificates> judged = Judge();
  ASSERT_TRUE(judged.ok()) << judged.status();
  EXPECT_EQ(judged->client_authorities, good + to_come);
  EXPECT_THAT(judged->notice,
              HasSubstr("authority.pem: 2 of its 4 authorities have expired and are left out, the first "
                        "of them (CN=old) on 2027-01-15 08:00:00 UTC."));
  Write(files_.client_authority, expired + expired);
  EXPECT_THAT(Problem(), HasSubstr("authority.pem: the certificate expired on 2027-01-15 08:00:00 UTC"));
  Write(files_.client_authority, good);
  EXPECT_EQ(Judge()->notice, "");
}

// Waits for lines of the log; the test's own time limit is the limit.
class Lines {
 public:
  CertificateReload::Log log() {
    return [this](const std::string& line) {
      const std::lock_guard<std::mutex> lock(mutex_);
      lines_.push_back(line);
      come_.notify_one();
    };
  }
  std::string Next() {
    std::unique_lock<std::mutex> lock(mutex_);
    come_.wait(lock, [this] { return lines_.size() > read_; });
    return lines_[read_++];
  }

 private:
  std::mutex mutex_;
  std::condition_variable come_;
  std::vector<std::string> lines_;
  size_t read_ = 0;
};

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

time_t ChangeTime(const std::string& path) {
  struct stat state;
  EXPECT_EQ(stat(path.c_str(), &state), 0);
  return state.st_mtime;
}

TEST_F(CertificateFilesTest, ServesWhatIsGoodAndGoesOnServingIt) {
  Lines lines;
  const Clock clock = [this] { return now_; };
  EXPECT_TRUE(absl::IsFailedPrecondition(CertificateReload::Start(files_, clock, lines.log()).status()));
  const MadeCertificate first = MakeCertificate(ForServers()), second = MakeCertificate(ForServers());
  Write(first);
  const auto reload = CertificateReload::Start(files_, clock, lines.log());
  ASSERT_TRUE(reload.ok()) << reload.status();
  const std::string path = (*reload)->identity_path();
  EXPECT_EQ(Contents(path), first.key_pem + first.certificate_pem);
  const time_t changed = ChangeTime(path);
  EXPECT_GT(changed, 0);

  std::ifstream opened_before(path);
  Write(second);
  std::string line = lines.Next();
  // Between the two files they did not belong together, for longer than a look where the machine is slow.
  if (absl::StrContains(line, "it is not the key")) line = lines.Next();
  EXPECT_THAT(line, HasSubstr("new connections get the certificate that now stands in " + files_.certificate));
  EXPECT_EQ(Contents(path), second.key_pem + second.certificate_pem);
  EXPECT_GT(ChangeTime(path), changed);
  std::stringstream old;
  old << opened_before.rdbuf();
  EXPECT_EQ(old.str(), first.key_pem + first.certificate_pem);

  Write(files_.certificate, "broken");
  EXPECT_THAT(lines.Next(), HasSubstr("it holds no certificate in PEM. The certificate before is served on."));
  std::filesystem::remove(files_.certificate);
  EXPECT_THAT(lines.Next(), HasSubstr("it cannot be read: No such file or directory. The certificate before is"));
  EXPECT_EQ(Contents(path), second.key_pem + second.certificate_pem);
  Write(first);
  line = lines.Next();
  if (absl::StrContains(line, "it is not the key")) line = lines.Next();
  EXPECT_THAT(line, HasSubstr("new connections get"));
  EXPECT_EQ(Contents(path), first.key_pem + first.certificate_pem);
}

TEST_F(CertificateFilesTest, TakesACertificateOnceItsTimeHasCome) {
  Lines lines;
  std::atomic<int64_t> seconds = absl::ToUnixSeconds(now_);
  Write(MakeCertificate(ForServers()));
  const auto reload = CertificateReload::Start(
      files_, [&] { return absl::FromUnixSeconds(seconds); }, lines.log());
  ASSERT_TRUE(reload.ok()) << reload.status();
  CertificateWish wish = ForServers();
  wish.not_before = now_ + absl::Minutes(5);
  const MadeCertificate made = MakeCertificate(wish);
  Write(made);
  std::string line = lines.Next();
  if (absl::StrContains(line, "it is not the key")) line = lines.Next();
  EXPECT_THAT(line, HasSubstr("the certificate is good from 2027-01-15 08:05:00 UTC on"));
  // Time goes on, and it is said no second time.
  seconds += 299;
  absl::SleepFor(absl::Seconds(2 * CertificateReload::kSecondsBetweenLooks));
  seconds += 1;
  EXPECT_THAT(lines.Next(), HasSubstr("new connections get the certificate that now stands in " + files_.certificate));
  EXPECT_EQ(Contents((*reload)->identity_path()), made.key_pem + made.certificate_pem);
}

TEST_F(CertificateFilesTest, SaysThatAuthoritiesWereLeftOut) {
  Lines lines;
  Write(MakeCertificate(ForServers()));
  files_.client_authority = folder_ + "/authority.pem";
  const std::string good = MakeCertificate({.usage = ""}).certificate_pem;
  Write(files_.client_authority, good + MakeCertificate({.not_after = now_, .usage = ""}).certificate_pem);
  const auto reload = CertificateReload::Start(
      files_, [this] { return now_; }, lines.log());
  ASSERT_TRUE(reload.ok()) << reload.status();
  EXPECT_THAT(lines.Next(), HasSubstr("1 of its 2 authorities have expired and are left out"));
  EXPECT_EQ(Contents((*reload)->client_authority_path()), good);
}

TEST_F(CertificateFilesTest, SaysWhenACertificateIsAboutToExpire) {
  Lines lines;
  CertificateWish wish = ForServers();
  wish.not_after = now_ + CertificateReload::kExpiryNotice;
  Write(MakeCertificate(wish));
  const auto reload = CertificateReload::Start(
      files_, [this] { return now_; }, lines.log());
  ASSERT_TRUE(reload.ok()) << reload.status();
  EXPECT_THAT(lines.Next(),
              HasSubstr("good until 2027-01-29 08:00:00 UTC only. Have a new one put into " + files_.certificate));
  Write(files_.certificate, "broken");
  EXPECT_THAT(lines.Next(), HasSubstr("it holds no certificate in PEM"));
}

}  // namespace
}  // namespace quartermaster::server
