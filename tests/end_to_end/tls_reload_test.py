"""Certificates that change while the server serves: under open streams, with wrong files, and while everybody connects."""

import os
import pathlib
import queue
import shutil
import sys
import threading
import unittest

import grpc

import harness
from grpc_client import Client, bearer, participants, sickness_return, submissions
from tls_harness import MAPPING, TlsTest, handshake, ours, serial, theirs

code = grpc.StatusCode


class ReloadTest(TlsTest):
    def served(self):
        return handshake(self.server.address)[0]

    def test_a_certificate_changes_under_open_streams(self):
        self.start(MAPPING.split("\n")[2], clients=True)
        self.with_returns()
        first, second = serial(ours.pem("server")), serial(ours.pem("second"))
        sending = queue.Queue()
        operator = bearer(self.server.data_dir / "operator.token")
        stream = self.client(metadata=operator).submit_stream(iter(sending.get, None), timeout_seconds=harness.PATIENCE_SECONDS)

        def stream_goes_on():
            sending.put(submissions.SubmitReturnsRequest(submission=sickness_return("T00")))
            self.assertTrue(next(stream).verdict.accepted)

        stream_goes_on()
        self.assertEqual(self.served(), first)
        self.serve(ours.pem("second"), ours.key("second"))
        self.until(lambda: self.served() == second, "the new certificate is not served")
        stream_goes_on()
        self.assertIn("qm-server: new connections get the certificate that now stands in", self.log())

        for pem, key, words in (
            (b"not a certificate", ours.key("second"), "it holds no certificate in PEM. The certificate before is served on."),
            (ours.pem("server"), ours.key("second"), "it is not the key of the first certificate in"),
        ):
            with self.subTest(words=words):
                self.serve(pem, key)
                self.until(lambda: words in self.log(), "the log says nothing")
                self.assertEqual(self.served(), second)
                self.assertTrue(self.client(metadata=operator).submit(sickness_return("T01")).accepted)
        (self.folder / "server.key").chmod(0o644)
        self.until(lambda: "others may read or write this private key" in self.log(), "the log says nothing")
        (self.folder / "server.pem").unlink()
        self.until(lambda: "server.pem: it cannot be read: No such file" in self.log(), "the log says nothing")
        self.assertEqual(self.served(), second)

        # Another authority of clients' certificates.
        self.refused(self.client("extract.t00", authority=theirs), code.UNAVAILABLE)
        self.serve(ours.pem("server"), ours.key("server"))
        shutil.copy2(theirs.pem("authority"), self.folder / "authority.pem")
        self.until(lambda: self.served() == first, "the mended certificate is not served")

        def admits_the_others():
            try:
                return self.client("extract.t00", operator, authority=theirs).submit(sickness_return("T01")).accepted
            except grpc.RpcError:
                return False

        self.until(admits_the_others, "the new authority is not asked")
        self.refused(self.client("extract.t00", operator), code.UNAVAILABLE)
        stream_goes_on()
        sending.put(None)
        self.assertEqual(list(stream), [])
        self.assertNotIn("PRIVATE KEY", self.log())
        self.assertEqual(self.server.stop(), 0)

    def test_certificates_change_while_everybody_connects(self):
        """QM_TLS_RELOADS sets how often; each takes a few seconds. QM_TLS_CLIENTS connect all the time, one call a connection."""
        reloads, clients = int(os.environ.get("QM_TLS_RELOADS", "2")), int(os.environ.get("QM_TLS_CLIENTS", "4"))
        self.start()
        operator = bearer(self.server.data_dir / "operator.token")
        stopping = threading.Event()
        calls, failures = [0] * clients, []

        def connect_again_and_again(index):
            while not stopping.is_set():
                client = Client(self.server, operator, self.credentials())
                try:
                    client.call("ParticipantService", "ListParticipants", participants.ListParticipantsRequest(),
                                participants.ListParticipantsResponse, timeout_seconds=harness.PATIENCE_SECONDS)
                    calls[index] += 1
                except grpc.RpcError as error:
                    failures.append(f"{error.code()}: {error.details()}")
                finally:
                    client.close()

        threads = [threading.Thread(target=connect_again_and_again, args=(index,)) for index in range(clients)]
        for thread in threads:
            thread.start()
        try:
            for number in range(reloads):
                name = ("second", "server")[number % 2]
                self.serve(ours.pem(name), ours.key(name))
                self.until(lambda: self.served() == serial(ours.pem(name)), "the new certificate is not served")
        finally:
            stopping.set()
            for thread in threads:
                thread.join(timeout=harness.PATIENCE_SECONDS)
        self.assertEqual(failures, [])
        self.assertGreater(min(calls), 0)
        held = [os.readlink(link) for link in pathlib.Path(f"/proc/{self.server.process.pid}/fd").iterdir()]
        self.assertEqual(sum("memfd:certificates" in name for name in held), 1)
        print(f"{reloads} reloads under {sum(calls)} connections of {clients} clients, none failed", file=sys.stderr)
        self.assertEqual(self.server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
