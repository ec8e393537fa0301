"""Real published workbooks, saved as CSV cell for cell, are told from files of returns, and what is in them is said."""

import unittest

import harness

SHEETS = {
    "kh03_as_published_2013_14_Q4.csv": ("Rows 18 to 244 are the data", "From row 245 on there is nothing", "2013-14-Q4", "Period (C)"),
    "kh03_as_published_2018_19_Q2.csv": ("Rows 18 to 224 are the data", "2018-19-Q2", "Period End (C)"),
    "kh03_as_published_2022_23_Q2.csv": ("Rows 18 to 207 are the data", "From row 208 on there is nothing", "2022-23-Q2",
                                         "Period End (C)"),
}
IN_ALL = (
    "Rows 2 to 13 are titles.",
    "Rows 14 and 15 are the heading",
    '"Available" stands over G to K (Total, General & Acute, Learning Disabilities, Maternity and Mental Illness)',
    '"Occupied" over M to Q (the same)',
    "Row 16 (England) has no code and looks like a total.",
    "Blank: row 17.",
    'cells hold "-" for no value',
    "Column Org Code (E) looks like the participant",
    "together look like the period",
    "one heading row, participant,period,<field>",
    "'qm collection show kh03 --service beds' lists the fields",
)


@harness.needs_real_data
class PublishedSheetTest(harness.EndToEndTest):
    def test_a_sheet_is_described_and_nothing_is_sent(self):
        self.qm("collection", "publish", harness.COLLECTIONS / "kh03.proto")
        for name, in_this in SHEETS.items():
            path = harness.DATA / name
            if not path.exists():
                self.skipTest(f"{path} is not there")
            options = ("--collection", "kh03", "--service", "beds")
            for command in (("submit", path, *options), ("validate", path, "--schema", harness.COLLECTIONS / "kh03.proto", *options)):
                with self.subTest(command=command[0], name=name):
                    done = self.qm(*command, expect=3)
                    self.assertLess(len(done.stdout.splitlines()), 24, done.stdout)  # One screen.
                    self.assertLessEqual(max(map(len, done.stdout.splitlines())), 100)
                    text = " ".join(done.stdout.split())
                    for said in (*IN_ALL, *in_this):
                        self.assertIn(said, text)
                    finding, *others = self.qm_json("submit", path, *options, expect=3)["findings"]
                    self.assertEqual((finding["ruleId"], finding["row"], others), ("published-sheet", 15, []))
        self.assertEqual(self.qm_json("returns", "list", "--collection", "kh03").get("returns", []), [])


if __name__ == "__main__":
    unittest.main()
