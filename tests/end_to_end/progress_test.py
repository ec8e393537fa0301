"""How far a period is, and what comes as it comes: enrolments, qm status, qm watch, and watches over the wire."""

import csv
import io
import json
import queue
import subprocess
import threading
import time
import unittest

import grpc

import grpc_client
import harness

QUARTER = "2020-21-Q1"  # Due on 28 July 2020.
progress = grpc_client.module("quartermaster/v1/progress_service")


class Watch:
    """`qm watch` in the background; its lines come from `next`."""

    def __init__(self, test, *arguments, output="json"):
        self.process = subprocess.Popen(
            [harness.BINARIES / "qm", "--output", output, "watch", *map(str, arguments)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=test.server.environment())
        self.lines, self.errors = queue.Queue(), queue.Queue()
        for stream, lines in ((self.process.stdout, self.lines), (self.process.stderr, self.errors)):
            threading.Thread(target=lambda stream=stream, lines=lines: [lines.put(line) for line in stream], daemon=True).start()
        test.addCleanup(self.end)

    def next(self, timeout_seconds=60):
        return self.lines.get(timeout=timeout_seconds)

    def next_json(self):
        return json.loads(self.next())

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


class ProgressTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "census.proto")
        self.import_participants(["RT1", "RT2", "RT3", "RT4"])
        self.reopen("census", QUARTER)

    def submit(self, *rows):
        file = self.write_csv("returns.csv", [{"participant": code, "period": period, "beds": beds} for code, period, beds in rows])
        self.qm("submit", file, "--collection", "census", "--service", "beds")

    def enrol(self, *codes, expect=0):
        return self.qm_json("participant", "enrol", self.write_csv("enrolments.csv", [
            {"collection": "census", "service": "beds", "participant": code, "from": "", "to": ""} for code in codes]), expect=expect)

    def status(self, *arguments, period=QUARTER):
        return self.qm_json("status", "--collection", "census", "--period", period, *arguments)

    def test_enrolments_come_back_as_they_went(self):
        self.assertEqual(self.enrol("RT2", "RT1")["updated"], 2)
        self.assertEqual(self.enrol("RT2", "RT1")["unchanged"], 2)
        ended = self.write("ended.csv", "collection,service,participant,from,to\ncensus,beds,RT2,Apr 2020,2021-03\n")
        self.assertIn("1 enrolment new or changed, 0 unchanged.", self.qm("participant", "enrol", ended).stdout)
        listed = self.qm("--output", "csv", "participant", "enrolments", "--collection", "census").stdout
        self.assertEqual(listed, "collection,service,participant,from,to\ncensus,beds,RT1,,\ncensus,beds,RT2,2020-04,2021-03\n")
        self.assertEqual(self.qm_json("participant", "enrol", self.write("again.csv", listed))["unchanged"], 2)
        refused = self.enrol("RT3", "RT9", expect=3)["findings"]
        self.assertEqual([(one["ruleId"], one["row"], one["column"]) for one in refused], [("unknown-participant", 3, "participant")])
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.assertEqual(self.qm("--output", "csv", "participant", "enrolments").stdout, listed)
        self.assertIn("there is no collection", self.qm("participant", "enrolments", "--collection", "none", expect=1).stderr)

    def test_successors_come_back_as_they_went(self):
        file = self.write("merged.csv", "code,name,successor,succeeded_from\nRT1,One,RT2,Jun 2020\n")
        self.qm("participant", "import", file)
        listed = self.qm("--output", "csv", "participant", "list").stdout
        self.assertIn("RT1,One,,,,,RT2,2020-06\n", listed)
        again = self.qm_json("participant", "import", self.write("again.csv", listed))
        self.assertEqual(again["unchanged"], 4)
        circle = self.write("circle.csv", "code,name,successor,succeeded_from\nRT2,Two,RT1,2020-07\n")
        self.assertIn("in a circle", self.qm("participant", "import", circle, expect=3).stdout)
        self.submit(("RT1", "2020-04", 5), ("RT1", "2020-05", 5))
        self.assertEqual([(one["participant"], one["state"]) for one in self.status()["services"]],
                         [("RT2", "SUBMISSION_STATE_PARTIAL")])

    def test_the_status_says_who_is_missing_first(self):
        self.enrol("RT1", "RT2", "RT3")
        self.submit(("RT1", QUARTER, 5), ("RT2", "2020-04", 5), ("RT4", QUARTER, 5))
        self.submit(("RT1", QUARTER, 6))
        self.qm("window", "extend", "--collection", "census", "--participant", "RT3", "--period", QUARTER, "--days", 9, "--reason", "A reason.")
        status = self.status()
        self.assertEqual(status["completeness"], {
            "expected": 3, "submitted": 1, "partial": 1, "overdue": 1, "onTime": 0, "onTimePercent": 0, "openQueries": 0})
        self.assertEqual(status["window"]["due"], "2020-07-28")
        lines = {one["participant"]: one for one in status["services"]}
        self.assertEqual([lines[code]["state"].rsplit("_", 1)[1] for code in ("RT1", "RT2", "RT3", "RT4")],
                         ["SUBMITTED", "PARTIAL", "OVERDUE", "SUBMITTED"])
        self.assertEqual([lines["RT1"][key] for key in ("revision", "late", "unexpected", "name")], [2, True, False, "Participant RT1"])
        self.assertEqual((lines["RT2"]["monthsPresent"], lines["RT4"]["unexpected"]), (1, True))
        self.assertTrue(lines["RT3"]["extendedUntil"])
        self.assertNotIn("quality", {key for key, value in lines["RT3"].items() if value})
        self.assertEqual(lines["RT1"]["quality"], {"score": 100, "coverage": 100, "validity": 100, "asked": 1, "given": 1, "queried": 0})
        first_revision = self.qm_json("returns", "show", "--collection", "census", "--service", "beds", "--participant", "RT1",
                                      "--period", QUARTER, "--revision", 1)["storedReturn"]
        self.assertEqual(lines["RT1"]["submitTime"], first_revision["receipt"]["commitTime"])

        table = self.qm("status", "--collection", "census", "--period", QUARTER).stdout
        self.assertEqual(table.splitlines()[0], "Q1 2020/21 of census: 3 expected, 1 submitted, 1 partial, 1 overdue, 0 % on time, "
                                                "0 open queries. Due 2020-07-28.")
        self.assertRegex(table, r"(?s)overdue +RT3 .*partial +RT2 .*submitted, late +RT1 .*submitted, late, not expected +RT4 ")
        rows = list(csv.DictReader(io.StringIO(self.qm("--output", "csv", "status", "--collection", "census", "--period", QUARTER).stdout)))
        self.assertEqual([(row["participant"], row["state"], row["late"], row["quality"]) for row in rows],
                         [("RT1", "submitted", "yes", "100"), ("RT2", "partial", "no", "100"), ("RT3", "overdue", "no", ""),
                          ("RT4", "submitted", "yes", "100")])
        self.assertEqual(len(self.status("--participant", "RT2", "--service", "beds")["services"]), 1)
        # A month has no window in this collection: nothing is on time or late.
        month = self.status(period="2020-04")
        self.assertEqual([(one["participant"], one["state"]) for one in month["services"]],
                         [("RT1", "SUBMISSION_STATE_EXPECTED"), ("RT2", "SUBMISSION_STATE_SUBMITTED"), ("RT3", "SUBMISSION_STATE_EXPECTED")])
        self.assertNotIn("onTimePercent", month["completeness"])
        self.assertIn("there is no service", self.qm("status", "--collection", "census", "--period", QUARTER, "--service", "x", expect=1).stderr)

    def test_a_watch_tells_the_past_then_what_comes_and_outlives_the_server(self):
        self.enrol("RT1", "RT2", "RT3")
        self.submit(("RT1", QUARTER, 5))
        watch = Watch(self, "--collection", "census", "--period", QUARTER, "--after", 0)
        table = Watch(self, "--collection", "census", "--period", QUARTER, output="table")
        first = watch.next_json()
        self.assertEqual([first["storedReturn"][key] for key in ("participant", "period", "revision")], ["RT1", QUARTER, 1])
        caught_up = watch.next_json()
        self.assertIn("caughtUp", caught_up)
        self.assertEqual((caught_up["completeness"]["submitted"], caught_up["completeness"]["expected"]), (1, 3))
        self.assertRegex(table.next(), r"^Watching from commit \d+ on: 1 of 3 submitted\.\n$")

        self.submit(("RT2", QUARTER, 8))
        second = watch.next_json()
        self.assertEqual(second["storedReturn"]["participant"], "RT2")
        self.assertEqual(second["completeness"]["submitted"], 2)
        self.assertRegex(table.next(), r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC  RT2  beds  Q1 2020/21  revision 1  commit \d+  2 of 3 submitted\n$")

        # The server stops at once, for all who watch; what comes before they are back is not missed.
        started = time.monotonic()
        address = self.server.address
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(time.monotonic() - started, 8)
        self.server.start()
        self.submit(("RT3", QUARTER, 9))
        self.qm("returns", "withdraw", "--collection", "census", "--service", "beds", "--participant", "RT1", "--period", QUARTER,
                "--reason", "A mistake.")
        self.server.kill()
        self.start_at(address)
        told = []
        while len(told) < 2:
            message = watch.next_json()
            if "storedReturn" in message:
                told.append((message["storedReturn"]["participant"], message["storedReturn"]["withdrawn"]))
        self.assertEqual(told, [("RT3", False), ("RT1", True)])
        self.assertRegex(table.errors.get(timeout=60), "the server does not answer; the watch waits for two minutes")
        self.assertRegex(table.next(), "  RT3  beds  ")
        self.assertTrue(table.errors.empty(), "it is said once")
        self.assertEqual(watch.next_json()["completeness"]["submitted"], 2)
        self.submit(("RT1", QUARTER, 5))
        self.assertEqual(watch.next_json()["storedReturn"]["revision"], 2)

    def start_at(self, address):
        """The same server at an address that clients know."""
        self.server.process = subprocess.Popen(
            [harness.BINARIES / "qm-server", "--data-dir", self.server.data_dir, "--listen", address], stdout=subprocess.PIPE, text=True)
        self.assertEqual(self.server.process.stdout.readline(), f"listening on {address}\n")
        self.server.address = address

    def test_a_watch_that_cannot_be_is_refused(self):
        watch = ("watch", "--collection", "census", "--period", QUARTER)
        self.assertIn("--after", self.qm(*watch, "--after", "x", expect=2).stderr)
        self.assertIn("last commit of this server", self.qm(*watch, "--after", 999999, expect=2).stderr)
        self.assertIn("there is no service", self.qm(*watch, "--service", "x", expect=1).stderr)

    def test_a_watcher_that_does_not_read_falls_behind_and_goes_on(self):
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        client = grpc_client.Client(self.server)
        self.addCleanup(client.close)
        # Little is buffered on the way, so that a reader that stops is noticed.
        narrow = grpc.insecure_channel(self.server.address, options=[("grpc.http2.bdp_probe", 0)])
        self.addCleanup(narrow.close)
        watch = narrow.unary_stream("/quartermaster.v1.ProgressService/Watch",
                                    request_serializer=lambda message: message.SerializeToString(),
                                    response_deserializer=progress.WatchResponse.FromString)
        request = progress.WatchRequest(collection="sickness", period="2024-04")
        stream = watch(request, metadata=client.metadata)
        last = next(stream).sequence
        count = 8000
        sent = [grpc_client.sickness_return("RT1", lost=i % 90, available=100) for i in range(count)]
        requests = [grpc_client.submissions.SubmitReturnsRequest(submission=one) for one in sent]
        answers = list(client.submit_stream(requests, timeout_seconds=200))
        self.assertTrue(all(answer.verdict.accepted for answer in answers), answers[0])
        told = []
        reasons = set()
        while len(told) < count:
            try:
                for message in stream:
                    last = message.sequence
                    if message.HasField("stored_return"):
                        told.append(message.stored_return.revision)
                    if len(told) == count:
                        break
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                reasons.add(grpc_client.error_info(error)[0])
                stream = watch(progress.WatchRequest(collection="sickness", period="2024-04", after_sequence=last), metadata=client.metadata)
        stream.cancel()
        self.assertEqual(reasons, {"FELL_BEHIND"})
        self.assertEqual(told, list(range(1, count + 1)))

    def test_the_number_of_watchers_is_bounded_and_places_are_freed(self):
        client = grpc_client.Client(self.server)
        self.addCleanup(client.close)
        watch = client.channel.unary_stream("/quartermaster.v1.ProgressService/Watch",
                                            request_serializer=lambda message: message.SerializeToString(),
                                            response_deserializer=progress.WatchResponse.FromString)
        request = progress.WatchRequest(collection="census", period=QUARTER)
        # One principal may have half of the places.
        other = grpc_client.bearer(self.make_token("report-builder", principal="another"))
        streams = [watch(request, metadata=metadata) for metadata in (client.metadata, other) for _ in range(25)]
        for stream in streams:
            next(stream)
        third = grpc_client.bearer(self.make_token("report-builder", principal="third"))
        with self.assertRaises(grpc.RpcError) as refused:
            next(watch(request, metadata=third))
        self.assertEqual(grpc_client.error_info(refused.exception)[0], "TOO_MANY_WATCHERS")
        streams.pop().cancel()
        deadline = time.monotonic() + 30
        while True:
            try:
                stream = watch(request, metadata=other)
                next(stream)
                break
            except grpc.RpcError:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
        self.submit(("RT1", QUARTER, 5))
        for one in [*streams, stream]:
            self.assertEqual(next(one).stored_return.participant, "RT1")
        self.assertEqual(self.server.stop(), 0)
        for one in streams:
            with self.assertRaises(grpc.RpcError) as ended:
                next(one)
            self.assertEqual(grpc_client.error_info(ended.exception)[0], "SERVER_STOPS")


if __name__ == "__main__":
    unittest.main()
