"""TLS: what is spoken and what is refused, who is believed, who calls by certificate, and certificates that change."""

import contextlib
import os
import pathlib
import queue
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import warnings

import grpc

import grpc_client
import harness
from certificates import MAKE, Authority
from grpc_client import Client, bearer, participants, sickness_return, submissions

code = grpc.StatusCode
SERVER_NAMES = "DNS:localhost,IP:127.0.0.1"
STRANGER = "DNS:stranger; CN=stranger"

# The mapping of most tests: a submitter of T00 by alternative name, a report builder by subject.
MAPPING = """
certificate_principals { name: "DNS:extract.t00" principal: "extract@t00" roles: ROLE_SUBMITTER participants: "T00" }
certificate_principals { name: "CN=builder,O=Network" principal: "builder" roles: ROLE_REPORT_BUILDER }
"""


def setUpModule():
    global folder, ours, theirs
    folder = pathlib.Path(tempfile.mkdtemp(prefix="quartermaster-tls-"))
    unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
    ours = Authority(folder / "ours", "extract.t00", "stranger")
    theirs = Authority(folder / "theirs", "extract.t00")
    ours.sign("builder", "clientAuth", "DNS:unmapped", subject="/O=Network/CN=builder")
    ours.sign("both", "clientAuth", "DNS:extract.t00", subject="/O=Network/CN=builder")
    ours.sign("expired-client", "clientAuth", "DNS:extract.t00", days=-1)
    ours.sign("expired", "serverAuth", SERVER_NAMES, days=-1)
    ours.sign("elsewhere", "serverAuth", "DNS:qm.example.org,IP:192.0.2.7")
    ours.sign("second", "serverAuth", SERVER_NAMES)
    ours.self_signed("self")


