"""The one step before `docker compose up`: secrets and settings of this machine."""

import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from twinbench.paths import CHECKOUT
from twinbench.topology import SecretKind, load


def prepare(folder: Path) -> None:
    command = ["sh", str(CHECKOUT / "deploy" / "prepare.sh"), str(folder / "settings")]
    environment = {**os.environ, "TWINBENCH_STATE": str(folder)}
    subprocess.run(command, env=environment, check=True)


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    prepare(tmp_path)
    return tmp_path


def test_every_secret_is_made_and_only_its_owner_reads_it(prepared: Path) -> None:
    files = {file.name: file for file in (prepared / "secrets").iterdir()}
    assert files.keys() == load(variables={}).secrets.keys()
    for file in files.values():
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.stat().st_uid != 0
    assert (prepared / "secrets").stat().st_mode & 0o777 == 0o700


def test_secrets_are_of_the_kind_that_is_declared(prepared: Path) -> None:
    contents = set()
    for name, kind in load(variables={}).secrets.items():
        content = (prepared / "secrets" / name).read_text()
        contents.add(content)
        match kind:
            case SecretKind.PASSWORD:
                assert len(bytes.fromhex(content)) == 24
            case SecretKind.TOKEN:
                assert len(content) == 64
                assert content.replace("-", "").replace("_", "").isalnum()
            case SecretKind.ED25519:
                key = load_pem_private_key(content.encode(), password=None)
                assert isinstance(key, Ed25519PrivateKey)
    assert len(contents) == len(load(variables={}).secrets)


def test_what_is_there_stays(prepared: Path) -> None:
    secret, settings = prepared / "secrets" / "service-token", prepared / "settings"
    secret.write_text("mine")
    settings.write_text(f"COMPONENT_CPUS=1\n{settings.read_text()}")
    before = settings.read_text()
    prepare(prepared)
    assert secret.read_text() == "mine"
    assert settings.read_text() == before


def test_the_settings_name_the_secrets_owner(prepared: Path) -> None:
    settings = dict(line.split("=") for line in (prepared / "settings").read_text().splitlines())
    owner = (prepared / "secrets" / "service-token").stat()
    assert settings["TWINBENCH_UID"] == str(owner.st_uid)
    assert settings["TWINBENCH_GID"] == str(owner.st_gid)
    assert settings["COMPONENT_CPUS"] == str(len(os.sched_getaffinity(0)))
