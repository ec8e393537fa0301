"""Each folder includes only what ARCHITECTURE.md allows it to know."""

import os
import pathlib
import re
import unittest

SOURCE = pathlib.Path(os.environ.get("QM_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))

# Prefixes of quoted or bracketed includes that a folder may not have.
FORBIDDEN = {
    "proto": ("validation/", "storage/", "server/", "client/", "grpcpp/", "rocksdb/"),
    "validation": ("storage/", "server/", "client/", "grpcpp/", "grpc/", "rocksdb/", "fstream", "chrono", "absl/time"),
    "storage": ("validation/", "server/", "client/", "grpcpp/", "grpc/"),
    "server": ("client/", "rocksdb/"),
    "server/national": ("storage/", "server/services/", "grpcpp/", "grpc/"),
    "client": ("storage/", "server/", "rocksdb/"),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)


class LayeringTest(unittest.TestCase):
    def sources(self, folder):
        found = [path for path in (SOURCE / folder).rglob("*") if path.suffix in (".h", ".cc")]
        self.assertTrue(found, f"{folder} has no sources")
        return found

    def test_folders_know_only_what_they_may(self):
        for folder, forbidden in FORBIDDEN.items():
            for path in self.sources(folder):
                for included in INCLUDE.findall(path.read_text(encoding="utf-8")):
                    self.assertFalse(included.startswith(forbidden), f"{path.relative_to(SOURCE)} includes {included}")

    def test_only_services_and_the_server_know_grpc(self):
        allowed = {"server/server.cc", "server/grpc_server.cc", "server/grpc_status.cc", "server/listening.cc",
                   "server/taken_back_watch.cc"}
        for path in self.sources("server"):
            name = str(path.relative_to(SOURCE))
            if name.startswith("server/services/") or name in allowed:
                continue
            for included in INCLUDE.findall(path.read_text(encoding="utf-8")):
                self.assertFalse(included.startswith(("grpcpp/", "grpc/")), f"{name} includes {included}")


if __name__ == "__main__":
    unittest.main()
