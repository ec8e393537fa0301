"""A disk that fills up under writers: what cannot be stored is refused and says so, reads go on, and once there is room the same
process goes on, with all that was acknowledged and no more. The disk is a small file system in memory, in a mount namespace of
the test's own, for which it needs to be root."""

import ctypes
import itertools
import os
import random
import subprocess
import threading
import time
import unittest

import grpc

import harness
from grpc_client import Client, error_info, health
from ledger import INVALID_LOST, Ledger, check, settle, statistics

WRITERS = 8
DISK_MIB = 192    # The logs that RocksDB sets aside for itself, and some room.
RESERVE_MIB = 48  # Less than the server's own default, which is larger than this disk.
CLONE_NEWNS = 0x20000
FILLS = 2 * int(os.environ.get("QM_TEST_EFFORT", "1"))
TELLING_LOST = 31.41593  # A value that no log has by chance.
READS = "quartermaster.reads"


def enter_own_mounts():
    """Gives why not, if it is not possible."""
    if os.geteuid() != 0:
        return "only root may mount a small disk"
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        return f"no mount namespace of its own: {os.strerror(ctypes.get_errno())}"
    done = subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else None


def setUpModule():
    if problem := enter_own_mounts():
        raise unittest.SkipTest(problem)


class FullDiskTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants([f"T{i:02}" for i in range(WRITERS)])
        self.ledger = Ledger(self.folder / "ledger.jsonl")
        self.addCleanup(self.ledger.close)
        self.client = Client(self.server)
        self.addCleanup(lambda: self.client.close())
        self.stopping = threading.Event()
        self.latest = [None] * WRITERS  # The last outcome of each writer, and how many it has had.
        self.answers = [0] * WRITERS

    def make_server(self):
        disk = self.folder / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        self.filler = disk / "filler"
        return harness.Server(disk / "data", "--reserved-mib", str(RESERVE_MIB), log=self.folder / "log")

    def write(self, writer, seed):
        """Writes until it is told to stop; goes on after every refusal."""
        numbers = random.Random(seed)
        client = Client(self.server)
        while not self.stopping.is_set():
            lost = numbers.choice((INVALID_LOST, TELLING_LOST, *[numbers.randrange(100_000) / 1000] * 6))
            request = self.ledger.make(f"T{writer:02}", lost)
            try:
                outcome = "accepted" if self.ledger.note_verdict(request, client.submit(request)) else "rejected"
            except grpc.RpcError as error:
                outcome = self.ledger.note_error(request, error)
                self.stopping.wait(0.05)
            if outcome != "rejected":  # That is decided with or without room.
                self.latest[writer] = outcome
            self.answers[writer] += 1
        client.close()

    def start_writers(self, seed):
        self.stopping.clear()
        self.latest = [None] * WRITERS
        self.writers = [threading.Thread(target=self.write, args=(i, seed + i)) for i in range(WRITERS)]
        for writer in self.writers:
            writer.start()
        self.addCleanup(self.stop_writers)

    def stop_writers(self):
        self.stopping.set()
        for writer in self.writers:
            writer.join(timeout=harness.PATIENCE_SECONDS)
            self.assertFalse(writer.is_alive())

    def wait_until(self, what, condition):
        for _ in range(harness.PATIENCE_SECONDS * 20):
            if condition():
                return
            time.sleep(0.05)
        self.fail(f"{what} does not come; the last outcomes are {self.latest}")

    def fill(self):
        """Takes every byte that is left, in one go from several sides."""
        with self.filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096):
                for _ in itertools.count():
                    try:
                        file.write(b"x" * size)
                    except OSError:
                        break

    def make_room(self):
        self.filler.unlink()

    def check_all(self):
        settle(self.ledger, self.server, time.time())
        self.assert_nothing_told()
        return check(self, self.ledger, self.server)

    def assert_nothing_told(self):
        """What is said of a disk that is full, by the server and by the store, is said without tokens and values."""
        self.assert_not_told((self.server.data_dir / "operator.token").read_text().strip(), str(TELLING_LOST))

    def test_a_disk_that_is_too_small_to_begin_on_is_named(self):
        tried = subprocess.run([harness.BINARIES / "qm-server", "--data-dir", self.folder / "disk" / "other", "--listen", "127.0.0.1:0"],
                               capture_output=True, text=True, check=False, timeout=harness.PATIENCE_SECONDS)
        self.assertEqual(tried.returncode, 1)
        self.assertIn("less free than --reserved-mib keeps, 640 MiB unless given", tried.stderr)

    def test_refuses_and_goes_on_by_itself(self):
        seed = int(os.environ.get("QM_TEST_SEED", random.randrange(1 << 32)))
        print(f"QM_TEST_SEED={seed}", flush=True)
        process = self.server.process.pid
        for number in range(FILLS):
            self.start_writers(seed + number * WRITERS)
            self.wait_until("a first success of every writer", lambda: all(latest == "accepted" for latest in self.latest))
            self.assertEqual(health(self.client), "SERVING")
            self.fill()
            self.wait_until("a refusal of every writer", lambda: all(latest in ("refused", "unknown") for latest in self.latest))
            self.wait_until("NOT_SERVING", lambda: health(self.client) == "NOT_SERVING")
            self.assertEqual(health(self.client, READS), "SERVING")
            self.assertEqual(statistics(self.client).n, WRITERS)
            before = list(self.answers)
            self.wait_until("more refusals", lambda: all(now > then + 3 for now, then in zip(self.answers, before)))
            self.assertNotIn("accepted", self.latest)
            self.check_what_people_see()
            self.make_room()
            self.wait_until("a success of every writer", lambda: all(latest == "accepted" for latest in self.latest))
            self.wait_until("SERVING", lambda: health(self.client) == "SERVING")
            self.stop_writers()
            counts = self.check_all()
            print(f"filled {number + 1} times: {counts}", flush=True)
            self.assertGreater(counts["refused"], 0)
            self.assertEqual(self.server.process.pid, process, "it is the same process")
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.assert_nothing_told()
        check(self, self.ledger, self.server)

    def check_what_people_see(self):
        done = self.qm("participant", "import", self.write_csv("more.csv", [{"code": "T99", "name": "Participant T99"}]), expect=None)
        if "outcome is unknown" not in done.stderr:
            self.assertIn("the disk of the server is full, or nearly so. Nothing was stored. Tell the operator", done.stderr)
        self.assertNotEqual(done.returncode, 0)
        with self.assertRaises(grpc.RpcError) as caught:
            self.client.submit(self.ledger.make("T00", TELLING_LOST))
        self.assertIn(error_info(caught.exception)[0], ("DISK_FULL", "OUTCOME_UNKNOWN"))

    def test_kill_while_the_disk_is_full(self):
        seed = int(os.environ.get("QM_TEST_SEED", random.randrange(1 << 32)))
        print(f"QM_TEST_SEED={seed}", flush=True)
        for number in range(FILLS):
            self.start_writers(seed + number * WRITERS)
            self.wait_until("a first success of every writer", lambda: all(latest == "accepted" for latest in self.latest))
            self.fill()
            self.wait_until("a refusal of every writer", lambda: all(latest in ("refused", "unknown") for latest in self.latest))
            self.server.kill()
            self.stop_writers()
            self.server.launch()
            line = self.server.process.stdout.readline()
            # It may start where what it needs was set aside before; else it says what to do.
            if not line:
                self.assertEqual(self.server.process.wait(timeout=harness.PATIENCE_SECONDS), 1)
            self.server.kill()
            self.make_room()
            self.server.start()
            counts = self.check_all()
            print(f"killed {number + 1} times, {'refused to start' if not line else 'started'} while full: {counts}", flush=True)


if __name__ == "__main__":
    unittest.main()
