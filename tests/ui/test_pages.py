"""The pages in Debian's Chromium, against a pod of their own: each journey from the first click to IMAP. The journeys are written for
Playwright (*.spec.ts); this file starts the pod, makes the browser trust its authority, and runs them. Pictures of the pages are left in
.cache/ui-pictures."""
import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PODS = ROOT / "tests/pod"
sys.path.insert(0, str(PODS))


def load(path):
    """A conftest.py of another folder, whose name pytest has given to our own."""
    found = importlib.util.spec_from_file_location("pods_for_ui", path)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


pods = load(PODS / "conftest.py")


def trust(home, certificate):
    """Chromium trusts what the user's own database of NSS does. Passkeys need it: no browser offers them where a certificate is not trusted."""
    database = home / ".pki/nssdb"
    database.mkdir(parents=True)
    name = f"sql:{database}"
    subprocess.run(["certutil", "-d", name, "-N", "--empty-password"], check=True)
    subprocess.run(["certutil", "-d", name, "-A", "-t", "C,,", "-n", "pod", "-i", str(certificate)], check=True)


@pytest.fixture(scope="module")
def pod():
    pods.remove_leftovers()
    # Every journey comes from one address here, within one hour.
    settings = {"PODPLAY_REGISTRATION": "open", "PODPLAY_REGISTRATION_TRIES": "100", "PODPLAY_RESET_TRIES": "100",
                "PODPLAY_LOGIN_ADDRESS_TRIES": "1000"}
    with pods.started_pod(f"{pods.PREFIX}{os.getpid()}-ui", settings) as one:
        # The mail of people elsewhere comes to a domain of the same pod.
        one.make_domain("elsewhere.test")
        yield one


def read_authority(pod):
    """The authority's certificate, as a person gets it."""
    done = subprocess.run(["curl", "-sk", "--resolve", f"control.example.test:{pod.ports['HTTPS']}:127.0.0.1",
                           f"https://control.example.test:{pod.ports['HTTPS']}/ca.pem"], capture_output=True, text=True, check=True)
    assert "BEGIN CERTIFICATE" in done.stdout
    return done.stdout


def test_journeys(pod, tmp_path):
    certificate = tmp_path / "ca.pem"
    certificate.write_text(read_authority(pod))
    home = tmp_path / "home"
    home.mkdir()
    trust(home, certificate)
    facts = {
        "url": f"https://control.example.test:{pod.ports['HTTPS']}",
        "ports": pod.ports,
        "certificate": str(certificate),
        "admin": {"email": "admin@example.test", "password": pod.admin_password, "token": pod.token},
    }
    (tmp_path / "pod.json").write_text(json.dumps(facts))
    environment = pod.environment | {"HOME": str(home), "UI_POD": str(tmp_path / "pod.json"), "NODE_EXTRA_CA_CERTS": str(certificate)}
    command = ["node", str(HERE / "node_modules/@playwright/test/cli.js"), "test", "--config", str(HERE / "playwright.config.ts")]
    if only := os.environ.get("UI_ONLY"):
        command += ["--grep", only]
    done = subprocess.run(command, cwd=HERE, env=environment, timeout=1500)
    if done.returncode != 0:
        for service in ("api", "apache", "mail"):
            words = pods.podman("logs", "--tail", "25", f"{pod.name}-{service}")
            print(f"--- the last lines of {service}", words.stdout + words.stderr, sep="\n")
    assert done.returncode == 0, "the journeys failed; what Playwright says is above"
