"""A client that submits one return after the other while others are rude: a process of its own, so that it waits for nobody but the
server."""

import itertools
import json
import subprocess
import sys
import threading
import time

import grpc

import harness
from grpc_client import Client, sickness_return, submissions

# How long it took is printed; with sanitizers and beside other work it takes longer.
PATIENCE_SECONDS = 60


class HonestClient:
    """Starts the process."""

    def __init__(self, server):
        self.process = subprocess.Popen([sys.executable, "-B", __file__, server.address, server.data_dir],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def told(self):
        """What came of its returns since it was asked last."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.communicate()


def submit_honestly(address, data_dir):
    """Submits one return after the other, every twentieth over a new connection, and prints what came of them whenever it reads a
    line."""
    server = harness.Server(data_dir)
    server.address = address
    found = {"accepted": [], "failures": [], "slowest_seconds": 0}
    lock = threading.Lock()

    def submit():
        client = Client(server)
        for count in itertools.count(1):
            time.sleep(0.01)
            if count % 20 == 0:
                client.close()
                client = Client(server)
            began = time.monotonic()
            with lock:
                try:
                    answer = client.call("SubmissionService", "SubmitReturn", sickness_return("T01", lost=count % 90),
                                         submissions.SubmitReturnResponse, timeout_seconds=PATIENCE_SECONDS)
                    found["accepted"].append(answer.verdict.receipt.sequence)
                except grpc.RpcError as error:
                    found["failures"].append(f"{error.code()}: {error.details()}")
                found["slowest_seconds"] = max(found["slowest_seconds"], time.monotonic() - began)

    threading.Thread(target=submit, daemon=True).start()
    for _ in sys.stdin:
        with lock:
            print(json.dumps(found), flush=True)
            found.update(accepted=[], failures=[], slowest_seconds=0)


if __name__ == "__main__":
    submit_honestly(*sys.argv[1:])
