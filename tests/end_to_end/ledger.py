"""What was sent to a server and what it said, written to a file before sending and after each answer, and checked against the
server afterwards. The file is outside the server, so it knows what a server that was killed must still know."""

import fractions
import json
import threading
import uuid

import grpc

from grpc_client import Client, error_info, national, returns, sickness_return, submissions

AVAILABLE = 100.0  # So a rate is the days lost.
INVALID_LOST = -1.0  # Rejected: days lost are 0 or more.


class Ledger:
    """Thread-safe. An entry is a request: its id, its return, and what is known of it:
    accepted (with revision), rejected, refused (the server said that nothing was stored), unknown."""

    def __init__(self, path):
        self._path = path
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def close(self):
        self._file.close()

    def _write(self, entry):
        with self._lock:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()

    def make(self, participant, lost):
        """A request that is about to be sent."""
        request_id = str(uuid.uuid4())
        self._write({"request_id": request_id, "participant": participant, "lost": lost})
        return sickness_return(participant, lost=lost, available=AVAILABLE, request_id=request_id)

    def note(self, request, outcome, revision=None, sequence=None):
        self._write({"request_id": request.request_id, "outcome": outcome, "revision": revision, "sequence": sequence})

    def note_verdict(self, request, verdict):
        if verdict.accepted:
            self.note(request, "accepted", verdict.revision, verdict.receipt.sequence)
        else:
            self.note(request, "rejected")
        return verdict.accepted

    def note_error(self, request, error):
        """Gives what the error means. One that is not expected of a server that is killed or whose disk is full is raised."""
        reason = error_info(error)[0]
        if reason in ("DISK_FULL", "TOO_MANY_WRITES_WAITING"):
            outcome = "refused"
        elif reason in (None, "OUTCOME_UNKNOWN", "SERVER_STOPS"):  # None: gRPC itself, of a connection that is gone.
            outcome = "unknown"
        else:
            raise error
        self.note(request, outcome)
        return outcome

    def read(self):
        """The entries by request id, as the file has them: the last word on each counts; who heard nothing knows nothing."""
        entries = {}
        with self._lock, self._path.open(encoding="utf-8") as file:
            for line in file:
                entry = json.loads(line)
                known = entries.setdefault(entry["request_id"], {"outcome": "unknown", "revision": None})
                known.update(entry)
        return entries


def request_of(entry):
    return sickness_return(entry["participant"], lost=entry["lost"], available=AVAILABLE, request_id=entry["request_id"])


def settle(ledger, server, started):
    """Sends every request again whose outcome is unknown, with the same request_id. Gives how many there were, and how many of
    them had been stored before `started`, in seconds since 1970: their receipt is the first one."""
    client = Client(server)
    unknown = [entry for entry in ledger.read().values() if entry["outcome"] == "unknown"]
    stored_before = 0
    for entry in unknown:
        verdict = client.submit(request_of(entry))
        ledger.note_verdict(request_of(entry), verdict)
        stored_before += verdict.accepted and verdict.receipt.commit_time.ToNanoseconds() < started * 1e9
    client.close()
    return len(unknown), stored_before


def check(test, ledger, server, seen=None):
    """Every accepted return is there with its revision and content; there is no revision that nobody was told of; rejections
    and refusals left nothing; the figures are those of the ledger. Nothing may be unknown any more. Of the revisions that are
    in `seen` only the number is looked at again."""
    seen = set() if seen is None else seen
    entries = ledger.read().values()
    test.assertEqual([entry for entry in entries if entry["outcome"] == "unknown"], [])
    by_participant = {}
    sequences = []
    for entry in entries:
        if entry["lost"] < 0:
            test.assertIn(entry["outcome"], ("rejected", "refused"))
        if entry["outcome"] == "accepted":
            revisions = by_participant.setdefault(entry["participant"], {})
            test.assertNotIn(entry["revision"], revisions, "two requests have one revision")
            revisions[entry["revision"]] = entry
            sequences.append(entry["sequence"])
    test.assertEqual(len(sequences), len(set(sequences)), "two commits have one number")
    client = Client(server)
    for participant, revisions in by_participant.items():
        test.assertEqual(sorted(revisions), list(range(1, len(revisions) + 1)), participant)
        test.assertEqual(_get(client, participant).revision, len(revisions), f"{participant}: the latest revision")
        for revision, entry in revisions.items():
            if (participant, revision) in seen:
                continue
            stored = _get(client, participant, revision)
            test.assertEqual(stored.data.value, request_of(entry).content.data.value)
            test.assertEqual(stored.receipt.sequence, entry["sequence"])
            seen.add((participant, revision))
    _check_figures(test, client, [revisions[len(revisions)]["lost"] for revisions in by_participant.values()])
    client.close()
    return {outcome: sum(1 for entry in entries if entry["outcome"] == outcome) for outcome in ("accepted", "rejected", "refused")}


def _get(client, participant, revision=None):
    request = returns.GetReturnRequest(collection="sickness", service="absence", participant=participant, period="2024-04")
    if revision is not None:
        request.revision = revision
    return client.call("ReturnService", "GetReturn", request, returns.GetReturnResponse).stored_return


def statistics(client):
    """The statistics of the one indicator, or None if nobody counts."""
    listed = client.call("NationalService", "ListNationalStatistics",
                         national.ListNationalStatisticsRequest(collection="sickness", period="2024-04"),
                         national.ListNationalStatisticsResponse).statistics
    return listed[0] if listed else None


def _check_figures(test, client, lost):
    figures = statistics(client)
    test.assertEqual(figures.n if figures else 0, len(lost))
    if not lost:
        return
    exact = [fractions.Fraction(str(value)) for value in lost]
    test.assertEqual(figures.minimum, float(min(exact)))
    test.assertEqual(figures.maximum, float(max(exact)))
    test.assertAlmostEqual(figures.mean, float(sum(exact) / len(exact)), places=9)
    # Of all days: each has as many available.
    test.assertAlmostEqual(figures.pooled, float(sum(exact) / len(exact)), places=9)


def stream(client, ledger, requests, timeout_seconds=60):
    """Sends the requests in one stream and notes each answer. Gives how many were accepted, and the error that ended it if one did."""
    accepted = 0
    answered = 0
    try:
        for request, response in zip(requests, client.submit_stream(
                [submissions.SubmitReturnsRequest(submission=request) for request in requests], timeout_seconds)):
            answered += 1
            if response.HasField("verdict"):
                accepted += ledger.note_verdict(request, response.verdict)
            else:
                ledger.note(request, "refused" if response.error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0] else "unknown")
    except grpc.RpcError as error:
        for request in requests[answered:]:
            ledger.note_error(request, error)
        return accepted, error
    return accepted, None
