"""Starts the shipped programs and reads what they print. The end-to-end tests link none of our code and import none of it."""

import contextlib
import csv
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("QM_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
BINARIES = pathlib.Path(os.environ.get("QM_BINARY_DIR", SOURCE / "build/dev/bin"))
# Real published data that is no part of the repository; where it is absent, its tests skip themselves and say so.
DATA = pathlib.Path(os.environ.get("QM_DATA_DIR", SOURCE.parent / "shared/data"))
COLLECTIONS = pathlib.Path(__file__).resolve().parent / "collections"
PATIENCE_SECONDS = 240
# Built so, a program keeps what it has freed for a while, and how much memory it takes says nothing.
SANITIZED = "QM_SANITIZED" in os.environ

needs_real_data = unittest.skipUnless(
    (DATA / "kh03_returns.csv").exists(), f"the real data is not in {DATA}; set QM_DATA_DIR"
)


class Server:
    """A qm-server on a port that the kernel picked, with more flags where they are given. A log file gets what it says on
    standard error."""

    def __init__(self, data_dir, *flags, listen="127.0.0.1:0", log=None):
        self.data_dir = pathlib.Path(data_dir)
        self.flags = flags
        self.listen = listen
        self.log = log
        self.process = None
        self.address = None

    def launch(self, **environment):
        """Starts it without waiting until it listens, with more in its environment where that is given."""
        with contextlib.ExitStack() as files:
            log = files.enter_context(open(self.log, "ab")) if self.log else None
            self.process = subprocess.Popen(
                [BINARIES / "qm-server", "--data-dir", self.data_dir, "--listen", self.listen, *self.flags],
                stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **environment},
            )

    def start(self, **environment):
        """Starts it, and waits until it listens."""
        self.launch(**environment)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.kill()
            raise AssertionError(f"the server did not say that it listens, but: {line!r}")
        self.address = line.split()[-1]
        return self

    def kill(self):
        """kill -9: nothing is flushed, nothing is said."""
        self._end(signal.SIGKILL)

    def stop(self):
        """Asks it to stop, and gives its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number):
        if self.process is None:
            return None
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE_SECONDS)
        self.process.stdout.close()
        self.process = None
        return code

    def memory_mb(self, what="VmRSS"):
        """A figure of /proc/PID/status: VmRSS is what it has now, VmHWM the most that it had."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(next(line for line in status.splitlines() if line.startswith(what)).split()[1]) / 1024

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def environment(self):
        return {**os.environ, "QM_SERVER": self.address or "127.0.0.1:1", "QM_TOKEN_FILE": str(self.data_dir / "operator.token")}


def late_clock(folder):
    """More of the environment of a server whose clock is two days late, so that what it makes for one day has expired after its
    restart."""
    source, library = folder / "late.c", folder / "late.so"
    source.write_text("""#define _GNU_SOURCE
        #include <dlfcn.h>
        #include <time.h>
        int clock_gettime(clockid_t clock, struct timespec* time) {
          int (*real)(clockid_t, struct timespec*) = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
          int result = real(clock, time);
          if (clock == CLOCK_REALTIME) time->tv_sec -= 2 * 86400;
          return result;
        }""")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    # The address sanitizer wants to come first, and need not.
    return {"LD_PRELOAD": str(library), "ASAN_OPTIONS": "verify_asan_link_order=0"}


class EndToEndTest(unittest.TestCase):
    """A folder and a server of its own for each test."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="quartermaster-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.server = self.make_server().start()
        self.addCleanup(lambda: self.server.kill())

    def make_server(self):
        """The server that is started, which a test may want elsewhere."""
        return Server(self.folder / "data")

    def qm(self, *arguments, expect=0):
        """Runs qm and gives its completed process; fails unless the exit code is the expected one (None: any)."""
        done = subprocess.run(
            [BINARIES / "qm", *map(str, arguments)], capture_output=True, text=True, errors="replace",
            env=self.server.environment(), timeout=PATIENCE_SECONDS, check=False,
        )
        if expect is not None and done.returncode != expect:
            self.fail(f"qm {' '.join(map(str, arguments))} ended with {done.returncode}, not {expect}\n"
                      f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done

    def qm_json(self, *arguments, expect=0):
        """What qm prints with --output json: one object."""
        return json.loads(self.qm("--output", "json", *arguments, expect=expect).stdout)

    def qm_json_lines(self, *arguments, expect=0):
        """What qm prints with --output json: one object a line."""
        return [json.loads(line) for line in self.qm("--output", "json", *arguments, expect=expect).stdout.splitlines()]

    def write(self, name, text):
        """Writes a file into the test's folder; bytes as they are."""
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def write_csv(self, name, rows):
        """Writes dictionaries with the same keys."""
        path = self.folder / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    def make_token(self, role, participants=(), principal=None, days=30, collections=()):
        """A file with a new token, for --token-file: of one role or a list of them, of a submitter for these participants, of a
        steward of these collections, or of all."""
        roles = [role] if isinstance(role, str) else list(role)
        path = self.folder / f"token-{len(list(self.folder.glob('token-*')))}"
        # The owner of the server's folder has the name "operator" alone.
        principal = principal or {("operator",): "an.operator"}.get(tuple(roles), ".".join(roles))
        self.qm("admin", "token", "create", "--principal", principal, "--days", days, "-o", path,
                *(word for name in roles for word in ("--role", name)),
                *(word for code in participants for word in ("--participant", code)),
                *(word for one in collections for word in ("--collection", one)))
        return path

    def assert_not_told(self, *secrets):
        """None of the secrets, tokens or values, is a word of what the server writes to be read by people: of its standard error, where
        that is kept, and of every text file in its folder, such as the store's LOG. The operator's token has a file of its own."""
        paths = [path for path in self.server.data_dir.rglob("*") if path.is_file() and path.name != "operator.token"]
        self.assertTrue([path for path in paths if path.name == "LOG"], paths)
        if self.server.log:
            paths.append(pathlib.Path(self.server.log))
        for path in paths:
            try:
                text = path.read_bytes()
            except FileNotFoundError:  # The store takes away what it needs no more.
                continue
            if b"\0" in text:  # Records, which hold values.
                continue
            for secret in secrets:
                self.assertIsNone(re.search(rb"(?<![0-9A-Za-z])" + re.escape(secret.encode()) + rb"(?![0-9A-Za-z])", text),
                                  f"{path} tells {secret}")

    def import_participants(self, codes):
        self.qm("participant", "import", self.write_csv(
            "participants.csv", [{"code": code, "name": f"Participant {code}"} for code in codes]))

    def reopen(self, collection, first, last=None):
        """Lets everybody send returns of periods that have closed long ago."""
        self.qm("window", "reopen", "--collection", collection, "--period", first, "--to", last or first, "--days", 2,
                "--reason", "A test sends old returns.")

    def statistics(self, collection, period, *arguments):
        """National statistics by (service, indicator, category)."""
        response = self.qm_json("national", "--collection", collection, "--period", period, *arguments)
        return {(s["service"], s["indicator"], s.get("category", "")): s for s in response["statistics"]}


def read_csv(name):
    with (DATA / name).open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))
