"""Slow and rude clients, one kind after the other, each from an address of its own, while an honest client submits: it succeeds
every time, the server's memory stays within a bound, and afterwards everything is served.

QM_RUDE_SECONDS is how long each kind goes on: one second in every test run, more in a campaign."""

import contextlib
import itertools
import os
import pathlib
import random
import shutil
import socket
import tempfile
import threading
import time
import unittest

import grpc

import grpc_client
import harness
import raw_http2
import rude_descriptors
from grpc_client import Client, bearer, sickness_return, submissions
from honest_client import PATIENCE_SECONDS, HonestClient

collections = grpc_client.module("quartermaster/v1/collection_service")

SECONDS = float(os.environ.get("QM_RUDE_SECONDS", "1"))
RUDE_ADDRESS, SLOW_ADDRESS = "127.0.0.2", "127.0.0.3"  # The honest client comes from 127.0.0.1.
# Over what the server has at rest: what gRPC may hold (256 MiB), as much again that the allocator keeps, and the unread verdicts of
# a few streams, 2 MiB each. Calls that are taken back at once take what fits into the moment until they are noticed.
MEMORY_BOUND_MB = 600
SUBMIT = "/quartermaster.v1.SubmissionService/SubmitReturn"
PUBLISH = "/quartermaster.v1.CollectionService/PublishCollection"
LARGEST_MESSAGE = 4 << 20
TELLING_LOST = 31.41593  # A value that no log has by chance.


class RudeClientsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = harness.EndToEndTest("setUp")  # One server for all kinds: what one leaves behind, the next would meet.
        cls.base.folder = pathlib.Path(tempfile.mkdtemp(prefix="quartermaster-"))
        cls.addClassCleanup(shutil.rmtree, cls.base.folder, ignore_errors=True)
        cls.server = cls.base.server = harness.Server(cls.base.folder / "data", log=cls.base.folder / "server.log").start()
        cls.addClassCleanup(cls.server.kill)
        cls.base.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        cls.base.import_participants([f"T{i:02}" for i in range(40)])
        cls.rude_token = cls.base.make_token("submitter", [f"T{i:02}" for i in range(40)], principal="mallory")
        cls.steward_token = cls.base.make_token("steward", principal="mallory.steward")
        cls.authorization = f"Bearer {cls.rude_token.read_text().strip()}"
        client = Client(cls.server)
        for _ in range(50):
            client.submit(sickness_return("T01"))
        client.close()
        cls.at_rest_mb = cls.server.memory_mb()
        cls.honest = HonestClient(cls.server)
        cls.addClassCleanup(cls.honest.close)
        while not cls.honest.told()["accepted"]:
            time.sleep(0.1)

    def setUp(self):
        seed = random.randrange(1 << 32)
        print(f"{self._testMethodName} seed {seed}", flush=True)
        self.random = random.Random(seed)
        self.sockets = []
        self.addCleanup(lambda: [one.close() for one in self.sockets])
        self.honest.told()
        # The highest is then that of this kind (proc(5): clear_refs).
        pathlib.Path(f"/proc/{self.server.process.pid}/clear_refs").write_text("5", encoding="ascii")
        self.addCleanup(self.check_all_is_well)

    def check_all_is_well(self):
        honest = self.honest.told()
        accepted = honest["accepted"]
        for one in self.sockets:
            one.close()
        self.assertIsNone(self.server.process.poll(), "the server has gone")
        highest = self.server.memory_mb("VmHWM") - self.at_rest_mb
        print(f"  honest: {len(accepted)} accepted, slowest {honest['slowest_seconds']:.2f} s; server: "
              f"+{highest:.0f} MB at most, {self.server.open_files()} files", flush=True)
        self.assertEqual(honest["failures"], [])
        self.assertGreater(len(accepted), 0)
        self.assertEqual(len(set(accepted)), len(accepted))
        if not harness.SANITIZED:
            self.assertLess(highest, MEMORY_BOUND_MB)
        client = Client(self.server)
        self.assertTrue(client.submit(sickness_return("T02", lost=TELLING_LOST)).accepted)
        answers = list(client.submit_stream([submissions.SubmitReturnsRequest(submission=sickness_return("T03"))] * 5))
        self.assertTrue(all(answer.verdict.accepted for answer in answers))
        client.close()
        tokens = [path.read_text().strip() for path in (self.rude_token, self.steward_token, self.server.data_dir / "operator.token")]
        self.base.assert_not_told(*tokens, str(TELLING_LOST), "12 beds")

    def connect(self, address=RUDE_ADDRESS):
        """A connection, or None where the server takes no more: then it is closed at once, or reset."""
        try:
            one = raw_http2.connect(self.server.address, address)
        except OSError:
            return None
        self.sockets.append(one)
        return one

    @staticmethod
    def send(one, data):
        """Whether the server still took it."""
        try:
            one.sendall(data)
            return True
        except OSError:
            return False

    def until(self):
        """Goes round until the time is over, at least once."""
        end = time.monotonic() + SECONDS
        yield
        while time.monotonic() < end:
            yield

    def is_closed(self, one, seconds=60):
        """Whether the server closes the connection in the end."""
        one.settimeout(seconds)
        try:
            while one.recv(1 << 16):
                pass
        except socket.timeout:
            return False
        except OSError:
            pass
        return True

    @staticmethod
    def is_closed_now(one):
        one.setblocking(False)
        try:
            while one.recv(1 << 16):
                pass
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    def test_connections_that_never_greet(self):
        """Of 1500 that send nothing most are past the limit of their address and closed at once. The others, and those that send half a
        greeting, or one byte of it a second, are closed when they have not greeted in time."""
        opened = [self.connect() for _ in range(1500)]
        slow = [self.connect(SLOW_ADDRESS) for _ in range(100)]
        self.assertGreater(len([one for one in opened if one]), 0)
        self.assertNotIn(None, slow)
        self.assertLess(self.server.open_files(), 1024 + 200)
        self.assertTrue(self.is_closed(opened[-1], 5))
        for one in slow[:50]:
            self.send(one, raw_http2.PREFACE[:11])
        waiting = [one for one in (*opened, *slow) if one]
        deadline = time.monotonic() + PATIENCE_SECONDS
        for at in itertools.count():
            for one in slow[50:]:
                self.send(one, raw_http2.PREFACE[:-1][at:at + 1])  # The last byte never comes.
            waiting = [one for one in waiting if not self.is_closed_now(one)]
            if not waiting:
                break
            self.assertLess(time.monotonic(), deadline, f"{len(waiting)} connections are not closed")
            time.sleep(1)

    def test_one_byte_at_a_time(self):
        """A call that comes byte by byte is slow, and as good as any other: it gets its answer once it is whole."""
        call = (raw_http2.HELLO + raw_http2.frame(raw_http2.HEADERS, raw_http2.END_HEADERS, 1,
                                                  raw_http2.call_headers(SUBMIT, self.authorization))
                + raw_http2.frame(raw_http2.DATA, raw_http2.END_STREAM, 1, raw_http2.message(sickness_return("T08").SerializeToString())))
        slow = [self.connect() for _ in range(50)]
        at = 0
        for _ in self.until():
            for one in slow:
                self.send(one, call[at:at + 1])
            at += 1
            if at == len(call):
                break
            time.sleep(0.05)
        for one in slow:
            self.assertTrue(self.send(one, call[at:]))
        for one in slow:
            one.settimeout(PATIENCE_SECONDS)
            reader, ended = raw_http2.FrameReader(), []
            while not ended:
                received = one.recv(1 << 16)
                self.assertTrue(received, "the server has closed the connection")
                ended = [payload for kind, flags, _, payload in reader.feed(received)
                         if kind == raw_http2.HEADERS and flags & raw_http2.END_STREAM]
            self.assertEqual(raw_http2.status_in(ended[0]), 0, ended)

    def test_descriptor_sets_that_recurse(self):
        recursing = [(one, "rude.proto", "nested at most") for one in rude_descriptors.messages_that_hold_themselves(self.base.folder)]
        recursing.append((rude_descriptors.files_that_import_each_other(), "f0.proto", "has not been loaded"))
        recursing.append((rude_descriptors.files_that_import_each_other(missing=500), "f0.proto", "it is not in the descriptor set"))
        requests = [(collections.PublishCollectionRequest(descriptor_set=one, file_name=name).SerializeToString(), words)
                    for one, name, words in recursing]
        nested = rude_descriptors.nested_request()
        for _ in self.until():
            for request, words in requests:
                code, body = self.call_with(request, self.steward_token, PUBLISH)
                self.assertEqual(code, grpc.StatusCode.OK, body)
                problems = [one.message for one in collections.PublishCollectionResponse.FromString(body).problems]
                self.assertTrue(any(words in one for one in problems), problems[:3])
                self.assertLess(len(body), 400_000)
            code, _ = self.call_with(nested, self.steward_token, PUBLISH)
            self.assertIn(code, (grpc.StatusCode.INTERNAL, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED))

    def test_garbage_in_place_of_a_protocol(self):
        garbage = self.random.randbytes(LARGEST_MESSAGE)
        for _ in self.until():
            one = self.connect()
            self.send(one, garbage)
            self.assertTrue(self.is_closed(one))
            other = self.connect()
            self.send(other, raw_http2.HELLO + garbage)
            self.assertTrue(self.is_closed(other))

    def call_with(self, body, token=None, path=SUBMIT):
        """The code of a call with these bytes as its message."""
        client = Client(self.server, bearer(token or self.rude_token))
        try:
            invoke = client.channel.unary_unary(path, request_serializer=lambda data: data, response_deserializer=lambda data: data)
            return grpc.StatusCode.OK, invoke(body, metadata=client.metadata, timeout=120)
        except grpc.RpcError as error:
            return error.code(), error.details()
        finally:
            client.close()

    def test_messages_of_garbage_and_too_large_ones(self):
        for _ in self.until():
            code, _ = self.call_with(self.random.randbytes(LARGEST_MESSAGE))
            self.assertIn(code, (grpc.StatusCode.INTERNAL, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED))
            code, said = self.call_with(self.random.randbytes(LARGEST_MESSAGE + 1))
            self.assertEqual(code, grpc.StatusCode.RESOURCE_EXHAUSTED)
            self.assertIn("4194304", said)

    def test_large_messages_on_many_calls_that_never_end(self):
        """Nearly all of 4 MiB on each of 60 calls of 30 connections: 7 GB, if the server took them."""
        start = raw_http2.message(bytes(LARGEST_MESSAGE))[:1 << 14]
        connections = [self.connect() for _ in range(30)]
        for one in connections:
            one.setblocking(False)
            hello = raw_http2.HELLO + b"".join(
                raw_http2.frame(raw_http2.HEADERS, raw_http2.END_HEADERS, stream,
                                raw_http2.call_headers(SUBMIT, self.authorization)) + raw_http2.frame(raw_http2.DATA, 0, stream, start)
                for stream in range(1, 7, 2))  # What the first window of a connection takes.
            with contextlib.suppress(OSError):
                one.send(hello)
        readers = {one: raw_http2.FrameReader() for one in connections}
        windows = {one: {0: raw_http2.FIRST_WINDOW - 3 * len(start)} for one in connections}
        for _ in self.until():
            for one in connections:
                with contextlib.suppress(OSError):
                    for kind, _, stream, payload in readers[one].feed(one.recv(1 << 16)):
                        if kind == raw_http2.WINDOW_UPDATE:
                            window = windows[one]
                            window[stream] = window.get(stream, raw_http2.FIRST_WINDOW - len(start)) + int.from_bytes(payload, "big")
                    for stream in (1, 3, 5):
                        window = windows[one]
                        size = min(window[0], window.get(stream, 0), 1 << 14)
                        if size > 0:
                            one.send(raw_http2.frame(raw_http2.DATA, 0, stream, bytes(size)))
                            window[0] -= size
                            window[stream] -= size

    def test_huge_metadata(self):
        for _ in self.until():
            client = Client(self.server, (*bearer(self.rude_token), ("x-rude", "x" * (1 << 20))))
            with self.assertRaises(grpc.RpcError) as caught:
                client.submit(sickness_return())
            self.assertIn(caught.exception.code(), (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE))
            client.close()
            # Headers that go on and on.
            one = self.connect()
            self.send(one, raw_http2.HELLO + raw_http2.frame(raw_http2.HEADERS, 0, 1, raw_http2.call_headers(SUBMIT)))
            more = raw_http2.frame(raw_http2.CONTINUATION, 0, 1, raw_http2.call_headers("/", more=[(b"x-rude", b"x" * 8000)]))
            for _ in range(500):
                if not self.send(one, more):
                    break
            one.close()

    def test_floods_of_pings_and_settings(self):
        for flood in (raw_http2.frame(raw_http2.PING, 0, 0, bytes(8)), raw_http2.settings(), raw_http2.frame(raw_http2.SETTINGS, 1, 0)):
            for _ in self.until():
                one = self.connect()
                self.send(one, raw_http2.HELLO)
                for _ in range(40):
                    if not self.send(one, flood * 1000):
                        break
                one.close()

    def test_taken_back_at_once(self):
        """Calls that are taken back as soon as they are made (CVE-2023-44487), with a credential and without, of what needs none, and
        of what there is not, each kind from an address of its own: that is blocked soon."""
        kinds = ((SUBMIT, self.authorization), (SUBMIT, None), ("/grpc.health.v1.Health/Check", None),
                 ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", None), ("/quartermaster.v1.Nothing/AtAll", None))
        for number, (path, authorization) in enumerate(kinds):
            address = f"127.0.1.{number + 1}"
            for _ in self.until():
                self.take_back_at_once(address, path, authorization)
            end = time.monotonic() + PATIENCE_SECONDS
            while not self.is_told_to_be_blocked(address):
                self.assertLess(time.monotonic(), end, f"{path}: {address} is not blocked")
                time.sleep(0.1)

    def is_told_to_be_blocked(self, address):
        return any(line.startswith(f"qm-server: ipv4:{address}:") and "takes them back at once" in line
                   for line in (self.base.folder / "server.log").read_text().splitlines())

    def take_back_at_once(self, address, path, authorization):
        """Ten thousand calls on each of eight connections, which are then closed."""
        headers = raw_http2.call_headers(path, authorization)
        body = raw_http2.message(sickness_return("T04").SerializeToString())
        opened = [one for one in (self.connect(address) for _ in range(8)) if one]
        taking = [one for one in opened if self.send(one, raw_http2.HELLO)]
        for first in range(1, 20_000, 200):
            calls = b"".join(
                raw_http2.frame(raw_http2.HEADERS, raw_http2.END_HEADERS, stream, headers)
                + (raw_http2.frame(raw_http2.DATA, raw_http2.END_STREAM, stream, body) if stream < 200 else b"")
                + raw_http2.frame(raw_http2.RST_STREAM, 0, stream, (8).to_bytes(4, "big"))
                for stream in range(first, first + 200, 2))
            taking = [one for one in taking if self.send(one, calls)]
        for one in opened:
            one.close()

    def test_streams_that_are_never_read_or_closed(self):
        clients = [Client(self.server, bearer(self.rude_token)) for _ in range(16)]
        streams = []
        stop = threading.Event()

        def endless():
            while not stop.is_set():
                yield submissions.SubmitReturnsRequest(submission=sickness_return("T05", lost=7))

        for client in clients:
            streams.append(client.submit_stream(endless(), timeout_seconds=None))
        for stream in streams:
            self.assertTrue(next(stream).verdict.accepted)
        more = clients[0]
        with self.assertRaises(grpc.RpcError) as caught:
            next(more.submit_stream([submissions.SubmitReturnsRequest(submission=sickness_return("T06"))], PATIENCE_SECONDS))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertEqual(grpc_client.error_info(caught.exception)[0], "TOO_MANY_STREAMS")
        time.sleep(SECONDS)
        stop.set()
        for stream in streams:
            stream.cancel()
        for client in clients:
            client.close()

    def test_health_watches_and_reflection_without_a_credential(self):
        nobody = Client(self.server, ())
        health = nobody.channel.unary_stream("/grpc.health.v1.Health/Watch")
        reflect = nobody.channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        stop = threading.Event()

        def nothing():
            stop.wait(120)
            yield from ()

        calls = [health(b"") for _ in range(80)]
        calls += [reflect(nothing()) for _ in range(20)]
        time.sleep(SECONDS)
        for call in calls:
            call.cancel()
        stop.set()
        nobody.close()

    def test_connections_that_come_and_go(self):
        for _ in self.until():
            for _ in range(300):
                with contextlib.suppress(OSError):
                    one = raw_http2.connect(self.server.address, RUDE_ADDRESS)
                    self.send(one, raw_http2.HELLO)
                    one.close()

    def test_many_that_are_said_to_be_not_available(self):
        for _ in self.until():
            request = sickness_return("T07")
            for number in range(100_000):
                request.content.not_available.add(field=f"field_{number}")
            code, body = self.call_with(request.SerializeToString())
            self.assertEqual(code, grpc.StatusCode.OK)
            self.assertLess(len(body), 200_000)
            request = sickness_return("T07")
            for number in range(100_000):
                request.content.unreadable.add(field=("fte_days_lost", f"x{number}")[number % 2], given="12 beds")
            code, body = self.call_with(request.SerializeToString())
            self.assertEqual(code, grpc.StatusCode.OK)
            self.assertLess(len(body), 200_000)
            request = sickness_return("T07")
            for number in range(100_000):
                request.content.not_available.add(field="fte_days_lost", reason="x" * 20)
            code, body = self.call_with(request.SerializeToString())
            self.assertEqual(code, grpc.StatusCode.OK)
            self.assertLess(len(body), 200_000)


if __name__ == "__main__":
    unittest.main()
