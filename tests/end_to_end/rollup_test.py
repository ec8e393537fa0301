"""Months make quarters and years, and a merged body is counted once: two years of made-up returns with gaps and mergers,
against exact fractions (rollup_model.py).
"""

import random
import unittest

import harness
import rollup_harness
import rollup_model

YEARS = (2023, 2024)
MONTHS = rollup_model.months_between("2023-04", "2025-03")
MERGED = "G6V2S"
MERGERS = {
    "TAF": (MERGED, "2024-11"), "RRP": (MERGED, "2024-11"),  # Two become a new one.
    "P01": ("P02", "2024-08"), "P05": ("P02", "2024-11"),  # One takes in another, and then a third.
    "P06": ("P07", "2024-06"), "P07": ("P08", "2024-09"),  # Two changes of code within a year.
    "P09": ("P10", "2024-02"),  # One whose last month before is missing.
}
FIRST_MONTHS = {MERGED: "2024-11", "P07": "2024-06", "P08": "2024-09"}
MISSING = {("TAF", "2023-06"), ("P09", "2024-01")}
CODES = sorted([f"P{number:02}" for number in range(1, 41)] + ["TAF", "RRP", MERGED])
ROLLUPS = {"days_lost": "sum", "days_available": "sum", "in_post": "mean", "vacancies": "mean", "waiting_at_end": "last"}
INDICATORS = {
    "sickness-rate": (lambda f: f["days_lost"], lambda f: f["days_available"], 100),
    "vacancy-rate": (lambda f: f["vacancies"], lambda f: f["in_post"] + f["vacancies"], 100),
    "days-lost-per-head": (lambda f: f["days_lost"], lambda f: f["in_post"], 1),
    "waiting-per-head": (lambda f: f["waiting_at_end"], lambda f: f["in_post"], 100),
    "waiting": (lambda f: f["waiting_at_end"], None, 1),
}


