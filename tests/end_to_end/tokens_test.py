"""Tokens: made into a file of their owner, used, and refused once they are revoked, expired or open to others."""

import queue
import stat
import subprocess
import unittest

import grpc

import access_test
import grpc_client
from grpc_client import returns, submissions

code = grpc.StatusCode
audits = grpc_client.module("quartermaster/v1/audit_service")
progress = grpc_client.module("quartermaster/v1/progress_service")


class TokensTest(access_test.AccessHarness):
    def refused(self, token, words):
        done = self.qm("--token-file", token, "returns", "list", "--collection", "trial", expect=6)
        self.assertRegex(done.stderr, words)
        client = self.client(token)
        with self.assertRaises(grpc.RpcError) as caught:
            client.call("ReturnService", "ListReturns", returns.ListReturnsRequest(collection="trial"), returns.ListReturnsResponse)
        self.assertEqual(caught.exception.code(), code.UNAUTHENTICATED)
        return grpc_client.error_info(caught.exception)[0]

    def assert_ends_revoked(self, stream):
        with self.assertRaises(grpc.RpcError) as caught:
            next(stream)
        self.assertEqual(caught.exception.code(), code.UNAUTHENTICATED)
        self.assertEqual(grpc_client.error_info(caught.exception)[0], "TOKEN_REVOKED")

    def stream(self, token, service, method, request, response_type):
        client = grpc_client.Client(self.server, grpc_client.bearer(token), lazy=True)
        self.addCleanup(client.close)
        return client.channel.unary_stream(
            f"/quartermaster.v1.{service}/{method}", request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=response_type.FromString)(request, metadata=client.metadata, timeout=60)

    def revoke(self, principal):
        for one in self.listed():
            if one["principal"] == principal:
                self.qm("admin", "token", "revoke", one["id"])

    def listed(self):
        return self.qm_json("admin", "token", "list")["tokens"]

    def test_a_token_is_in_its_file_and_nowhere_else(self):
        secret = self.rt1.read_text().strip()
        self.assertRegex(secret, "^[0-9a-f]{64}$")
        self.assertEqual(stat.S_IMODE(self.rt1.stat().st_mode), 0o600)
        [token] = self.listed()
        self.assertEqual((token["principal"], token["roles"], token["participants"], token["createdBy"]),
                         ("jo@rt1", ["ROLE_SUBMITTER"], ["RT1"], "operator"))
        make = ("admin", "token", "create", "--principal", "ann", "--role", "steward")
        for output in ("table", "json", "csv"):
            file = self.folder / f"{output}.token"
            quiet = self.qm("--output", output, *make, "-o", file)
            self.assertNotIn(file.read_text().strip(), quiet.stdout + quiet.stderr)
            again = self.qm("--output", output, *make, "-o", file, expect=5)  # A file is never written over.
            self.assertIn("there is a file already", again.stderr)
            printed = self.qm("--output", output, *make).stdout
            self.assertRegex(printed, "[0-9a-f]{64}")
        self.assertEqual(len(self.listed()), 7)
        for wrong, code_expected, words in (
            (("--role", "chef"), 2, "none of: submitter, report-builder, steward, operator"),
            ((), 2, "--role: not given"),
            (("--role", "submitter"), 2, "--participant: a submitter has 1 to 200 participants"),
            (("--role", "submitter", "--participant", "RT9"), 1, 'no participant "RT9"'),
            (("--role", "steward", "--participant", "RT1"), 2, "only a submitter has participants"),
            (("--role", "steward", "--days", "0"), 2, "--days"),
            (("--role", "steward", "--days", "1097"), 2, "1096"),
        ):
            with self.subTest(wrong=wrong):
                file = self.folder / "wrong.token"
                done = self.qm("admin", "token", "create", "--principal", "ann", *wrong, "-o", file, expect=code_expected)
                self.assertIn(words, done.stderr)
                self.assertFalse(file.exists())
        self.qm("--token-file", self.rt1, *make, expect=6)
        self.assertEqual(len(self.listed()), 7)

    def test_a_revoked_token_is_worthless_at_once_and_for_ever(self):
        self.submit("RT1", token=self.rt1)
        [token] = self.listed()
        waiting = queue.Queue()
        stream = self.client(self.rt1).submit_stream(iter(waiting.get, None))
        request = submissions.SubmitReturnsRequest()
        request.submission.content.collection = "trial"
        request.submission.content.participant = "RT1"
        waiting.put(request)
        self.assertFalse(next(stream).verdict.accepted)  # Judged: it names no service.
        self.qm("admin", "token", "revoke", token["id"])
        # A stream that is open is no way around it.
        waiting.put(request)
        self.assertEqual(next(stream).error.code, code.UNAUTHENTICATED.value[0])
        self.assert_ends_revoked(stream)
        waiting.put(None)
        words = rf"the token {token['id']} of jo@rt1 was revoked on 20.* UTC\. Ask the operator for a new one\."
        self.assertEqual(self.refused(self.rt1, words), "TOKEN_REVOKED")
        self.submit("RT1", token=self.rt1, expect=6)
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.assertEqual(self.refused(self.rt1, words), "TOKEN_REVOKED")
        self.assertEqual([one["revokedBy"] for one in self.listed()], ["operator"])
        self.qm("admin", "token", "revoke", token["id"])  # Said again by the same operator.
        self.qm("admin", "token", "revoke", 999, expect=1)
        other = self.make_token("operator", principal="ann")
        self.assertIn("already", self.qm("--token-file", other, "admin", "token", "revoke", token["id"], expect=5).stderr)

    def test_a_watch_ends_with_its_token(self):
        builder = self.make_token("report-builder", principal="ann")
        watch = self.stream(builder, "ProgressService", "Watch", progress.WatchRequest(collection="trial", period="2024-04"),
                            progress.WatchResponse)
        self.assertTrue(next(watch).HasField("caught_up"))
        self.submit("RT1", token=self.rt1)
        self.assertEqual(next(watch).stored_return.participant, "RT1")
        self.revoke("ann")
        self.submit("RT1", token=self.rt1)
        self.assert_ends_revoked(watch)

    def test_an_audit_ends_with_its_token(self):
        reader = self.make_token("operator", principal="olga")
        # Two messages of lines, of which the reader takes none before its token is revoked.
        builder = self.client(self.make_token("report-builder", principal="ann"))
        self.submit("RT1", token=self.rt1)
        request = returns.GetReturnRequest(collection="trial", service="beds", participant="RT1", period="2024-04")
        for _ in range(1_800):
            builder.call("ReturnService", "GetReturn", request, returns.GetReturnResponse)
        audit = self.stream(reader, "AuditService", "ReadAudit", audits.ReadAuditRequest(), audits.ReadAuditResponse)
        last = next(audit).head.number
        self.revoke("olga")
        read = next(audit).lines
        self.assertLess(len(read), last)
        self.assert_ends_revoked(audit)

    def test_a_token_expires(self):
        # The server's clock is two days late while it makes a token for one day.
        self.assertEqual(self.server.stop(), 0)
        library = self.write("late.c", """#define _GNU_SOURCE
            #include <dlfcn.h>
            #include <time.h>
            int clock_gettime(clockid_t clock, struct timespec* time) {
              int (*real)(clockid_t, struct timespec*) = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
              int result = real(clock, time);
              if (clock == CLOCK_REALTIME) time->tv_sec -= 2 * 86400;
              return result;
            }""").with_suffix(".so")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, library.with_suffix(".c"), "-ldl"], check=True)
        # The address sanitizer wants to come first, and need not.
        self.server.start(LD_PRELOAD=str(library), ASAN_OPTIONS="verify_asan_link_order=0")
        token = self.make_token("submitter", ["RT1"], principal="jo@rt1", days=1)
        self.qm("--token-file", token, "returns", "list", "--collection", "trial")
        self.server.kill()
        self.server.start()
        self.qm("--token-file", self.rt1, "returns", "list", "--collection", "trial")
        self.assertEqual(self.refused(token, r"of jo@rt1 expired on 20.* UTC\. Ask the operator for a new one\."), "TOKEN_EXPIRED")

    def test_a_token_that_others_may_read_is_not_used(self):
        for mode in (0o640, 0o604, 0o620, 0o601, 0o644):
            self.rt1.chmod(mode)
            done = self.qm("--token-file", self.rt1, "returns", "list", "--collection", "trial", expect=2)
            self.assertIn(f"chmod 600 {self.rt1}", done.stderr)
        self.rt1.chmod(0o600)
        self.qm("--token-file", self.rt1, "returns", "list", "--collection", "trial")
        for content, words in (("0" * 64, "not valid on this server"), ("é", "holds no token")):
            token = self.write("wrong.token", content)
            token.chmod(0o600)
            self.assertIn(words, self.qm("--token-file", token, "returns", "list", "--collection", "trial", expect=None).stderr)


if __name__ == "__main__":
    unittest.main()
