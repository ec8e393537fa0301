"""What the tests of TLS share: two authorities, a handshake, and a server with a certificate."""

import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import warnings

import grpc

import grpc_client
import harness
from certificates import Authority
from grpc_client import Client, sickness_return

SERVER_NAMES = "DNS:localhost,IP:127.0.0.1"

# The mapping of most tests: a submitter of T00 by alternative name, a report builder by subject.
MAPPING = """
certificate_principals { name: "DNS:extract.t00" principal: "extract@t00" roles: ROLE_SUBMITTER participants: "T00" }
certificate_principals { name: "CN=builder,O=Network" principal: "builder" roles: ROLE_REPORT_BUILDER }
"""

# Made once for a run; whoever changes a file of them changes a copy.
_folder = tempfile.TemporaryDirectory(prefix="quartermaster-tls-")
ours = Authority(pathlib.Path(_folder.name) / "ours", "extract.t00", "stranger")
theirs = Authority(pathlib.Path(_folder.name) / "theirs", "extract.t00")
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

    def serve(self, pem, key):
        """Puts other files in the place of the server's, as a program that renews certificates does."""
        for source, name in ((pem, "server.pem"), (key, "server.key")):
            new = self.folder / f"{name}.new"
            new.write_bytes(source if isinstance(source, bytes) else source.read_bytes())
            new.chmod(0o600)
            new.rename(self.folder / name)
