"""The audit, from outside: every write, refusal and read of another's data has a line, the lines make a chain that anybody can
check, a change of it is found, and no token, value or word that somebody wrote is in any line."""

import hashlib
import json
import unittest

import grpc

import access_test
from grpc_client import Client, bearer, module, returns

code = grpc.StatusCode
audits = module("quartermaster/v1/audit_service")

# Sent as a value, and as a text; neither is in anything else.
VALUE = 7_318_264
WORDS = "Ward nine was flooded"
FRAME = {"number", "time", "previous", "sequence", "revision"}


def said(line):
    """A line without what the store adds to it."""
    return {name: value for name, value in line.items() if name not in FRAME}


def check_chain(lines):
    """What an auditor would write: each line names the SHA-256 of the one before."""
    previous = "0" * 64
    for number, line in enumerate(lines, 1):
        parsed = json.loads(line)
        assert (parsed["number"], parsed["previous"]) == (number, previous), line
        previous = hashlib.sha256(line.encode()).hexdigest()
    return previous


class AuditHarness(access_test.AccessHarness):
    def setUp(self):
        super().setUp()
        # Started anew, so that what it says can be read.
        self.assertEqual(self.server.stop(), 0)
        self.server.log = self.folder / "stderr"
        self.server.start()

    def text_lines(self, *arguments):
        return self.qm("admin", "audit", "export", *arguments).stdout.splitlines()

    def lines(self):
        return [json.loads(line) for line in self.text_lines()]

    def refusals(self):
        return [said(line) for line in self.lines() if line["outcome"] == "refused"]


