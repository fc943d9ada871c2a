"""Fixtures: one mock for the run, and for each test a realm, in which nothing of another test is seen."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import requests
from relying_party import RelyingParty

# the program from the PATH; the wheel that `pip install` takes puts it there
PROGRAM = os.environ.get("MYINFO_MOCK", "myinfo-mock")


@pytest.fixture(scope="session")
def mock():
    """The base URL of a mock on a free port."""
    process = subprocess.Popen([PROGRAM, "--http", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    # this line comes when connections are accepted, and not before: nothing to poll
    yield process.stdout.readline().removeprefix("ready ").strip()
    process.terminate()
    process.wait()
    process.stdout.close()


@pytest.fixture(scope="session")
def client(tmp_path_factory):
    """What the mock knows of a client: its id, its redirect URI, its private keys. Your own client has its own."""
    folder = tmp_path_factory.mktemp("myinfo")
    subprocess.run(
        [PROGRAM, "export", folder, "--client", "TESTBEDxMYINFOxAPPx0000000000001"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    env = dict(re.findall(r"^export MYINFO_FAPI_(\w+)='(.*)'$", Path(folder, "env").read_text(), re.MULTILINE))
    keys = json.loads(Path(folder, "client-jwks-private.json").read_text())["keys"]
    return {"client_id": env["CLIENT_ID"], "redirect_uri": env["REDIRECT_URL"], "keys": keys}


class Realm:
    """Clients, personas, journal, faults and clock of its own."""

    def __init__(self, url):
        self.url = url
        self.issuer = f"{url}/fapi"

    def arm(self, fault):
        """Makes the service misbehave; `myinfo-mock faults` lists how."""
        requests.post(f"{self.url}/_mock/faults", json={"id": fault}).raise_for_status()

    def assert_no_rule_broken(self, **called):
        """Fails with every broken rule, its cause and its remedy; `called` also counts the requests: `token=1`."""
        answer = requests.post(f"{self.url}/_mock/assertions", json={"no_rule_broken": True, "called": called})
        assert answer.ok, answer.text

    @staticmethod
    def log_in(address, persona):
        """The browser's part, without pages. Gives the address at which your application is called back."""
        answer = requests.get(address, headers={"X-Myinfo-Mock-Persona": persona}, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


@pytest.fixture
def realm(mock):
    made = requests.post(f"{mock}/_mock/realms", json={})
    made.raise_for_status()
    yield Realm(made.json()["base_url"])
    requests.delete(f"{mock}/_mock/realms/{made.json()['name']}").raise_for_status()


@pytest.fixture
def party(realm, client):
    """Your application, pointed at the mock."""
    return RelyingParty(realm.issuer, **client)
