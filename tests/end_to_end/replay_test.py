"""What was recorded is played again: whole calls with a token that was revoked or has expired since, another's return under one's own
token, one's own return twice, and the session of a TLS connection after what admitted it has gone."""

import contextlib
import shutil
import socket
import ssl
import unittest
import uuid

import grpc

import harness
import raw_http2
from grpc_client import Client, bearer, returns, sickness_return, submissions
from tls_harness import MAPPING, TlsTest, ours, theirs

code = grpc.StatusCode
SUBMIT = "/quartermaster.v1.SubmissionService/SubmitReturn"
RECEIPT_KEY = "/quartermaster.v1.SubmissionService/GetReceiptKey"
OK, DENIED, UNAUTHENTICATED = (status.value[0] for status in (code.OK, code.PERMISSION_DENIED, code.UNAUTHENTICATED))


def record(path, body, authorization=None, stream=1):
    """The bytes of a call, as they go over the wire after the greeting."""
    return (raw_http2.frame(raw_http2.HEADERS, raw_http2.END_HEADERS, stream, raw_http2.call_headers(path, authorization))
            + raw_http2.frame(raw_http2.DATA, raw_http2.END_STREAM, stream, raw_http2.message(body)))


def play(connection, recorded):
    """Sends the bytes, and gives the status of the call, its message, and the headers that it ended with."""
    connection.sendall(recorded)
    reader, body = raw_http2.FrameReader(), b""
    while received := connection.recv(1 << 16):
        for kind, flags, _, payload in reader.feed(received):
            if kind == raw_http2.DATA:
                body += payload
            elif kind == raw_http2.HEADERS and flags & raw_http2.END_STREAM:
                return raw_http2.status_in(payload), body[5:], payload
    raise ConnectionResetError("the server has closed the connection")


