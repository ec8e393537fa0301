"""The figures of a quarter, frozen: previewed, published, downloaded, checked with sha256sum, recomputed, and compared."""

import csv
import decimal
import fractions
import io
import json
import pathlib
import statistics
import subprocess
import tempfile
import unittest

import harness

QUARTER = "2025-26-Q1"
RETURNS = [
    {"participant": "RT1", "period": QUARTER, "available": 900, "occupied": "810.5", "admissions": 12},
    {"participant": "RT2", "period": "2025-04", "available": 300, "occupied": 200, "admissions": 3},
    {"participant": "RT2", "period": "2025-05", "available": 310, "occupied": "220.25", "admissions": 4},
    {"participant": "RT2", "period": "2025-06", "available": 300, "occupied": 310, "admissions": 5},  # A query.
    {"participant": "RT3", "period": "2025-04", "available": 100, "occupied": 90, "admissions": 0},  # A part of a quarter.
    {"participant": "RT4", "period": QUARTER, "available": 70, "occupied": 30, "admissions": 7},
]
KEY = ("--collection", "wards", "--period", QUARTER)


class ReleasesHarness(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.prepare()

    def prepare(self):
        self.qm("collection", "publish", harness.COLLECTIONS / "wards.proto")
        self.import_participants(["RT1", "RT2", "RT3", "RT4", "RT5"])

    def submit(self, rows):
        verdicts = self.qm_json_lines("submit", self.write_csv("returns.csv", rows), "--collection", "wards", "--service", "ward")
        self.assertEqual([verdict["accepted"] for verdict in verdicts], [True] * len(rows))

    def publish(self, *arguments, expect=0):
        return self.qm_json("release", "publish", *KEY, *arguments, expect=expect)

    def download(self, *arguments):
        """The bytes of a release, after sha256sum agrees with what the server says of them."""
        path = self.folder / "release.jsonl"
        release = self.qm_json("release", "show", *KEY, *arguments, "-o", path)["release"]
        said = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]
        self.assertEqual(said, release["sha256"])
        self.assertEqual(path.stat().st_size, int(release["bytes"]))
        self.assertEqual(path.stat().st_mode & 0o077, 0)
        return path.read_bytes()

    def csv(self, *arguments):
        return list(csv.DictReader(io.StringIO(self.qm("--output", "csv", *arguments).stdout)))


