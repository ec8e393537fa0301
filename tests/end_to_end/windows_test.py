"""A period that is closed: refused with the date and whom to ask, until a steward extends or reopens it."""

import os
import subprocess
import unittest

import harness

CLOSED = "2020-21-Q1"  # Until 11 August 2020.
TO_COME = "2090-91-Q1"


class WindowsTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "census.proto")
        self.import_participants(["RT1", "RT2"])

    def file(self, *rows):
        return self.write_csv("returns.csv", [{"participant": code, "period": period, "beds": 10} for code, period in rows])

    def submit(self, *rows, arguments=(), expect=0):
        """What became of each return: accepted, or the message of its error."""
        lines = self.qm_json_lines("submit", self.file(*rows), "--collection", "census", "--service", "beds", *arguments, expect=expect)
        return [line["error"]["message"] if "error" in line else line["accepted"] for line in lines]

    def grant(self, *command, expect=0):
        return self.qm_json("window", *command, "--collection", "census", "--period", CLOSED, "--reason", "A reason.", expect=expect)["grant"]

    def stored(self):
        return {(one["participant"], one["period"]) for one in self.qm_json("returns", "list", "--collection", "census").get("returns", [])}

    def test_a_closed_period_is_refused_with_its_date_and_whom_to_ask(self):
        says = "Q1 2020/21 of census closed on 11 August 2020. Ask the census team, room 12 for an extension, then send it again."
        file = self.file(("RT1", CLOSED), ("RT2", CLOSED), ("RT1", "2020-07"), ("RT2", TO_COME))
        done = self.qm("submit", file, "--collection", "census", "--service", "beds", expect=5)
        self.assertRegex(done.stdout, r"RT1 +beds +Q1 2020/21 +not judged")
        self.assertIn("4 returns: 1 accepted, 3 not judged", done.stdout)
        self.assertIn(f"qm: 2 returns not judged: {says}\n", done.stderr)
        self.assertIn("1 return not judged: Q1 2090/91 of census opens on 1 July 2090.", done.stderr)
        self.assertEqual(self.stored(), {("RT1", "2020-07")})
        # The other returns of the file went on, and so they do one by one, and in a dry run.
        for arguments in ((), ("--unary",), ("--dry-run",)):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.submit(("RT1", CLOSED), ("RT2", "2020-07"), arguments=arguments, expect=5), [says, True])
        alone = self.qm("submit", self.file(("RT1", CLOSED)), "--collection", "census", "--service", "beds", expect=5)
        self.assertIn(f"qm: {says}\n", alone.stderr)

    def test_an_extension_is_of_one_participant_and_outlives_a_restart(self):
        extension = self.grant("extend", "--participant", "RT1", "--days", 3)
        self.assertEqual((extension["participant"], extension["from"], extension["to"]), ("RT1", CLOSED, CLOSED))
        [first, second] = self.submit(("RT1", CLOSED), ("RT2", CLOSED), expect=5)
        self.assertTrue(first is True)
        self.assertIn("closed on 11 August 2020", second)
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.assertEqual([item is True for item in self.submit(("RT1", CLOSED), ("RT2", CLOSED), expect=5)], [True, False])
        withdraw = ("returns", "withdraw", "--collection", "census", "--service", "beds", "--participant", "RT1", "--period", CLOSED,
                    "--reason", "A mistake.")
        ended = self.qm_json("window", "end", "--id", extension["id"], "--reason", "It is in.")["grant"]
        self.assertEqual(ended["endReason"], "It is in.")
        done = self.qm(*withdraw, expect=5)
        self.assertIn("The extension of RT1 was ended early by", done.stderr)
        self.grant("extend", "--participant", "RT1", "--days", 1)
        self.qm(*withdraw)

    def test_a_reopening_is_for_all_until_it_is_ended(self):
        def shown():
            return self.qm_json("window", "show", "--collection", "census", "--period", CLOSED)

        def listed(*arguments):
            return [one["id"] for one in self.qm_json("window", "list", "--collection", "census", *arguments).get("grants", [])]

        window = shown()["window"]
        self.assertEqual([window[day] for day in ("opens", "due", "closes", "releaseBy", "state")],
                         ["2020-07-01", "2020-07-28", "2020-08-11", "2020-08-11", "WINDOW_STATE_CLOSED"])
        reopening = self.grant("reopen", "--to", "2020-21-Q2", "--days", 3)
        extension = self.grant("extend", "--participant", "RT2", "--days", 700)
        self.assertEqual(shown()["window"]["state"], "WINDOW_STATE_LATE")
        self.assertEqual([one["id"] for one in shown()["grants"]], [reopening["id"], extension["id"]])
        self.assertEqual(self.submit(("RT1", CLOSED), ("RT2", CLOSED), ("RT1", "2020-21-Q2")), [True, True, True])
        self.assertEqual(listed(), [extension["id"], reopening["id"]])
        self.qm("window", "end", "--id", reopening["id"], "--reason", "All are in.")
        self.assertEqual([item is True for item in self.submit(("RT1", CLOSED), ("RT2", CLOSED), expect=5)], [False, True])
        self.assertEqual(listed(), [extension["id"]])
        self.assertEqual(listed("--all"), [extension["id"], reopening["id"]])
        table = self.qm("window", "list", "--collection", "census", "--all").stdout
        self.assertRegex(table, r"all +Q1 2020/21 +Q2 2020/21 .*All are in\.")
        table = self.qm("window", "show", "--collection", "census", "--period", CLOSED).stdout
        self.assertRegex(table, r"Q1 2020/21 +2020-07-01 +2020-07-28 +2020-08-11 +2020-08-11 +closed +Europe/London +the census team, room 12")
        self.assertRegex(table, r"RT2 +Q1 2020/21")
        months = self.qm("window", "show", "--collection", "census", "--period", "2020-04").stdout
        self.assertEqual(months, "census takes returns for Apr 2020 at any time.\n")

    def test_a_server_without_the_zones_does_not_start_and_says_what_to_install(self):
        self.assertEqual(self.server.stop(), 0)
        done = subprocess.run(
            [harness.BINARIES / "qm-server", "--data-dir", self.folder / "data", "--listen", "127.0.0.1:0"], text=True,
            env={**os.environ, "TZDIR": str(self.folder)}, capture_output=True, check=False, timeout=harness.PATIENCE_SECONDS)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn('the time zone "Europe/London"', done.stderr)
        self.assertIn("apt-get install tzdata", done.stderr)
        self.server.start()

    def test_what_cannot_be_granted_is_refused(self):
        extend = ("window", "extend", "--collection", "census", "--period", CLOSED, "--reason", "A reason.")
        for arguments, code, said in (
            (("--participant", "RT1"), 2, "--until"),
            (("--participant", "RT1", "--days", 1, "--until", "2090-01-01"), 2, "--until"),
            (("--participant", "RT1", "--until", "2020-12-31"), 2, "it is past"),
            (("--participant", "RT1", "--until", "2090-12-31"), 2, "2 years"),
            (("--participant", "RT1", "--days", 731), 2, "730"),
            (("--participant", "RT9", "--days", 1), 1, "RT9"),
            (("--participant", "RT1", "--days", 1, "--to", "2020-07"), 2, "at any time"),
        ):
            with self.subTest(arguments=arguments):
                self.assertIn(said, self.qm(*extend, *arguments, expect=code).stderr)
        self.assertIn("at any time", self.qm("window", "reopen", "--collection", "census", "--period", "2020-04", "--days", 1,
                                             "--reason", "A reason.", expect=2).stderr)
        self.assertIn("there is no grant", self.qm("window", "end", "--id", 9999, "--reason", "A reason.", expect=1).stderr)


if __name__ == "__main__":
    unittest.main()