class ReplayHarness(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants(["T00", "T01"])

    def submitter(self, principal, participants=("T00",), days=30):
        return self.make_token("submitter", participants, principal=principal, days=days)

    def record_submission(self, token, lost=1.5, stream=1, request_id=None):
        """A return of T00, sent with this token."""
        request = sickness_return("T00", lost=lost, request_id=request_id or str(uuid.uuid4()))
        return record(SUBMIT, request.SerializeToString(), bearer(token)[0][1], stream)

    def play_anew(self, recorded):
        """Over a connection of its own."""
        with contextlib.closing(raw_http2.connect(self.server.address, timeout=30)) as connection:
            return play(connection, raw_http2.HELLO + recorded)

    def receipt(self, recorded):
        status, body, headers = self.play_anew(recorded)
        self.assertEqual(status, OK, headers)
        verdict = submissions.SubmitReturnResponse.FromString(body).verdict
        self.assertTrue(verdict.accepted)
        return verdict.receipt

    def revisions(self):
        """(participant, revision, state) of all that is stored."""
        client = Client(self.server)
        self.addCleanup(client.close)
        listed = client.call("ReturnService", "ListReturns", returns.ListReturnsRequest(collection="sickness", all_revisions=True),
                             returns.ListReturnsResponse).returns
        return [(one.participant, one.revision, returns.ReturnState.Name(one.state).removeprefix("RETURN_STATE_")) for one in listed]

    def counted(self):
        """How many participants the national figure counts."""
        return self.statistics("sickness", "2024-04")["absence", "sickness-rate", ""]["n"]

    def restart(self, kill=False):
        if kill:
            self.server.kill()
        else:
            self.assertEqual(self.server.stop(), 0)
        self.server.start()


class TokenTest(ReplayHarness):
    def assert_worthless(self, recorded, words):
        status, body, headers = self.play_anew(recorded)
        self.assertEqual((status, body), (UNAUTHENTICATED, b""), headers)
        self.assertIn(words, headers)

    def test_a_call_whose_token_was_revoked_since(self):
        token = self.submitter("jo")
        recorded = self.record_submission(token)
        open_connection = raw_http2.connect(self.server.address, timeout=30)
        self.addCleanup(open_connection.close)
        self.assertEqual(play(open_connection, raw_http2.HELLO + recorded)[0], OK)
        self.assertTrue(self.receipt(recorded).sequence)
        self.qm("admin", "token", "revoke", self.qm_json("admin", "token", "list")["tokens"][0]["id"])
        other = self.record_submission(token, lost=2.5)
        for one in (recorded, other):  # A known return, which would only get its receipt again, and a new one.
            self.assert_worthless(one, b"was revoked on")
        status, _, headers = play(open_connection, self.record_submission(token, stream=3))
        self.assertEqual(status, UNAUTHENTICATED, headers)
        open_connection.close()
        for kill in (False, True):
            self.restart(kill)
            for one in (recorded, other):
                self.assert_worthless(one, b"was revoked on")
        self.assertEqual(self.revisions(), [("T00", 1, "CURRENT")])
        # It is the token that is worthless: its principal is served with another.
        self.assertEqual(self.receipt(self.record_submission(self.submitter("jo"), lost=2.5)).submitter, "jo")

    def test_a_call_whose_token_has_expired_since(self):
        self.assertEqual(self.server.stop(), 0)
        self.server.start(**harness.late_clock(self.folder))
        recorded = self.record_submission(self.submitter("jo", days=1))
        first = self.receipt(recorded)
        self.assertEqual(self.receipt(recorded), first)
        self.server.kill()
        self.server.start()
        for _ in range(2):
            self.assert_worthless(recorded, b"expired on")
        self.restart()
        self.assert_worthless(recorded, b"expired on")
        self.assertEqual(self.revisions(), [("T00", 1, "CURRENT")])


class ReturnTest(ReplayHarness):
    def test_anothers_return_under_ones_own_token(self):
        """Who has got hold of what jo sends for T00 can do nothing with it."""
        request_id = str(uuid.uuid4())
        self.receipt(self.record_submission(self.submitter("jo"), request_id=request_id))
        before = self.revisions()
        thief = self.submitter("thief", ["T01"])
        for token in (thief, self.make_token("report-builder"), self.make_token("steward"), self.make_token("operator")):
            status, body, headers = self.play_anew(self.record_submission(token, request_id=request_id))
            self.assertEqual((status, body), (DENIED, b""), headers)
        # The same words for what was stored and what was not: nothing is learned of it.
        known, unknown = (self.play_anew(self.record_submission(thief, request_id=one)) for one in (request_id, str(uuid.uuid4())))
        self.assertEqual(known, unknown)
        client = Client(self.server, bearer(thief))
        self.addCleanup(client.close)
        request = submissions.SubmitReturnsRequest(submission=sickness_return("T00", request_id=request_id))
        [answer] = client.submit_stream([request])
        self.assertEqual(answer.error.code, DENIED)
        # The id alone does not make another's participant one's own.
        self.assertTrue(client.submit(sickness_return("T01", request_id=str(uuid.uuid4()))).accepted)
        with self.assertRaises(grpc.RpcError) as caught:
            client.submit(sickness_return("T01", request_id=request_id))
        self.assertEqual(caught.exception.code(), code.ALREADY_EXISTS)
        self.assertEqual([one for one in self.revisions() if one[0] == "T00"], before)

    def test_ones_own_return_again_is_the_same_return(self):
        token = self.submitter("jo")
        recorded = self.record_submission(token)
        first = self.receipt(recorded)
        for again in (recorded, recorded):
            self.assertEqual(self.receipt(again), first)
        self.assertEqual(self.counted(), 1)
        self.assertEqual(self.revisions(), [("T00", 1, "CURRENT")])
        # What has been replaced, or taken back, does not come again.
        self.assertEqual(self.receipt(self.record_submission(token, lost=2.5)).sequence, first.sequence + 1)
        self.assertEqual(self.receipt(recorded), first)
        replaced = [("T00", 2, "CURRENT"), ("T00", 1, "SUPERSEDED")]
        self.assertEqual(self.revisions(), replaced)
        for kill in (False, True):
            self.restart(kill)
            self.assertEqual(self.receipt(recorded), first)
            self.assertEqual(self.revisions(), replaced)
        self.qm("--token-file", token, "returns", "withdraw", "--collection", "sickness", "--service", "absence", "--participant", "T00",
                "--period", "2024-04", "--reason", "It was wrong.")
        self.assertEqual(self.receipt(recorded), first)
        self.assertEqual(self.revisions(), [("T00", 2, "WITHDRAWN"), ("T00", 1, "SUPERSEDED")])
        self.assertEqual(self.counted(), 0)


class SessionTest(TlsTest):
    """A session spares a client the proof of its certificate. It must not spare it the judgement."""

    VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)

    def setUp(self):
        super().setUp()
        self.contexts = {}
        for version in self.VERSIONS:
            context = ssl.create_default_context(cafile=str(ours.pem("authority")))
            context.set_alpn_protocols(["h2"])
            context.load_cert_chain(ours.pem("extract.t00"), ours.key("extract.t00"))
            context.minimum_version = context.maximum_version = version
            self.contexts[version] = context
        self.start(clients=True)
        self.with_returns()
        self.server.stop()

    def call(self, version, session=None):
        """(status of a call, its last headers, whether the session was taken, the session to go on with)."""
        host, port = self.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=30) as plain:
            with self.contexts[version].wrap_socket(plain, server_hostname="localhost", session=session) as connection:
                status, _, headers = play(connection, raw_http2.HELLO + record(RECEIPT_KEY, b""))
                return status, headers, connection.session_reused, connection.session

    def sessions(self):
        """One of each version that the server goes on with: else there would be nothing to refuse."""
        found = {}
        for version in self.VERSIONS:
            status, _, reused, first = self.call(version)
            self.assertEqual((status, reused), (OK, False))
            status, _, reused, found[version] = self.call(version, first)
            self.assertEqual((status, reused), (OK, True), version)
        return found

    def test_after_the_authority_of_clients_was_changed(self):
        self.start(MAPPING, "require_client_certificate: true", clients=True)
        sessions = self.sessions()
        shutil.copy2(theirs.pem("authority"), self.folder / "authority.pem")

        def admits(version, session=None):
            try:
                self.call(version, session)
                return True
            except OSError:
                return False

        # By the full handshake it is seen when the change has come.
        self.until(lambda: not admits(ssl.TLSVersion.TLSv1_2), "the new authority is not asked")
        for version, session in sessions.items():
            with self.subTest(version=version):
                self.assertFalse(admits(version, session))
                self.assertFalse(admits(version))

    def test_after_the_mapping_has_ended(self):
        self.start(MAPPING, clients=True)
        sessions = self.sessions()
        listen = self.server.address
        for kill in (False, True):
            if kill:
                self.server.kill()
            else:
                self.assertEqual(self.server.stop(), 0)
            self.server.listen = listen  # The very server, as a client sees it.
            self.start(clients=True)
            for version, session in sessions.items():
                with self.subTest(version=version, kill=kill):
                    status, headers, _, _ = self.call(version, session)
                    self.assertEqual(status, UNAUTHENTICATED)
                    self.assertIn(b"extract.t00", headers)  # Judged anew: the certificate that nobody maps any more.


if __name__ == "__main__":
    unittest.main()