def handshake(address, **versions):
    """The certificate and the protocol that a new connection gets; raises where none comes about."""
    context = ssl.create_default_context(cafile=str(ours.pem("authority")))
    context.set_alpn_protocols(["h2"])
    context.set_ciphers(versions.pop("ciphers", "ALL:@SECLEVEL=0"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Old versions are what it is about.
        for name, value in versions.items():
            setattr(context, name, value)
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            return connection.getpeercert()["serialNumber"], connection.version()


def serial(pem):
    shown = subprocess.run(["openssl", "x509", "-noout", "-serial", "-in", pem], check=True, capture_output=True, text=True).stdout
    return shown.strip().removeprefix("serial=")


class TlsTest(harness.EndToEndTest):
    """A server with our certificate. Its options are a file, so that a restart can have others."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="quartermaster-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        for file in ("server.pem", "server.key", "authority.pem"):
            shutil.copy2(ours.folder / file, self.folder / file)
        self.server = harness.Server(self.folder / "data", "--config", self.folder / "options", log=self.folder / "log")
        self.addCleanup(lambda: self.server.kill())

    def options(self, *more, clients=False):
        lines = [f'certificate_file: "{self.folder}/server.pem"', f'private_key_file: "{self.folder}/server.key"', *more]
        if clients:
            lines.append(f'client_authority_file: "{self.folder}/authority.pem"')
        self.write("options", "\n".join(lines))

    def start(self, *more, clients=False):
        self.options(*more, clients=clients)
        self.server.start()

    def qm(self, *arguments, expect=0):
        return super().qm("--ca-file", ours.pem("authority"), *arguments, expect=expect)

    def with_returns(self):
        """Lets T00 and T01 send returns."""
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants(["T00", "T01"])

    def credentials(self, name=None, authority=None):
        authority = authority or ours
        shown = (authority.key(name).read_bytes(), authority.pem(name).read_bytes()) if name else ()
        return grpc.ssl_channel_credentials(ours.pem("authority").read_bytes(), *shown)

    def client(self, name=None, metadata=(), authority=None):
        client = Client(self.server, metadata, self.credentials(name, authority))
        self.addCleanup(client.close)
        return client

    def refused(self, client, status, reason=None, request=None):
        with self.assertRaises(grpc.RpcError) as caught:
            client.submit(request or sickness_return("T00"))
        self.assertEqual(caught.exception.code(), status, caught.exception.details())
        self.assertEqual(grpc_client.error_info(caught.exception)[0], reason)
        return caught.exception.details()

    def until(self, happened, what):
        """Waits for it, within the patience of all tests."""
        deadline = time.monotonic() + harness.PATIENCE_SECONDS
        while not happened():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.1)

    def log(self):
        return self.server.log.read_text()


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
    def test_who_must_show_a_certificate(self):
        self.start("require_client_certificate: true", clients=True)
        operator = bearer(self.server.data_dir / "operator.token")
        shown = ("--certificate-file", ours.pem("stranger"), "--key-file", ours.key("stranger"))
        self.qm(*shown, "collection", "list")
        for name, authority, words in (
            (None, None, "It asks clients for a certificate, and hung up on one that shows none. Give yours with --certificate-file"),
            ("extract.t00", theirs, "It hung up on the certificate in --certificate-file"),
            ("self", ours, "It hung up on the certificate in --certificate-file"),
            ("server", ours, "It hung up on the certificate in --certificate-file"),  # It is for servers.
        ):
            with self.subTest(name=name):
                self.refused(self.client(name, operator, authority), code.UNAVAILABLE)
                files = ("--certificate-file", authority.pem(name), "--key-file", authority.key(name)) if name else ()
                self.assertIn(words, self.qm(*files, "collection", "list", expect=6).stderr)
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
        self.assertEqual(len(self.qm_json(*shown, "returns", "list", "--collection", "sickness")["returns"]), 1)
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


class ReloadTest(TlsTest):
    def serve(self, pem, key):
        """Puts other files in the place of the server's, as a program that renews certificates does."""
        for source, name in ((pem, "server.pem"), (key, "server.key")):
            new = self.folder / f"{name}.new"
            new.write_bytes(source if isinstance(source, bytes) else source.read_bytes())
            new.chmod(0o600)
            new.rename(self.folder / name)

    def served(self):
        return handshake(self.server.address)[0]

    def test_a_certificate_changes_under_open_streams(self):
        self.start(MAPPING.split("\n")[2], clients=True)
        self.with_returns()
        first, second = serial(ours.pem("server")), serial(ours.pem("second"))
        sending = queue.Queue()
        operator = bearer(self.server.data_dir / "operator.token")
        stream = self.client(metadata=operator).submit_stream(iter(sending.get, None), timeout_seconds=harness.PATIENCE_SECONDS)

        def stream_goes_on():
            sending.put(submissions.SubmitReturnsRequest(submission=sickness_return("T00")))
            self.assertTrue(next(stream).verdict.accepted)

        stream_goes_on()
        self.assertEqual(self.served(), first)
        self.serve(ours.pem("second"), ours.key("second"))
        self.until(lambda: self.served() == second, "the new certificate is not served")
        stream_goes_on()
        self.assertIn("qm-server: new connections get the certificate that now stands in", self.log())

        for pem, key, words in (
            (b"not a certificate", ours.key("second"), "it holds no certificate in PEM. The certificate before is served on."),
            (ours.pem("server"), ours.key("second"), "it is not the key of the first certificate in"),
        ):
            with self.subTest(words=words):
                self.serve(pem, key)
                self.until(lambda: words in self.log(), "the log says nothing")
                self.assertEqual(self.served(), second)
                self.assertTrue(self.client(metadata=operator).submit(sickness_return("T01")).accepted)
        (self.folder / "server.key").chmod(0o644)
        self.until(lambda: "others may read or write this private key" in self.log(), "the log says nothing")
        (self.folder / "server.pem").unlink()
        self.until(lambda: "server.pem: it cannot be read: No such file" in self.log(), "the log says nothing")
        self.assertEqual(self.served(), second)

        # Another authority of clients' certificates.
        self.refused(self.client("extract.t00", authority=theirs), code.UNAVAILABLE)
        self.serve(ours.pem("server"), ours.key("server"))
        shutil.copy2(theirs.pem("authority"), self.folder / "authority.pem")
        self.until(lambda: self.served() == first, "the mended certificate is not served")

        def admits_the_others():
            try:
                return self.client("extract.t00", operator, authority=theirs).submit(sickness_return("T01")).accepted
            except grpc.RpcError:
                return False

        self.until(admits_the_others, "the new authority is not asked")
        self.refused(self.client("extract.t00", operator), code.UNAVAILABLE)
        stream_goes_on()
        sending.put(None)
        self.assertEqual(list(stream), [])
        self.assertNotIn("PRIVATE KEY", self.log())
        self.assertEqual(self.server.stop(), 0)

    def test_certificates_change_while_everybody_connects(self):
        """QM_TLS_RELOADS sets how often; each takes a few seconds. QM_TLS_CLIENTS connect all the time, one call a connection."""
        reloads, clients = int(os.environ.get("QM_TLS_RELOADS", "2")), int(os.environ.get("QM_TLS_CLIENTS", "4"))
        self.start()
        operator = bearer(self.server.data_dir / "operator.token")
        stopping = threading.Event()
        calls, failures = [0] * clients, []

        def connect_again_and_again(index):
            while not stopping.is_set():
                client = Client(self.server, operator, self.credentials())
                try:
                    client.call("ParticipantService", "ListParticipants", participants.ListParticipantsRequest(),
                                participants.ListParticipantsResponse, timeout_seconds=harness.PATIENCE_SECONDS)
                    calls[index] += 1
                except grpc.RpcError as error:
                    failures.append(f"{error.code()}: {error.details()}")
                finally:
                    client.close()

        threads = [threading.Thread(target=connect_again_and_again, args=(index,)) for index in range(clients)]
        for thread in threads:
            thread.start()
        try:
            for number in range(reloads):
                name = ("second", "server")[number % 2]
                self.serve(ours.pem(name), ours.key(name))
                self.until(lambda: self.served() == serial(ours.pem(name)), "the new certificate is not served")
        finally:
            stopping.set()
            for thread in threads:
                thread.join(timeout=harness.PATIENCE_SECONDS)
        self.assertEqual(failures, [])
        self.assertGreater(min(calls), 0)
        held = [os.readlink(link) for link in pathlib.Path(f"/proc/{self.server.process.pid}/fd").iterdir()]
        self.assertEqual(sum("memfd:certificates" in name for name in held), 1)
        print(f"{reloads} reloads under {sum(calls)} connections of {clients} clients, none failed", file=sys.stderr)
        self.assertEqual(self.server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
