"""A new version of a collection: refused with its reasons, tried on what is stored, and kind to what was stored before."""

import re
import unittest

import harness

SCHEMA = """syntax = "proto3";
package quartermaster.collections.wards.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "wards" title: "Wards" cadence: [CADENCE_MONTH, CADENCE_QUARTER] first_period: "2020-04" };
message Ward {
  option (schema.v1.service) = { id: "ward" title: "Ward" };
  option (schema.v1.rule) = { id: "within" severity: SEVERITY_QUERY class: CLASS_INCONSISTENT
    expression: "occupied <= available" message: "More are occupied than available." };
  // MORE RULES
  option (schema.v1.indicator) = { id: "occupancy" title: "Occupancy" unit: "%" decimals: 1
    numerator: "occupied" denominator: "available" factor: 100 };
  optional int64 available = 1 [(schema.v1.field) = { label: "Available" required: true min: 0 max: 1000 rollup: ROLLUP_SUM }];
  optional int64 occupied = 2 [(schema.v1.field) = { label: "Occupied" min: 0 max: 1000 rollup: ROLLUP_SUM }];
  // MORE FIELDS
}
"""
NEW_RULES = """
  option (schema.v1.rule) = { id: "half-full" severity: SEVERITY_ERROR class: CLASS_INCONSISTENT
    expression: "occupied * 2 >= available" message: "Less than half is occupied." %s };
"""


class CollectionVersionsTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.import_participants(["RT1", "RT2"])
        self.publish(SCHEMA)
        self.submit([("RT1", "2025-01", 10, 9), ("RT1", "2025-02", 10, 4), ("RT2", "2025-01", 10, 2), ("RT2", "2025-02", 10, 8)])

    def publish(self, text, *arguments, expect=0):
        return self.qm("collection", "publish", self.write("wards.proto", text), *arguments, expect=expect)

    def submit(self, rows, expect=0, **more):
        path = self.write_csv("returns.csv", [
            {"participant": code, "period": period, "available": available, "occupied": occupied, **more}
            for code, period, available, occupied in rows])
        return self.qm_json_lines("submit", path, "--collection", "wards", "--service", "ward", expect=expect)

    def check(self, text, expect=0):
        return self.qm_json("collection", "check", self.write("next.proto", text), expect=expect)

    def test_a_version_that_breaks_faith_is_refused_with_every_reason(self):
        breaking = SCHEMA.replace("int64 occupied = 2", "int64 occupied = 3").replace("max: 1000 rollup: ROLLUP_SUM }];\n  optional",
                                                                                    "max: 900 rollup: ROLLUP_SUM }];\n  optional")
        for command in (("publish",), ("check",)):
            done = self.qm("collection", *command, self.write("breaking.proto", breaking), expect=3)
            self.assertIn("The field number must stay 2.", done.stdout)
            self.assertIn("max must stay 1000 or go up. To ask for less, add tightened", done.stdout)
        for wrong, reason in {
            "int64 occupied = 2": ("double occupied = 2", "The type must stay int64."),
            "occupied <= available": ("occupid <= available", "did you mean occupied?"),
        }.items():
            done = self.publish(SCHEMA.replace(wrong, reason[0]), expect=3)
            self.assertIn(reason[1], done.stdout)

    def test_what_is_only_checked_is_not_published(self):
        newer = self.write("wards.proto", SCHEMA.replace("// MORE RULES", NEW_RULES % ""))
        self.assertIn("The collection can be published.", self.qm("collection", "publish", "--check", newer).stdout)
        checked = self.qm_json("collection", "publish", "--check", newer)
        self.assertEqual((checked["published"], checked["collection"]["version"], checked["collection"].get("publishTime")), (False, 2, None))
        self.assertEqual(self.qm_json("collection", "show", "wards")["collection"]["version"], 1)

    def test_a_new_rule_is_tried_on_all_that_is_stored(self):
        trial = self.check(SCHEMA.replace("// MORE RULES", NEW_RULES % ""))
        self.assertEqual((trial["returns"], trial["currentVersion"]), ("4", 1))
        [rule] = trial["rules"]
        self.assertEqual((rule["ruleId"], rule["change"], rule["hits"]), ("half-full", "CHANGE_NEW", "2"))
        self.assertEqual([(e["participant"], e["period"]) for e in rule["examples"]],
                         [("RT1", "2025-02"), ("RT2", "2025-01")])
        # A changed rule and a changed limit are tried as well; what stays as it is is not.
        changed = SCHEMA.replace("occupied <= available", "occupied < available - 1").replace(
            "min: 0 max: 1000 rollup: ROLLUP_SUM }];\n  // MORE FIELDS",
            'min: 0 max: 1000 rollup: ROLLUP_SUM tightened: { since: "2025-02" max: 7 } }];')
        rules = {(r["ruleId"], r["subject"]): (r["change"], r["hits"]) for r in self.check(changed)["rules"]}
        self.assertEqual(rules, {("within", ""): ("CHANGE_CHANGED", "1"), ("maximum", "occupied"): ("CHANGE_CHANGED", "1")})
        self.assertEqual(self.check(SCHEMA)["rules"], [])
        self.assertEqual(self.qm_json("collection", "show", "wards")["collection"]["version"], 1)  # Nothing was published.

    def test_a_shadow_rule_is_seen_by_stewards_alone(self):
        self.publish(SCHEMA.replace("// MORE RULES", NEW_RULES % "shadow: true"))
        [verdict] = self.submit([("RT1", "2025-03", 10, 1)])
        self.assertTrue(verdict["accepted"])
        self.assertEqual(verdict["findings"], [])
        stored = self.qm_json("returns", "show", "--collection", "wards", "--service", "ward", "--participant", "RT1",
                              "--period", "2025-03")["storedReturn"]
        self.assertEqual([f["ruleId"] for f in stored["shadowFindings"]], ["half-full"])
        self.assertEqual(stored["findings"], [])
        [rule] = self.qm_json("collection", "shadow", "wards")["rules"]
        self.assertEqual((rule["ruleId"], rule["hits"], rule["shadow"]), ("half-full", "3", True))

    def test_old_returns_stay_readable_under_their_own_version(self):
        newer = SCHEMA.replace('label: "Occupied"', 'label: "Occupied at midnight"').replace(
            "// MORE FIELDS", 'optional int64 staff = 3 [(schema.v1.field) = { label: "Staff" required: true '
            'required_since: "2025-04" min: 0 rollup: ROLLUP_SUM }];')
        self.publish(newer)
        show = ("returns", "show", "--collection", "wards", "--service", "ward", "--participant", "RT1", "--period", "2025-01")
        text = self.qm(*show).stdout
        self.assertRegex(text, r"occupied +9 .*Occupied\n")
        self.assertNotIn("midnight", text)
        [asked] = self.submit([("RT1", "2025-04", 10, 9)], expect=3)
        self.assertEqual([(f["ruleId"], f["field"]) for f in asked["findings"]], [("required", "staff")])
        [not_asked] = self.submit([("RT1", "2025-01", 10, 8)])
        self.assertEqual(not_asked["receipt"]["ruleVersion"], 2)
        self.assertTrue(re.search(r"occupied +8 .*Occupied at midnight\n", self.qm(*show).stdout))
        self.assertIn("midnight", self.qm("returns", "show", *show[2:], "--revision", "2").stdout)
        self.assertNotIn("midnight", self.qm("returns", "show", *show[2:], "--revision", "1").stdout)

    def test_months_are_held_against_their_quarter(self):
        [verdict] = self.submit([("RT1", "2025-03", 10, 5)])
        [quarter] = self.submit([("RT1", "2024-25-Q4", 30, 18)])
        self.assertEqual([f["ruleId"] for f in quarter["findings"]], ["supersedes-parts"])
        [wrong] = self.submit([("RT1", "2024-25-Q4", 30, 20)])
        [superseded, finding] = wrong["findings"]
        self.assertEqual((superseded["ruleId"], superseded["severity"]), ("supersedes-parts", "SEVERITY_INFO"))
        self.assertEqual((finding["ruleId"], finding["field"], finding["expected"], finding["difference"]),
                         ("quarter-months", "occupied", "18", "2"))
        [month] = self.submit([("RT1", "2025-03", 10, 6)], expect=3)
        self.assertEqual([f["ruleId"] for f in month["findings"]], ["part-of-returned-period"])
        self.assertIn("withdraw it first", month["findings"][0]["hint"])
        self.assertTrue(verdict["accepted"])


if __name__ == "__main__":
    unittest.main()
