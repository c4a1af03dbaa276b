"""deploy/monitoring: promtool takes the rules and the example, and every figure that the rules and the dashboard name is one that the
programs give."""
import json
import pathlib
import re
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MONITORING = ROOT / "deploy/monitoring"
PROMTOOL = ROOT / ".cache/prometheus/usr/bin/promtool"
PARTS = ("_bucket", "_sum", "_count")


def given_metrics():
    """The names of all families in the sources, with their types."""
    types = {}
    for path in sorted(p for p in (ROOT / "src").rglob("*") if p.suffix in (".cpp", ".hpp")):
        text = path.read_text()
        for kind, name in re.findall(r"(gauge|counter)\(\s*\"(podplay_[a-z_]+)\"", text):
            types[name] = kind
        for name, rest in re.findall(r"\.name\s*=\s*\"(podplay_[a-z_]+)\"((?:(?!\.name)[^;])*);", text, re.S):
            found = re.search(r"MetricType::(\w+)", rest)
            types[name] = found.group(1) if found else "counter"
    return types


def names_in(expression):
    return set(re.findall(r"\bpodplay_[a-z_]+\b", expression))


def is_given(name, types):
    parts = [name.removesuffix(part) for part in PARTS if name.endswith(part)]
    return name in types or any(types.get(base) in ("histogram", "summary") for base in parts)


def rules():
    return [rule for group in yaml.safe_load((MONITORING / "podplay.rules.yml").read_text())["groups"] for rule in group["rules"]]


def panels():
    return [panel for panel in json.loads((MONITORING / "grafana-dashboard.json").read_text())["panels"] if panel["type"] != "row"]


def test_promtool_takes_the_rules_and_the_example(tmp_path):
    if not PROMTOOL.exists():
        pytest.skip("tools/setup test unpacks promtool")
    done = subprocess.run([PROMTOOL, "check", "rules", MONITORING / "podplay.rules.yml"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "SUCCESS" in done.stdout, done.stdout + done.stderr
    example = (MONITORING / "prometheus.example.yml").read_text()
    assert "credentials_file: /etc/prometheus/podplay.token" in example
    (tmp_path / "podplay.token").write_text("token")
    (tmp_path / "podplay.rules.yml").write_text((MONITORING / "podplay.rules.yml").read_text())
    (tmp_path / "prometheus.yml").write_text(example.replace("/etc/prometheus/", f"{tmp_path}/"))
    done = subprocess.run([PROMTOOL, "check", "config", tmp_path / "prometheus.yml"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_figure_of_the_rules_is_given():
    types = given_metrics()
    assert len(types) > 40, sorted(types)
    for rule in rules():
        names = names_in(rule["expr"])
        assert names or rule["alert"] == "PodplayUnreachable", rule["alert"]
        for name in names:
            assert is_given(name, types), f"{rule['alert']} asks for {name}"


def test_every_figure_of_the_dashboard_is_given():
    types = given_metrics()
    assert panels()
    for panel in panels():
        for target in panel["targets"]:
            names = names_in(target["expr"])
            assert names, panel["title"]
            for name in names:
                assert is_given(name, types), f"{panel['title']} asks for {name}"


def test_names_follow_the_conventions():
    for name, kind in given_metrics().items():
        assert name.endswith("_total") == (kind == "counter"), f"{name} is a {kind}"
        assert not re.search(r"_(ms|millis|millis?econds|percent|kb|mb|minutes|hours|days)(_|$)", name), f"{name} is not in base units"


def test_every_rule_says_what_to_do():
    for rule in rules():
        assert rule["labels"]["severity"] in ("warning", "error"), rule["alert"]
        assert rule["annotations"]["summary"] and rule["annotations"]["action"], rule["alert"]


def test_the_page_lists_every_figure():
    page = (ROOT / "docs/monitoring.md").read_text()
    for name in given_metrics():
        assert f"`{name}`" in page, f"docs/monitoring.md does not name {name}"
