"""Backups, restores and checks of the store, as an operator makes them: what they say, whom they refuse, and what they find."""

import os
import pathlib
import shutil
import signal
import subprocess
import threading
import unittest

import grpc

import harness
from grpc_client import Client, error_info, module, sickness_return

store = module("quartermaster/v1/store_service")
PARTICIPANTS = [f"T{i:02}" for i in range(4)]


class BackupTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.backups = self.folder / "backups"
        self.restart("--backup-dir", self.backups)
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants(PARTICIPANTS)

    def restart(self, *flags):
        """Starts the server again with more flags."""
        self.server.stop()
        self.start(self.server.data_dir, *flags)

    def start(self, data_dir, *flags):
        self.server.data_dir = pathlib.Path(data_dir)
        self.server.flags = flags
        self.server.start()

    def send(self, **values):
        client = Client(self.server)
        self.addCleanup(client.close)
        return client.submit(sickness_return(**values))

    def tables(self, data_dir):
        return sorted((pathlib.Path(data_dir) / "store").glob("*.sst"))

    def test_a_backup_is_listed_restored_verified_and_served(self):
        for participant in PARTICIPANTS[:3]:
            self.assertTrue(self.send(participant=participant).accepted)
        before = self.qm("--output", "csv", "national", "--collection", "sickness", "--period", "2024-04").stdout
        made = self.qm_json("admin", "backup", "create")
        self.assertEqual(made["id"], 1)
        self.send(participant=PARTICIPANTS[3])
        self.assertEqual(self.qm_json("admin", "backup", "create")["id"], 2)
        listed = self.qm_json("admin", "backup", "list")
        self.assertEqual([backup["id"] for backup in listed["backups"]], [1, 2])
        self.assertEqual(listed["damaged"], [])
        for path in (self.backups, *self.backups.rglob("*"), *(self.server.data_dir / "store").rglob("*")):
            self.assertEqual(path.stat().st_mode & 0o077, 0, f"{path} is for whoever runs the server alone")
        self.assertEqual(int(listed["backups"][1]["sequence"]) - int(listed["backups"][0]["sequence"]), 1)
        self.assertRegex(self.qm("admin", "backup", "list").stdout, r"ID +CREATED +TO COMMIT +BYTES +FILES +STATE\n +?1 .* whole\n")

        report = self.qm_json("admin", "verify")
        self.assertEqual(report["problems"], [])
        checked = {each["kind"]: int(each["count"]) for each in report["checked"]}
        self.assertEqual(checked["revisions, their hashes recomputed"], 4)
        self.assertTrue(any("compared with those in memory" in kind for kind in checked), checked)

        # The disaster: everything is gone, and no server runs.
        self.server.kill()
        shutil.rmtree(self.folder / "data")
        self.assertEqual(self.qm_json("admin", "backup", "list", "--backup-dir", self.backups), listed)
        for backup, returns in ((1, 3), (2, 4)):
            restored = self.folder / f"restored-{backup}"
            said = self.qm("admin", "restore", "--backup-dir", self.backups, "--backup", backup, "--to", restored)
            self.assertIn("operator.token and the key that signs receipts are not", said.stderr)
            report = self.qm_json("admin", "verify", "--data-dir", restored)
            self.assertEqual(report["problems"], [])
            self.assertIn({"kind": "revisions, their hashes recomputed", "count": str(returns)}, report["checked"])
        self.start(self.folder / "restored-1", "--backup-dir", self.backups)
        self.assertEqual(self.qm("--output", "csv", "national", "--collection", "sickness", "--period", "2024-04").stdout, before)
        self.assertTrue(self.send(participant=PARTICIPANTS[3]).accepted)
        self.assertEqual(self.qm_json("admin", "backup", "create")["id"], 3)

    def test_only_operators_and_only_where_there_is_a_folder(self):
        for role in ("submitter", "report-builder", "steward"):
            token = self.make_token(role, participants=PARTICIPANTS[:1] if role == "submitter" else ())
            for command in (("backup", "create"), ("backup", "list"), ("verify",)):
                self.qm("--token-file", token, "admin", *command, expect=6)
        operator = self.make_token("operator")
        self.qm("--token-file", operator, "admin", "backup", "create")
        self.qm("--token-file", operator, "admin", "verify")
        self.assertEqual(len(self.qm_json("admin", "backup", "list")["backups"]), 1)

        self.restart()
        client = Client(self.server)
        self.addCleanup(client.close)
        with self.assertRaises(grpc.RpcError) as refused:
            client.call("StoreService", "ListBackups", store.ListBackupsRequest(), store.ListBackupsResponse)
        self.assertEqual(refused.exception.code(), grpc.StatusCode.FAILED_PRECONDITION)
        self.assertEqual(error_info(refused.exception)[0], "NO_BACKUP_FOLDER")
        self.assertIn("--backup-dir", self.qm("admin", "backup", "create", expect=5).stderr)
        self.qm("admin", "verify")

    def test_the_folder_may_stand_in_the_configuration(self):
        config = self.write("server.textproto", f'backup_dir: "{self.folder}/configured"\n')
        self.restart("--config", config)
        self.qm("admin", "backup", "create")
        self.assertTrue((self.folder / "configured").is_dir())

    def test_what_is_wrong_on_the_command_line_changes_nothing(self):
        self.qm("admin", "backup", "create")
        data = self.server.data_dir
        self.assertIn("not empty", self.qm("admin", "restore", "--backup-dir", self.backups, "--to", data, expect=1).stderr)
        self.assertIn("is open already", self.qm("admin", "verify", "--data-dir", data, expect=1).stderr)
        new = self.folder / "new"
        self.assertIn("no backup 9", self.qm("admin", "restore", "--backup-dir", self.backups, "--backup", 9, "--to", new,
                                             expect=1).stderr)
        self.qm("admin", "restore", "--backup-dir", self.backups, "--backup", 0, "--to", new, expect=2)
        self.assertIn("no store", self.qm("admin", "verify", "--data-dir", self.folder / "nothing", expect=1).stderr)
        self.qm("admin", "restore", "--backup-dir", self.folder / "nothing", "--to", self.folder / "other", expect=1)
        run = lambda *flags: subprocess.run([harness.BINARIES / "qm-server", *flags], capture_output=True, text=True, check=False)
        self.assertEqual(run("--restore", "--data-dir", new).returncode, 2)
        self.assertEqual(run("--restore", "--verify", "--data-dir", new, "--backup-dir", self.backups).returncode, 2)
        self.assertEqual(run("--backup", "1", "--data-dir", new).returncode, 2)
        self.assertFalse(new.exists() or (self.folder / "other").exists(), "a restore that fails leaves nothing")
        for backups, folder in ((data / "backups", data), (data, data), (new, new / "data")):
            for flags in ((), ("--restore",)):
                refused = run(*flags, "--data-dir", folder, "--backup-dir", backups)
                self.assertIn("lie in each other", refused.stderr)
                self.assertNotEqual(refused.returncode, 0)
        self.assertFalse(new.exists())
        self.qm("admin", "verify")

    @unittest.skipIf(os.geteuid() != 0, "only root can leave files in the folder of another")
    def test_root_leaves_nothing_in_the_folder_of_another(self):
        self.server.stop()
        data = self.server.data_dir
        os.chown(data, 65534, 65534)
        for flags in (("--verify",), ("--listen", "127.0.0.1:0")):
            refused = subprocess.run([harness.BINARIES / "qm-server", "--data-dir", data, *flags], capture_output=True, text=True,
                                     check=False, timeout=harness.PATIENCE_SECONDS)
            self.assertEqual(refused.returncode, 1, refused.stderr)
            self.assertIn("sudo -u '#65534'", refused.stderr)
        os.chown(data, 0, 0)

    def test_what_is_made_anew_is_named(self):
        self.qm("admin", "backup", "create")
        self.assertIn("there is no folder", self.qm("admin", "backup", "list", "--backup-dir", self.folder / "typo", expect=1).stderr)
        restored = self.folder / "restored"
        self.qm("admin", "restore", "--backup-dir", self.backups, "--to", restored)
        log = self.folder / "log"
        with log.open("w") as errors:
            server = subprocess.Popen([harness.BINARIES / "qm-server", "--data-dir", restored, "--listen", "127.0.0.1:0"],
                                      stdout=subprocess.PIPE, stderr=errors, text=True)
            self.assertIn("listening", server.stdout.readline())
            server.send_signal(signal.SIGHUP)
            server.terminate()
            self.assertEqual(server.wait(timeout=harness.PATIENCE_SECONDS), 0, "SIGHUP ends nothing")
            server.stdout.close()
        said = log.read_text()
        self.assertIn("operator.token was gone", said)
        self.assertIn("receipt.key was gone", said)

    def test_a_damaged_backup_is_named_and_never_restored(self):
        self.qm("admin", "backup", "create")
        logs = list((self.backups / "private").rglob("*.log"))
        self.assertTrue(logs)
        content = bytearray(logs[0].read_bytes())
        content[len(content) // 2] ^= 1
        logs[0].write_bytes(content)
        self.assertIn("orruption", self.qm("admin", "restore", "--backup-dir", self.backups, "--to", self.folder / "new",
                                           expect=1).stderr)
        self.assertFalse((self.folder / "new" / "store").exists())
        # A server does not take the half-made folder for a new one.
        tried = subprocess.run([harness.BINARIES / "qm-server", "--data-dir", self.folder / "new", "--listen", "127.0.0.1:0"],
                               capture_output=True, text=True, check=False, timeout=harness.PATIENCE_SECONDS)
        self.assertEqual(tried.returncode, 1)
        self.assertIn("cut short", tried.stderr)
        # Nor does it lie in the way of another restore, where an older version of it had left an empty folder.
        content[len(content) // 2] ^= 1
        logs[0].write_bytes(content)
        (self.folder / "new" / "store").mkdir(exist_ok=True)
        self.qm("admin", "restore", "--backup-dir", self.backups, "--to", f"{self.folder}/new/")
        self.assertEqual(self.qm_json("admin", "verify", "--data-dir", self.folder / "new")["problems"], [])
        logs[0].unlink()
        self.assertIn("DAMAGED", self.qm("admin", "backup", "list", expect=1).stdout)

    def test_a_rotten_file_that_backups_share_is_copied_anew(self):
        self.send(participant=PARTICIPANTS[0])
        self.restart("--backup-dir", self.backups)  # It moves the log into tables.
        self.qm("admin", "backup", "create")
        table = max((self.backups / "shared_checksum").iterdir(), key=lambda path: path.stat().st_size)
        content = bytearray(table.read_bytes())
        content[len(content) // 3] ^= 4
        table.write_bytes(content)
        made = self.qm_json("admin", "backup", "create")["id"]
        self.assertEqual([backup["id"] for backup in self.qm_json("admin", "backup", "list")["backups"]], [made])
        self.qm("admin", "restore", "--backup-dir", self.backups, "--to", self.folder / "new")
        self.assertEqual(self.qm_json("admin", "verify", "--data-dir", self.folder / "new")["problems"], [])

    def test_a_store_that_was_lost_is_not_begun_anew(self):
        data = self.server.data_dir
        self.server.stop()
        (data / "store").rename(self.folder / "elsewhere")
        for left in ("nothing", "an empty folder, as where a disk is not mounted"):
            with self.subTest(left=left):
                self.assertIn("no store", self.qm("admin", "verify", "--data-dir", data, expect=1).stderr)
                tried = subprocess.run([harness.BINARIES / "qm-server", "--data-dir", data, "--listen", "127.0.0.1:0"],
                                       capture_output=True, text=True, check=False, timeout=harness.PATIENCE_SECONDS)
                self.assertEqual(tried.returncode, 1)
                self.assertIn("receipt.key, is there", tried.stderr)
                self.assertFalse((data / "store").exists() and any((data / "store").iterdir()))
            (data / "store").mkdir(exist_ok=True)
        (data / "store").rmdir()
        (self.folder / "elsewhere").rename(data / "store")
        self.start(data)
        self.assertTrue(self.send(participant=PARTICIPANTS[0]).accepted)

    def test_verification_finds_what_rotted_on_the_disk(self):
        for revision in range(3):
            self.send(participant=PARTICIPANTS[0], lost=float(revision))
        self.server.stop()
        self.qm("admin", "verify", "--data-dir", self.server.data_dir)  # It moves the log into tables.
        table = max(self.tables(self.server.data_dir), key=lambda path: path.stat().st_size)
        content = bytearray(table.read_bytes())
        content[len(content) // 3] ^= 4
        table.write_bytes(content)
        found = self.qm("admin", "verify", "--data-dir", self.server.data_dir, expect=1)
        self.assertIn("orruption", found.stdout + found.stderr)

    def test_backups_and_checks_under_load(self):
        stop = threading.Event()
        enough = threading.Event()
        acknowledged = []

        def send_until_told(participant):
            client = Client(self.server)
            number = 0
            while not stop.is_set():
                number += 1
                verdict = client.submit(sickness_return(participant, lost=number % 90))
                acknowledged.append((participant, verdict.revision))
                if len(acknowledged) >= 50:
                    enough.set()
            client.close()

        senders = [threading.Thread(target=send_until_told, args=(participant,)) for participant in PARTICIPANTS]
        for sender in senders:
            sender.start()
        try:
            self.assertTrue(enough.wait(harness.PATIENCE_SECONDS), "those who send returns are not answered")
            before = list(acknowledged)
            self.qm("admin", "backup", "create")
            report = self.qm_json("admin", "verify")
            self.assertEqual(report["problems"], [])
        finally:
            stop.set()
            for sender in senders:
                sender.join(timeout=60)
        self.server.kill()
        restored = self.folder / "restored"
        self.qm("admin", "restore", "--backup-dir", self.backups, "--to", restored)
        self.start(restored)
        stored = self.qm_json("returns", "list", "--collection", "sickness", "--all-revisions")["returns"]
        self.assertLessEqual(set(before), {(each["participant"], each["revision"]) for each in stored})
        self.assertEqual(self.qm_json("admin", "verify")["problems"], [])


if __name__ == "__main__":
    unittest.main()
