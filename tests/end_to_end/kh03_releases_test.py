"""Every quarter of the real KH03 is released; the published England occupancy follows from each release alone, also after a
correction, which moves the live figures at once, no release, and the next release by just what it must.
"""

import decimal
import fractions
import json
import statistics
import subprocess
import unittest

import harness

SECTORS = ("general_acute", "learning_disabilities", "maternity", "mental_illness")
# Solent NHS Trust has beds of all kinds but maternity in the last quarter.
CORRECTED = "R1C"
LAST_QUARTER = "2022-23-Q2"
CORRECTION = {"mental_illness_occupied_bed_days": "3033.5",
              # The sector is closed: 0 / 0 is no value, so that n moves too.
              "learning_disabilities_available_bed_days": "0", "learning_disabilities_occupied_bed_days": "0"}


def indicator_of(sector):
    return sector.replace("_", "-") + "-occupancy"


def quarter_of(row):
    return f"{row['fin_year']}-{row['quarter']}"


def as_kept(number):
    """The collection keeps four places; what is published has binary noise far behind them."""
    return fractions.Fraction(decimal.Decimal(number).quantize(decimal.Decimal("0.0001")))


def to_places(number):
    """As figures are kept: nine places. Python rounds fractions half to even too."""
    return round(fractions.Fraction(number), 9)


def days_of(row, sector):
    """Occupied and available bed days."""
    return as_kept(row[f"{sector}_occupied_bed_days"]), as_kept(row[f"{sector}_available_bed_days"])


def figures_of(days):
    """All figures of one indicator of one quarter, from occupied and available bed days of each trust with beds."""
    values = sorted(to_places(100 * occupied / available) for occupied, available in days)
    quartiles = statistics.quantiles(values, n=4, method="inclusive")
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    with decimal.localcontext() as context:
        context.prec = 60
        deviation = (decimal.Decimal(variance.numerator) / decimal.Decimal(variance.denominator)).sqrt()
    exact = {
        "mean": mean, "median": quartiles[1], "lower_quartile": quartiles[0], "upper_quartile": quartiles[2],
        "percentile_10": tenths[0], "percentile_90": tenths[8], "minimum": values[0], "maximum": values[-1],
        "standard_deviation": deviation,
        "pooled": 100 * sum(occupied for occupied, _ in days) / sum(available for _, available in days),
    }
    return {"n": len(values), **{name: to_places(figure) for name, figure in exact.items()}}


def json_name(name):
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


