"""The quickstart, and the block of commands in README, do what they say."""

import os
import re
import subprocess
import tempfile
import unittest

import harness


class QuickstartTest(unittest.TestCase):
    def test_quickstart_shows_the_way_of_a_return(self):
        with tempfile.TemporaryDirectory(prefix="quartermaster-") as folder:
            done = subprocess.run([harness.SOURCE / "deploy/quickstart.sh"], capture_output=True, text=True, check=False,
                                  env={**os.environ, "QM_BINARY_DIR": str(harness.BINARIES), "QM_QUICKSTART_DIR": f"{folder}/work"},
                                  timeout=harness.PATIENCE_SECONDS)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])
        submitted = re.findall(r"^(\S+\.csv) +(\d+) returns: (\d+) accepted$", done.stdout, re.MULTILINE)
        self.assertEqual(len(submitted), 14)  # Seven services, monthly and quarterly.
        self.assertTrue(all(sent == accepted for _, sent, accepted in submitted), submitted)
        for said in ("exit code 3", "Did you mean occupied_bed_days?", "row 2, column admissions", "Bed occupancy, excluding leave",
                     "SYNTH01"):
            self.assertIn(said, done.stdout)


class ReadmeTest(harness.EndToEndTest):
    """README's console block: lines after `$ ` are run in order; what follows must come out, `...` standing for anything."""

    def test_commands_give_the_replies_that_are_shown(self):
        text = (harness.SOURCE / "README.md").read_text(encoding="utf-8")
        block = re.search(r"```console\n(.*?)```", text, re.DOTALL).group(1)
        steps = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
        self.assertGreater(len(steps), 4)
        subprocess.run(["/usr/bin/python3", "-B", harness.SOURCE / "deploy/sample/generate.py", "--out", self.folder / "sample"],
                       check=True, capture_output=True)
        environment = self.server.environment()
        environment["PATH"] = f"{harness.BINARIES}{os.pathsep}{environment['PATH']}"
        for step in steps:
            command, _, shown = step.partition("\n")
            done = subprocess.run(["bash", "-c", command], cwd=self.folder, env=environment, text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=harness.PATIENCE_SECONDS)
            pattern = "".join(".*" if part == "..." else re.escape(part) for part in re.split(r"(\.\.\.)", shown.strip()))
            self.assertRegex(done.stdout.strip(), re.compile(f"^{pattern}$", re.DOTALL), command)


if __name__ == "__main__":
    unittest.main()
