"""Queries have a life: raised, explained, returned, accepted, carried while the value stands, asked again when it moves."""

import unittest

import harness

RULE = "mental-illness-occupied-within-available"
COLUMNS = [f"{sector}_{kind}_bed_days" for sector in
           ("general_acute", "learning_disabilities", "maternity", "mental_illness") for kind in ("available", "occupied")]


class QueriesHarness(harness.EndToEndTest):
    """The collection kh03, and what is said about its queries."""

    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "kh03.proto")

    def submit(self, rows, *arguments):
        """One verdict a row; rows are participant, period and the mental illness bed days."""
        path = self.write_csv("returns.csv", [
            {"participant": code, "period": period, **{column: 0 for column in COLUMNS},
             "mental_illness_available_bed_days": available, "mental_illness_occupied_bed_days": occupied}
            for code, period, available, occupied in rows])
        return self.qm_json_lines("submit", path, "--collection", "kh03", "--service", "beds", *arguments)

    def states(self, *arguments):
        """The state of each query by participant and period."""
        response = self.qm_json("query", "list", "--collection", "kh03", "--state", "all", *arguments)
        return {(q["name"]["participant"], q["name"]["period"]): q["state"] for q in response["queries"]}

    def about(self, command, *arguments, participant="RP1", period="2022-23-Q1", expect=0):
        return self.qm(*command.split(), "--collection", "kh03", "--service", "beds", "--participant", participant,
                       "--period", period, "--rule", RULE, *arguments, expect=expect)


