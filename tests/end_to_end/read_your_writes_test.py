"""Whoever has a receipt reads figures that contain it at once, over whatever connection, while many others write."""

import concurrent.futures
import itertools
import statistics
import threading
import unittest

import grpc

import grpc_client
import harness
from grpc_client import Client, national, sickness_return

WRITERS = 64
SUBMISSIONS = 20  # of each
NOT_YET = 1 << 40  # a sequence number that no test reaches
COLLECTION = dict(collection="sickness", period="2024-04")


class Tally:
    """Which values have been sent and which acknowledged. A writer's values rise, and so do both sums."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}
        self.acknowledged = {}

    def note(self, which, writer, value):
        with self.lock:
            which[writer] = value

    def totals(self, which):
        with self.lock:
            return len(which), sum(which.values())


class ReadYourWritesTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants([f"T{i:02}" for i in range(WRITERS)])
        self.reads = itertools.count()
        self.violations = []

    def client(self, metadata=None):
        client = Client(self.server, metadata)
        self.addCleanup(client.close)
        return client

    def list_statistics(self, client, sequence):
        return client.call("NationalService", "ListNationalStatistics",
                           national.ListNationalStatisticsRequest(at_least_sequence=sequence, **COLLECTION),
                           national.ListNationalStatisticsResponse)

    def position(self, client, participant, sequence):
        return client.call("NationalService", "GetPosition",
                           national.GetPositionRequest(participant=participant, at_least_sequence=sequence, **COLLECTION),
                           national.GetPositionResponse)

    def expect(self, condition, *told):
        """Counts what does not hold, so that the test tells of all of it."""
        if not condition:
            self.violations.append(told)

    def expect_totals(self, tally, before, figures, told):
        """n and sum of an answer lie between what was acknowledged before the question and what is sent by now."""
        most, highest = tally.totals(tally.sent)
        least, lowest = before
        total = figures.n * figures.mean
        self.expect(least <= figures.n <= most, "n", least, figures.n, most, told)
        # Means have 9 places and the values are whole numbers, so the sum is one too.
        self.expect(abs(total - round(total)) < 1e-6, "the sum is no whole number", total, told)
        self.expect(lowest <= round(total) <= highest, "sum", lowest, total, highest, told)

    def write_and_read(self, index, tally, start):
        """Each value is a whole number that nobody else sends."""
        code = f"T{index:02}"
        writer, reader = self.client(), self.client()
        start.wait(timeout=60)
        last_n = 0
        for turn in range(SUBMISSIONS):
            value = turn * WRITERS + index
            tally.note(tally.sent, index, value)
            verdict = writer.submit(sickness_return(code, lost=value, available=100))
            sequence = verdict.receipt.sequence
            tally.note(tally.acknowledged, index, value)
            self.expect(verdict.accepted and sequence > 0, "verdict", verdict)

            before = tally.totals(tally.acknowledged)
            listed = self.list_statistics(reader, sequence)
            next(self.reads)
            [country] = listed.statistics
            self.expect(listed.sequence >= sequence, "sequence of the list", listed.sequence, sequence)
            self.expect_totals(tally, before, country, ("list", code, value))
            self.expect(country.n >= last_n, "n fell", last_n, country.n)
            self.expect(country.minimum <= value <= country.maximum, "not within the extremes", country, value)

            before = tally.totals(tally.acknowledged)
            found = self.position(reader, code, sequence)
            next(self.reads)
            [stands] = found.position
            self.expect(found.sequence >= sequence, "sequence of the position", found.sequence, sequence)
            self.expect(stands.value == value, "value", stands.value, value)
            self.expect_totals(tally, before, stands.national, ("position", code, value))
            self.expect(stands.national.n >= country.n, "n fell", country.n, stands.national.n)
            self.expect_standing(stands)
            last_n = stands.national.n

    def expect_standing(self, stands):
        """The value and the figures of one answer are of the same moment."""
        country = stands.national
        self.expect(1 <= stands.rank <= country.n, "rank", stands)
        self.expect((stands.rank == 1) == (stands.value == country.maximum), "rank of the largest", stands)
        self.expect((stands.rank == country.n) == (stands.value == country.minimum), "rank of the smallest", stands)
        self.expect(stands.tied == 0, "tied", stands)
        self.expect(stands.rank_by_polarity == country.n + 1 - stands.rank, "rank by polarity", stands)
        if country.n > 1:
            below = 100 * (country.n - stands.rank) / (country.n - 1)
            self.expect(abs(stands.percentile - below) < 1e-8, "percentile", stands)
        self.expect(abs(stands.distance_from_mean - (stands.value - country.mean)) < 1e-8, "distance from mean", stands)
        self.expect(abs(stands.distance_from_median - (stands.value - country.median)) < 1e-8, "distance from median", stands)
        quarter = 1 + sum(stands.value > quartile for quartile in (country.lower_quartile, country.median, country.upper_quartile))
        self.expect(stands.quarter == quarter, "quarter", stands)

    def test_many_writers_each_read_what_they_wrote(self):
        tally, start = Tally(), threading.Barrier(WRITERS)
        with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
            for done in [pool.submit(self.write_and_read, index, tally, start) for index in range(WRITERS)]:
                done.result()
        reads = next(self.reads)
        print(f"{WRITERS} writers, {WRITERS * SUBMISSIONS} submissions, {reads} reads, {len(self.violations)} violations")
        self.assertEqual(self.violations[:10], [])
        self.assertEqual(reads, 2 * WRITERS * SUBMISSIONS)

        values = [(SUBMISSIONS - 1) * WRITERS + index for index in range(WRITERS)]
        self.assertEqual(tally.acknowledged, tally.sent)
        [country] = self.list_statistics(self.client(), 0).statistics
        quartiles = statistics.quantiles(values, n=4, method="inclusive")
        tenths = statistics.quantiles(values, n=10, method="inclusive")
        self.assertEqual((country.n, country.mean, country.median), (WRITERS, statistics.mean(values), quartiles[1]))
        self.assertEqual((country.lower_quartile, country.upper_quartile), (quartiles[0], quartiles[2]))
        self.assertEqual((country.minimum, country.maximum), (min(values), max(values)))
        self.assertAlmostEqual(country.percentile_10, tenths[0], delta=1e-9)
        self.assertAlmostEqual(country.percentile_90, tenths[8], delta=1e-9)
        self.assertAlmostEqual(country.standard_deviation, statistics.stdev(values), delta=1e-8)
        self.assertEqual(country.pooled, statistics.mean(values))  # All denominators are the same.

    def test_a_submitter_reads_its_own_value_at_once(self):
        metadata = grpc_client.bearer(self.make_token("submitter", ["T07"]))
        writer, reader = self.client(metadata), self.client(metadata)
        for value in range(20):
            receipt = writer.submit(sickness_return("T07", lost=value)).receipt
            found = self.position(reader, "T07", receipt.sequence)
            self.assertGreaterEqual(found.sequence, receipt.sequence)
            self.assertEqual([stands.value for stands in found.position], [value])
            self.assertGreaterEqual(self.list_statistics(reader, receipt.sequence).sequence, receipt.sequence)

    def test_what_is_not_reached_is_unavailable(self):
        writer, reader = self.client(), self.client()
        sequence = writer.submit(sickness_return("T01")).receipt.sequence
        for read in (self.list_statistics, lambda client, least: self.position(client, "T01", least)):
            for least in (sequence + 1, NOT_YET, (1 << 64) - 1):
                with self.assertRaises(grpc.RpcError) as caught:
                    read(reader, least)
                self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
                self.assertEqual(grpc_client.error_info(caught.exception)[0], "SEQUENCE_NOT_REACHED")
                for said in (str(sequence), str(least), "Ask again"):
                    self.assertIn(said, caught.exception.details())
            self.assertEqual(read(reader, sequence).sequence, sequence)
            self.assertEqual(read(reader, 0).sequence, sequence)
        following = writer.submit(sickness_return("T02")).receipt.sequence
        self.assertGreater(following, sequence)
        self.assertEqual(self.list_statistics(reader, sequence + 1).statistics[0].n, 2)


if __name__ == "__main__":
    unittest.main()
