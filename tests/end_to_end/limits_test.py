"""Limits: past each the caller hears RESOURCE_EXHAUSTED, or what is wrong with what it sent, and others do not notice."""

import pathlib
import threading
import time
import unittest

import grpc
from google.protobuf import descriptor_pb2

import grpc_client
import harness
import raw_http2
import rude_descriptors
from grpc_client import Client, bearer, sickness_return, submissions
from rude_descriptors import SERVICE, compile_text

collections = grpc_client.module("quartermaster/v1/collection_service")
progress = grpc_client.module("quartermaster/v1/progress_service")
code = grpc.StatusCode

BEDS = 'optional int64 beds = 1 [(schema.v1.field) = { label: "Beds" }];'


class LimitsTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants([f"T{i:02}" for i in range(8)])

    def client(self, metadata=None):
        client = Client(self.server, metadata)
        self.addCleanup(client.close)
        return client

    def submitter(self, principal):
        return bearer(self.make_token("submitter", ["T01", "T02"], principal=principal))

    def test_calls_of_one_principal_and_not_of_another(self):
        """A principal that asks on and on is refused for a while; what it has asked is counted for nobody else."""
        greedy = self.submitter("greedy")
        modest = self.client(self.submitter("modest"))
        refused = []
        stop = threading.Event()

        def ask():
            caller = raw_http2.Caller(self.server.address, "/quartermaster.v1.SubmissionService/GetReceiptKey", greedy[0][1])
            while not stop.is_set():
                ended = caller.call(100)
                refused.extend(block for block in ended if raw_http2.status_in(block) != 0)
                if refused:
                    stop.set()
            caller.close()

        askers = [threading.Thread(target=ask) for _ in range(2)]
        for asker in askers:
            asker.start()
        modest_calls = 0
        end = time.monotonic() + 60
        while not stop.is_set() and time.monotonic() < end:
            self.assertTrue(modest.submit(sickness_return("T02", lost=modest_calls % 90)).accepted)
            modest_calls += 1
        stop.set()
        for asker in askers:
            asker.join(timeout=120)
        self.assertGreater(modest_calls, 0)
        if not refused:
            self.skipTest("this machine is too busy for more than 1000 calls a second")
        self.assertEqual({raw_http2.status_in(block) for block in refused}, {code.RESOURCE_EXHAUSTED.value[0]})
        self.assertIn(b"greedy makes more than 1000 calls a second", refused[0])
        # Its stream is one call, and a moment later it is served again.
        time.sleep(1)
        client = self.client(greedy)
        answers = list(client.submit_stream([submissions.SubmitReturnsRequest(submission=sickness_return("T01"))] * 50))
        self.assertTrue(all(answer.verdict.accepted for answer in answers))

    def test_refusals_are_counted_by_address_and_hold_up_nobody_with_a_token(self):
        nobody = self.client((("authorization", "Bearer wrong"),))
        invoke = nobody.channel.unary_unary("/quartermaster.v1.SubmissionService/GetReceiptKey")
        refusals = []
        for _ in range(15):
            waiting = [invoke.future(b"", metadata=nobody.metadata, timeout=60) for _ in range(100)]
            refusals += [one.exception() for one in waiting]
        found = {grpc_client.error_info(one)[0] for one in refusals}
        self.assertEqual(found, {"NO_VALID_TOKEN", "TOO_MANY_REFUSALS"})
        self.assertEqual(refusals[0].code(), code.UNAUTHENTICATED)
        last = next(one for one in refusals if one.code() == code.RESOURCE_EXHAUSTED)
        self.assertIn("without a valid credential", last.details())
        self.assertTrue(self.client().submit(sickness_return("T01")).accepted)

    def test_streams_of_one_principal(self):
        greedy = self.submitter("greedy")
        client = self.client(greedy)
        stop = threading.Event()

        def one_and_wait():
            yield submissions.SubmitReturnsRequest(submission=sickness_return("T01"))
            stop.wait(120)

        streams = [client.submit_stream(one_and_wait(), timeout_seconds=120) for _ in range(16)]
        for stream in streams:
            self.assertTrue(next(stream).verdict.accepted)
        with self.assertRaises(grpc.RpcError) as caught:
            next(client.submit_stream(one_and_wait()))
        self.assertEqual(caught.exception.code(), code.RESOURCE_EXHAUSTED)
        reason, status = grpc_client.error_info(caught.exception)
        self.assertEqual(reason, "TOO_MANY_STREAMS")
        self.assertIn("greedy has 16 streams of returns open already", status.message)
        other = self.client(self.submitter("modest"))
        answer, = other.submit_stream([submissions.SubmitReturnsRequest(submission=sickness_return("T02"))])
        self.assertTrue(answer.verdict.accepted)
        # A place is given back whether its client ends well or badly.
        streams.pop().cancel()
        stop.set()
        for stream in streams:
            self.assertEqual(list(stream), [])
        stop.clear()
        deadline = time.monotonic() + 60
        while True:
            again = client.submit_stream(one_and_wait(), timeout_seconds=120)
            try:
                self.assertTrue(next(again).verdict.accepted)
                break
            except grpc.RpcError as error:  # The cancelled one is given back as soon as the server hears of it.
                self.assertEqual(error.code(), code.RESOURCE_EXHAUSTED)
                self.assertLess(time.monotonic(), deadline)
        stop.set()

    def server_megabytes(self):
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text(encoding="ascii")
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def test_an_idle_stream_keeps_no_request(self):
        """Two million empty messages are 4 MB on the wire and 100 MB in memory, while they are judged."""
        client = self.client()
        large = submissions.SubmitReturnsRequest(submission=sickness_return("T01"))
        empty = submissions.ReturnContent(not_available=[submissions.NotAvailable()]).SerializeToString()
        large.submission.content.MergeFromString(empty * 2_000_000)
        stop = threading.Event()
        self.addCleanup(stop.set)

        def one_and_wait():
            yield large
            stop.wait(120)

        streams = []
        megabytes = []
        for _ in range(6):
            streams.append(client.submit_stream(one_and_wait(), timeout_seconds=120))
            self.assertFalse(next(streams[-1]).verdict.accepted)
            megabytes.append(self.server_megabytes())
        print(f"megabytes after each stream: {[round(one) for one in megabytes]}", flush=True)
        self.assertLess(megabytes[-1] - megabytes[0], 300)
        stop.set()
        for stream in streams:
            self.assertEqual(list(stream), [])

    def test_a_stream_whose_verdicts_nobody_reads(self):
        """It is read no further once 2 MiB of verdicts wait, and goes on when they are read."""
        client = Client(self.server, self.submitter("greedy"), lazy=True)
        self.addCleanup(client.close)
        wrong = submissions.SubmitReturnsRequest(submission=sickness_return("T01"))
        for number in range(100):  # A finding each.
            wrong.submission.content.unreadable.add(field=f"{number:02}" + "x" * 100, given="y" * 200)
        stream = client.submit_stream([wrong] * 128)

        def judged():
            return sum('"rejected"' in line for line in self.qm("admin", "audit", "export").stdout.splitlines())

        seen, now = -1, 0
        while now == 0 or now != seen:
            time.sleep(1)
            seen, now = now, judged()
        answers = list(stream)
        self.assertEqual(len(answers), 128)
        self.assertEqual(judged(), 128)
        print(f"{now} of 128 verdicts of {answers[0].ByteSize()} bytes were made before any was read", flush=True)
        # Beside the limit there is what is on its way, which HTTP/2 bounds.
        self.assertLess((now - 1) * answers[0].ByteSize(), (2 << 20) + (1 << 20))

    def test_the_size_of_messages(self):
        client = self.client()
        request = sickness_return("T01")
        request.content.not_available.add(field="x", reason="x" * (4 << 20))
        with self.assertRaises(grpc.RpcError) as caught:
            client.submit(request)
        self.assertEqual(caught.exception.code(), code.RESOURCE_EXHAUSTED)
        self.assertIn("4194304", caught.exception.details())
        request.content.not_available[0].reason = "x" * ((4 << 20) - 1000)
        self.assertFalse(client.submit(request).accepted)

    def check(self, descriptor_set, name="rude.proto"):
        """The problems of a descriptor set, as PublishCollection tells them; a set that was taken has none."""
        response = self.client().call("CollectionService", "PublishCollection",
                                      collections.PublishCollectionRequest(descriptor_set=descriptor_set, file_name=name),
                                      collections.PublishCollectionResponse, timeout_seconds=120)
        self.assertLess(response.ByteSize(), 400_000)
        return [problem.message for problem in response.problems]

    def assert_said(self, words, problems):
        self.assertTrue(any(words in one for one in problems), problems[:3])

    def test_descriptor_sets_that_go_on_and_on(self):
        for descriptor_set in rude_descriptors.messages_that_hold_themselves(self.folder):
            self.assert_said("nested at most", self.check(descriptor_set))
        fields = "".join(f' optional int64 f{number} = {number + 1} [(schema.v1.field) = {{ label: "F" }}];' for number in range(15_000))
        self.assert_said("at most 2000 fields", self.check(compile_text(self.folder, f"message Beds {{ {SERVICE} {fields} }}")))
        rules = "".join(f' option (schema.v1.rule) = {{ id: "r{number}" severity: SEVERITY_ERROR class: CLASS_INVALID message: "m" '
                        f'expression: "beds > {number}" }};' for number in range(1_001))
        self.assert_said("at most 1000 rules", self.check(compile_text(
            self.folder, f"message Beds {{ {SERVICE} {rules} {BEDS} }}")))
        indicators = "".join(f' option (schema.v1.indicator) = {{ id: "i{number}" title: "t" value: "beds" }};' for number in range(2_001))
        self.assert_said("at most 2000 rows of statistics", self.check(compile_text(
            self.folder, f"message Beds {{ {SERVICE} {indicators} {BEDS} }}")))
        deep = "(" * 100 + "beds" + ")" * 100
        self.assert_said("nested deeper", self.check(compile_text(
            self.folder, f'message Beds {{ {SERVICE} option (schema.v1.rule) = {{ id: "r" severity: SEVERITY_ERROR class: CLASS_INVALID '
            f'message: "m" expression: "{deep} > 1" }}; {BEDS} }}')))
        # Names that no compiler would let pass, each a problem of its own; files that import each other and what is not there.
        broken = descriptor_pb2.FileDescriptorSet()
        file = broken.file.add(name="rude.proto", package="quartermaster.collections.rude.v1", syntax="proto3")
        for number in range(50_000):
            file.message_type.add(name=f"not a name {number}")
        self.assertLessEqual(len(self.check(broken)), 100)
        self.assertLessEqual(len(self.check(rude_descriptors.files_that_import_each_other(missing=500), "f0.proto")), 100)
        many = descriptor_pb2.FileDescriptorSet(file=[descriptor_pb2.FileDescriptorProto(name=f"f{i}.proto") for i in range(5_000)])
        self.assert_said("at most 200 files", self.check(many, "f0.proto"))
        self.assertTrue(self.client().submit(sickness_return("T01")).accepted)

    def test_a_message_type_nested_as_deep_as_bytes_allow(self):
        client = self.client()
        invoke = client.channel.unary_unary("/quartermaster.v1.CollectionService/PublishCollection")
        with self.assertRaises(grpc.RpcError) as caught:
            invoke(rude_descriptors.nested_request(), metadata=client.metadata, timeout=60)
        self.assertIn(caught.exception.code(), (code.INTERNAL, code.INVALID_ARGUMENT, code.UNIMPLEMENTED))
        self.assertTrue(client.submit(sickness_return("T01")).accepted)

    def test_watches_of_one_principal(self):
        """Half of the places are for others."""
        greedy = bearer(self.make_token("report-builder", principal="greedy"))
        watch = self.client(greedy).channel.unary_stream("/quartermaster.v1.ProgressService/Watch",
                                                         request_serializer=lambda message: message.SerializeToString(),
                                                         response_deserializer=progress.WatchResponse.FromString)
        request = progress.WatchRequest(collection="sickness", period="2024-04")
        streams = [watch(request, metadata=greedy) for _ in range(25)]
        for stream in streams:
            next(stream)
        with self.assertRaises(grpc.RpcError) as caught:
            next(watch(request, metadata=greedy))
        self.assertEqual(grpc_client.error_info(caught.exception)[0], "TOO_MANY_STREAMS")
        other = bearer(self.make_token("report-builder", principal="modest"))
        stream = watch(request, metadata=other)
        next(stream)
        for one in (*streams, stream):
            one.cancel()


if __name__ == "__main__":
    unittest.main()
