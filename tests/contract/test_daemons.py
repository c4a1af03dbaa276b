"""What we render, judged by the real daemons' own checkers in their images: every golden case is accepted, and a release that is
broken by a template override is refused with the checker's words. Nothing is started, nothing is left."""
import json
import os
import pathlib
import re
import subprocess
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CASES = sorted(path.parent.relative_to(ROOT / "tests/golden") for path in (ROOT / "tests/golden").rglob("snapshot.json"))


def certificates_in(value):
    """(name, version) of every certificate that a snapshot names."""
    if isinstance(value, dict):
        if set(value) == {"name", "version"}:
            yield value["name"], value["version"]
        for member in value.values():
            yield from certificates_in(member)
    elif isinstance(value, list):
        for element in value:
            yield from certificates_in(element)


@pytest.fixture(scope="session")
def certificates():
    """Files of every certificate in the golden cases."""
    with tempfile.TemporaryDirectory(prefix="podplay-contract-") as folder:
        wanted = {pair for case in CASES for pair in certificates_in(json.loads((ROOT / "tests/golden" / case / "snapshot.json").read_text()))}
        assert wanted, "no golden case names a certificate"
        for name, version in wanted:
            place = pathlib.Path(folder) / name / "versions" / version
            place.mkdir(parents=True)
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                            "-keyout", place / "privkey.pem", "-out", place / "fullchain.pem"], check=True, capture_output=True)
        os.chmod(folder, 0o755)
        yield folder


def check(case, certificates, overrides=None, verb=("check",)):
    """podplay-agent in the service's image, as at a start: read-only, without a network."""
    service = case.parts[0]
    mounts = ["--volume", f"{ROOT}/tests/golden/{case}:/case:ro", "--volume", f"{certificates}:/data/certificates:ro"]
    if overrides:
        mounts += ["--volume", f"{overrides}:/data/overrides:ro"]
    command = [ROOT / "bin/podplay", "podman", "run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--tmpfs", "/run",
               "--tmpfs", "/data/service:mode=0755", "--tmpfs", "/data/user-data:mode=0755", *mounts, "--entrypoint", "/usr/bin/podplay-agent",
               f"localhost/podplay-{service}:latest", *verb, service, "--snapshot", "/case/snapshot.json"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_real_checker_accepts_the_golden_case(case, certificates):
    done = check(case, certificates)
    assert done.returncode == 0, done.stderr
    # The diff against nothing is every golden file, as it is in the repository: the image carries the same templates.
    added = {}
    for line in done.stdout.split("\n"):
        if found := re.match(r"\+\+\+ (?:b/)?(\S+)", line):
            lines = added.setdefault(found.group(1), [])
        elif line.startswith("+"):
            lines.append(line[1:])
    golden = ROOT / "tests/golden" / case
    for path in golden.rglob("*"):
        if path.is_file() and path.name != "snapshot.json":
            assert added[str(path.relative_to(golden))] == path.read_text().split("\n")[:-1], path


def test_render_is_a_diff_without_side_effects(certificates):
    case = pathlib.Path("bind/lab")
    done = check(case, certificates, verb=("render", "--dry-run"))
    assert done.returncode == 0 and "+  version none;" in done.stdout, done.stderr


BROKEN = [
    ("apache/lab", "etc/apache2/apache2.conf.tmpl", "\nNoSuchDirective on\n", 1, "Invalid command 'NoSuchDirective'"),
    ("bind/lab", "etc/bind/named.conf.tmpl", "\noptoins { };\n", 1, "unknown option 'optoins'"),
    ("mail/lab", "etc/postfix/main.cf.tmpl", "\nmesage_size_limit = 1\n", 1, "unused parameter: mesage_size_limit"),
    ("mail/lab", "etc/postfix/master.cf.tmpl", "\nnew inet n - n\n", 1, "fatal: "),
    ("mail/lab", "etc/dovecot/dovecot.conf.tmpl", "\nno_such_setting = yes\n", 1, "no_such_setting"),
    ("mail/lab", "etc/dovecot/dovecot.conf.tmpl", "\nhostname = {{hots_name}}\n", 3, "hots_name"),
    ("bind/lab", "etc/bind/namd.conf.tmpl", "", 3, "named.conf.tmpl"),
]


@pytest.mark.parametrize("case,template,more,code,words", BROKEN, ids=[f"{row[1].split('/')[-1]}-{row[4].split()[0]}" for row in BROKEN])
def test_a_broken_release_is_refused_in_the_daemons_own_words(case, template, more, code, words, certificates):
    case = pathlib.Path(case)
    with tempfile.TemporaryDirectory(prefix="podplay-contract-") as overrides:
        os.chmod(overrides, 0o755)
        place = pathlib.Path(overrides) / template
        place.parent.mkdir(parents=True)
        ours = ROOT / "services" / case.parts[0] / "rootfs" / template
        place.write_text((ours.read_text() if ours.exists() else "") + more)
        done = check(case, certificates, overrides)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stderr, done.stderr
