"""Each shipped collection takes a return of each of its services, and makes every one of its indicators from it."""

import csv
import unittest

import harness

SAMPLES = harness.COLLECTIONS / "shipped"
BANDS = {"0-17": 210_000, "18-64": 600_000, "65+": 180_000}


class ShippedCollectionsTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.import_participants(["SYNTH01", "GB"])
        self.qm("population", "import", self.write_csv("populations.csv", [
            {"participant": code, "age_band": band, "registered": people, "weighted": people + 1000}
            for code in ("SYNTH01", "GB") for band, people in BANDS.items()]))

    def test_every_sample_is_accepted_and_moves_every_indicator(self):
        shipped = {c["id"]: {s["id"] for s in c["services"]} for c in self.qm_json("collection", "list")["collections"]}
        self.assertEqual(len(shipped), 9)
        for collection, services in shipped.items():
            if collection == "mhlda":
                continue  # The quickstart's sample is its own.
            self.assertEqual(services, {path.stem for path in (SAMPLES / collection).glob("*.csv")}, collection)
            for service in sorted(services):
                with self.subTest(collection=collection, service=service):
                    self.submit(collection, service)

    def submit(self, collection, service):
        path = SAMPLES / collection / f"{service}.csv"
        with path.open(encoding="utf-8") as file:
            period = next(csv.DictReader(file))["period"]
        self.reopen(collection, period)
        verdicts = self.qm_json_lines("submit", path, "--collection", collection, "--service", service)
        self.assertEqual(len(verdicts), 1)
        self.assertEqual(verdicts[0]["findings"], [])
        self.assertTrue(verdicts[0]["accepted"])
        statistics = self.statistics(collection, period, "--service", service)
        self.assertTrue(statistics)
        # Yes and no, choices and distributions give shares with their n, as ratios do.
        undefined = [key for key, figures in statistics.items() if figures["n"] != 1 or "mean" not in figures]
        self.assertEqual(undefined, [])


if __name__ == "__main__":
    unittest.main()
