"""Starts and asks the programs that a benchmark compares: qm-server, the yardsticks, PostgreSQL, and those that load them."""

import contextlib
import json
import os
import pathlib
import pwd
import select
import shutil
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("QM_BUILD_DIR", ROOT / "build/release"))
POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")
PATIENCE_SECONDS = 3600
CLIENTS = 64
WITH_SLOWER_SYNCS = ("env", f"LD_PRELOAD={BUILD / 'bench/libslower_syncs.so'}")


def run(*command, **options):
    """Runs a program to its end and gives what it printed."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True,
                          timeout=PATIENCE_SECONDS, **options)
    return done.stdout


class Listener:
    """A program that prints `listening on HOST:PORT` and serves until it is stopped."""

    def __init__(self, command):
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started, _, _ = select.select([self.process.stdout], [], [], PATIENCE_SECONDS)
        line = self.process.stdout.readline() if started else ""
        if not line.startswith("listening on "):
            self.process.kill()
            raise RuntimeError(f"{command[0]} does not listen: {line!r}")
        self.address = line.split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise

    def load(self, **options):
        """What load_generator measures: calls, failed, seconds, p50_us, p99_us, and calls a second."""
        return with_rate(run(BUILD / "bench/load_generator", "--server", self.address, *words_of(options)))

    def resident_bytes(self):
        """The memory that it has now."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("the process has no memory")


class Service(Listener):
    """A qm-server with the benchmark's collection and participants. `under` is a program, with its options, that runs it."""

    def __init__(self, data_dir, under=()):
        self.data_dir = pathlib.Path(data_dir)
        super().__init__([*under, BUILD / "bin/qm-server", "--data-dir", data_dir, "--listen", "127.0.0.1:0"])
        self.token_file = self.data_dir / "operator.token"

    def qm(self, *words):
        return run(BUILD / "bin/qm", "--server", self.address, "--token-file", self.token_file, *words)

    def prepare(self, services, participants):
        """Publishes a collection, registers the participants, and makes the tokens of their submitters."""
        self.publish("bench", services)
        codes = self.data_dir / "participants.csv"
        codes.write_text(run(BUILD / "bench/load_generator", "--print-participants", participants))
        self.qm("participant", "import", codes)
        # One caller is held to a rate that all of them together are not. Each sees exact figures, too.
        count = min(CLIENTS, participants)
        for number in range(count):
            own = [word for code in range(number, participants, count) for word in ("--participant", f"B{code:05}")]
            self.qm("admin", "token", "create", "--principal", f"client-{number}", "--role", "submitter", "--role", "report-builder",
                    *own, "-o", self.data_dir / f"token-{number:03}")
        self.tokens_file.write_text("".join(path.read_text() for path in sorted(self.data_dir.glob("token-*"))))
        return self

    def publish(self, collection, services):
        path = self.data_dir / f"{collection}.proto"
        path.write_text(run(BUILD / "bench/load_generator", "--collection", collection, "--print-collection", services))
        self.qm("collection", "publish", path)

    @property
    def tokens_file(self):
        return self.data_dir / "tokens"

    def load(self, **options):
        return super().load(tokens_file=self.tokens_file, **options)


def yardstick(data_dir, stored_bytes, *options, under=()):
    """A bare server. `under` is a program, with its options, that runs it."""
    return Listener([*under, BUILD / "bench/yardstick_server", "--data-dir", data_dir, "--stored-bytes", stored_bytes, *options])


def words_of(options):
    """Keyword arguments as a command line has them; True is a flag."""
    words = []
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}"] + ([] if value is True else [value])
    return words


def with_rate(line):
    if not line:
        return {}  # Connections that call nothing measure nothing.
    measured = json.loads(line)
    measured["rate"] = measured["calls"] / measured["seconds"]
    return measured


def scan(store, *options):
    """Reads a store's folder with RocksDB alone."""
    return json.loads(run(BUILD / "bench/store_scan", store, *options))


def statistics_memory(**options):
    """What the statistics take alone, in a program without a store."""
    return json.loads(run(BUILD / "bench/statistics_memory", *words_of(options)))


def folder_bytes(folder):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())


class Postgres:
    """A PostgreSQL of its own, on a socket in its folder, as Debian ships it; every commit is synced."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        # It refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.user)
            for parent in self.folder.parents:
                if parent == pathlib.Path("/tmp") or parent == pathlib.Path("/"):
                    break
                parent.chmod(0o755)
        self._as_user(POSTGRES / "initdb", "-D", self.folder / "data", "-U", "bench", "--auth=trust", "-E", "UTF8", "--no-sync")
        with (self.folder / "data/postgresql.conf").open("a") as settings:
            # A quarter of a small server's memory, as its manual advises; room for the clients; nothing that risks data.
            settings.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\nmax_connections = 200\n"
                           "shared_buffers = 1GB\nsynchronous_commit = on\nfsync = on\nmax_wal_size = 4GB\n")
        self._as_user(POSTGRES / "pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "start")
        self.connection = f"host={self.folder} user=bench dbname=postgres"

    def _as_user(self, *command):
        prefix = ["runuser", "-u", self.user, "--"] if os.geteuid() == 0 else []
        subprocess.run([*prefix, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, timeout=PATIENCE_SECONDS)

    def stop(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            self._as_user(POSTGRES / "pg_ctl", "-D", self.folder / "data", "-m", "fast", "-w", "stop")

    def load(self, **options):
        return with_rate(run(BUILD / "bench/postgres_load", "--connection", self.connection, *words_of(options)))

    def fill(self, participants):
        """Gives so many participants what they return in a period; one transaction each would take an hour."""
        self.sql("INSERT INTO value SELECT 's0', '2025-26-Q1', 'f' || field, 'B' || lpad(participant::text, 5, '0'), "
                 "100 + field + (participant * 7 + field * 13) % 500 / 100.0 "
                 f"FROM generate_series(0, 59) AS field, generate_series(0, {participants - 1}) AS participant "
                 "ON CONFLICT DO NOTHING", "ANALYZE value")

    def sql(self, *statements):
        """Runs the statements one after the other in one session."""
        words = [word for statement in statements for word in ("-c", statement)]
        return run("psql", self.connection, "-q", "-v", "ON_ERROR_STOP=1", *words)


def seconds_of(action):
    """How long the action takes."""
    start = time.monotonic()
    action()
    return time.monotonic() - start
