"""What qm validate finds at the desk is what the server finds: the same findings, byte for byte."""

import json
import os
import random
import unittest

import harness

SEED = int(os.environ.get("QM_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
CODES = [f"RT{i}" for i in range(1, 10)]
FIELDS = ["available", "occupied", "at_start", "at_end", "admissions", "gender.female", "gender.male", "type", "note",
          "restraints"]
WITHOUT_REFERENCE = {"CLASS_STRUCTURE", "CLASS_MISSING", "CLASS_INVALID", "CLASS_INCONSISTENT"}
WRONG = ["", "NA", "-1", "about 12", "1.23456", "1e13", "11000", "0", "1", "1,200", "#REF!", "rehabilitation", "maternity",
         "a note that is longer than twenty characters", "73956.96734999999", "450", "9999"]


class OfflineTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        print(f"seed {SEED}")
        self.random = random.Random(SEED)
        self.schema = harness.COLLECTIONS / "wards.proto"
        self.qm("collection", "publish", self.schema)
        self.import_participants(CODES)
        self.qm("population", "import", self.write_csv("populations.csv", [
            {"participant": code, "age_band": "18-64", "registered": 20_000 + 1000 * i} for i, code in enumerate(CODES)]))

    def good(self, code, period):
        """A return that is right, and much as the others."""
        available = 900 + self.random.randrange(40)
        admissions = 50 + self.random.randrange(8)
        return {"participant": code, "period": period, "available": available,
                "occupied": round(available * (0.85 + self.random.random() / 20), 2), "at_start": 30, "at_end": 30,
                "admissions": admissions, "gender.female": admissions // 2, "gender.male": admissions - admissions // 2,
                "type": "acute", "note": "", "restraints": 5}

    def spoil(self, row):
        for name in self.random.sample(FIELDS, self.random.randrange(4)):
            row[name] = self.random.choice(WRONG) if self.random.random() < 0.7 else str(self.random.randrange(3000))
        return row

    def findings(self, command, *arguments):
        """The findings of each return, as they are printed."""
        done = self.qm("--output", "json", *command, *arguments, expect=None)
        self.assertIn(done.returncode, (0, 3), done.stderr)
        return [json.loads(line)["findings"] for line in done.stdout.splitlines()]

    def submit_history(self):
        history = [self.good(code, f"2023-24-Q{quarter}") for quarter in (1, 2, 3, 4) for code in CODES]
        history += [self.good(code, f"2024-25-Q{quarter}") for quarter in (1, 2) for code in CODES]
        self.qm("submit", self.write_csv("history.csv", history), "--collection", "wards", "--service", "ward")

    def test_one_stream_is_judged_by_the_country_as_single_calls_are(self):
        """RT9 is far from the others in each quarter; the country of the quarter before must be there in time."""
        rows = []
        for quarter in range(12):
            for code in CODES:
                row = self.good(code, f"{2021 + quarter // 4}-{22 + quarter // 4}-Q{quarter % 4 + 1}")
                rows.append({**row, "occupied": round(row["available"] * 0.5, 2)} if code == "RT9" else row)
        path = self.write_csv("quarters.csv", rows)
        schema = self.schema.read_text()
        for name, arguments in (("streamed", ()), ("single", ("--unary",))):
            copy = self.folder / f"{name}.proto"
            copy.write_text(schema.replace("collections.wards", f"collections.{name}").replace('id: "wards"', f'id: "{name}"'))
            self.qm("collection", "publish", copy)
            done = self.qm("--output", "json", "submit", path, "--collection", name, "--service", "ward", *arguments)
            found = [verdict["period"] for verdict in map(json.loads, done.stdout.splitlines())
                     for finding in verdict.get("findings", ())
                     if (verdict["participant"], finding["ruleId"]) == ("RT9", "exceptional-national")
                     and finding["indicator"] == "occupancy"]
            # The eleven quarters after the first.
            self.assertEqual(found, sorted({row["period"] for row in rows})[1:], name)

    def test_validate_equals_the_server_for_rules_of_the_return_alone(self):
        rows = [self.spoil(self.good(code, f"2024-25-Q{quarter}")) for quarter in (1, 2, 3, 4) for code in CODES]
        rows[0]["available"], rows[1]["type"], rows[2]["gender.female"] = "", "maternity", 0
        rows[2]["admissions"], rows[2]["gender.male"] = 60, 30
        path = self.write_csv("returns.csv", rows)
        where = ("--collection", "wards", "--service", "ward")
        here = self.findings(("validate", path), *where, "--schema", self.schema)
        there = self.findings(("submit", path, "--dry-run"), *where)
        self.assertEqual(len(here), len(there))
        classes = set()
        for own, server in zip(here, there):
            # Populations are reference data.
            server = [f for f in server if f["class"] in WITHOUT_REFERENCE and f["ruleId"] != "admissions-fit-population"]
            self.assertEqual(json.dumps(own), json.dumps(server))
            classes |= {f["class"] for f in own}
        self.assertEqual(classes, WITHOUT_REFERENCE - {"CLASS_STRUCTURE"})

    def test_a_bundle_foretells_all_six_classes(self):
        self.submit_history()
        self.qm("exception", "grant", "--collection", "wards", "--service", "ward", "--participant", "RT1", "--rule",
                "occupied-within-available", "--until", "2099-12-31", "--reason", "Test.")
        bundle = self.folder / "all.bundle"
        told = self.qm("bundle", "--collection", "wards", *(x for code in CODES for x in ("--participant", code)), "-o", bundle)
        self.assertIn("Bundle of wards version 1 for RT1, RT2", told.stdout)
        self.assertEqual(bundle.stat().st_mode & 0o077, 0)
        again = ("bundle", "--collection", "wards", "--participant", "RT1", "--participant", "RT2", "-o",
                 self.folder / "some.bundle")
        told = self.qm_json(*again)
        self.assertEqual((told["collection"]["id"], told["collection"]["version"]), ("wards", 1))
        self.assertEqual((told["participants"], told["returns"]), (["RT1", "RT2"], 12))
        self.assertGreater(told["peerBaselines"], 0)
        self.assertNotIn("descriptorSet", told["collection"])
        headings, row = self.qm("--output", "csv", *again).stdout.splitlines()
        self.assertEqual(headings, "collection,version,participants,create_time,sequence,returns,peer_baselines")
        self.assertTrue(row.startswith('wards,1,"RT1, RT2",20'), row)
        seen = set()
        for attempt in range(6):
            rows = [self.spoil(self.good(code, "2024-25-Q3")) for code in CODES]
            rows[0]["occupied"] = 990
            rows[1]["occupied"], rows[2]["admissions"] = 700, 190
            rows[3]["participant"] = "RT99"
            rows[4]["available"] = ""
            path = self.write_csv(f"returns{attempt}.csv", rows)
            here = self.findings(("validate", path, "--bundle", bundle), "--service", "ward")
            there = self.findings(("submit", path, "--dry-run"), "--collection", "wards", "--service", "ward")
            self.assertEqual(json.dumps(here), json.dumps(there))
            seen |= {finding["class"] for findings in there for finding in findings}
        self.assertEqual(seen, WITHOUT_REFERENCE | {"CLASS_HISTORICAL", "CLASS_EXCEPTIONAL"})

    def test_a_bundle_says_of_when_it_is_and_whom_it_lacks(self):
        self.submit_history()
        bundle = self.folder / "rt1.bundle"
        self.qm("bundle", "--collection", "wards", "--participant", "RT1", "-o", bundle)
        path = self.write_csv("returns.csv", [self.good("RT1", "2024-25-Q3"), self.good("RT2", "2024-25-Q3")])
        done = self.qm("validate", path, "--bundle", bundle, "--service", "ward")
        self.assertRegex(done.stdout, r"Bundle of wards version 1 for RT1, as of 20..-..-.. ..:..:.. UTC \(sequence \d+\)")
        self.assertIn("the bundle holds no history of RT2", done.stderr)
        self.qm("validate", path, "--bundle", path, expect=2)
        damaged = self.write("damaged.bundle", bundle.read_bytes()[:-40] + b"\xff" * 40)
        self.qm("validate", path, "--bundle", damaged, "--service", "ward", expect=2)
        self.qm("bundle", "--collection", "wards", "--participant", "RT77", "-o", bundle, expect=1)

    def test_the_order_of_the_rows_does_not_matter(self):
        later = {**self.good("RT1", "2024-25-Q2"), "at_start": 99}
        rows = [later, self.good("RT1", "2024-25-Q1")]
        there = self.findings(("submit", self.write_csv("returns.csv", rows)), "--collection", "wards", "--service", "ward")
        self.assertEqual([[f["ruleId"] for f in findings] for findings in there], [[], ["opening"]])

    def test_earlier_rows_of_a_file_are_the_history_of_later_ones(self):
        bundle = self.folder / "rt1.bundle"
        self.qm("bundle", "--collection", "wards", "--participant", "RT1", "-o", bundle)
        second = {**self.good("RT1", "2024-25-Q2"), "at_start": 99}
        path = self.write_csv("returns.csv", [self.good("RT1", "2024-25-Q1"), second])
        here = self.findings(("validate", path, "--bundle", bundle), "--service", "ward")
        there = self.findings(("submit", path), "--collection", "wards", "--service", "ward")
        self.assertEqual(json.dumps(here), json.dumps(there))
        self.assertEqual([f["ruleId"] for f in here[1]], ["opening"])


if __name__ == "__main__":
    unittest.main()