@harness.needs_real_data
class Kh03ReleasesTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.rows = {}
        for row in harness.read_csv("kh03_returns.csv"):
            self.rows.setdefault(quarter_of(row), {})[row["org_code"]] = row
        self.columns = [f"{sector}_{kind}_bed_days" for sector in SECTORS for kind in ("available", "occupied")]
        self.compared = 0
        self.largest_difference = fractions.Fraction(0)

    def submit(self, rows):
        path = self.write_csv("returns.csv", [
            {"participant": row["org_code"], "period": quarter_of(row), **{column: row[column] for column in self.columns}}
            for row in rows])
        verdicts = self.qm_json_lines("submit", path, "--collection", "kh03", "--service", "beds")
        self.assertEqual([verdict["accepted"] for verdict in verdicts], [True] * len(rows))
        return verdicts

    def publish(self, quarter):
        """Publishes just what a preview has shown."""
        key = ("--collection", "kh03", "--period", quarter)
        previewed = self.qm_json("release", "preview", *key)["release"]["sha256"]
        published = self.qm_json("release", "publish", *key, "--expect", previewed)
        self.assertEqual(published["release"]["sha256"], previewed)
        return published

    def download(self, quarter, number):
        """The bytes of a release, of which sha256sum says what the server does."""
        path = self.folder / "release.jsonl"
        release = self.qm_json("release", "show", "--collection", "kh03", "--period", quarter, "--number", number, "-o", path)["release"]
        said = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]
        self.assertEqual(said, release["sha256"])
        self.assertEqual(release["number"], number)
        return path.read_bytes()

    def compare(self, served, expected, where):
        """A figure that is served is the nearest double to the one of nine places that is expected."""
        self.assertEqual(float(served), float(expected), where)
        self.compared += 1

    def compare_with_published(self, occupancy, published, where):
        """As close as the published one, which was computed in doubles, can be."""
        difference = abs(fractions.Fraction(occupancy) - published)
        self.assertLessEqual(difference, published / 10**9, where)
        self.largest_difference = max(self.largest_difference, difference)
        self.compared += 1

    def expected_days(self, quarter):
        """By indicator and trust: occupied and available bed days of those that have a value."""
        days = {}
        for sector in SECTORS:
            of = {code: days_of(row, sector) for code, row in self.rows[quarter].items()}
            days[indicator_of(sector)] = {code: pair for code, pair in of.items() if pair[1] != 0}
        return days

    def check_live(self, quarter):
        live = self.statistics("kh03", quarter)
        for indicator, days in self.expected_days(quarter).items():
            for name, expected in figures_of(list(days.values())).items():
                self.compare(live["beds", indicator, ""][json_name(name)], expected, (quarter, indicator, name))

    def check_content(self, quarter, content, published):
        """Every line of a release: by the returns that were sent, by each other, and by the published England figures."""
        lines = [json.loads(line, parse_float=decimal.Decimal, parse_int=decimal.Decimal) for line in content.splitlines()]
        self.assertEqual((lines[0]["kind"], lines[0]["collection"], lines[0]["period"]), ("release", "kh03", quarter))
        pinned = [line["participant"] for line in lines if line["kind"] == "return"]
        self.assertEqual(pinned, sorted(self.rows[quarter]))
        values = {indicator: {} for indicator in map(indicator_of, SECTORS)}
        for line in lines:
            if line["kind"] == "value":
                self.assertTrue(line["counts"])
                values[line["indicator"]][line["participant"]] = (
                    fractions.Fraction(line["numerator"]), fractions.Fraction(line["denominator"]))
                self.compare(line["value"], to_places(100 * fractions.Fraction(line["numerator"]) / fractions.Fraction(line["denominator"])),
                             (quarter, line["indicator"], line["participant"]))
        self.assertEqual(values, self.expected_days(quarter))
        frozen = {line["indicator"]: line for line in lines if line["kind"] == "statistics"}
        self.assertEqual(list(frozen), [indicator_of(sector) for sector in SECTORS])
        for indicator, line in frozen.items():
            for name, expected in figures_of(list(values[indicator].values())).items():
                self.compare(line[name], expected, (quarter, indicator, name))
            england = published.get((quarter, indicator))
            if england is not None:
                occupied, available = map(sum, zip(*values[indicator].values()))
                self.compare_with_published(100 * occupied / available, england, (quarter, indicator, "of the value lines"))
                self.compare_with_published(line["pooled"], england, (quarter, indicator, "of the statistics line"))

    def test_published_figures_follow_from_the_releases_alone(self):
        published = {
            (quarter_of(row), indicator_of(row["sector"])): 100 * fractions.Fraction(row["occupancy_published"])
            for row in harness.read_csv("kh03_england_published.csv") if row["sector"] in SECTORS}
        self.assertEqual((len(self.rows), len(published)), (35, 140))
        self.qm("collection", "publish", harness.COLLECTIONS / "kh03.proto")
        self.import_participants(sorted({code for of_quarter in self.rows.values() for code in of_quarter}))
        verdicts = self.submit([row for of_quarter in self.rows.values() for row in of_quarter.values()])
        self.assertEqual(len(verdicts), 7253)
        contents = {}
        for quarter in sorted(self.rows):
            self.check_live(quarter)
            release = self.publish(quarter)["release"]
            self.assertEqual((release["number"], release["returns"]), (1, len(self.rows[quarter])))
            contents[quarter] = self.download(quarter, 1)
            self.check_content(quarter, contents[quarter], published)
        self.assertEqual(len({release["period"] for release in self.qm_json("release", "list")["releases"]}), 35)
        self.check_correction(contents)
        print(f"KH03 from releases alone: 35 quarters, {self.compared} figures compared, of them {2 * len(published)} with England's as "
              f"published; the largest difference from those is {float(self.largest_difference):.1e} percentage points.")

    def check_correction(self, contents):
        before = self.expected_days(LAST_QUARTER)
        self.rows[LAST_QUARTER][CORRECTED].update(CORRECTION)
        after = self.expected_days(LAST_QUARTER)
        changed = [indicator for indicator in before if before[indicator] != after[indicator]]
        self.assertEqual(changed, ["learning-disabilities-occupancy", "mental-illness-occupancy"])

        # The live figures move at once: already in the verdict, and for whoever asks next.
        [verdict] = self.submit([self.rows[LAST_QUARTER][CORRECTED]])
        self.assertEqual(verdict["revision"], 2)
        [position] = [one for one in verdict["position"] if one["indicator"] == "mental-illness-occupancy"]
        expected = figures_of(list(after["mental-illness-occupancy"].values()))
        self.compare(position["national"]["pooled"], expected["pooled"], "the verdict")
        self.check_live(LAST_QUARTER)

        # The release stands, and so it does after a crash.
        self.assertEqual(self.download(LAST_QUARTER, 1), contents[LAST_QUARTER])
        self.server.kill()
        self.server.start()
        for quarter in (LAST_QUARTER, "2013-14-Q4"):
            self.assertEqual(self.download(quarter, 1), contents[quarter])
        self.check_live(LAST_QUARTER)

        second = self.publish(LAST_QUARTER)["release"]
        self.assertEqual(second["number"], 2)
        self.assertNotEqual(self.download(LAST_QUARTER, 2), contents[LAST_QUARTER])
        self.check_content(LAST_QUARTER, self.download(LAST_QUARTER, 2), {})
        self.assertEqual(self.download(LAST_QUARTER, 1), contents[LAST_QUARTER])
        self.check_diff(before, after, changed)
        # The correction is of one quarter: the one before has nothing new to publish.
        self.assertTrue(self.publish("2022-23-Q1")["unchanged"])

    def check_diff(self, before, after, changed):
        diff = self.qm_json("release", "diff", "--collection", "kh03", "--period", LAST_QUARTER)
        self.assertEqual((diff["from"]["number"], diff["to"]["number"]), (1, 2))
        self.assertEqual(
            [(one["participant"], one["period"], one["fromRevision"], one["toRevision"]) for one in diff["returns"]],
            [(CORRECTED, LAST_QUARTER, 1, 2)])
        self.assertEqual([(one["participant"], one["indicator"]) for one in diff["values"]], [(CORRECTED, indicator) for indicator in changed])
        for one in diff["values"]:
            for side, days in (("from", before), ("to", after)):
                if CORRECTED not in days[one["indicator"]]:
                    self.assertNotIn(side, one)
                    continue
                occupied, available = days[one["indicator"]][CORRECTED]
                self.compare(one[side], to_places(100 * occupied / available), (side, one["indicator"]))
        self.assertEqual([one["from"]["indicator"] for one in diff["statistics"]], changed)
        for one in diff["statistics"]:
            indicator = one["from"]["indicator"]
            was, is_now = (figures_of(list(days[indicator].values())) for days in (before, after))
            for name in was:
                self.compare(one["from"][json_name(name)], was[name], (indicator, name, "from"))
                self.compare(one["to"][json_name(name)], is_now[name], (indicator, name, "to"))
                moved = fractions.Fraction(repr(one["to"][json_name(name)])) - fractions.Fraction(repr(one["from"][json_name(name)]))
                self.assertEqual(moved, is_now[name] - was[name], (indicator, name))


if __name__ == "__main__":
    unittest.main()
