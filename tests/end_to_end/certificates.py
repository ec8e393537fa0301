"""Certificates for tests, made as an operator makes them, and those that no operator would have."""

import pathlib
import subprocess

import harness

MAKE = harness.SOURCE / "deploy/make-certificates.sh"


def run(*command):
    subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=harness.PATIENCE_SECONDS)


class Authority:
    """A folder with an authority, a server's certificate and clients'."""

    def __init__(self, folder, *clients, names=()):
        self.folder = pathlib.Path(folder)
        run(MAKE, "--out", self.folder, *(word for name in names for word in ("--name", name)),
            *(word for client in clients for word in ("--client", client)))

    def pem(self, name):
        return self.folder / f"{name}.pem"

    def key(self, name):
        return self.folder / f"{name}.key"

    def sign(self, name, usage, alternative_names, subject="/CN=test", days=1, key_options=("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")):
        """A certificate that differs from those of the script; days may be negative."""
        request, extensions = self.folder / "request", self.folder / "extensions"
        run("openssl", "genpkey", *key_options, "-out", self.key(name))
        self.key(name).chmod(0o600)
        run("openssl", "req", "-new", "-key", self.key(name), "-subj", subject, "-out", request)
        extensions.write_text(f"basicConstraints=critical,CA:FALSE\nextendedKeyUsage={usage}\nsubjectAltName={alternative_names}\n")
        run("openssl", "x509", "-req", "-in", request, "-CA", self.pem("authority"), "-CAkey", self.key("authority"), "-days", days,
            "-extfile", extensions, "-out", self.pem(name))

    def self_signed(self, name):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key(name),
            "-out", self.pem(name), "-days", 1, "-subj", "/CN=self", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.key(name).chmod(0o600)