class WritesAndReadsTest(AuditHarness):
    def test_who_did_what(self):
        seen = len(self.lines())

        def new_lines():
            """What was added since, without exports of the audit."""
            nonlocal seen
            lines = self.lines()
            added, seen = lines[seen:], len(lines)
            return [said(line) for line in added if line.get("rpc") != "ReadAudit"]

        about = {"collection": "trial", "service": "beds", "participant": "RT1", "period": "2024-04"}
        named = ("--collection", "trial", "--service", "beds", "--participant", "RT1")
        self.submit("RT1", token=self.rt1)
        stored, = new_lines()
        self.assertRegex(stored.pop("request_id"), "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertEqual(stored, {"principal": "jo@rt1", "rpc": "SubmitReturn", "outcome": "stored", **about})

        # Rejected: a value below its least. A dry run sends nothing in.
        file = self.write_csv("wrong.csv", [{"participant": "RT1", "period": "2024-04", "available": -VALUE, "occupied": -1}])
        send = ("--token-file", self.rt1, "submit", file, "--collection", "trial", "--service", "beds")
        self.qm(*send, "--dry-run", expect=3)
        self.qm(*send, expect=3)
        self.qm(*send, "--unary", expect=3)
        rejected = {"principal": "jo@rt1", "rpc": "SubmitReturn", "outcome": "rejected", **about, "errors": 2}
        self.assertEqual(new_lines(), [rejected, rejected])

        # One's own data is no news; another's is, a line a call.
        builder = self.make_token("report-builder", principal="ann")
        both = self.make_token(["submitter", "report-builder"], ["RT1"], principal="bob")
        new_lines()
        show = ("returns", "show", *named, "--period", "2024-04")
        self.qm("--token-file", self.rt1, *show)
        self.qm("--token-file", both, *show)
        self.assertEqual(new_lines(), [])
        self.qm("--token-file", builder, *show)
        self.qm("--token-file", builder, "returns", "list", "--collection", "trial")
        self.qm("--token-file", builder, "query", "list", "--collection", "trial")
        self.qm("--token-file", builder, "status", "--collection", "trial", "--period", "2024-04")
        extract = ("extract", "--collection", "trial", "--from", "2024-04", "--to", "2024-04", "-o", self.folder / "all.jsonl")
        self.qm("--token-file", builder, *extract)
        self.qm("--token-file", builder, *extract, "--view", "own")
        self.qm("--token-file", builder, "bundle", "--collection", "trial", "--participant", "RT1", "-o", self.folder / "bundle")
        national = ("national", "--collection", "trial", "--period", "2024-04")
        self.qm("--token-file", builder, *national)
        self.qm("--token-file", builder, *national, "--group-by", "nation")
        reads = new_lines()
        self.assertEqual([(one["principal"], one["rpc"], one["outcome"]) for one in reads],
                         [("ann", rpc, "read") for rpc in ("GetReturn", "ListReturns", "ListQueries", "GetStatus", "Extract",
                                                           "DownloadBundle", "ListNationalStatistics")])
        self.assertEqual(reads[0], {"principal": "ann", "rpc": "GetReturn", "outcome": "read", **about})
        self.assertEqual(reads[5]["participants"], "RT1")

        # A watch is in the audit from its beginning, not once it ends.
        client = self.client(builder)
        progress = module("quartermaster/v1/progress_service")
        watch = client.channel.unary_stream("/quartermaster.v1.ProgressService/Watch",
                                            request_serializer=lambda message: message.SerializeToString(),
                                            response_deserializer=progress.WatchResponse.FromString)(
            progress.WatchRequest(collection="trial", period="2024-04"), metadata=client.metadata, timeout=60)
        next(watch)
        self.assertEqual([(one["principal"], one["rpc"]) for one in new_lines()], [("ann", "Watch")])
        watch.cancel()

        # What is said about a query, an exception, and what is taken back.
        query = (*named, "--period", "2024-04", "--rule", "within")
        self.qm("--token-file", self.rt1, "returns", "explain", *query, "--text", WORDS)
        self.qm("query", "accept", *query, "--text", WORDS)
        self.qm("exception", "grant", *named, "--rule", "within", "--until", "2099-12-31", "--reason", WORDS)
        self.qm("--token-file", self.rt1, "returns", "withdraw", *named, "--period", "2024-04", "--reason", WORDS)
        self.assertEqual([(one["principal"], one["rpc"], one["outcome"]) for one in new_lines() if one["outcome"] == "stored"],
                         [("jo@rt1", "ExplainQuery", "stored"), ("operator", "AcceptQuery", "stored"),
                          ("operator", "GrantStandingException", "stored"), ("jo@rt1", "WithdrawReturn", "stored")])

    def test_each_commit_has_one_line_and_a_restart_is_seen(self):
        for period in ("2024-04", "2024-05"):
            self.submit("RT1", "RT2", period=period)
        self.submit("RT1", token=self.rt1)
        self.qm("admin", "token", "revoke", self.qm_json("admin", "token", "list")["tokens"][0]["id"])
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.server.kill()
        self.server.start()
        lines = self.lines()
        commits = [line["sequence"] for line in lines if "sequence" in line]
        self.assertEqual(commits, list(range(1, len(commits) + 1)))
        self.assertGreater(len(commits), 8)
        check_chain(self.text_lines())
        # By the harness, to be heard, after its stop, and after a kill, which says nothing. Nothing is served before.
        servers = [(line["outcome"], line["principal"]) for line in lines if line["outcome"] in ("started", "stopped")]
        self.assertEqual(servers, [(outcome, "quartermaster") for outcome in
                                   ("started", "stopped", "started", "stopped", "started", "started")])
        self.assertTrue(all(line["version"] for line in lines if line["outcome"] == "started"))
        self.assertEqual((lines[0]["principal"], lines[0]["sequence"]), ("quartermaster", 1))  # The shipped collections.

    def test_no_secret_value_or_word_is_in_it(self):
        secrets = [self.rt1.read_text().strip(), (self.server.data_dir / "operator.token").read_text().strip()]
        for token in (self.rt1, None):
            file = self.write_csv("returns.csv", [{"participant": "RT1", "period": "2024-04", "available": VALUE, "occupied": VALUE + 1}])
            given = ("--token-file", token) if token else ()
            self.qm(*given, "submit", file, "--collection", "trial", "--service", "beds")
        named = ("--collection", "trial", "--service", "beds", "--participant", "RT1", "--period", "2024-04")
        self.qm("returns", "explain", *named, "--rule", "within", "--text", WORDS)
        self.qm("returns", "show", *named)
        self.qm("returns", "withdraw", *named, "--reason", WORDS)
        wrong = self.folder / "wrong.token"
        wrong.write_text("f" * 64 + "\n")
        wrong.chmod(0o600)
        self.qm("--token-file", wrong, "returns", "show", *named, expect=6)
        made = self.qm("admin", "token", "create", "--principal", "ann", "--role", "steward").stdout.split()[-1]
        self.assertRegex(made, "^[0-9a-f]{64}$")
        text = "\n".join(self.text_lines())
        self.assertEqual(self.server.stop(), 0)
        told = [*secrets, made, "f" * 64, str(VALUE), str(VALUE + 1), WORDS, "flooded"]
        # Nor the hash by which the server knows a token.
        told += [hashlib.sha256(secret.encode()).hexdigest() for secret in (*secrets, made)]
        for secret in told:
            self.assertNotIn(secret, text)
        self.assert_not_told(*told)
        # After a start, which reads it all again, too.
        self.server.start()
        self.assert_not_told(*told)


class RefusalsTest(AuditHarness):
    def test_every_refusal_has_a_line(self):
        operator = self.client(self.make_token("operator", principal="olga"))
        nobody = Client(self.server, ())
        self.addCleanup(nobody.close)
        expected = []
        for rpc in access_test.rpcs():
            if access_test.outcome(nobody, rpc.path, rpc.about("RT1")) == code.UNAUTHENTICATED:
                expected.append(("", rpc.name, "NO_VALID_TOKEN"))
            if access_test.outcome(operator, rpc.path, rpc.about("RT1")) == code.PERMISSION_DENIED:
                expected.append(("olga", rpc.name, "NOT_PERMITTED"))
        self.assertGreater(len(expected), 60)
        self.assertLess(len(expected), 120)  # More in a minute are counted.
        found = self.refusals()
        self.assertEqual([(one.get("principal", ""), one["rpc"], one["reason"]) for one in found], expected)
        # Nothing that somebody unknown chose is kept, but where the call came from.
        unknown = [one for one in found if "principal" not in one]
        self.assertEqual({tuple(sorted(one)) for one in unknown}, {("outcome", "peer", "reason", "rpc")})
        self.assertTrue(all(one["peer"].startswith("ipv4:127.0.0.1:") for one in unknown))
        [denied] = [one for one in found if one["rpc"] == "GetReturn" and "principal" in one]
        self.assertEqual(denied["participant"], "RT1")

    def test_another_participant_and_a_token_that_is_worthless(self):
        named = ("--collection", "trial", "--service", "beds", "--period", "2024-04")
        self.submit("RT2", token=self.rt1, expect=6)
        self.submit("RT2", token=self.rt1, arguments=("--unary",), expect=6)
        self.qm("--token-file", self.rt1, "returns", "show", *named, "--participant", "RT2", expect=6)
        refused = {"principal": "jo@rt1", "outcome": "refused", "reason": "NOT_PERMITTED", "collection": "trial", "service": "beds",
                   "participant": "RT2", "period": "2024-04"}
        self.assertEqual(self.refusals(), [{**refused, "rpc": rpc} for rpc in ("SubmitReturns", "SubmitReturn", "GetReturn")])
        [token] = self.qm_json("admin", "token", "list")["tokens"]
        self.qm("admin", "token", "revoke", token["id"])
        self.qm("--token-file", self.rt1, "returns", "show", *named, "--participant", "RT1", expect=6)
        last = self.refusals()[-1]
        self.assertEqual((last["principal"], last["rpc"], last["reason"]), ("jo@rt1", "GetReturn", "TOKEN_REVOKED"))

    def test_a_flood_is_counted(self):
        nobody = Client(self.server, ())
        self.addCleanup(nobody.close)
        # More than the refusals of one address that are told so: the others are told of their number, and counted all the same.
        calls = 1_500
        invoke = nobody.channel.unary_unary("/quartermaster.v1.ReturnService/GetReturn")
        for _ in range(calls // 100):
            for one in [invoke.future(b"", timeout=60) for _ in range(100)]:
                self.assertIn(one.exception().code(), (code.UNAUTHENTICATED, code.RESOURCE_EXHAUSTED))
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        found = self.refusals()
        counted = [one for one in found if "count" in one]
        self.assertGreater(len(counted), 0)
        self.assertEqual(sum(one["count"] for one in counted) + len(found) - len(counted), calls)
        self.assertLess(len(found), calls)
        check_chain(self.text_lines())


class ExportAndVerifyTest(AuditHarness):
    def setUp(self):
        super().setUp()
        self.submit("RT1", "RT2")
        self.file = self.folder / "audit.jsonl"

    def verify(self, *arguments, expect=0):
        return self.qm("admin", "audit", "verify", *arguments, expect=expect)

    def test_an_export_is_checked_here_and_offline(self):
        shown = self.qm("admin", "audit", "export", "-o", self.file).stdout
        lines = self.file.read_text().splitlines()
        head = check_chain(lines)
        self.assertIn(f"{len(lines)} lines, numbers 1 to {len(lines)}.\nTo be kept elsewhere: --number {len(lines)} --head {head}\n", shown)
        self.assertEqual(self.file.stat().st_mode & 0o077, 0)
        self.assertEqual(self.text_lines()[: len(lines)], lines)
        self.assertEqual(self.text_lines("--from", len(lines))[0], lines[-1])
        # The server's own, with what was kept: it has gone on since.
        kept = ("--number", len(lines), "--head", head)
        self.assertIn("The audit holds: ", self.verify(*kept).stdout)
        self.assertGreater(self.qm_json("admin", "audit", "verify", *kept)["lines"], len(lines))
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.qm_json("admin", "audit", "verify", self.file, *kept),
                         {"lines": len(lines), "first": 1, "last": len(lines), "sha256": head})
        self.assertEqual(self.verify(self.file).stdout,
                         f"The audit holds: {len(lines)} lines, numbers 1 to {len(lines)}.\n"
                         f"To be kept elsewhere: --number {len(lines)} --head {head}\n")
        self.assertIn("no answer from", self.verify(expect=4).stderr)

    def test_what_was_changed_is_found(self):
        self.qm("admin", "audit", "export", "-o", self.file)
        lines = self.file.read_text().splitlines()
        head = check_chain(lines)
        kept = ("--number", len(lines), "--head", head)
        middle = 3  # A write, with more lines after it.

        def found(changed, words, *arguments):
            path = self.write("changed.jsonl", "".join(f"{line}\n" for line in changed))
            done = self.verify(path, *arguments, expect=1)
            self.assertEqual(done.stdout, "")
            self.assertRegex(done.stderr, f"^qm: the audit does not hold: line {words}")

        found([*lines[:middle], lines[middle].replace("stored", "st0red"), *lines[middle + 1:]], f"{middle + 1} was changed")
        found([*lines[:middle], *lines[middle + 1:]], f"{middle + 1} is missing")
        found([*lines[:middle], lines[middle + 1], lines[middle], *lines[middle + 2:]], f"{middle + 1} is missing or was changed")
        found(lines[:middle], f"{middle + 1} is missing", *kept)
        found([*lines[:-1], lines[-1].replace("ReadAudit", "ReadNothing")], f"{len(lines)} is not the one whose", *kept)
        found(lines[1:], "1 is missing")
        self.verify(self.write("tail.jsonl", "\n".join(lines[3:])), "--from", 4, *kept)
        for wrong in (("--head", head), ("--number", 1), ("--number", 1, "--head", "abc"), ("--from", 0), ("--from", 9, "--number", 1, "--head", head)):
            self.verify(self.file, *wrong, expect=2)
        self.verify(self.folder / "none", expect=1)

    def test_no_line_at_all_does_not_hold(self):
        self.qm("admin", "audit", "export", "-o", self.file)
        past = len(self.file.read_text().splitlines()) + 1000
        empty = self.write("empty.jsonl", "")
        for arguments, number in (((empty,), 1), ((empty, "--from", 9), 9), (("--from", past), past)):
            done = self.verify(*arguments, expect=1)
            self.assertEqual(done.stdout, "")
            self.assertIn(f"qm: the audit does not hold: there is no line {number} and none after it.", done.stderr)

    def test_operators_read_it_and_that_is_in_it(self):
        for role in ("report-builder", "steward"):
            self.assertIn("operator", self.qm("--token-file", self.make_token(role), "admin", "audit", "export", expect=6).stderr)
        operator = self.make_token("operator", principal="olga")
        before = len(self.text_lines())
        self.qm("--token-file", operator, "admin", "audit", "export", "--from", before)
        line = said([one for one in self.lines() if one["outcome"] == "read"][-2])
        self.assertEqual(line, {"principal": "olga", "rpc": "ReadAudit", "outcome": "read", "from_number": before})

    def test_a_reader_that_goes_away_leaves_the_others_alone(self):
        client = Client(self.server)
        self.addCleanup(client.close)
        for _ in range(20):
            stream = client.channel.unary_stream("/quartermaster.v1.AuditService/ReadAudit",
                                                 request_serializer=lambda message: message.SerializeToString(),
                                                 response_deserializer=audits.ReadAuditResponse.FromString)(
                audits.ReadAuditRequest(), metadata=bearer(self.server.data_dir / "operator.token"), timeout=30)
            self.assertGreater(next(stream).head.number, 0)
            stream.cancel()
        check_chain(self.text_lines())


if __name__ == "__main__":
    unittest.main()
