"""The API as a client in another language meets it: retries, streams, errors with reasons, health and reflection."""

import re
import subprocess
import threading
import unittest
import uuid

import grpc

import grpc_client
import harness
from grpc_client import Client, sickness_return, submissions


class ApiTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants([f"T{i:02}" for i in range(40)])
        self.client = Client(self.server)
        self.addCleanup(self.client.close)

    def test_two_clients_with_one_request_id_make_one_revision(self):
        for _ in range(10):
            request = sickness_return(request_id=str(uuid.uuid4()))
            verdicts = []
            start = threading.Barrier(2)

            def send():
                client = Client(self.server)
                start.wait(timeout=30)
                verdicts.append(client.submit(request))
                client.close()

            senders = [threading.Thread(target=send) for _ in range(2)]
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join(timeout=60)
            self.assertEqual(len(verdicts), 2)
            for verdict in verdicts:  # Each may be signed together with others.
                self.assertTrue(verdict.receipt.signature.signature)
                verdict.receipt.ClearField("signature")
            self.assertEqual(verdicts[0].receipt, verdicts[1].receipt)
        self.assertEqual(verdicts[0].revision, 10)

    def test_a_run_repeated_under_its_name_stores_nothing_twice(self):
        path = self.folder / "returns.csv"
        submit = ("submit", path, "--collection", "sickness", "--service", "absence")

        def revisions(*options, lost=1):
            path.write_text(f"participant,period,fte_days_lost,fte_days_available\nT01,2024-04,{lost},9\nT02,Apr 2024,2,9\n")
            return [verdict.get("revision") for verdict in self.qm_json_lines(*submit, *options)]

        self.assertEqual(revisions("--run", "monday"), [1, 1])
        self.assertEqual(revisions("--run", "monday"), [1, 1])
        self.assertEqual(revisions("--run", "monday", "--unary"), [1, 1])
        self.assertEqual(revisions("--run", "tuesday"), [2, 2])
        self.assertEqual(revisions(), [3, 3])
        self.assertEqual(revisions("--run", "monday"), [1, 1])
        self.qm("returns", "withdraw", "--collection", "sickness", "--service", "absence", "--participant", "T01",
                "--period", "2024-04", "--reason", "A test.")
        first, second = self.qm_json_lines(*submit, "--run", "tuesday")
        self.assertEqual((first["replacedByRevision"], first["withdrawnSince"]), (3, True))
        self.assertEqual((second["replacedByRevision"], second.get("withdrawnSince")), (3, None))
        first = self.qm_json_lines(*submit, "--run", "wednesday")[0]
        self.assertNotIn("answeredBefore", first)
        again = self.qm_json_lines(*submit, "--run", "wednesday")[0]
        self.assertTrue(again["answeredBefore"])
        self.assertNotIn("replacedByRevision", again)
        path.write_text(path.read_text().replace("T01,2024-04,1", "T01,2024-04,3"))
        first, second = self.qm_json_lines(*submit, "--run", "monday", expect=5)
        self.assertIn("with other content", first["error"]["message"])
        self.assertIn("What differs: fte_days_lost.", first["error"]["message"])
        self.assertEqual(second["revision"], 1)

    def test_a_code_that_is_none_is_a_finding_and_no_matter_of_permission(self):
        path = self.folder / "returns.csv"
        path.write_text("participant,period,fte_days_lost,fte_days_available\nt01,2024-04,1,9\nT01,2024-04,1,9\n")
        token = self.folder / "t01.token"
        self.qm("admin", "token", "create", "--principal", "t01", "--role", "submitter", "--participant", "T01", "-o", token)
        small, right = self.qm_json_lines("--token-file", token, "submit", path, "--collection", "sickness", "--service", "absence", expect=3)
        self.assertEqual([(f["ruleId"], f["hint"], f["row"]) for f in small["findings"]], [("participant-code", "Write T01.", 2)])
        self.assertTrue(right["accepted"])

    def test_both_programs_say_their_version(self):
        version = re.search(r"^project\(quartermaster VERSION (\S+)", (harness.SOURCE / "CMakeLists.txt").read_text(), re.MULTILINE)[1]
        for program in ("qm", "qm-server"):
            done = subprocess.run([harness.BINARIES / program, "--version"], capture_output=True, text=True, timeout=60, check=True)
            self.assertEqual(done.stdout, f"{program} {version}\n")

    def test_reply_carries_the_new_mean(self):
        self.client.submit(sickness_return("T01", lost=2))
        verdict = self.client.submit(sickness_return("T02", lost=4))
        self.assertEqual(verdict.position[0].national.n, 2)
        self.assertEqual(verdict.position[0].national.mean, 3)
        self.assertEqual(verdict.position[0].rank, 1)

    def test_stream_answers_in_order_and_goes_on_after_an_error(self):
        def requests():
            for i in range(400):
                request = sickness_return(f"T{i % 40:02}", lost=i)
                if i % 50 == 7:
                    request.content.collection = "nothing"
                elif i % 50 == 9:
                    request.content.participant = "NOBODY"
                yield submissions.SubmitReturnsRequest(submission=request)

        answers = list(self.client.submit_stream(requests()))
        self.assertEqual(len(answers), 400)
        for i, answer in enumerate(answers):
            if i % 50 == 7:
                self.assertEqual(answer.error.code, grpc.StatusCode.NOT_FOUND.value[0])
            elif i % 50 == 9:
                self.assertFalse(answer.verdict.accepted)
            else:
                self.assertTrue(answer.verdict.accepted)
                self.assertEqual(answer.verdict.participant, f"T{i % 40:02}")

    def test_stream_that_is_cancelled_leaves_the_server_well(self):
        def endless():
            while True:
                yield submissions.SubmitReturnsRequest(submission=sickness_return("T03"))

        for _ in range(5):
            stream = self.client.submit_stream(endless())
            for _ in range(20):
                next(stream)
            stream.cancel()
        self.assertTrue(self.client.submit(sickness_return("T04")).accepted)

    def check_error(self, code, reason, call):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        self.assertEqual(caught.exception.code(), code)
        found, status = grpc_client.error_info(caught.exception)
        self.assertEqual(found, reason)
        self.assertLess(status.ByteSize(), 4096)
        return caught.exception.details()

    def test_errors_have_reasons(self):
        code = grpc.StatusCode
        submit = self.client.submit
        self.check_error(code.NOT_FOUND, "COLLECTION_NOT_FOUND", lambda: submit(submissions.SubmitReturnRequest()))
        self.check_error(code.INVALID_ARGUMENT, "INVALID_FIELD", lambda: submit(sickness_return(request_id="no uuid")))
        submit(sickness_return("T05"))
        self.check_error(code.ABORTED, "REVISION_CONFLICT", lambda: submit(sickness_return("T05", expected_revision=0)))
        used = str(uuid.uuid4())
        submit(sickness_return("T06", request_id=used))
        said = self.check_error(code.ALREADY_EXISTS, "REQUEST_ID_REUSED", lambda: submit(sickness_return("T06", lost=9, request_id=used)))
        self.assertIn("content", said)
        long_name = submissions.SubmitReturnRequest()
        long_name.content.collection = "x" * 100_000
        self.check_error(code.NOT_FOUND, "COLLECTION_NOT_FOUND", lambda: submit(long_name))

    def test_nobody_is_served_without_a_token(self):
        for metadata in ((), (("authorization", "Bearer wrong"),), (("authorization", "Basic abc"),)):
            client = Client(self.server, metadata)
            self.check_error(grpc.StatusCode.UNAUTHENTICATED, "NO_VALID_TOKEN", lambda: client.submit(sickness_return()))
            with self.assertRaises(grpc.RpcError) as caught:
                list(client.submit_stream([]))
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
            client.close()

    def test_a_read_sees_every_commit_that_was_acknowledged(self):
        for i in range(20):
            self.client.submit(sickness_return(f"T{i:02}", lost=i))
            reader = Client(self.server)
            response = reader.call("NationalService", "ListNationalStatistics",
                                   grpc_client.national.ListNationalStatisticsRequest(collection="sickness", period="Apr 2024"),
                                   grpc_client.national.ListNationalStatisticsResponse)
            reader.close()
            self.assertEqual(response.statistics[0].n, i + 1)
            self.assertEqual(response.statistics[0].maximum, i)

    def test_health_and_reflection_are_on(self):
        health = self.client.channel.unary_unary("/grpc.health.v1.Health/Check")
        self.assertEqual(health(b"", timeout=10), b"\x08\x01")  # SERVING
        reflect = self.client.channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        answer = b"".join(reflect(iter([b"\x3a\x00"]), timeout=10))  # list_services
        for service in ("SubmissionService", "ReturnService", "NationalService", "CollectionService", "ParticipantService"):
            self.assertIn(f"quartermaster.v1.{service}".encode(), answer)

    def test_pages_hold_every_return_once(self):
        for i in range(25):
            self.client.submit(sickness_return(f"T{i:02}"))
            self.client.submit(sickness_return(f"T{i:02}", lost=2))
        for all_revisions, expected in ((False, 25), (True, 50)):
            seen, token = [], ""
            for _ in range(50):
                page = self.client.call("ReturnService", "ListReturns",
                                        grpc_client.returns.ListReturnsRequest(collection="sickness", page_size=7, page_token=token,
                                                                               all_revisions=all_revisions),
                                        grpc_client.returns.ListReturnsResponse)
                self.assertLessEqual(len(page.returns), 7)
                seen += [(one.participant, one.revision, one.state) for one in page.returns]
                token = page.next_page_token
                if not token:
                    break
            self.assertEqual(len(seen), expected)
            self.assertEqual(len(set(seen)), expected)
            current = grpc_client.returns.RETURN_STATE_CURRENT
            self.assertTrue(all((state == current) == (revision == 2) for _, revision, state in seen))


if __name__ == "__main__":
    unittest.main()
