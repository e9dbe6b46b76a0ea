"""What `make audit` says of pip-audit's answer, and `make wheel` of an environment; the tools need a network."""

import datetime

from bench_script import bench_script

audit = bench_script("audit")
TODAY = datetime.date(2026, 11, 28)
SOUND = {"name": "click", "version": "8.5", "vulns": []}
FAULTY = {"name": "pillow", "version": "9.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["10.3"]}]}


def test_every_accepted_fault_has_a_reason_and_an_end():
    assert all(each.reason.strip() and isinstance(each.until, datetime.date) for each in audit.ACCEPTED)


def test_a_fault_fails_unless_it_is_accepted_for_a_time():
    report = {"dependencies": [SOUND, FAULTY]}
    accepted = audit.Accepted("PYSEC-1", "tlkit opens no such file", TODAY)
    assert audit.verdict({"dependencies": [SOUND]}, (), TODAY) == []
    assert audit.verdict(report, (), TODAY) == ["pillow 9.0: PYSEC-1, mended in 10.3"]
    assert audit.verdict(report, (accepted,), TODAY) == []
    assert audit.verdict(report, (accepted,), TODAY + datetime.timedelta(1)) == ["PYSEC-1: accepted until 2026-11-28"]
    assert audit.verdict({"dependencies": [SOUND]}, (accepted,), TODAY) == ["PYSEC-1: accepted, but no longer there"]


def test_a_package_of_which_nobody_can_tell_fails():
    skipped = {"name": "keras", "skip_reason": "not found"}
    assert audit.verdict({"dependencies": [SOUND, skipped]}, (), TODAY)[0].endswith("about 1 of 2 packages")
    assert audit.verdict({}, (), TODAY) == ["audit: the list of known faults could not be asked about any package"]


def test_the_bill_has_what_the_wheel_brings_and_nothing_of_development():
    names = ("click", "pytest", "Pillow")
    parts = [{"name": each, "bom-ref": f"{each}==1"} for each in names]
    edges = [{"ref": "root", "dependsOn": [each["bom-ref"] for each in parts]}, {"ref": "pytest==1"}]
    whole = {"metadata": {"component": {"bom-ref": "root"}}, "components": parts, "dependencies": edges}
    bill = audit.needed(whole, ["click>=8", "pillow"])
    assert [each["name"] for each in bill["components"]] == ["click", "Pillow"]
    assert bill["dependencies"] == [{"ref": "root", "dependsOn": ["click==1", "Pillow==1"]}]
