"""A series of a participant on the screen, as CSV and as JSON, with limits and signs."""

import csv
import io
import unittest

import harness


class TrendTest(harness.EndToEndTest):
    KEY = ("trend", "--collection", "wards", "--participant", "RT1", "--indicator", "occupancy")

    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "wards.proto")
        self.import_participants(["RT1", "RT2"])
        # Six that rise, a gap, and one far out: mean 40; ranges 1 1 1 1 1, so limits 37.34 and 42.66 + what 70 moves.
        rows = [{"participant": "RT1", "period": f"2024-{4 + i:02}", "available": 100, "occupied": 30 + i, "admissions": 0} for i in range(6)]
        rows.append({"participant": "RT1", "period": "2024-11", "available": 100, "occupied": 90, "admissions": 0})
        rows += [{"participant": "RT2", "period": row["period"], "available": 100, "occupied": 50, "admissions": 0} for row in rows]
        verdicts = self.qm_json_lines("submit", self.write_csv("returns.csv", rows), "--collection", "wards", "--service", "ward")
        self.assertEqual([verdict["accepted"] for verdict in verdicts], [True] * len(rows))

    def test_the_screen_shows_the_series_and_says_what_stands_out(self):
        text = self.qm(*self.KEY, "--from", "2024-04").stdout
        self.assertIn("Occupancy in %: RT1 and the country\n", text)
        self.assertRegex(text, r"Apr 2024 +30\.0 +40\.0 +40\.0 +35\.0 +45\.0 +.*6 or more rising or falling")
        self.assertRegex(text, r"Oct 2024 +- +- +- +- +- +-")
        # Mean 285 / 7 = 40.7, mean range 1, limits 38.1 and 43.4.
        self.assertRegex(text, r"Nov 2024 +90\.0 +70\.0 .*outside the limits")
        self.assertIn("The process limits of RT1 are 38.1 to 43.4 about its mean of 40.7, by 7 complete values", " ".join(text.split()))
        self.assertIn("Fewer than 15 values make them provisional.", " ".join(text.split()))

    def test_a_quarter_of_which_months_are_missing_is_shown_apart(self):
        text = self.qm(*self.KEY, "--cadence", "quarter", "--from", "2024-25-Q1", "--to", "2024-25-Q3").stdout
        self.assertRegex(text, r"Q1 2024/25 +31\.0")
        self.assertRegex(text, r"Q3 2024/25 +90\.0 .*months are missing")

    def test_programs_get_full_figures_and_the_limits_in_every_row(self):
        rows = list(csv.DictReader(io.StringIO(self.qm("--output", "csv", *self.KEY, "--from", "2024-04").stdout)))
        self.assertEqual([row["period"] for row in rows], [f"2024-{month:02}" for month in range(4, 12)])
        self.assertEqual((rows[0]["value"], rows[0]["n"], rows[0]["mean"]), ("30", "2", "40"))
        self.assertEqual({(row["process_mean"], row["upper_limit"]) for row in rows}, {("40.714285714", "43.374285714")})
        self.assertEqual(rows[-1]["signs"], "outside-limits")
        trend = self.qm_json(*self.KEY, "--from", "2024-04")
        self.assertEqual(trend["points"][0]["value"], 30)
        self.assertEqual((trend["points"][0]["national"]["n"], trend["points"][0]["national"]["nExpected"]), (2, 2))
        self.assertIn("SPECIAL_CAUSE_TREND", trend["points"][0]["signs"])
        self.assertEqual(trend["limits"]["points"], 7)

    def test_what_is_not_there_is_said(self):
        for arguments, code, says in (
            (("--indicator", "ocupancy"), 1, "Did you mean occupancy?"),
            (("--indicator", "occupancy", "--cadence", "week"), 2, "month, quarter, year"),
            (("--indicator", "occupancy", "--from", "2024Q1"), 2, "Q"),
            (("--indicator", "occupancy", "--category", "all"), 2, "no distribution"),
        ):
            with self.subTest(arguments=arguments):
                done = self.qm("trend", "--collection", "wards", "--participant", "RT1", *arguments, expect=code)
                self.assertIn(says, done.stderr)


if __name__ == "__main__":
    unittest.main()