class ReleasesTest(ReleasesHarness):
    def test_a_quarter_from_preview_to_correction(self):
        self.assertEqual(self.qm("release", "list").stdout, "No release is published.\n")
        self.assertIn("nothing to release", self.qm("release", "preview", *KEY, expect=5).stderr)
        self.submit(RETURNS)
        preview = self.qm_json("release", "preview", *KEY)
        self.assertEqual(preview["release"]["returns"], 6)
        self.assertEqual([(query["participant"], query["period"]) for query in preview["openQueries"]], [("RT2", "2025-06")])
        shown = self.qm("release", "preview", *KEY).stdout
        self.assertLess(shown.index("1 query is unexplained"), shown.index("Q1 2025/26 of wards, as it would be released"))
        self.assertRegex(shown, r"RT2 +ward +Jun 2025 +occupied-within-available")
        self.assertRegex(shown, r"ward +Occupancy +% +3 ")
        self.assertIn(f"--expect {preview['release']['sha256']}\n", shown)

        # Something comes in between: what was previewed is not what would be published.
        self.submit([{**RETURNS[5], "occupied": 31}])
        stale = self.qm("release", "publish", *KEY, "--expect", preview["release"]["sha256"], expect=5)
        self.assertIn("Preview it again", stale.stderr)
        self.assertEqual(self.qm_json("release", "list")["releases"], [])
        sha256 = self.qm_json("release", "preview", *KEY)["release"]["sha256"]
        published = self.qm("release", "publish", *KEY, "--expect", sha256, "--note", "The first one").stdout
        self.assertLess(published.index("1 query is unexplained"), published.index("Published release 1 of Q1 2025/26 of wards"))
        self.assertTrue(self.publish()["unchanged"])
        self.assertIn("so nothing was published", self.qm("release", "publish", *KEY).stdout)
        first = self.download()
        self.assertEqual(json.loads(first.splitlines()[0]), {"kind": "release", "format": 1, "collection": "wards",
                                                             "period": QUARTER, "collection_version": 1, "method_version": 1})

        # The correction is a new release, and the old one stands, also after a crash.
        self.submit([{**RETURNS[0], "occupied": 900}, {**RETURNS[4], "period": "2025-05"}, {**RETURNS[4], "period": "2025-06"}])
        second = self.publish()["release"]
        self.assertEqual((second["number"], second["returns"]), (2, 8))
        self.server.kill()
        self.server.start()
        self.assertEqual(self.download("--number", 1), first)
        self.assertEqual(self.download("--number", 2), self.download())
        self.assertNotEqual(self.download(), first)
        self.check_diff()
        self.check_lists(second)

    def check_diff(self):
        diff = self.qm_json("release", "diff", *KEY)
        self.assertEqual((diff["from"]["number"], diff["to"]["number"]), (1, 2))
        self.assertEqual([(change["participant"], change["period"], change.get("fromRevision"), change.get("toRevision"))
                          for change in diff["returns"]],
                         [("RT1", QUARTER, 1, 2), ("RT3", "2025-05", None, 1), ("RT3", "2025-06", None, 1)])
        self.assertEqual([(change["participant"], change["indicator"], change.get("from"), change["to"]) for change in diff["values"]],
                         [("RT1", "occupancy", 90.055555556, 100), ("RT3", "occupancy", None, 90)])
        [moved] = diff["statistics"]
        self.assertEqual((moved["from"]["n"], moved["to"]["n"]), (3, 4))
        shown = self.qm("release", "diff", *KEY, "--from", 1, "--to", 2).stdout
        self.assertIn("From release 1 to release 2 of Q1 2025/26 of wards.", shown)
        self.assertRegex(shown, r"RT1 +ward +Q1 2025/26 +1 +2\n")
        self.assertRegex(shown, r"RT1 +ward +Occupancy +90\.1 +100\.0\n")
        self.assertRegex(shown, r"RT3 +ward +Occupancy +- +90\.0\n")
        self.assertRegex(shown, r"ward +Occupancy +N +3 +4\n")
        rows = self.csv("release", "diff", *KEY)
        self.assertIn({"change": "value", "service": "ward", "indicator": "occupancy", "category": "", "participant": "RT1",
                       "period": QUARTER, "figure": "value", "before": "90.055555556", "after": "100"}, rows)
        self.assertIn({"change": "statistic", "service": "ward", "indicator": "occupancy", "category": "", "participant": "",
                       "period": QUARTER, "figure": "n", "before": "3", "after": "4"}, rows)
        self.assertIn("first release", self.qm("release", "diff", *KEY, "--to", 1, expect=5).stderr)
        self.assertIn("--from:", self.qm("release", "diff", *KEY, "--from", 2, expect=2).stderr)

    def check_lists(self, second):
        listed = self.qm_json("release", "list", "--collection", "wards")["releases"]
        self.assertEqual([release["number"] for release in listed], [2, 1])
        self.assertEqual(listed[0], second)
        self.assertRegex(self.qm("release", "list").stdout, r"wards +Q1 2025/26 +1 .* The first one\n")
        self.assertEqual([row["sha256"] for row in self.csv("release", "list")], [release["sha256"] for release in listed])
        shown = self.qm("release", "show", *KEY, "--number", 1).stdout
        self.assertRegex(shown, r"^Release 1 of Q1 2025/26 of wards, published on ")
        self.assertIn("Note: The first one\n", shown)
        [occupancy, per_head] = self.csv("release", "show", *KEY)
        self.assertEqual((occupancy["indicator"], occupancy["n"]), ("occupancy", "4"))
        self.assertEqual((per_head["n"], per_head["mean"]), ("0", ""))
        self.assertIn("There are the numbers 1, 2.", self.qm("release", "show", *KEY, "--number", 3, expect=1).stderr)
        self.assertIn("None of the period is published.",
                      self.qm("release", "show", "--collection", "wards", "--period", "2025-26-Q2", expect=1).stderr)

    def test_whose_figures_a_release_leaves_as_they_were_is_said(self):
        rows = [{"participant": f"RT{i}", "period": QUARTER, "available": 900, "occupied": 800 + i, "admissions": i} for i in range(1, 6)]
        self.submit(rows)
        said = ("Submitters go on seeing earlier figures of ward, not those of this release: fewer than three organisations have "
                "anything new since they were shown.\n")
        self.assertNotIn(said, self.qm("release", "publish", *KEY).stdout)
        self.submit([{**rows[0], "occupied": 700}])
        for command in ("preview", "publish", "show"):
            self.assertIn(said, self.qm("release", command, *KEY).stdout)
        self.assertEqual(self.publish()["undisclosedServices"], ["ward"])  # Unchanged, and so is this.

    def test_statistics_can_be_recomputed_from_the_values(self):
        self.submit(RETURNS)
        self.publish()
        lines = [json.loads(line, parse_float=decimal.Decimal, parse_int=decimal.Decimal) for line in self.download().splitlines()]
        compared = 0
        for line in lines:
            if line["kind"] != "statistics":
                continue
            of = [value for value in lines if value["kind"] == "value" and value["counts"] and
                  all(value[name] == line[name] for name in ("service", "indicator", "category"))]
            self.assertEqual(line["n"], len(of))
            if not of:
                continue
            values = sorted(value["value"] for value in of)
            quartiles = statistics.quantiles(map(fractions.Fraction, values), n=4, method="inclusive")
            tenths = statistics.quantiles(map(fractions.Fraction, values), n=10, method="inclusive")
            pooled = (sum(fractions.Fraction(value["numerator"]) for value in of) * fractions.Fraction(line["factor"]) /
                      sum(fractions.Fraction(value["denominator"]) for value in of))
            for name, expected in {
                "mean": sum(map(fractions.Fraction, values)) / len(values), "lower_quartile": quartiles[0], "median": quartiles[1],
                "upper_quartile": quartiles[2], "percentile_10": tenths[0], "percentile_90": tenths[8], "minimum": values[0],
                "maximum": values[-1], "pooled": pooled,
            }.items():
                # Python rounds fractions half to even too; nine places are what the server keeps.
                self.assertEqual(float(round(fractions.Fraction(expected), 9)), float(line[name]), name)
            self.assertAlmostEqual(statistics.stdev(map(float, values)), float(line["standard_deviation"]), delta=1e-8)
            compared += 1
        self.assertEqual(compared, 1)
        # The same figures as those that are served live.
        live = self.statistics("wards", QUARTER)[("ward", "occupancy", "")]
        [frozen] = [line for line in lines if line["kind"] == "statistics" and line["indicator"] == "occupancy"]
        self.assertEqual((live["mean"], live["pooled"]), (float(frozen["mean"]), float(frozen["pooled"])))

    def test_another_server_makes_the_same_bytes(self):
        self.submit(RETURNS)
        self.publish()
        here = self.download()
        with tempfile.TemporaryDirectory(prefix="quartermaster-") as folder:
            first, self.server = self.server, harness.Server(pathlib.Path(folder) / "data").start()
            try:
                self.prepare()
                for row in reversed(RETURNS):
                    self.submit([row])
                self.publish("--note", "Elsewhere", "--embargo-until", self.today())
                self.assertEqual(self.download(), here)
            finally:
                self.server.kill()
                self.server = first

    def today(self):
        return subprocess.run(["date", "-u", "+%Y-%m-%d"], capture_output=True, text=True, check=True).stdout.strip()

    def test_what_cannot_be_published_is_refused(self):
        self.submit(RETURNS)
        for arguments, code, said in (
            (("--embargo-until", "2020-01-01"), 2, "qm: --embargo-until: it is past"),
            (("--embargo-until", "2999-01-01"), 2, "more than a year"),
            (("--embargo-until", "tomorrow"), 2, "2026-12-31"),
            (("--expect", "9f86"), 2, "qm: --expect: it is 64 hexadecimal digits"),
            (("--note", "x" * 1001), 2, "1000 characters"),
        ):
            with self.subTest(arguments=arguments):
                self.assertIn(said, self.qm("release", "publish", *KEY, *arguments, expect=code).stderr)
        self.assertEqual(self.qm_json("release", "list")["releases"], [])
        shown = self.qm("release", "publish", *KEY, "--embargo-until", self.today()).stdout
        self.assertIn("only report builders see it", shown)
        self.assertIn("cannot be written", self.qm("release", "show", *KEY, "-o", self.folder / "none" / "file", expect=1).stderr)


if __name__ == "__main__":
    unittest.main()
