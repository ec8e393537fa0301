"""Participants among their like: figures by nation, region and type, and positions among them, against a recomputation."""

import collections
import csv
import fractions
import io
import itertools
import statistics
import unittest

import harness

KEY = ("--collection", "comparison", "--period", "2024-04")
PEERS_ARE_FOR_OTHERS = "Figures of peer groups are for report builders.\n"
ATTRIBUTES = ("nation", "region", "organisation-type")
INDICATORS = ("waiting", "seen", "staff", "seen-per-waiting")
HIGHER, LOWER = "POLARITY_HIGHER_IS_BETTER", "POLARITY_LOWER_IS_BETTER"
POLARITY = {"waiting": LOWER, "seen": HIGHER, "staff": "POLARITY_NEUTRAL", "seen-per-waiting": HIGHER}

# Nation, region and type of how many participants.
BODIES = [
    ("England", "London", "NHS trust", 5),
    ("England", "London", "Independent provider", 2),
    ("England", "North West", "NHS trust", 4),
    ("England", "North West", "Independent provider", 1),
    ("Wales", "", "Health board", 4),
    ("Wales", "North Wales", "Independent provider", 2),
    ("Scotland", "", "Health board", 5),
    ("Northern Ireland", "", "Health board", 1),
    ("", "", "Independent provider", 2),
]
PARTICIPANTS = {
    f"RT{i:02}": dict(zip(ATTRIBUTES, body[:3]))
    for i, body in enumerate(body for body in BODIES for _ in range(body[3]))
}
CODES = list(PARTICIPANTS)
# Those who are enrolled and have sent nothing, who have sent something and are not enrolled, and who do not report their staff.
SILENT = {"RT03", "RT13", "RT20"}
NOT_ENROLLED = {"RT05", "RT25"}
WITHOUT_STAFF = {"RT01", "RT12", "RT15", "RT22"}


def return_of(index, code):
    """Few different numbers, so that there are many ties; nobody waits at two of them, so their ratio is undefined."""
    return {"participant": code, "period": "2024-04", "waiting": (7 * index) % 11 % 6 * 10, "seen": 40 + (5 * index) % 8,
            "staff": "" if code in WITHOUT_STAFF else 2.25 * (index % 5)}


RETURNS = [return_of(index, code) for index, code in enumerate(CODES) if code not in SILENT]


def values_of(row):
    """The values of one return by indicator, exact and rounded at 9 places; without those that are undefined."""
    values = {"waiting": row["waiting"], "seen": row["seen"]}
    if row["staff"] != "":
        values["staff"] = fractions.Fraction(row["staff"])
    if row["waiting"] > 0:
        values["seen-per-waiting"] = round(fractions.Fraction(100 * row["seen"], row["waiting"]), 9)
    return {name: fractions.Fraction(value) for name, value in values.items()}


VALUES = {row["participant"]: values_of(row) for row in RETURNS}


def is_among(code, filters):
    """Filters as pairs: those of the same attribute any of them, all attributes together, letter case aside."""
    wanted = collections.defaultdict(set)
    for attribute, value in filters:
        wanted[attribute].add(value.lower())
    return all(PARTICIPANTS[code][attribute].lower() in values for attribute, values in wanted.items())


def members(filters):
    return {code for code in CODES if is_among(code, filters)}


def label(row):
    """The peers of an answer as pairs."""
    return tuple((one["attribute"].removeprefix("PEER_ATTRIBUTE_").lower().replace("_", "-"), one.get("value", ""))
                 for one in row["peers"])


def words(filters, option="--peers"):
    return [word for attribute, value in filters for word in (option, f"{attribute}={value}")]


