"""What is there after a restart."""

from .holdings import Holdings


def test_everything_survives_a_restart_and_a_crash(up, tmp_path):
    welkin = up("--data", tmp_path)
    kept = Holdings(welkin)
    assert welkin.stop() == 0
    welkin = up("--data", tmp_path)
    kept.are_in(welkin)
    welkin.kill()
    kept.are_in(up("--data", tmp_path))


def test_the_clock_survives(up, tmp_path):
    welkin = up("--data", tmp_path)
    welkin.advance("10d")
    ahead = welkin.admin("GET", "clock")["ahead_seconds"]
    welkin.kill()
    assert up("--data", tmp_path).admin("GET", "clock")["ahead_seconds"] == ahead == 864_000


def test_a_job_survives(up, tmp_path):
    welkin = up("--data", tmp_path)
    kms = welkin.root("111111111111", "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    welkin.kill()
    welkin = up("--data", tmp_path)
    assert len(welkin.admin("GET", "jobs")) == 1
    welkin.advance("8d")
    assert welkin.root("111111111111", "kms").list_keys()["Keys"] == []


def test_memory_keeps_nothing(up):
    kept = Holdings(up("--memory"))
    kept.are_not_in(up("--memory"))


def test_the_authority_of_the_certificates_stays(up, tmp_path):
    from .conftest import run

    up("--data", tmp_path).stop()
    first, second = run("ca", "--data", tmp_path).out, run("ca", "--data", tmp_path).out
    assert first == second and first.startswith("-----BEGIN CERTIFICATE-----")
