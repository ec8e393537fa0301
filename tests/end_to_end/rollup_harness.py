"""Compares what the programs say of months, quarters, years and mergers with a model of them (rollup_model.py)."""

import harness
import rollup_model

# A value is rounded at the ninth place, then their mean is, and means of months were before: less than this in all.
TOLERANCE = 2e-9


class RollupTest(harness.EndToEndTest):
    collection = service = model = None

    def setUp(self):
        super().setUp()
        self.compared = 0

    def import_mergers(self, codes, mergers):
        self.qm("participant", "import", self.write_csv("mergers.csv", [
            {"code": code, "name": f"Participant {code}", "successor": mergers.get(code, ("", ""))[0],
             "succeeded_from": mergers.get(code, ("", ""))[1]} for code in codes]))

    def submit(self, rows, expect=0):
        """Rows of participant, period and fields; what is accepted goes into the model too."""
        path = self.write_csv("returns.csv", [{"participant": code, "period": period, **fields} for code, period, fields in rows])
        verdicts = self.qm_json_lines("submit", path, "--collection", self.collection, "--service", self.service, expect=expect)
        for verdict in verdicts:
            self.assertEqual(verdict["accepted"], expect == 0, verdict)
        if expect == 0:
            for row in rows:
                self.model.put(*row)
        return verdicts

    def compare(self, served, expected, where):
        self.assertLessEqual(abs(served - float(expected)), TOLERANCE, (where, served, float(expected)))
        self.compared += 1

    def check_figures(self, periods):
        for period in periods:
            served = self.statistics(self.collection, period)
            for indicator in self.model.indicators:
                figures = served[self.service, indicator, ""]
                expected = self.model.figures(indicator, period)
                self.assertEqual(figures["n"], expected["n"], (period, indicator))
                self.assertEqual("pooled" in figures, "pooled" in expected)
                for name, figure in expected.items():
                    self.compare(figures[name], figure, (period, indicator, name))

    def positions(self, code, period):
        return self.qm_json("position", "--participant", code, "--collection", self.collection, "--period", period)["position"]

    def check_positions(self, codes, period):
        """Gives how many are partial. Those have a value of the months that there are, and no rank among the others."""
        expected_months = rollup_model.span_of(period)[1]
        partial = 0
        for code in codes:
            months, fields = self.model.assemble(code, period)
            positions = self.positions(code, period)
            self.assertEqual([one["indicator"] for one in positions], list(self.model.indicators) if months else [], (code, period))
            partial += 0 < months < expected_months
            for one in positions:
                where = (code, period, one["indicator"])
                # What was returned for just this period is of no months.
                whole = rollup_model.span_of(period) in self.model.returns[code]
                self.assertEqual((one["monthsPresent"], one["monthsExpected"]), (0, 0) if whole else (months, expected_months), where)
                self.assertEqual(one["partial"], months < expected_months, where)
                self.assertEqual("rank" in one, months == expected_months, where)
                self.compare(one["value"], self.model.value(one["indicator"], fields), where)
        return partial

    def check_trend(self, code, indicator, cadence, periods):
        """Gives the periods whose value is of the predecessors, in part or whole."""
        points = self.qm_json("trend", "--participant", code, "--collection", self.collection, "--indicator", indicator,
                              "--cadence", cadence, "--from", periods[0], "--to", periods[-1])["points"]
        self.assertEqual([point["period"] for point in points], periods)
        for point in points:
            months, fields, from_predecessors = self.model.follow(code, point["period"])
            where = (code, indicator, point["period"])
            self.assertEqual("value" in point, months > 0, where)
            self.assertEqual(point["national"]["n"], self.model.figures(indicator, point["period"])["n"], where)
            if months == 0:
                continue
            self.compare(point["value"], self.model.value(indicator, fields), where)
            self.assertEqual(point["fromPredecessors"], from_predecessors, where)
            self.assertEqual(point["partial"], months < rollup_model.span_of(point["period"])[1], where)
        return [point["period"] for point in points if point["fromPredecessors"]]