class MadeUpRollupTest(rollup_harness.RollupTest):
    collection = "staffing"
    service = "staff"
    quarters = [quarter for year in YEARS for quarter in rollup_model.quarters_of(year)]
    years = [rollup_model.year_of(year) for year in YEARS]

    def made_up_fields(self):
        staff = self.random.randint(3000, 90000) / 10
        days = round(staff * self.random.uniform(27, 31), 2)
        fields = {"days_lost": round(days * self.random.uniform(0.01, 0.09), 2), "days_available": days, "in_post": staff,
                  "vacancies": self.random.randint(0, 400), "waiting_at_end": self.random.randint(0, 3000)}
        return {name: str(value) for name, value in fields.items()}

    def setUp(self):
        super().setUp()
        self.random = random.Random(20241101)
        in_mergers = {*MERGERS, *(successor for successor, _ in MERGERS.values())}
        rows = []
        for code in CODES:
            last = MERGERS.get(code, ("", "9999-01"))[1]
            for month in MONTHS:
                missing = (code, month) in MISSING or (code not in in_mergers and self.random.random() < 0.03)
                if FIRST_MONTHS.get(code, "") <= month < last and not missing:
                    rows.append((code, month, self.made_up_fields()))
        # Sent before anybody knew of the merger, it counts once that is known for nobody.
        rows.append(("RRP", "2024-11", self.made_up_fields()))
        self.random.shuffle(rows)
        self.model = rollup_model.Model(ROLLUPS, INDICATORS, {})
        self.qm("collection", "publish", harness.COLLECTIONS / "staffing.proto")
        self.import_participants(CODES)
        self.submit(rows)

    def merge(self):
        self.import_mergers(CODES, MERGERS)
        merged = rollup_model.Model(ROLLUPS, INDICATORS, MERGERS)
        merged.returns = self.model.returns
        self.model = merged

    def test_months_quarters_and_years_with_gaps_and_mergers(self):
        periods = [*MONTHS, *self.quarters, *self.years]
        self.check_figures(periods)
        self.assertEqual(self.model.assemble(MERGED, "2024-25-Q3")[0], 2)
        self.assertGreater(self.check_positions(CODES, "2024-25-Q3"), 2)

        self.merge()
        self.check_figures(periods)
        partial = sum(self.check_positions(CODES, period) for period in (*self.quarters, *self.years))
        self.assertGreater(partial, 30)
        self.check_merged_body()
        # The same when all figures are made anew from the store.
        self.server.kill()
        self.server.start()
        self.check_figures(periods)
        self.check_merged_body()
        print(f"Made-up returns: {len(CODES)} participants, {len(periods)} periods, {partial} partial, {self.compared} figures compared.")

    def check_merged_body(self):
        """Counted once: the new one from November on and in what November falls into, the old ones before."""
        for period, counted in {"2024-10": ["RRP", "TAF"], "2024-25-Q2": ["RRP", "TAF"], "2024-11": [MERGED], "2024-12": [MERGED],
                                "2024-25-Q3": [MERGED], "2024-25-Q4": [MERGED], "FY2024-25": [MERGED]}.items():
            ranked = [code for code in sorted(["TAF", "RRP", MERGED]) if self.positions(code, period)]
            self.assertEqual(ranked, sorted(counted), period)
            for code in counted:
                self.assertFalse(self.positions(code, period)[0]["partial"], (code, period))
        # All of its returns but the stray one: what a merged body had lost is the sum of all.
        lost = sum(self.model.returns[code][month, 1]["days_lost"] for code in ("TAF", "RRP", MERGED)
                   for month in range(rollup_model.span_of("2024-04")[0], rollup_model.span_of("2025-04")[0])
                   if (month, 1) in self.model.returns[code] and (code, month) != ("RRP", rollup_model.span_of("2024-11")[0]))
        self.assertEqual(lost, self.model.assemble(MERGED, "FY2024-25")[1]["days_lost"])

    def test_the_series_of_a_merged_body_goes_back_before_it(self):
        self.merge()
        before = [month for month in MONTHS if month < "2024-11" and month != "2023-06"]
        for indicator in INDICATORS:
            self.assertEqual(self.check_trend(MERGED, indicator, "month", MONTHS), before)
            # A quarter with a gap has no value; the one in which they merged is of both.
            self.assertEqual(self.check_trend(MERGED, indicator, "quarter", self.quarters), [*self.quarters[1:7]])
            self.assertEqual(self.check_trend(MERGED, indicator, "year", self.years), ["FY2024-25"])
        # One that was there before has its own past.
        self.assertEqual(self.check_trend("P02", "sickness-rate", "month", MONTHS), [])
        self.assertEqual(self.check_trend("P02", "sickness-rate", "quarter", self.quarters), ["2024-25-Q2", "2024-25-Q3"])

    def test_a_series_goes_back_over_two_changes_of_code(self):
        self.merge()
        before = [month for month in MONTHS if month < "2024-09"]
        self.assertEqual(self.check_trend("P08", "sickness-rate", "month", MONTHS), before)
        self.assertEqual(self.check_trend("P08", "sickness-rate", "quarter", self.quarters), self.quarters[:6])

    def test_a_return_of_one_that_merged_is_rejected_and_names_the_successor(self):
        self.merge()
        for code, period in (("TAF", "2024-11"), ("TAF", "2024-25-Q3"), ("RRP", "2025-01")):
            [verdict] = self.submit([(code, period, self.made_up_fields())], expect=3)
            [finding] = [one for one in verdict["findings"] if one["severity"] == "SEVERITY_ERROR"]
            self.assertEqual((finding["ruleId"], finding["given"], finding["expected"]), ("succeeded", code, MERGED))
            self.assertIn(f"{code} became {MERGED} in Nov 2024", finding["message"])
        self.submit([("TAF", "2024-10", self.made_up_fields())])
        self.check_figures(["2024-10", "2024-11", "2024-25-Q3", "FY2024-25"])

    def test_a_quarterly_return_counts_in_place_of_its_months(self):
        self.merge()
        quarter = "2024-25-Q2"
        unmerged = [code for code in CODES if code > "P10" and code not in MERGERS and code != MERGED]
        partial = next(code for code in unmerged if self.model.assemble(code, quarter)[0] == 2)
        complete = next(code for code in unmerged if self.model.assemble(code, "FY2024-25")[0] == 12)
        n = self.model.figures("waiting", quarter)["n"]
        periods = ("2024-07", "2024-08", "2024-09", quarter, "FY2024-25")
        for code in (complete, partial):
            [verdict] = self.submit([(code, quarter, self.made_up_fields())])
            [finding] = [one for one in verdict["findings"] if one["ruleId"] == "supersedes-parts"]
            self.assertEqual(finding["severity"], "SEVERITY_INFO")
            self.check_figures(periods)
            self.assertEqual(self.check_positions([code], quarter), 0)
            [verdict] = self.submit([(code, "2024-08", self.made_up_fields())], expect=3)
            [finding] = [one for one in verdict["findings"] if one["severity"] == "SEVERITY_ERROR"]
            self.assertEqual((finding["ruleId"], finding["given"]), ("part-of-returned-period", "2024-08"))
            self.assertIn("Q2 2024/25", finding["message"])
            self.check_figures(periods)
        self.assertEqual(self.model.figures("waiting", quarter)["n"], n + 1)
        # Withdrawn, its months count again.
        for code in (complete, partial):
            self.qm("returns", "withdraw", "--collection", self.collection, "--service", self.service, "--participant", code,
                    "--period", quarter, "--reason", "The months are right.")
            self.model.remove(code, quarter)
            self.check_figures(periods)
        self.assertEqual(self.check_positions([complete, partial], quarter), 1)


if __name__ == "__main__":
    unittest.main()
