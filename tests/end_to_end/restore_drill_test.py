"""The drill that an operator runs: backup under load, loss of everything, restore, verification, service."""

import os
import subprocess
import unittest

import harness

QUARTERS = os.environ.get("QM_DRILL_QUARTERS", "1")  # Of synthetic returns; 8 is the whole sample.


class RestoreDrillTest(unittest.TestCase):
    def test_drill_passes(self):
        done = subprocess.run([harness.SOURCE / "deploy/restore-drill.sh", "--quarters", QUARTERS], capture_output=True, text=True,
                              check=False, env={**os.environ, "QM_BINARY_DIR": str(harness.BINARIES)},
                              timeout=harness.PATIENCE_SECONDS)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])
        self.assertEqual(done.stdout.rstrip().splitlines()[-1], "DRILL PASSED")
        self.assertEqual(done.stdout.count("nothing is wrong."), 3, done.stdout)
        self.assertIn("byte for byte those of before", done.stdout)
        self.assertRegex(done.stdout, r"Returns: all [1-9]\d* that were acknowledged under load before the backup are there")


if __name__ == "__main__":
    unittest.main()
