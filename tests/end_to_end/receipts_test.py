"""Receipts: what `qm` checks, and an implementation of our own that has only the API's words, SHA-256 and the openssl program."""

import base64
import copy
import hashlib
import json
import os
import stat
import subprocess
import threading
import unittest
import uuid

import grpc

import grpc_client
import harness
from grpc_client import Client, bearer, returns, sickness_return, submissions

FACTS = ("collection", "service", "participant", "period", "revision", "commit_time", "submitter", "content_sha256", "rule_version",
         "sequence")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(signature):
    """As submission_service.proto says."""
    node = sha256(b"\x00", signature.statement.encode())
    for sibling in signature.siblings:
        node = sha256(b"\x01", sibling.sha256, node) if sibling.is_left else sha256(b"\x01", node, sibling.sha256)
    return node


def facts_of(statement):
    first, *lines, last = statement.split("\n")
    assert first == "quartermaster receipt 1" and last == "", statement
    pairs = [line.split(" ", 1) for line in lines]
    assert tuple(name for name, _ in pairs) == FACTS, statement
    return dict(pairs)


class ReceiptsTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants([f"T{i:02}" for i in range(40)])
        self.client = Client(self.server)
        self.addCleanup(self.client.close)
        self.key_file = self.server.data_dir / "receipt-public.pem"

    def openssl_verifies(self, message, signature, key_file=None):
        files = {name: self.folder / f"{name}-{uuid.uuid4()}" for name in ("message", "signature")}
        files["message"].write_bytes(message)
        files["signature"].write_bytes(signature)
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key_file or self.key_file, "-rawin",
                               "-in", files["message"], "-sigfile", files["signature"]], capture_output=True, text=True, check=False)
        return done.returncode == 0 and "Verified Successfully" in done.stdout

    def check(self, receipt, **facts):
        """The receipt says the facts, and its signature is good."""
        signature = receipt.signature
        said = facts_of(signature.statement)
        microseconds = receipt.commit_time.nanos // 1000
        self.assertEqual(said["commit_time"], receipt.commit_time.ToDatetime().strftime("%Y-%m-%dT%H:%M:%S.") + f"{microseconds:06}Z")
        for name in ("revision", "submitter", "content_sha256", "rule_version", "sequence"):
            self.assertEqual(said[name], str(getattr(receipt, name)))
        for name, value in facts.items():
            self.assertEqual(said[name], value)
        self.assertLessEqual(len(signature.siblings), 16)
        self.assertTrue(self.openssl_verifies(b"quartermaster receipts 1\n" + root_of(signature), signature.signature))

    def test_single_and_repeated_and_read_receipts(self):
        named = dict(collection="sickness", service="absence", participant="T01", period="2024-04")
        request = sickness_return("T01", request_id=str(uuid.uuid4()))
        first = self.client.submit(request).receipt
        self.check(first, **named)
        self.assertEqual(len(first.signature.siblings), 0)
        self.assertEqual(first.content_sha256, hashlib.sha256(request.content.data.value).hexdigest())
        self.assertEqual(self.client.submit(request).receipt, first)
        shown = self.client.call("ReturnService", "GetReturn", returns.GetReturnRequest(**named), returns.GetReturnResponse)
        self.assertEqual(shown.stored_return.receipt, first)
        withdrawn = self.client.call("ReturnService", "WithdrawReturn", returns.WithdrawReturnRequest(reason="A test.", **named),
                                     returns.WithdrawReturnResponse)
        self.assertEqual(withdrawn.stored_return.receipt, first)
        der = subprocess.run(["openssl", "pkey", "-pubin", "-in", self.key_file, "-outform", "DER"], capture_output=True, check=True)
        self.assertEqual(first.signature.key_id, hashlib.sha256(der.stdout).hexdigest()[:16])
        dry = self.client.submit(sickness_return("T02", validate_only=True))
        self.assertFalse(dry.HasField("receipt"))

    def test_receipts_of_a_rush_share_signatures(self):
        verdicts = []

        def send(number):
            requests = [submissions.SubmitReturnsRequest(submission=sickness_return(f"T{i:02}", lost=i, period=f"2024-{number + 4:02}"))
                        for i in range(40)]
            client = Client(self.server)
            verdicts.extend(answer.verdict for answer in client.submit_stream(requests))
            client.close()

        senders = [threading.Thread(target=send, args=(number,)) for number in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(timeout=60)
        self.assertEqual(len(verdicts), 160)
        signed = {}
        for verdict in verdicts:
            signature = verdict.receipt.signature
            said = facts_of(signature.statement)
            self.assertEqual((said["participant"], said["period"]), (verdict.participant, verdict.period))
            self.assertEqual(said["sequence"], str(verdict.receipt.sequence))
            signed.setdefault(root_of(signature), set()).add(signature.signature)
        for root, signatures in signed.items():
            self.assertEqual(len(signatures), 1)
            self.assertTrue(self.openssl_verifies(b"quartermaster receipts 1\n" + root, *signatures))
        page = self.client.call("ReturnService", "ListReturns", returns.ListReturnsRequest(collection="sickness", page_size=37),
                                returns.ListReturnsResponse)
        self.assertEqual(len({root_of(one.receipt.signature) for one in page.returns}), 1)
        for one in page.returns[:3]:
            self.check(one.receipt, collection="sickness", participant=one.participant, period=one.period)
        self.assertEqual({one.receipt.content_sha256 for one in page.returns},
                         {verdict.receipt.content_sha256 for verdict in verdicts
                          if (verdict.participant, verdict.period) in {(one.participant, one.period) for one in page.returns}})

    def submit_file(self):
        """The lines of `qm submit`: three accepted returns and a rejected one."""
        file = self.write_csv("returns.csv", [{"participant": f"T0{i}", "period": "2024-04", "fte_days_lost": i if i < 3 else -1,
                                               "fte_days_available": 100} for i in range(4)])
        done = self.qm("--output", "json", "submit", file, "--collection", "sickness", "--service", "absence", expect=None)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def verify(self, lines, *arguments, expect=0):
        file = self.write("receipts.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        return self.qm("receipt", "verify", file, *arguments, expect=expect)

    def test_the_program_checks_offline(self):
        lines = self.submit_file()
        accepted = [line for line in lines if line["accepted"]]
        self.assertGreaterEqual(len(accepted), 3)
        saved = self.folder / "saved.pem"
        self.qm("receipt", "key", "-o", saved)
        self.assertEqual(saved.read_text(), self.key_file.read_text())
        self.assertEqual(self.qm("receipt", "key").stdout, self.key_file.read_text())
        self.assertIn(f"{len(accepted)} good", self.verify(lines).stdout)
        shown = self.qm("--output", "json", "returns", "show", "--collection", "sickness", "--service", "absence",
                        "--participant", "T01", "--period", "2024-04").stdout
        listed = self.qm("--output", "json", "returns", "list", "--collection", "sickness").stdout
        self.server.stop()
        offline = self.verify(lines, "--public-key", saved)
        self.assertIn(f"{len(accepted)} good", offline.stdout)
        self.assertIn("proves that the server", offline.stdout)
        self.assertIn("1 receipt: 1 good", self.qm("receipt", "verify", self.write("shown", shown), "--public-key", saved).stdout)
        self.assertIn("good", self.qm("receipt", "verify", self.write("listed", listed), "--public-key", saved).stdout)
        rows = [json.loads(line) for line in self.qm("--output", "json", "receipt", "verify", self.folder / "receipts.jsonl",
                                                     "--public-key", saved).stdout.splitlines()]
        self.assertEqual([(row["participant"], row["collection"], row["problem"]) for row in rows],
                         [(line["participant"], "sickness", "") for line in accepted])
        self.qm("receipt", "verify", self.folder / "receipts.jsonl", expect=4)  # No key is given, and no server there.

    def test_every_part_that_is_changed_is_found(self):
        good = next(line for line in self.submit_file() if line["participant"] == "T01")
        other = self.client.submit(sickness_return("T05")).receipt.signature
        page = self.qm_json("returns", "list", "--collection", "sickness")
        grouped = next(one for one in page["returns"] if one["participant"] == "T02")
        self.assertTrue(grouped["receipt"]["signature"]["siblings"])
        self.assertIn("2 good", self.verify([good, {"returns": [grouped]}]).stdout)

        def flipped(encoded):
            raw = bytearray(base64.b64decode(encoded))
            raw[7] ^= 1
            return base64.b64encode(bytes(raw)).decode()

        statement = good["receipt"]["signature"]["statement"]
        changes = {
            "participant": lambda one: one.update(participant="T09"),
            "service": lambda one: one.update(service="beds"),
            "period": lambda one: one.update(period="2024-05"),
            "revision": lambda one: one["receipt"].update(revision=7),
            "revision beside": lambda one: one.update(revision=7),
            "submitter": lambda one: one["receipt"].update(submitter="mallory"),
            "hash": lambda one: one["receipt"].update(contentSha256="0" * 64),
            "rules": lambda one: one["receipt"].update(ruleVersion=9),
            "sequence": lambda one: one["receipt"].update(sequence="4711"),
            "time": lambda one: one["receipt"].update(commitTime="2024-01-01T00:00:00Z"),
            "no signature": lambda one: one["receipt"].pop("signature"),
            "signature": lambda one: one["receipt"]["signature"].update(signature=flipped(one["receipt"]["signature"]["signature"])),
            "short signature": lambda one: one["receipt"]["signature"].update(signature=""),
            "another's signature": lambda one: one["receipt"]["signature"].update(
                signature=base64.b64encode(other.signature).decode()),
            "key": lambda one: one["receipt"]["signature"].update(keyId="0123456789abcdef"),
            "statement and receipt": lambda one: (one["receipt"].update(sequence="4711"), one["receipt"]["signature"].update(
                statement=statement.replace(statement.split("\n")[-2], "sequence 4711"))),
            "statement with a line more": lambda one: one["receipt"]["signature"].update(statement=statement + "note paid\n"),
            "statement without its end": lambda one: one["receipt"]["signature"].update(statement=statement[:-1]),
            "siblings": lambda one: one["receipt"]["signature"].update(siblings=[{"sha256": "AAAA", "isLeft": False}]),
            "seventeen siblings": lambda one: one["receipt"]["signature"].update(
                siblings=[{"sha256": base64.b64encode(bytes(32)).decode(), "isLeft": False}] * 17),
            "no receipt to be read": lambda one: one["receipt"].update(sequence="many"),
        }
        for name, change in changes.items():
            with self.subTest(name):
                bad = copy.deepcopy(good)
                change(bad)
                done = self.verify([good, bad], expect=1)
                self.assertIn("1 good, 1 BAD", done.stdout)
                self.assertRegex(done.stderr, "line 2: the receipt of .* is bad: ")
        for change in (lambda siblings: siblings[0].update(isLeft=not siblings[0].get("isLeft", False)),
                       lambda siblings: siblings[-1].update(sha256=flipped(siblings[-1]["sha256"])), lambda siblings: siblings.pop()):
            bad = copy.deepcopy(grouped)
            change(bad["receipt"]["signature"]["siblings"])
            self.assertIn("did not sign it", self.verify([{"returns": [bad]}], expect=1).stderr)
        bad = copy.deepcopy(grouped)
        bad["collection"] = "other"
        self.assertIn("collection", self.verify([{"returns": [bad]}], expect=1).stderr)

        self.assertIn("line 1 is no JSON object", self.qm("receipt", "verify", self.write("none", "what?"), expect=2).stderr)
        deep = self.write("deep", '{"a":' * 100_000)
        self.assertIn("line 1 is no JSON object", self.qm("receipt", "verify", deep, expect=2).stderr)
        self.assertIn("no receipt", self.qm("receipt", "verify", self.write("empty", '{"accepted":false}'), expect=1).stderr)
        another = self.folder / "another.pem"
        private = self.folder / "another.key"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", another], check=True)
        self.assertIn("names the key", self.verify([good], "--public-key", another, expect=1).stderr)
        self.assertIn("no Ed25519", self.verify([good], "--public-key", private, expect=2).stderr)

    def test_the_key_stays_and_is_its_owners_alone(self):
        key = self.server.data_dir / "receipt.key"
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.key_file.stat().st_mode), 0o644)
        before = self.client.submit(sickness_return("T01", request_id="123e4567-e89b-12d3-a456-426614174000")).receipt
        self.server.stop()

        def refused():
            done = subprocess.run([harness.BINARIES / "qm-server", "--data-dir", self.server.data_dir, "--listen", "127.0.0.1:0"],
                                  capture_output=True, text=True, timeout=harness.PATIENCE_SECONDS, check=False)
            self.assertEqual(done.returncode, 1)
            return done.stderr

        os.chmod(key, 0o640)
        self.assertIn("chmod 600", refused())
        os.chmod(key, 0o600)
        hidden = key.rename(self.folder / "hidden")
        self.assertIn("is gone", refused())
        key.write_text("no key")
        os.chmod(key, 0o600)
        self.assertIn("no Ed25519 key", refused())
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
        os.chmod(key, 0o600)
        self.assertIn("is not the public half", refused())
        hidden.rename(key)
        self.server.start()
        client = Client(self.server)
        self.addCleanup(client.close)
        request = sickness_return("T01", request_id="123e4567-e89b-12d3-a456-426614174000")
        self.assertEqual(client.submit(request).receipt, before)
        nobody = Client(self.server, ())
        self.addCleanup(nobody.close)
        with self.assertRaises(grpc.RpcError) as caught:
            nobody.call("SubmissionService", "GetReceiptKey", submissions.GetReceiptKeyRequest(), submissions.GetReceiptKeyResponse)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
        submitter = Client(self.server, bearer(self.make_token("submitter", ["T01"])))
        self.addCleanup(submitter.close)
        given = submitter.call("SubmissionService", "GetReceiptKey", submissions.GetReceiptKeyRequest(),
                               submissions.GetReceiptKeyResponse)
        self.assertEqual((given.public_key_pem, given.key_id), (self.key_file.read_text(), before.signature.key_id))


if __name__ == "__main__":
    unittest.main()
