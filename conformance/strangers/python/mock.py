"""The mock, started anew for each test."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import requests

TARGET = os.environ.get("CARGO_TARGET_DIR", Path(__file__).parents[3] / "target")
MOCK = str(Path(TARGET, os.environ.get("MYINFO_PROFILE", "debug"), "myinfo-mock"))


class AgainstTheMock(unittest.TestCase):
    def start(self, client_id, config=""):
        """Starts the mock; gives its address, and the folder with what the client needs."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = Path(folder.name, "mock.toml")
        file.write_text(config)
        exported = str(Path(folder.name, "client"))
        subprocess.run([MOCK, "export", exported, "--client", client_id], check=True, stdout=subprocess.DEVNULL)
        mock = subprocess.Popen(
            [MOCK, "--http", "127.0.0.1:0", "--config", str(file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.addCleanup(lambda: (mock.terminate(), mock.wait(), mock.stdout.close()))
        return mock.stdout.readline().removeprefix("ready ").strip(), exported

    def assert_no_rule_broken(self, url, **called):
        answer = requests.post(f"{url}/_mock/assertions", json={"no_rule_broken": True, "called": called})
        self.assertEqual(answer.status_code, 200, answer.text)
