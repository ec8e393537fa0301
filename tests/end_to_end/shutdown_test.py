"""SIGTERM under load: no new calls, what is in flight is finished or clearly failed, the process ends with 0, also beside clients
that hold streams open, in the middle of a backup or a check, or before the server serves; and the next start has everything that
was accepted."""

import os
import random
import signal
import subprocess
import threading
import time
import unittest
import uuid

import grpc

import harness
from grpc_client import Client, sickness_return, submissions
from ledger import Ledger, check, settle, stream

WRITERS = 16
IN_A_STREAM = 8
RETURNS_TO_COPY = 4000  # Some megabytes, which take a backup some tenths of a second.
ROUNDS = 2 * int(os.environ.get("QM_TEST_EFFORT", "1"))


class ShutdownTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants([f"T{i:02}" for i in range(WRITERS)])
        self.ledger = Ledger(self.folder / "ledger.jsonl")
        self.addCleanup(self.ledger.close)

    def numbers(self):
        seed = int(os.environ.get("QM_TEST_SEED", random.randrange(1 << 32)))
        print(f"QM_TEST_SEED={seed}", flush=True)
        return random.Random(seed)

    def write_until_stopped(self, writer, seed):
        """Every fourth writer sends streams."""
        numbers = random.Random(seed)
        client = Client(self.server)
        error = None
        while error is None:
            requests = [self.ledger.make(f"T{writer:02}", numbers.randrange(100_000) / 1000) for _ in range(IN_A_STREAM)]
            if writer % 4 == 0:
                _, error = stream(client, self.ledger, requests)
                continue
            for request in requests:
                if error is not None:
                    self.ledger.note(request, "refused")  # It was not sent.
                    continue
                try:
                    self.ledger.note_verdict(request, client.submit(request))
                except grpc.RpcError as failed:
                    error = failed
                    self.ledger.note_error(request, error)
        client.close()

    def test_what_is_in_flight_is_finished(self):
        numbers = self.numbers()
        for _ in range(ROUNDS):
            writers = [threading.Thread(target=self.write_until_stopped, args=(i, numbers.random())) for i in range(WRITERS)]
            for writer in writers:
                writer.start()
            time.sleep(numbers.uniform(0.3, 1.0))  # The moment is what varies; nothing waits for it.
            self.assertEqual(self.server.stop(), 0)
            for writer in writers:
                writer.join(timeout=harness.PATIENCE_SECONDS)
                self.assertFalse(writer.is_alive())
            started = time.time()
            self.server.start()
            unknown, stored = settle(self.ledger, self.server, started)
            counts = check(self, self.ledger, self.server)
            print(f"{counts}, {unknown} unknown, of which {stored} had been stored", flush=True)
            self.assertGreater(counts["accepted"], 0)

    def test_a_stream_that_is_held_open_does_not_hold_the_server(self):
        client = Client(self.server)
        self.addCleanup(client.close)
        release = threading.Event()
        self.addCleanup(release.set)
        first = self.ledger.make("T00", 1.0)

        def requests():
            yield submissions.SubmitReturnsRequest(submission=first)
            release.wait()

        answers = client.submit_stream(requests(), timeout_seconds=harness.PATIENCE_SECONDS)
        self.assertTrue(self.ledger.note_verdict(first, next(answers).verdict))
        # The harness waits far longer than the 10 s that the server gives its clients, and fails if it has not ended then.
        self.assertEqual(self.server.stop(), 0)
        with self.assertRaises(grpc.RpcError) as caught:
            next(answers)
        self.assertIn(caught.exception.code(), (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED))
        self.server.start()
        check(self, self.ledger, self.server)

    def start_with_much_stored(self):
        """Sends returns, and starts the server anew with a folder of backups."""
        client = Client(self.server)
        for first in range(0, RETURNS_TO_COPY, 500):
            requests = [self.ledger.make(f"T{i % WRITERS:02}", i / 1000) for i in range(first, first + 500)]
            accepted, error = stream(client, self.ledger, requests)
            self.assertEqual((accepted, error), (len(requests), None))
        client.close()
        self.assertEqual(self.server.stop(), 0)
        self.server.flags = ("--backup-dir", self.folder / "backups")
        self.server.start()

    def test_backups_and_checks_are_given_up(self):
        self.start_with_much_stored()
        numbers = self.numbers()
        cut_short = 0
        for command in (("backup", "create"), ("verify",)) * ROUNDS:
            asking = [subprocess.Popen([harness.BINARIES / "qm", "admin", *command], env=self.server.environment(),
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(3)]
            time.sleep(numbers.uniform(0.05, 0.5))  # The moment is what varies; nothing waits for it.
            # The harness waits far longer than a server may take, and fails if it has not ended then.
            self.assertEqual(self.server.stop(), 0)
            for asked in asking:
                _, said = asked.communicate(timeout=harness.PATIENCE_SECONDS)
                cut_short += asked.returncode != 0
                self.assertGreaterEqual(asked.returncode, 0, said)
            self.server.start()
        print(f"{cut_short} of {3 * 2 * ROUNDS} backups and checks were cut short", flush=True)
        self.assertGreater(cut_short, 0)
        self.qm("admin", "backup", "create")
        self.assertEqual(self.qm_json("admin", "verify")["problems"], [])
        listed = self.qm_json("admin", "backup", "list")
        self.assertEqual(listed["damaged"], [])
        self.qm("admin", "restore", "--backup-dir", self.folder / "backups", "--to", self.folder / "restored")
        self.assertEqual(self.qm_json("admin", "verify", "--data-dir", self.folder / "restored")["problems"], [])

    def test_verdicts_of_streams_that_are_gone_are_made_before_the_store_closes(self):
        """Whether queries are explained is read from the store, so verdicts with many of them take their time."""
        rules = "".join(f"""  option (schema.v1.rule) = {{ id: "unlikely-{i}" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    expression: "fte_days_lost > {10**6 + i}.0" message: "Few." }};\n""" for i in range(30))
        schema = self.folder / "sickness.proto"
        text = (harness.COLLECTIONS / "sickness.proto").read_text()
        schema.write_text(text.replace("message Absence {\n", "message Absence {\n" + rules))
        self.qm("collection", "publish", schema)
        numbers = self.numbers()
        for _ in range(10 * ROUNDS):
            client = Client(self.server)
            streams = [client.submit_stream([submissions.SubmitReturnsRequest(
                submission=sickness_return(f"T{writer:02}", lost=lost, available=1000, request_id=str(uuid.uuid4())))
                for lost in range(100)]) for writer in range(WRITERS)]
            for answers in streams:
                next(answers)
            time.sleep(numbers.uniform(0.0, 0.1))  # As above.
            client.close()  # With all its streams.
            self.assertEqual(self.server.stop(), 0)
            self.server.start()
        self.assertEqual(self.qm_json("admin", "verify")["problems"], [])

    def test_a_start_is_given_up(self):
        numbers = self.numbers()
        self.server.stop()
        for _ in range(4 * ROUNDS):
            self.server.launch()
            time.sleep(numbers.uniform(0.0, 0.2))  # As above.
            # Before the server has read its command line, the signal itself ends it.
            self.assertIn(self.server.stop(), (0, -signal.SIGTERM))
        self.server.start()
        check(self, self.ledger, self.server)


if __name__ == "__main__":
    unittest.main()
