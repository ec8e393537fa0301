"""kill -9 at any moment, under 32 writers: accepted returns are there and count once, rejected ones left nothing, and what is
unknown is settled by sending it again. QM_KILL_ROUNDS or QM_TEST_EFFORT kill it more often; QM_TEST_SEED repeats a run as
far as threads allow."""

import os
import random
import threading
import time
import unittest

import grpc

import harness
from grpc_client import Client
from ledger import INVALID_LOST, Ledger, check, settle, stream

WRITERS = 32
PARTICIPANTS = 16  # Two writers each, so that revisions of one return are made side by side.
IN_A_STREAM = 8
ROUNDS = int(os.environ.get("QM_KILL_ROUNDS", 4 * int(os.environ.get("QM_TEST_EFFORT", "1"))))


class KillTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants([f"T{i:02}" for i in range(PARTICIPANTS)])
        self.ledger = Ledger(self.folder / "ledger.jsonl")
        self.addCleanup(self.ledger.close)

    def make(self, numbers, writer):
        """One in eight is a return that is rejected."""
        lost = INVALID_LOST if numbers.random() < 1 / 8 else numbers.randrange(100_000) / 1000
        return self.ledger.make(f"T{writer % PARTICIPANTS:02}", lost)

    def write_until_killed(self, writer, seed):
        """Every fourth writer sends streams, the others call by call."""
        numbers = random.Random(seed)
        client = Client(self.server)
        error = None
        while error is None:
            if writer % 4 == 0:
                _, error = stream(client, self.ledger, [self.make(numbers, writer) for _ in range(IN_A_STREAM)])
            else:
                request = self.make(numbers, writer)
                try:
                    self.ledger.note_verdict(request, client.submit(request))
                except grpc.RpcError as failed:
                    error = failed
                    self.ledger.note_error(request, error)
        client.close()

    def run_and_kill(self, numbers):
        writers = [threading.Thread(target=self.write_until_killed, args=(i, numbers.random())) for i in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(numbers.uniform(0.2, 1.0))  # The moment of the kill is what varies; nothing waits for it.
        self.server.kill()
        for writer in writers:
            writer.join(timeout=harness.PATIENCE_SECONDS)
            self.assertFalse(writer.is_alive())

    def kill_while_starting(self, numbers):
        """Recovery itself is killed."""
        self.server.launch()
        time.sleep(numbers.uniform(0.0, 0.1))
        self.server.kill()

    def test_acknowledged_returns_survive(self):
        seed = int(os.environ.get("QM_TEST_SEED", random.randrange(1 << 32)))
        print(f"QM_TEST_SEED={seed}", flush=True)
        numbers = random.Random(seed)
        seen = set()
        kills = unknown = stored = 0
        for number in range(ROUNDS):
            self.run_and_kill(numbers)
            kills += 1
            if number % 4 == 3:
                self.kill_while_starting(numbers)
                kills += 1
            started = time.time()
            self.server.start()
            settled = settle(self.ledger, self.server, started)
            unknown += settled[0]
            stored += settled[1]
            counts = check(self, self.ledger, self.server, seen)
            print(f"{kills} kills, {WRITERS} writers: {counts['accepted']} accepted, {counts['rejected']} rejected, {unknown} "
                  f"unknown, settled by a retry, of which {stored} had been stored", flush=True)
        # The rounds read each revision once, after the kill that it came before: here all are read, after all kills.
        check(self, self.ledger, self.server)
        self.assertGreater(counts["accepted"], ROUNDS)
        self.assertGreater(counts["rejected"], 0)


if __name__ == "__main__":
    unittest.main()
