"""The real occupancy of RP1 above all its beds is asked about each quarter until it is explained, then carried."""

import unittest

import harness
import queries_test

QUARTERS = ["2021-22-Q3", "2021-22-Q4", "2022-23-Q1", "2022-23-Q2"]


@harness.needs_real_data
class Kh03QueriesTest(queries_test.QueriesHarness):
    def test_real_occupancy_above_all_beds_is_asked_about_each_quarter_until_explained(self):
        returns = [row for row in harness.read_csv("kh03_returns.csv") if row["org_code"] in ("RP1", "RP7")]
        self.import_participants(["RP1", "RP7"])
        path = self.write_csv("real.csv", [
            {"participant": row["org_code"], "period": f"{row['fin_year']}-{row['quarter']}",
             **{column: row[column] for column in queries_test.COLUMNS}} for row in returns])
        submit = ("submit", path, "--collection", "kh03", "--service", "beds")
        self.qm(*submit)
        expected = {("RP1", quarter): "QUERY_STATE_OPEN" for quarter in QUARTERS}
        self.assertEqual(self.states(), expected)
        for quarter in QUARTERS[:3]:
            self.about("returns explain", "--text", "Patients on leave keep their bed.", period=quarter)
            expected["RP1", quarter] = "QUERY_STATE_EXPLAINED"
            self.assertEqual(self.states(), expected)
        # All of it again: what was explained is carried, what was not is asked again.
        verdicts = self.qm_json_lines(*submit)
        carried = {(v["participant"], v["period"]): v["queries"][0]["state"] for v in verdicts if v.get("queries")}
        self.assertEqual(carried, expected)
        self.assertEqual({v["revision"] for v in verdicts}, {2})


if __name__ == "__main__":
    unittest.main()
