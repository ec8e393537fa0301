"""Every real KH03 return goes in through qm, and the published England occupancy comes out."""

import csv
import math
import unittest

import harness

SECTORS = ("general_acute", "learning_disabilities", "maternity", "mental_illness")


@harness.needs_real_data
class Kh03Test(harness.EndToEndTest):
    def test_published_figures_are_reproduced(self):
        returns = harness.read_csv("kh03_returns.csv")
        self.assertEqual(len(returns), 7253)
        self.qm("collection", "publish", harness.COLLECTIONS / "kh03.proto")
        self.import_participants(sorted({row["org_code"] for row in returns}))
        value_columns = [column for column in returns[0] if column.endswith("bed_days")]
        path = self.write_csv("returns.csv", [
            {"participant": row["org_code"], "period": f"{row['fin_year']}-{row['quarter']}",
             **{column: row[column] for column in value_columns}}
            for row in returns
        ])
        verdicts = self.qm_json_lines("submit", path, "--collection", "kh03", "--service", "beds")
        self.assertEqual(sum(verdict["accepted"] for verdict in verdicts), 7253)
        self.check_published_figures()
        self.check_mental_illness_2022_23_q2()
        # The same after a restart, when every figure is made anew from the store.
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.check_mental_illness_2022_23_q2()
        self.check_published_figures()

    def check_published_figures(self):
        compared = 0
        national = {}
        for row in harness.read_csv("kh03_england_published.csv"):
            if row["sector"] not in SECTORS:
                continue
            period = f"{row['fin_year']}-{row['quarter']}"
            if period not in national:
                national[period] = self.statistics("kh03", period)
            indicator = row["sector"].replace("_", "-") + "-occupancy"
            pooled = national[period][("beds", indicator, "")]["pooled"]
            published = 100 * float(row["occupancy_published"])
            self.assertLessEqual(abs(pooled - published), published * 1e-9, (period, indicator, pooled, published))
            compared += 1
        self.assertEqual(compared, 140)

    def check_mental_illness_2022_23_q2(self):
        figures = self.statistics("kh03", "Q2 2022/23")[("beds", "mental-illness-occupancy", "")]
        self.assertEqual(figures["n"], 61)
        for name, expected in {"mean": 86.51526266, "median": 89.60634851, "lowerQuartile": 83.35086489,
                               "upperQuartile": 93.10485850, "pooled": 89.82769569}.items():
            self.assertTrue(math.isclose(figures[name], expected, abs_tol=5e-9), (name, figures[name]))


if __name__ == "__main__":
    unittest.main()