def figures_of(indicator, codes):
    """The figures of those participants, computed here; None for what is undefined."""
    values = sorted(VALUES[code][indicator] for code in codes if indicator in VALUES.get(code, {}))
    figures = dict.fromkeys(("mean", "median", "lowerQuartile", "upperQuartile", "percentile10", "percentile90", "minimum", "maximum",
                             "standardDeviation", "pooled"))
    figures["n"] = len(values)
    if not values:
        return figures
    # Of a single value all quantiles are that value; two of it have the same ones.
    spread = values if len(values) > 1 else values * 2
    quartiles = statistics.quantiles(spread, n=4, method="inclusive")
    tenths = statistics.quantiles(spread, n=10, method="inclusive")
    figures |= {"mean": sum(values) / len(values), "lowerQuartile": quartiles[0], "median": quartiles[1], "upperQuartile": quartiles[2],
                "percentile10": tenths[0], "percentile90": tenths[8], "minimum": values[0], "maximum": values[-1]}
    if len(values) > 1:
        figures["standardDeviation"] = statistics.stdev(values)
    if indicator == "seen-per-waiting":
        rows = [row for row in RETURNS if row["participant"] in codes and row["waiting"] > 0]
        figures["pooled"] = fractions.Fraction(100 * sum(row["seen"] for row in rows), sum(row["waiting"] for row in rows))
    return figures


