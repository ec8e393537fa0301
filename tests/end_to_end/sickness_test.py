"""Every real sickness return of 2024/25 goes in as a month; each published rate comes out, and quarters roll up."""

import collections
import decimal
import unittest

import harness


def month_of(row):
    """30/04/2024 is of 2024-04."""
    _, month, year = row["DATE"].split("/")
    return f"{year}-{month}"


def round_as_published(rate):
    """Binary noise in the published days decides no rate: they are taken to 5 places, half up as Excel does."""
    return rate.quantize(decimal.Decimal("0.01"), rounding=decimal.ROUND_HALF_UP)


@harness.needs_real_data
class SicknessTest(harness.EndToEndTest):
    def test_published_rates_and_rolled_up_quarters(self):
        rows = harness.read_csv("sickness_returns.csv")
        self.assertEqual(len(rows), 3394)
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants(sorted({row["ORG_CODE"] for row in rows}))
        path = self.write_csv("returns.csv", [
            {"participant": row["ORG_CODE"], "period": month_of(row),
             "fte_days_lost": row["FTE_DAYS_LOST"], "fte_days_available": row["FTE_DAYS_AVAILABLE"]}
            for row in rows
        ])
        verdicts = self.qm_json_lines("submit", path, "--collection", "sickness", "--service", "absence")
        self.assertEqual(sum(verdict["accepted"] for verdict in verdicts), 3394)
        noisy = sum(any(finding["ruleId"] == "binary-noise" for finding in verdict["findings"]) for verdict in verdicts)
        self.assertGreater(noisy, 100)
        self.check_rates(rows, verdicts)
        self.check_quarters(rows)

    def check_rates(self, rows, verdicts):
        served = {(v["participant"], v["period"]): v["position"][0]["value"] for v in verdicts}
        for row in rows:
            value = served[row["ORG_CODE"], month_of(row)]
            published = decimal.Decimal(row["SICKNESS_ABSENCE_RATE_PERCENT"])
            self.assertEqual(round_as_published(decimal.Decimal(repr(value))), published.quantize(decimal.Decimal("0.01")),
                             (row["ORG_CODE"], row["DATE"]))

    def check_quarters(self, rows):
        """n, mean and pooled of each quarter, computed independently from the organisations with all three months."""
        days = collections.defaultdict(dict)
        place = decimal.Decimal("0.00001")
        for row in rows:
            year, month = map(int, month_of(row).split("-"))
            quarter = (month - 4) % 12 // 3 + 1
            days[f"2024-25-Q{quarter}", row["ORG_CODE"]][year, month] = tuple(
                decimal.Decimal(row[name]).quantize(place) for name in ("FTE_DAYS_LOST", "FTE_DAYS_AVAILABLE"))
        for quarter in ("2024-25-Q1", "2024-25-Q2", "2024-25-Q3", "2024-25-Q4"):
            complete = [months for (of, _), months in days.items() if of == quarter and len(months) == 3]
            sums = [tuple(map(sum, zip(*months.values()))) for months in complete]
            rates = [100 * lost / available for lost, available in sums]
            figures = self.statistics("sickness", quarter)[("absence", "sickness-rate", "")]
            self.assertEqual(figures["n"], len(rates))
            self.assertAlmostEqual(figures["mean"], float(sum(rates) / len(rates)), places=8)
            pooled = 100 * sum(lost for lost, _ in sums) / sum(available for _, available in sums)
            self.assertAlmostEqual(figures["pooled"], float(pooled), places=8)


if __name__ == "__main__":
    unittest.main()
