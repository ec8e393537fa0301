"""The real sickness absence around a real merger: TAF and RRP into G6V2S in November 2024, against exact fractions
(rollup_model.py).
"""

import decimal
import unittest

import harness
import rollup_harness
import rollup_model

MERGED = "G6V2S"


@harness.needs_real_data
class RealMergerTest(rollup_harness.RollupTest):
    collection = "sickness"
    service = "absence"

    def test_the_real_merger_of_november_2024(self):
        real = harness.read_csv("sickness_returns.csv")
        codes = sorted({row["ORG_CODE"] for row in real})
        if not {"TAF", "RRP", MERGED} <= set(codes):
            self.skipTest("the real sickness returns have no TAF, RRP and G6V2S")
        mergers = {code: (MERGED, "2024-11") for code in ("TAF", "RRP")}
        self.model = rollup_model.Model({"fte_days_lost": "sum", "fte_days_available": "sum"}, {
            "sickness-rate": (lambda f: f["fte_days_lost"], lambda f: f["fte_days_available"], 100)}, mergers)
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_mergers(codes, mergers)
        rows = []
        for row in real:
            _, month, year = row["DATE"].split("/")
            # Binary noise lies behind the five places of the collection.
            days = {name: decimal.Decimal(row[name.upper()]).quantize(decimal.Decimal("0.00001")) for name in self.model.rollups}
            rows.append((row["ORG_CODE"], f"{year}-{month}", days))
        self.submit(rows)
        months = rollup_model.months_between("2024-04", "2025-03")
        quarters = rollup_model.quarters_of(2024)
        self.check_figures([*months, *quarters, "FY2024-25"])
        for period in (*months[5:9], *quarters, "FY2024-25"):
            self.assertEqual(self.check_positions(["RRP", "TAF", MERGED], period), 0)
        self.assertEqual(self.model.assemble(MERGED, "2024-25-Q3")[0], 3)
        self.assertEqual(self.model.assemble(MERGED, "FY2024-25")[0], 12)
        self.assertEqual(self.check_trend(MERGED, "sickness-rate", "month", months), months[:7])
        self.assertEqual(self.check_trend(MERGED, "sickness-rate", "quarter", quarters), quarters[:3])
        [verdict] = self.submit([("TAF", "2024-11", rows[0][2])], expect=3)
        self.assertEqual([one["expected"] for one in verdict["findings"] if one["ruleId"] == "succeeded"], [MERGED])
        without = self.model.figures("sickness-rate", "2024-25-Q3")
        print(f"Real sickness absence: {len(codes)} organisations, {self.compared} figures compared; in 2024-25-Q3 {without['n']} count, "
              f"{MERGED} once, and the pooled rate is {float(without['pooled']):.4f} %.")


if __name__ == "__main__":
    unittest.main()