class PeerGroupsHarness(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.publish_and_submit(harness.COLLECTIONS / "comparison.proto", "comparison")

    def publish_and_submit(self, proto, collection):
        self.qm("collection", "publish", proto)
        self.qm("participant", "import", self.write_csv("participants.csv", [
            {"code": code, "name": f"Body {code}", "nation": body["nation"], "region": body["region"],
             "organisation_type": body["organisation-type"]} for code, body in PARTICIPANTS.items()]))
        self.qm("participant", "enrol", self.write_csv("enrolments.csv", [
            {"collection": collection, "service": "clinics", "participant": code, "from": "", "to": ""}
            for code in CODES if code not in NOT_ENROLLED]))
        verdicts = self.qm_json_lines("submit", self.write_csv("returns.csv", RETURNS), "--collection", collection,
                                      "--service", "clinics")
        self.assertEqual([verdict["accepted"] for verdict in verdicts], [True] * len(RETURNS))

    def check_figures(self, row, codes):
        """One row of statistics is of just these participants."""
        expected = figures_of(row["indicator"], codes)
        self.assertEqual(row["n"], expected.pop("n"))
        for name, figure in expected.items():
            if figure is None:
                self.assertIsNone(row.get(name), name)
            elif name == "standardDeviation":
                self.assertAlmostEqual(row[name], float(figure), delta=1e-8)
            else:
                # Nine places are kept, and Python rounds fractions half to even too.
                self.assertEqual(row[name], float(round(figure, 9)), name)
        self.assertEqual(row["nExpected"], len(set(codes) - NOT_ENROLLED))

    def listed(self, filters=(), group_by=(), token=None):
        """The rows of each group, by its label, in the order in which they came."""
        given = ("--token-file", token) if token else ()
        response = self.qm_json(*given, "national", *KEY, *words(filters), *(word for one in group_by for word in ("--group-by", one)))
        groups = collections.defaultdict(list)
        for row in response["statistics"]:
            groups[label(row)].append(row)
        for label_of_rows, rows in groups.items():
            self.assertEqual([row["indicator"] for row in rows], list(INDICATORS), label_of_rows)
        return groups


class FiguresTest(PeerGroupsHarness):
    def test_filters_choose_participants(self):
        for filters in (
            [],
            [("nation", "Wales")],
            [("region", "North West")],
            [("organisation-type", "Health board")],
            [("nation", "England"), ("organisation-type", "NHS trust")],
            [("nation", "Wales"), ("nation", "Scotland")],
            [("nation", "Wales"), ("organisation-type", "Health board"), ("nation", "Northern Ireland")],
            [("nation", "England"), ("region", "London"), ("region", "North West"), ("organisation-type", "Independent provider")],
            [("nation", "Wales"), ("region", "London")],  # Nobody.
        ):
            with self.subTest(filters=filters):
                groups = self.listed(filters)
                self.assertEqual(list(groups), [tuple(filters)])
                for row in groups[tuple(filters)]:
                    self.check_figures(row, members(filters))

    def test_letter_case_does_not_matter(self):
        for typed in (("nation", "wales"), ("Nation", "WALES"), ("ORGANISATION-TYPE", "health BOARD")):
            with self.subTest(typed=typed):
                [rows] = self.listed([typed]).values()
                for row in rows:
                    self.check_figures(row, members([(typed[0].lower(), typed[1])]))
        # Two participants who are of the same group but for letter case are of one group.
        self.qm("participant", "import", self.write_csv("participants.csv", [
            {"code": "RT12", "name": "Body RT12", "nation": "WALES", "organisation_type": "Health Board"}]))
        groups = self.listed(group_by=["nation"])
        self.assertEqual(sum(len(labels) and labels[0][1].lower() == "wales" for labels in groups), 1)
        [wales] = [rows for labels, rows in groups.items() if labels and labels[0][1].lower() == "wales"]
        for row in wales:
            self.check_figures(row, members([("nation", "Wales")]))

    def test_each_combination_has_its_group(self):
        for filters, group_by in itertools.product(
            ([], [("organisation-type", "Health board")], [("region", "London"), ("region", "North West")]),
            (["nation"], ["nation", "organisation-type"], ["region", "organisation-type", "nation"]),
        ):
            if {attribute for attribute, _ in filters} & set(group_by):
                continue
            with self.subTest(filters=filters, group_by=group_by):
                found = self.listed(filters, group_by)
                self.assertEqual(list(found)[0], tuple(filters))  # All of them come first.
                expected = collections.defaultdict(set)
                for code in members(filters):
                    expected[tuple(filters) + tuple((one, PARTICIPANTS[code][one]) for one in group_by)].add(code)
                expected[tuple(filters)] = members(filters)
                self.assertEqual(set(found), set(expected))
                for labels, rows in found.items():
                    for row in rows:
                        self.check_figures(row, expected[labels])

    def test_a_label_read_as_filters_gives_its_group(self):
        """Also where the groups are made by what was filtered by."""
        for filters, group_by in (
            ([("nation", "wales")], ["nation"]),
            ([("nation", "Wales"), ("nation", "England")], ["nation"]),
            ([("nation", "Wales"), ("nation", "Scotland"), ("organisation-type", "Health board")], ["nation", "organisation-type"]),
        ):
            with self.subTest(filters=filters, group_by=group_by):
                response = self.qm_json("national", *KEY, "--indicator", "seen", *words(filters),
                                        *(word for one in group_by for word in ("--group-by", one)))
                everybody, *groups = response["statistics"]
                self.check_figures(everybody, members(filters))
                self.assertEqual(sum(row["n"] for row in groups), everybody["n"])
                for row in groups:
                    self.check_figures(row, members(label(row)))

    def test_tables_name_the_groups(self):
        arguments = ("national", *KEY, "--indicator", "seen", "--group-by", "nation", "--group-by", "organisation-type")
        shown = self.qm(*arguments).stdout
        reported = sum(code in VALUES for code in CODES)
        enrolled = len(CODES) - len(NOT_ENROLLED)
        self.assertRegex(shown, rf"clinics +Patients seen +- +all +{reported} +{enrolled} ")
        self.assertRegex(shown, r"clinics +Patients seen +- +nation=Wales, organisation-type=Health board +3 +4 ")
        self.assertRegex(shown, r"clinics +Patients seen +- +nation=none, organisation-type=Independent provider +2 +1 ")
        rows = list(csv.DictReader(io.StringIO(self.qm("--output", "csv", *arguments).stdout)))
        self.assertEqual(rows[0]["peers"], "")
        [wales] = [row for row in rows if row["peers"] == "nation=Wales, organisation-type=Health board"]
        self.assertEqual((wales["n"], wales["n_expected"], wales["withheld"]), ("3", "4", ""))

    def test_what_is_unknown_is_refused_with_advice(self):
        for arguments, said in (
            (("--peers", "nation=Wale"), "Did you mean Wales?"),
            (("--peers", "nation=Wales", "--peers", "organisation-type=Helth bord"), "Did you mean Health board?"),
            (("--peers", "region=Atlantis"), "`qm participant list`"),
            (("--peers", "nation=NHS trust"), "no participant has the value"),
            (("--peers", "county=Kent"), "nation, region, integrated-care-board, organisation-type"),
            (("--peers", "nation"), "nation=Wales"),
            (("--peers", "nation="), "nation=Wales"),
            (("--peers", "=Wales"), "nation, region, integrated-care-board, organisation-type"),
        ):
            for command in (("national",), ("position", "--participant", "RT00")):
                with self.subTest(command=command, arguments=arguments):
                    refused = self.qm(*command, *KEY, *arguments, expect=2)
                    self.assertIn(said, refused.stderr)
                    self.assertEqual(refused.stdout, "")
        self.assertIn("--peers: no participant has the value \"Wale\". Did you mean Wales?", self.qm("national", *KEY, "--peers", "nation=Wales", "--peers", "nation=Wale", expect=2).stderr)
        for arguments, said in (
            (("--group-by", "county"), "nation, region, integrated-care-board, organisation-type"),
            (("--group-by", "nation", "--group-by", "nation"), "once at most"),
        ):
            self.assertIn(said, self.qm("national", *KEY, *arguments, expect=2).stderr)


class PositionTest(PeerGroupsHarness):
    def positions(self, code, filters=(), token=None, key=KEY):
        given = ("--token-file", token) if token else ()
        response = self.qm_json(*given, "position", "--participant", code, *key, *words(filters))
        self.assertEqual([one["indicator"] for one in response["position"]], list(INDICATORS))
        return response["position"]

    def check_standing(self, stands, code, peers):
        """Among these participants, and itself."""
        indicator = stands["indicator"]
        self.check_figures(stands["national"], peers)
        value = VALUES[code].get(indicator)
        others = {one: VALUES[one][indicator] for one in peers if one != code and indicator in VALUES.get(one, {})}
        if value is None:
            self.assertEqual([stands.get(name) for name in ("value", "rank", "percentile", "quarter", "rankByPolarity")], [None] * 5)
            self.assertEqual(stands["tiedWith"], [])
            return
        self.assertEqual(stands["value"], float(value))
        self.check_comparison(stands, value, figures_of(indicator, peers))
        if not others and code not in peers:  # Nobody to stand among.
            self.assertEqual([stands.get(name) for name in ("rank", "percentile", "quarter", "rankByPolarity")], [None] * 4)
            return
        larger = sum(other > value for other in others.values())
        smaller = sum(other < value for other in others.values())
        tied = sorted(one for one, other in others.items() if other == value)
        self.assertEqual(stands["rank"], larger + 1)
        self.assertEqual((stands["tied"], stands["tiedWith"]), (len(tied), tied))
        if others:
            share = fractions.Fraction(100 * (2 * smaller + len(tied)), 2 * len(others))
            self.assertEqual(stands["percentile"], float(round(share, 9)))
        else:
            self.assertIsNone(stands.get("percentile"))
        by_polarity = {HIGHER: larger + 1, LOWER: smaller + 1}.get(POLARITY[indicator])
        self.assertEqual(stands.get("rankByPolarity"), by_polarity)

    def check_comparison(self, stands, value, figures):
        """The distances, the quarter and whether it is better, from the figures of its peers."""
        indicator = stands["indicator"]
        self.assertEqual(stands["national"]["polarity"], POLARITY[indicator])
        if figures["mean"] is None:
            self.assertEqual([stands.get(name) for name in ("distanceFromMean", "distanceFromMedian")], [None] * 2)
            self.assertEqual(stands["comparedWithMean"], "COMPARISON_UNSPECIFIED")
            return
        mean, *quartiles = (round(figures[name], 9) for name in ("mean", "lowerQuartile", "median", "upperQuartile"))
        self.assertEqual(stands["distanceFromMean"], float(value - mean))
        self.assertEqual(stands["distanceFromMedian"], float(value - quartiles[1]))
        self.assertEqual(stands["quarter"], 1 + sum(value > quartile for quartile in quartiles))
        better = {HIGHER: value > mean, LOWER: value < mean}.get(POLARITY[indicator])
        expected = "UNSPECIFIED" if better is None else "SAME" if value == mean else "BETTER" if better else "WORSE"
        self.assertEqual(stands["comparedWithMean"], f"COMPARISON_{expected}")

    def test_each_stands_among_its_like_and_beside_others(self):
        counted = collections.Counter()
        for filters in (
            [],
            [("nation", "Wales")],
            [("nation", "england"), ("organisation-type", "NHS trust")],
            [("nation", "Northern Ireland")],  # A single one.
            [("nation", "Wales"), ("region", "London")],  # Nobody.
        ):
            peers = members(filters)
            for code in CODES[::2] if filters else CODES:
                if code in SILENT:
                    continue
                with self.subTest(filters=filters, code=code):
                    for stands in self.positions(code, filters):
                        self.check_standing(stands, code, peers)
                        counted[stands["comparedWithMean"]] += 1
                        counted["within" if code in peers else "beside"] += 1
                        counted["tied"] += stands["tied"] > 0
        for kind in ("COMPARISON_BETTER", "COMPARISON_WORSE", "within", "beside", "tied"):
            self.assertGreater(counted[kind], 20, counted)

    def test_just_the_mean_is_the_same(self):
        # 10, 20 and 30 wait; RX2 is on the mean of its like, and is neither better nor worse for either polarity.
        self.qm("participant", "import", self.write_csv("participants.csv", [
            {"code": f"RX{i}", "name": f"Body {i}", "nation": "Jersey"} for i in (1, 2, 3)]))
        self.qm("submit", self.write_csv("returns.csv", [
            {"participant": f"RX{i}", "period": "2024-04", "waiting": 10 * i, "seen": 5 * i, "staff": i} for i in (1, 2, 3)]),
            "--collection", "comparison", "--service", "clinics")
        told = {code: [(one["comparedWithMean"].removeprefix("COMPARISON_"), one.get("rankByPolarity"))
                       for one in self.positions(code, [("nation", "Jersey")])] for code in ("RX1", "RX2", "RX3")}
        # Waiting, seen, staff, and the ratio, which is 50 % everywhere.
        self.assertEqual(told, {
            "RX1": [("BETTER", 1), ("WORSE", 3), ("UNSPECIFIED", None), ("SAME", 1)],
            "RX2": [("SAME", 2), ("SAME", 2), ("UNSPECIFIED", None), ("SAME", 1)],
            "RX3": [("WORSE", 3), ("BETTER", 1), ("UNSPECIFIED", None), ("SAME", 1)],
        })
        shown = self.qm("position", "--participant", "RX1", *KEY, "--peers", "nation=jersey").stdout
        self.assertRegex(shown, r"Patients waiting .* better +-\n")
        self.assertRegex(shown, r"Patients seen .* worse +-\n")

    def test_ties_are_named_for_report_builders_only(self):
        code = "RT00"
        tied = [one for one in CODES if one != code and VALUES.get(one, {}).get("seen") == VALUES[code]["seen"]]
        self.assertGreater(len([one for one in tied if is_among(one, [("nation", "England")])]), 0)
        self.assertGreater(len([one for one in tied if not is_among(one, [("nation", "England")])]), 0)
        named = self.positions(code, token=self.make_token("report-builder"))[1]
        self.assertEqual((named["tied"], named["tiedWith"]), (len(tied), tied))
        rank = named["rank"]
        self.assertRegex(self.qm("position", "--participant", code, *KEY).stdout, rf"Patients seen +- +\d+ +{rank}= ")

        submitter = self.make_token("submitter", [code])
        for filters in ([], [("nation", "England")]):
            for stands in self.positions(code, filters, token=submitter):
                self.assertEqual((stands["tied"], stands["tiedWith"]), (0, []))
        # Where everything is public, how many there are is told, and still not who.
        text = (harness.COLLECTIONS / "comparison.proto").read_text().replace(
            'id: "comparison"', 'id: "exact" live_view: LIVE_VIEW_EXACT').replace("collections.comparison.v1", "collections.exact.v1")
        self.publish_and_submit(self.write("exact.proto", text), "exact")
        for filters in ([], [("nation", "England")]):
            key = ("--collection", "exact", "--period", "2024-04")
            seen = self.positions(code, filters, token=submitter, key=key)[1]
            among = [one for one in tied if is_among(one, filters)]
            self.assertEqual((seen["tied"], seen["tiedWith"]), (len(among), []))
            self.check_figures(seen["national"], members(filters))
            self.assertEqual(self.positions(code, filters, key=key)[1]["tiedWith"], among)


class SubmitterTest(PeerGroupsHarness):
    FIGURES = ("mean", "median", "lowerQuartile", "upperQuartile", "percentile10", "percentile90", "minimum", "maximum",
               "standardDeviation", "pooled")

    def setUp(self):
        super().setUp()
        self.token = self.make_token("submitter", ["RT06"])

    def check_withheld(self, row):
        self.assertEqual((row["withheld"], row["n"]), ("WITHHELD_NOT_FOR_THIS_VIEWER", 0))
        self.assertEqual([name for name in self.FIGURES if row.get(name) is not None], [])

    def test_figures_of_peers_are_withheld_with_the_reason(self):
        arguments = ("--token-file", self.token, "national", *KEY, "--peers", "nation=England")
        [rows] = self.listed([("nation", "England")], token=self.token).values()
        for row in rows:
            self.check_withheld(row)
        shown = self.qm(*arguments).stdout
        self.assertTrue(shown.endswith(PEERS_ARE_FOR_OTHERS), shown)
        self.assertRegex(shown, r"Patients seen +- +nation=England +-( +-)+\n")
        # What a report builder sees of the same, and a submitter of the country.
        self.assertNotIn(PEERS_ARE_FOR_OTHERS, self.qm("national", *KEY, "--peers", "nation=England").stdout)
        [country] = self.listed(token=self.token).values()
        self.assertEqual([row["n"] for row in country], [figures_of(row["indicator"], CODES)["n"] for row in country])

    def test_groups_are_withheld_with_the_reason(self):
        shown = self.qm("--token-file", self.token, "national", *KEY, "--group-by", "nation").stdout
        self.assertIn(PEERS_ARE_FOR_OTHERS, shown)
        for labels, rows in self.listed(group_by=["nation"], token=self.token).items():
            for row in rows if labels else ():
                self.check_withheld(row)

    def test_a_position_among_peers_is_the_own_value_and_the_reason(self):
        arguments = ("--token-file", self.token, "position", "--participant", "RT06", *KEY, "--peers", "nation=England")
        for stands in self.qm_json(*arguments)["position"]:
            self.check_withheld(stands["national"])
            self.assertEqual(stands["value"], float(VALUES["RT06"][stands["indicator"]]))
            for name in ("rank", "percentile", "quarter", "distanceFromMean", "distanceFromMedian", "rankByPolarity"):
                self.assertIsNone(stands.get(name), name)
            self.assertEqual((stands["tied"], stands["tiedWith"], stands["comparedWithMean"]), (0, [], "COMPARISON_UNSPECIFIED"))
        shown = self.qm(*arguments).stdout
        self.assertTrue(shown.endswith(PEERS_ARE_FOR_OTHERS), shown)
        self.assertIn("not a participant of", self.qm("--token-file", self.token, "position", "--participant", "RT00", *KEY, "--peers",
                                                      "nation=England", expect=6).stderr)


if __name__ == "__main__":
    unittest.main()
