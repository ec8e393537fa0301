#include "server/receipt_key.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/descriptor.h"
#include "server/x509.h"
#include "storage/check.h"
#include "storage/sha256.h"

namespace quartermaster::server {
namespace {

constexpr size_t kMaxKeyFileBytes = 4096;  // An Ed25519 key in PEM has 120; what is longer is something else.
constexpr size_t kIdDigits = 16;

absl::Status FileError(absl::string_view action, const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat("cannot ", action, " ", path, ": ", std::strerror(errno)));
}

// Absent where there is no such file. `is_secret` refuses one that others may read.
absl::StatusOr<absl::optional<std::string>> ReadSmallFile(const std::string& path, bool is_secret) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) {
    if (errno == ENOENT) return absl::optional<std::string>();
    return FileError("read", path);
  }
  struct stat info;
  if (fstat(file.number(), &info) != 0) return FileError("look at", path);
  if (is_secret && (info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("others may read ", path, ". Run: chmod 600 ", path));
  }
  std::string bytes(kMaxKeyFileBytes, '\0');
  const ssize_t got = read(file.number(), bytes.data(), bytes.size());
  if (got < 0) return FileError("read", path);
  bytes.resize(static_cast<size_t>(got));
  return absl::optional<std::string>(std::move(bytes));
}

// The file is there whole or not at all, also after a power loss.
absl::Status WriteSmallFile(const std::string& bytes, mode_t mode, const std::string& folder, const std::string& path) {
  const std::string unfinished = path + ".unfinished";
  unlink(unfinished.c_str());
  {
    const Descriptor file(open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (file.number() < 0) return FileError("create", unfinished);
    if (fchmod(file.number(), mode) != 0 ||
        write(file.number(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        fsync(file.number()) != 0) {
      return FileError("write", unfinished);
    }
  }
  if (rename(unfinished.c_str(), path.c_str()) != 0) return FileError("create", path);
  const Descriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.number() < 0 || fsync(directory.number()) != 0) return FileError("write", folder);
  return absl::OkStatus();
}

std::string Contents(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return std::string(bytes, static_cast<size_t>(size));
}

// Empty where the library fails.
std::string PrivatePem(EVP_PKEY* key) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  const bool written =
      memory != nullptr && PEM_write_bio_PKCS8PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
  return written ? Contents(memory.get()) : "";
}

std::string PublicPem(EVP_PKEY* key) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  return memory != nullptr && PEM_write_bio_PUBKEY(memory.get(), key) == 1 ? Contents(memory.get()) : "";
}

std::string PublicDer(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return "";
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

KeyPtr ParsePrivateKey(const std::string& pem) {
  const BioPtr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return KeyPtr(memory == nullptr ? nullptr : PEM_read_bio_PrivateKey(memory.get(), nullptr, NoPassphrase, nullptr));
}

}  // namespace

ReceiptKey::ReceiptKey(const EVP_PKEY* key, std::string public_pem, std::string id)
    : public_pem_(std::move(public_pem)), id_(std::move(id)) {
  static_assert(sizeof(SigningKey) == crypto_sign_SECRETKEYBYTES);
  unsigned char seed[crypto_sign_SEEDBYTES];
  size_t size = sizeof seed;
  unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
  storage::Check(EVP_PKEY_get_raw_private_key(key, seed, &size) == 1 && size == sizeof seed,
                 "an Ed25519 key has a seed");
  crypto_sign_seed_keypair(public_key, signing_key_.data(), seed);
  sodium_memzero(seed, sizeof seed);
}

ReceiptKey::~ReceiptKey() { sodium_memzero(signing_key_.data(), signing_key_.size()); }

absl::StatusOr<std::unique_ptr<const ReceiptKey>> ReceiptKey::Open(const std::string& data_dir) {
  if (sodium_init() < 0)
    return absl::InternalError("the system gives libsodium, which signs receipts, no random bytes");
  const std::string path = absl::StrCat(data_dir, "/receipt.key");
  const std::string public_path = absl::StrCat(data_dir, "/receipt-public.pem");
  const auto private_pem = ReadSmallFile(path, /*is_secret=*/true);
  if (!private_pem.ok()) return private_pem.status();
  const auto known_public_pem = ReadSmallFile(public_path, /*is_secret=*/false);
  if (!known_public_pem.ok()) return known_public_pem.status();

  KeyPtr key;
  if (*private_pem) {
    key = ParsePrivateKey(**private_pem);
    if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " holds no Ed25519 key in PEM. Put back the file that the receipts were signed with."));
    }
  } else if (*known_public_pem) {
    return absl::FailedPreconditionError(
        absl::StrCat(path,
                     " is gone, with which receipts were signed. Put it back; to sign with a new key from now on, "
                     "move ",
                     public_path, " to a safe place: the receipts so far are checked with it."));
  } else {
    key = KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    const std::string pem = key == nullptr ? "" : PrivatePem(key.get());
    if (pem.empty()) return absl::InternalError("the system makes no key for receipts");
    if (absl::Status status = WriteSmallFile(pem, 0600, data_dir, path); !status.ok()) return status;
  }

  const std::string public_pem = PublicPem(key.get());
  const std::string der = PublicDer(key.get());
  if (public_pem.empty() || der.empty()) return absl::InternalError("the public key of receipts cannot be written");
  if (!*known_public_pem) {
    if (absl::Status status = WriteSmallFile(public_pem, 0644, data_dir, public_path); !status.ok()) return status;
  } else if (**known_public_pem != public_pem) {
    return absl::FailedPreconditionError(absl::StrCat(public_path, " is not the public half of ", path,
                                                      ". Put back the one that belongs to it, or move ", public_path,
                                                      " to a safe place, and the server writes it anew."));
  }
  return std::unique_ptr<const ReceiptKey>(new ReceiptKey(key.get(), public_pem, Sha256Hex(der).substr(0, kIdDigits)));
}

// OpenSSL, which has read the key, takes more than twice as long to sign with it.
std::string ReceiptKey::Sign(absl::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(), signing_key_.data());
  return signature;
}

}  // namespace quartermaster::server