class QueriesTest(QueriesHarness):
    def test_the_life_of_a_query(self):
        self.import_participants(["RP1", "RT1"])
        [first] = self.submit([("RP1", "2022-23-Q1", 100, 140)])
        self.assertEqual([q["state"] for q in first["queries"]], ["QUERY_STATE_OPEN"])
        self.assertEqual(first["findings"][0]["difference"], "40")
        key = ("RP1", "2022-23-Q1")

        # Nobody returns what nobody has explained, or accepts it without a word, or explains it without one.
        self.about("query return", "--text", "Why?", expect=5)
        self.about("query accept", expect=2)
        self.about("returns explain", "--text", "   ", expect=2)
        self.about("returns explain", "--reason", "counting", "--text", "Leave beds are counted.")
        self.assertEqual(self.states()[key], "QUERY_STATE_EXPLAINED")
        self.about("query return", "--text", "Since when?")
        self.about("query return", "--text", "Since when?")  # A retry.
        self.assertEqual(self.states()[key], "QUERY_STATE_RETURNED")
        [returned] = self.submit([("RP1", "2022-23-Q1", 100, 140)], "--dry-run")
        self.assertEqual(returned["queries"][0]["review"]["text"], "Since when?")
        self.about("query comment", "--text", "We have telephoned.")
        self.assertEqual(self.states()[key], "QUERY_STATE_RETURNED")
        self.about("returns explain", "--text", "Since April.")
        self.about("query accept")
        self.assertEqual(self.states()[key], "QUERY_STATE_ACCEPTED")
        self.about("returns explain", "--text", "Again.", expect=5)

        # The next revision with the same value carries it; another value asks again; the old value is known.
        [same] = self.submit([("RP1", "2022-23-Q1", 100, 140)])
        self.assertEqual((same["revision"], same["queries"][0]["state"]), (2, "QUERY_STATE_ACCEPTED"))
        self.assertEqual(same["queries"][0]["explanation"]["text"], "Since April.")
        [other] = self.submit([("RP1", "2022-23-Q1", 100, 150)])
        self.assertEqual(other["queries"][0]["state"], "QUERY_STATE_OPEN")
        self.assertEqual(other["queries"][0]["lapsedExplanation"]["text"], "Since April.")
        self.assertEqual(self.states()[key], "QUERY_STATE_OPEN")
        [back] = self.submit([("RP1", "2022-23-Q1", 100, 140)])
        self.assertEqual(back["queries"][0]["state"], "QUERY_STATE_ACCEPTED")
        [mended] = self.submit([("RP1", "2022-23-Q1", 140, 100)])
        self.assertEqual(mended.get("queries", []), [])
        self.assertEqual(self.states(), {})
        self.about("returns explain", "--text", "Nothing to explain.", expect=1)
        for wrong in (("--service", "bedz"), ("--participant", "RP9"), ("--rule", "nosuch")):
            self.qm("query", "list", "--collection", "kh03", *wrong, expect=1)

    def test_everything_said_is_there_after_a_restart(self):
        self.import_participants(["RP1"])
        self.submit([("RP1", "2022-23-Q1", 100, 140), ("RP1", "2022-23-Q2", 100, 130)])
        self.about("returns explain", "--reason", "demand", "--text", "A ward was closed.")
        before = self.qm_json("query", "list", "--collection", "kh03", "--state", "all")
        self.assertEqual(len(before["queries"]), 2)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.qm_json("query", "list", "--collection", "kh03", "--state", "all"), before)
        self.assertEqual(before["queries"][0]["events"][0]["author"], "operator")

    def test_a_crowd_of_queries_is_listed_whole_in_pages(self):
        codes = [f"RX{i:03}" for i in range(120)]
        self.import_participants(codes)
        self.submit([(code, f"2022-23-Q{quarter}", 100, 140) for code in codes
                     for quarter in range(1, 5)] + [(code, f"20{year}-{year + 1}-Q{quarter}", 100, 140) for code in codes
                                                    for year in (20, 21) for quarter in range(1, 5)])
        self.assertEqual(len(self.states()), 1440)  # A page has at most 1,000.

    def test_an_explanation_comes_with_the_return(self):
        self.import_participants(["RP1"])
        rows = [("RP1", "2022-23-Q1", 100, 140)]
        [foretold] = self.submit(rows, "--dry-run", "--explain", f"{RULE}=Leave beds.")
        self.assertEqual(foretold["queries"][0]["state"], "QUERY_STATE_EXPLAINED")
        self.assertEqual(self.states(), {})
        explained = ("--explain", f"{RULE}=Leave beds.", "--reason", "counting")
        [stored] = self.submit(rows, *explained)
        self.assertEqual(stored["queries"][0]["explanation"]["text"], "Leave beds.")
        self.assertEqual(stored["queries"][0]["explanation"]["reason"], "EXPLANATION_REASON_COUNTING")
        [again] = self.submit(rows, *explained)
        self.assertEqual(again["queries"][0]["state"], "QUERY_STATE_EXPLAINED")
        [query] = self.qm_json("query", "list", "--collection", "kh03")["queries"]
        self.assertEqual(len(query["events"]), 1)  # Said twice, kept once.
        self.assertIn("explained (counting)", self.about("query show").stdout)
        for wrong in (["--explain", f"{RULE}=Leave beds.", "--reason", "weather"], ["--reason", "counting"]):
            refused = self.qm("submit", self.folder / "no_such_file.csv", *wrong, expect=2)
            self.assertIn("qm: --reason: ", refused.stderr)

    def test_a_standing_exception_is_used_on_record(self):
        self.import_participants(["RP1", "RT1"])
        grant = ("exception", "grant", "--collection", "kh03", "--service", "beds", "--participant", "RP1",
                 "--reason", "Leave beds until the new system is in.")
        self.qm(*grant, "--rule", "required", "--until", "2099-12-31", expect=2)
        self.qm(*grant, "--rule", RULE, "--until", "2001-01-01", expect=2)
        granted = self.qm_json(*grant, "--rule", RULE, "--until", "2099-12-31")["exception"]
        self.qm(*grant, "--rule", RULE, "--until", "2098-12-31", expect=5)  # One stands already.
        one, two = self.submit([("RP1", "2022-23-Q1", 100, 140), ("RT1", "2022-23-Q1", 100, 140)])
        [finding] = one["findings"]
        self.assertEqual((finding["severity"], finding["exception"]["id"]), ("SEVERITY_INFO", granted["id"]))
        self.assertEqual(finding["exception"]["severity"], "SEVERITY_QUERY")
        self.assertEqual(two["findings"][0]["severity"], "SEVERITY_QUERY")
        [use] = self.qm_json("exception", "uses", "--id", granted["id"])["uses"]
        self.assertEqual((use["period"], use["revision"]), ("2022-23-Q1", 1))
        self.qm("exception", "end", "--id", granted["id"])
        self.qm("exception", "end", "--id", granted["id"])  # Said again by the same steward.
        [after] = self.submit([("RP1", "2022-23-Q1", 100, 140)])
        self.assertEqual(after["findings"][0]["severity"], "SEVERITY_QUERY")
        # It stays on record.
        self.assertEqual(len(self.qm_json("exception", "uses", "--id", granted["id"])["uses"]), 1)


if __name__ == "__main__":
    unittest.main()
