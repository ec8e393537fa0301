"""TLS: what is spoken and what is refused, who is believed, and who calls by certificate."""

import contextlib
import json
import socket
import ssl
import stat
import subprocess
import threading
import time
import unittest

import grpc

import harness
from certificates import MAKE
from grpc_client import Client, bearer, sickness_return
from tls_harness import MAPPING, SERVER_NAMES, TlsTest, handshake, ours, serial, theirs

code = grpc.StatusCode
STRANGER = "DNS:stranger; CN=stranger"


class ProtocolTest(TlsTest):
    def test_nothing_but_tls_1_2_and_later_is_spoken(self):
        self.start()
        address = self.server.address
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version):
                got = handshake(address, minimum_version=version, maximum_version=version)
                self.assertEqual(got, (serial(ours.pem("server")), version.name.replace("_", ".")))
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.subTest(version=version), self.assertRaises(ssl.SSLError):
                handshake(address, minimum_version=version, maximum_version=version)
        # What an attacker would talk both sides down to.
        for ciphers in ("aNULL:@SECLEVEL=0", "eNULL:@SECLEVEL=0", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", "ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0"):
            with self.subTest(ciphers=ciphers), self.assertRaises(ssl.SSLError):
                handshake(address, maximum_version=ssl.TLSVersion.TLSv1_2, ciphers=ciphers)
        plain = Client(self.server)
        self.addCleanup(plain.close)
        self.refused(plain, code.UNAVAILABLE)
        said = harness.EndToEndTest.qm(self, "collection", "list", expect=4).stderr
        self.assertRegex(said, r"^qm: no connection to 127\.0\.0\.1:\d+\. It speaks TLS, and this call does not\. Give --ca-file")
        with socket.create_connection(address.rsplit(":", 1), timeout=30) as rude:
            rude.sendall(b"GET / HTTP/1.0\r\n\r\n" + b"\0" * 100_000)
        self.qm("collection", "list")
        self.assertEqual(self.server.stop(), 0)

    def test_off_the_loopback_only_with_tls(self):
        bare = [harness.BINARIES / "qm-server", "--data-dir", self.folder / "data"]
        for listen in ("0.0.0.0:0", "[::]:0", "192.0.2.1:0", "qm.example.org:7443", "127.0.0.1.example.org:0"):
            done = subprocess.run([*bare, "--listen", listen], capture_output=True, text=True, timeout=harness.PATIENCE_SECONDS)
            self.assertEqual(done.returncode, 2)
            self.assertIn("is not the loopback, and off it tokens and returns would be sent in clear. Give --certificate-file", done.stderr)
        self.assertFalse((self.folder / "data").exists())
        self.server.listen = "0.0.0.0:0"
        self.start()
        self.assertTrue(self.server.address.startswith("0.0.0.0:"))
        self.server.address = self.server.address.replace("0.0.0.0", "127.0.0.1")
        self.qm("collection", "list")
        # The other side of it: no token in clear, whoever asks for it.
        for server in ("192.0.2.1:7443", "qm.example.org:7443", "127.0.0.1.example.org:7443", "unix:/tmp/socket:1", "0.0.0.0:7443"):
            done = harness.EndToEndTest.qm(self, "--server", server, "collection", "list", expect=2)
            self.assertIn(f"{server} is not on this machine, and the token would be sent in clear. Give --ca-file", done.stderr)

    def test_a_server_does_not_start_with_what_it_cannot_serve_with(self):
        start = [harness.BINARIES / "qm-server", "--data-dir", self.folder / "data", "--listen", "127.0.0.1:0"]
        wide = self.write("wide.key", ours.key("server").read_bytes())
        wide.chmod(0o640)
        locked = self.folder / "locked.key"
        subprocess.run(["openssl", "pkey", "-in", ours.key("server"), "-aes256", "-passout", "pass:secret", "-out", locked], check=True)
        locked.chmod(0o600)
        cut = self.write("cut.pem", ours.pem("server").read_bytes()[:-100])
        empty = self.write("empty.pem", b"")
        large = self.write("large.pem", b" " * (2 << 20))
        ours.sign("short", "serverAuth", SERVER_NAMES, key_options=("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"))
        pem, key = ours.pem("server"), ours.key("server")
        pair = ("--certificate-file", pem, "--private-key-file", key)
        entry = 'certificate_principals { name: "DNS:a" principal: "a" roles: ROLE_STEWARD }'
        for flags, expect, words in (
            (("--certificate-file", pem), 2, "--certificate-file: it means nothing without --private-key-file"),
            (("--private-key-file", key), 2, "--private-key-file: it means nothing without --certificate-file"),
            (("--client-authority-file", pem), 2, "--client-authority-file: it means nothing without --certificate-file"),
            ((*pair, "--require-client-certificate"), 2, "--require-client-certificate: it means nothing without --client-authority-file"),
            (("--certificate-file", pem, "--private-key-file", wide), 1, f"others may read or write this private key. Run: chmod 600 {wide}"),
            (("--certificate-file", pem, "--private-key-file", locked), 1, "locked with a passphrase"),
            (("--certificate-file", pem, "--private-key-file", theirs.key("server")), 1, f"it is not the key of the first certificate in {pem}"),
            (("--certificate-file", pem, "--private-key-file", empty), 1, "chmod 600"),
            (("--certificate-file", cut, "--private-key-file", key), 1, "certificate number 1 of it is damaged or cut short"),
            (("--certificate-file", empty, "--private-key-file", key), 1, "it holds no certificate in PEM"),
            (("--certificate-file", large, "--private-key-file", key), 1, "larger than 1 MiB"),
            (("--certificate-file", "/no/such", "--private-key-file", key), 1, "--certificate-file: /no/such: it cannot be read: No such file"),
            (("--certificate-file", "/dev/zero", "--private-key-file", key), 1, "it is no file"),
            (("--certificate-file", ours.pem("expired"), "--private-key-file", ours.key("expired")), 1, "the certificate expired on 20"),
            (("--certificate-file", ours.pem("short"), "--private-key-file", ours.key("short")), 1, "OpenSSL does not take it (ee key too small)"),
            (("--certificate-file", ours.pem("stranger"), "--private-key-file", ours.key("stranger")), 1, "is not for servers"),
            ((*pair, "--client-authority-file", ours.pem("stranger")), 1, "it holds a certificate that is no authority's"),
            (("--config", self.write("unasked", entry)), 2, "certificate_principals: no client can show a certificate. Give --client-authority-file"),
        ):
            with self.subTest(words=words):
                done = subprocess.run([*start, *flags], capture_output=True, text=True, timeout=harness.PATIENCE_SECONDS)
                self.assertEqual((done.returncode, done.stdout), (expect, ""), done.stderr)
                self.assertIn(words, done.stderr)
        self.assertFalse((self.folder / "data").exists())

    def test_the_script_writes_nothing_over_and_lets_nobody_read_a_key(self):
        for path in ours.folder.glob("*.key"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)
        before = {path: path.read_bytes() for path in theirs.folder.iterdir()}
        for words, arguments in (
            ("extract.t00.pem or .key is there already", ("--out", theirs.folder, "--client", "new", "--client", "extract.t00")),
            ("server.pem is there already", ("--out", theirs.folder, "--name", "other.example.org")),
            ("is no host name or address", ("--out", self.folder / "new", "--name", "a,DNS:b")),
            ("is not 1 to 64 of letters", ("--out", self.folder / "new", "--client", "../server")),
            ("is not 1 to 825", ("--out", self.folder / "new", "--days", "826")),
            ("--out: not given", ()),
            ("there is no option", ("--force",)),
        ):
            with self.subTest(words=words):
                done = subprocess.run([MAKE, *arguments], capture_output=True, text=True, timeout=harness.PATIENCE_SECONDS)
                self.assertEqual(done.returncode, 2)
                self.assertIn(words, done.stderr)
        self.assertEqual({path: path.read_bytes() for path in theirs.folder.iterdir()}, before)
        self.assertFalse((self.folder / "new").exists())
        self.assertIn("--client NAME", subprocess.run([MAKE, "--help"], capture_output=True, text=True, check=True).stdout)


class Impostor:
    """Shakes hands with a certificate, and knows nothing else of a server; without one it says something that is no TLS."""

    def __init__(self, authority=None, name=None):
        self.context = None
        if authority:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(authority.pem(name), authority.key(name))
            self.context.set_alpn_protocols(["h2"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.heard = []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), plain:
                plain.settimeout(5)
                if not self.context:
                    plain.sendall(b"220 mail.example.org ESMTP\r\n")
                    continue
                with self.context.wrap_socket(plain, server_side=True) as connection:
                    self.heard.append(connection.recv(1000))

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(timeout=30)


class WhoIsBelievedTest(TlsTest):
    def test_no_token_goes_to_who_is_not_proven(self):
        token = self.write("token", "ab" * 32)
        token.chmod(0o600)
        for authority, name, words in (
            (theirs, "server", "signed by none of the authorities that --ca-file or --tls names"),
            (ours, "self", "signed by none of the authorities"),
            (ours, "expired", "has expired. Ask its operator for a new one"),
            (ours, "elsewhere", "is not for 127.0.0.1 but for qm.example.org, 192.0.2.7"),
            (ours, "extract.t00", "Its certificate is not believed: unsuitable certificate purpose"),
            (None, None, "It does not speak TLS, so who it is cannot be proven"),
        ):
            with self.subTest(name=name), contextlib.closing(Impostor(authority, name)) as impostor:
                done = self.qm("--server", impostor.address, "--token-file", token, "collection", "list", expect=4)
                self.assertTrue(done.stderr.startswith(f"qm: no connection to {impostor.address}. "), done.stderr)
                self.assertIn(words, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertEqual([heard for heard in impostor.heard if heard], [])
        # A server of ours that speaks no TLS.
        self.server = harness.Server(self.folder / "data").start()
        self.assertIn("It does not speak TLS", self.qm("collection", "list", expect=4).stderr)
        harness.EndToEndTest.qm(self, "collection", "list")

    def test_qm_checks_its_own_files_before_it_connects(self):
        pem, key = ours.pem("extract.t00"), ours.key("extract.t00")
        wide = self.write("wide.key", key.read_bytes())
        for arguments, words in (
            (("--certificate-file", pem), "--certificate-file: a certificate and its key belong together"),
            (("--key-file", key), "--key-file: a certificate and its key belong together"),
            (("--certificate-file", pem, "--key-file", wide), f"{wide}: others can read this private key. Run: chmod 600"),
            (("--certificate-file", pem, "--key-file", theirs.key("extract.t00")), "this is not the key of the certificate in"),
            (("--certificate-file", pem, "--key-file", ours.key("stranger")), "this is not the key of the certificate in"),
            (("--certificate-file", ours.pem("expired-client"), "--key-file", ours.key("expired-client")), "this certificate expired on 20"),
        ):
            with self.subTest(words=words):
                self.assertIn(words, self.qm(*arguments, "collection", "list", expect=2).stderr)
        for arguments, words in (
            (("--ca-file", "/no/such"), "--ca-file: /no/such: there is no such file"),
            (("--ca-file", key), f"--ca-file: {key}: this file holds no certificate in PEM"),
            (("--certificate-file", pem, "--key-file", key), "without TLS there is nobody to show it to"),
        ):
            with self.subTest(words=words):
                self.assertIn(words, harness.EndToEndTest.qm(self, *arguments, "collection", "list", expect=2).stderr)


class CertificatePrincipalsTest(TlsTest):
    def ends(self, arguments, expect, words=""):
        """What qm says where it ends so. It sees only that a server hung up, not why, and waits two seconds for it: on a busy machine it
        says now and then that nobody answers, or that a certificate was turned away that is taken the next time. It is asked again then."""
        deadline = time.monotonic() + harness.PATIENCE_SECONDS
        while True:
            said = self.qm(*arguments, expect=None)
            if said.returncode == expect and words in said.stderr:
                return said
            self.assertIn(said.returncode, (4, 6), said.stderr)
            self.assertLess(time.monotonic(), deadline, said.stderr)

    def test_who_must_show_a_certificate(self):
        self.start("require_client_certificate: true", clients=True)
        operator = bearer(self.server.data_dir / "operator.token")
        shown = ("--certificate-file", ours.pem("stranger"), "--key-file", ours.key("stranger"))
        self.ends((*shown, "collection", "list"), 0)
        for name, authority, words in (
            (None, None, "It asks clients for a certificate, and hung up on one that shows none. Give yours with --certificate-file"),
            ("extract.t00", theirs, "It hung up on the certificate in --certificate-file"),
            ("self", ours, "It hung up on the certificate in --certificate-file"),
            ("server", ours, "It hung up on the certificate in --certificate-file"),  # It is for servers.
        ):
            with self.subTest(name=name):
                self.refused(self.client(name, operator, authority), code.UNAVAILABLE)
                files = ("--certificate-file", authority.pem(name), "--key-file", authority.key(name)) if name else ()
                self.ends((*files, "collection", "list"), 6, words)
        self.refused(self.client("expired-client", operator), code.UNAVAILABLE)
        old = {"minimum_version": ssl.TLSVersion.TLSv1_2, "maximum_version": ssl.TLSVersion.TLSv1_2}
        with self.assertRaises(OSError):  # In TLS 1.2 the handshake itself fails.
            handshake(self.server.address, **old)

    def test_a_certificate_does_what_its_role_may_and_no_more(self):
        self.start(clients=True)
        self.with_returns()
        self.server.stop()
        self.start(MAPPING, clients=True)
        extract, builder, stranger = self.client("extract.t00"), self.client("builder"), self.client("stranger")
        self.assertTrue(extract.submit(sickness_return("T00")).accepted)
        denied = self.refused(extract, code.PERMISSION_DENIED, "NOT_PERMITTED", sickness_return("T01"))
        self.assertIn('"T01" is not a participant of extract@t00', denied)
        self.refused(builder, code.PERMISSION_DENIED, "NOT_PERMITTED")
        shown = ("--certificate-file", ours.pem("builder"), "--key-file", ours.key("builder"), "--token-file", "")
        listed = self.ends(("--output", "json", *shown, "returns", "list", "--collection", "sickness"), 0)
        self.assertEqual(len(json.loads(listed.stdout)["returns"]), 1)
        self.qm(*shown, "admin", "token", "list", expect=6)
        self.assertIn(STRANGER, self.refused(stranger, code.UNAUTHENTICATED, "CERTIFICATE_NOT_MAPPED"))
        self.assertIn("maps more than one name", self.refused(self.client("both"), code.UNAUTHENTICATED, "CERTIFICATE_NOT_MAPPED"))
        self.refused(self.client(), code.UNAUTHENTICATED, "NO_VALID_TOKEN")
        self.refused(self.client("extract.t00", authority=theirs), code.UNAVAILABLE)

        # A token decides alone, the bad one too.
        steward = bearer(self.make_token("steward"))
        self.refused(self.client("extract.t00", (("authorization", "Bearer " + "0" * 64),)), code.UNAUTHENTICATED, "NO_VALID_TOKEN")
        self.refused(self.client("extract.t00", (("authorization", "Basic abc"),)), code.UNAUTHENTICATED, "NO_VALID_TOKEN")
        self.refused(self.client("extract.t00", steward), code.PERMISSION_DENIED, "NOT_PERMITTED")
        own = bearer(self.make_token("submitter", ["T01"]))
        self.assertTrue(self.client("stranger", own).submit(sickness_return("T01")).accepted)
        self.refused(self.client("extract.t00", own), code.PERMISSION_DENIED, "NOT_PERMITTED", sickness_return("T00"))
        # A name that is claimed in metadata is none.
        for key in ("x509_common_name", "x509_pem_cert", "x-forwarded-client-cert"):
            self.refused(self.client("stranger", ((key, "extract.t00"),)), code.UNAUTHENTICATED, "CERTIFICATE_NOT_MAPPED")

        self.server.stop()
        self.start(clients=True)  # Without the mapping.
        self.refused(self.client("extract.t00"), code.UNAUTHENTICATED, "CERTIFICATE_NOT_MAPPED")
        self.server.stop()
        for mapping, words in (
            (MAPPING + MAPPING, "entry 3: name: DNS:extract.t00 stands in an entry before"),
            (MAPPING.replace('"T00"', '"T0"'), 'entry 1: there is no participant "T0"'),
            (MAPPING.replace("DNS:", "DNS "), 'entry 1: name: "DNS extract.t00" is none that a certificate has'),
            (MAPPING.replace("extract@t00", "extract t00"), "entry 1: principal: write 1 to 64 letters"),
            (MAPPING.replace("roles: ROLE_REPORT_BUILDER", ""), "entry 2: roles: name at least one"),
        ):
            with self.subTest(words=words):
                self.options(mapping, clients=True)
                log = self.log()
                with self.assertRaises(AssertionError):
                    self.server.start()
                self.assertIn(words, self.log()[len(log):])


if __name__ == "__main__":
    unittest.main()
