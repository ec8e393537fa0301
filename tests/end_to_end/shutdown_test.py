"""SIGTERM under load: no new calls, what is in flight is finished or clearly failed, the process ends with 0, also beside clients
that hold streams open; and the next start has everything that was accepted."""

import os
import random
import threading
import time
import unittest

import grpc

import harness
from grpc_client import Client, submissions
from ledger import Ledger, check, settle, stream

WRITERS = 16
IN_A_STREAM = 8
ROUNDS = 2 * int(os.environ.get("QM_TEST_EFFORT", "1"))


class ShutdownTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants([f"T{i:02}" for i in range(WRITERS)])
        self.ledger = Ledger(self.folder / "ledger.jsonl")
        self.addCleanup(self.ledger.close)

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
        seed = int(os.environ.get("QM_TEST_SEED", random.randrange(1 << 32)))
        print(f"QM_TEST_SEED={seed}", flush=True)
        numbers = random.Random(seed)
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


if __name__ == "__main__":
    unittest.main()
