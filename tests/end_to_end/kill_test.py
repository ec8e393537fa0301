"""kill -9 at any moment: every return that was acknowledged is there after the next start, and counts once."""

import os
import random
import threading
import time
import unittest
import uuid

import grpc

import harness
from grpc_client import Client, national, returns, sickness_return

WRITERS = 8
ROUNDS = int(os.environ.get("QM_KILL_ROUNDS", "4"))


class KillTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants([f"T{i:02}" for i in range(WRITERS)])
        self.acknowledged = {}  # The last acknowledged value and revision of each participant.
        self.unknown = {}       # The request of each participant whose outcome the kill left open.

    def write_until_killed(self, writer, seed):
        numbers = random.Random(seed)
        client = Client(self.server)
        participant = f"T{writer:02}"
        try:
            while True:
                lost = numbers.randrange(100_000) / 1000
                request = sickness_return(participant, lost=lost, request_id=str(uuid.uuid4()))
                self.unknown[participant] = (request, lost)
                verdict = client.submit(request)
                self.acknowledged[participant] = (lost, verdict.revision)
                del self.unknown[participant]
        except grpc.RpcError:
            pass
        finally:
            client.close()

    def test_acknowledged_returns_survive(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}", flush=True)
        numbers = random.Random(seed)
        for _ in range(ROUNDS):
            writers = [threading.Thread(target=self.write_until_killed, args=(i, numbers.random())) for i in range(WRITERS)]
            for writer in writers:
                writer.start()
            time.sleep(numbers.uniform(0.2, 1.0))  # The moment of the kill is what varies; nothing waits for it.
            self.server.kill()
            self.assertTrue(self.acknowledged)
            for writer in writers:
                writer.join(timeout=60)
                self.assertFalse(writer.is_alive())
            self.server.start()
            self.check()

    def check(self):
        client = Client(self.server)
        self.addCleanup(client.close)
        for participant, (request, lost) in self.unknown.items():
            # A retry settles what is unknown, with the revision that it got then or gets now.
            self.acknowledged[participant] = (lost, client.submit(request).revision)
        self.unknown.clear()
        for participant, (lost, revision) in self.acknowledged.items():
            stored = client.call("ReturnService", "GetReturn",
                                 returns.GetReturnRequest(collection="sickness", service="absence", participant=participant,
                                                          period="2024-04"), returns.GetReturnResponse).stored_return
            self.assertEqual(stored.revision, revision)
            self.assertEqual(stored.data.value, sickness_return(lost=lost).content.data.value)
        figures = client.call("NationalService", "ListNationalStatistics",
                              national.ListNationalStatisticsRequest(collection="sickness", period="2024-04"),
                              national.ListNationalStatisticsResponse).statistics[0]
        self.assertEqual(figures.n, len(self.acknowledged))
        self.assertEqual(figures.maximum, max(lost for lost, _ in self.acknowledged.values()))


if __name__ == "__main__":
    unittest.main()
