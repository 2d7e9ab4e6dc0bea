"""The file of keys: what is wrong with it is said at once, by the variable that names it."""

import base64
import stat
from pathlib import Path

import pytest

from runyard.adapters.cryptography.keys import KeyFile
from runyard.adapters.cryptography.sealer import EnvelopeSealer
from runyard.domain.secrets.sealing import KeysNotOurs, Place, SealingKeyUnavailable

VARIABLE = "RUNYARD_SECRET_KEY_FILE"
HERE = Place("secret", ("default", "name"))
ONE, TWO = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def a_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "keys"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_an_own_file_is_made_when_something_is_first_sealed_and_nobody_else_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    keys = KeyFile(path, ours=True)
    keys.check()
    assert not path.exists()

    sealed = EnvelopeSealer(keys).seal(b"value", HERE)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert EnvelopeSealer(KeyFile(path)).open(sealed, HERE) == b"value"
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret.key"]


def test_a_lost_own_file_is_named_with_the_key_that_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    sealer = EnvelopeSealer(KeyFile(path, ours=True))
    sealed = sealer.seal(b"value", HERE)
    path.unlink()

    with pytest.raises(SealingKeyUnavailable, match=f"{path} .{VARIABLE}. cannot be read: No such file"):
        sealer.open(sealed, HERE)
    sealer.seal(b"another", HERE)
    with pytest.raises(SealingKeyUnavailable, match=f"under the key {sealed.key}, which is not in {path} .{VARIABLE}."):
        sealer.open(sealed, HERE)


def test_several_keys_are_read_newest_first_in_either_alphabet_with_remarks(tmp_path: Path) -> None:
    urlsafe = base64.urlsafe_b64encode(b"\xff" * 32).decode()
    path = a_file(tmp_path, f"# newest\n{ONE}\n\n  {TWO} # of last year\r\n{urlsafe}\n")
    sealer = EnvelopeSealer(KeyFile(path))
    newest, *_ = sealer.keys()

    assert len(sealer.keys()) == 3
    assert sealer.seal(b"value", HERE).key == newest


def test_a_changed_file_counts_at_once(tmp_path: Path) -> None:
    path = a_file(tmp_path, f"{ONE}\n")
    sealer = EnvelopeSealer(KeyFile(path))
    old = sealer.seal(b"value", HERE)

    a_file(tmp_path, f"{TWO}\n{ONE}\n")

    assert sealer.keys()[1] == old.key
    assert sealer.open(sealer.reseal(old, HERE), HERE) == b"value"


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("", 0o600, "holds no key"),
        ("# nothing\n", 0o600, "holds no key"),
        (f"{ONE}\nnot base64!\n", 0o600, "line 2 of"),
        (f"{ONE[:20]}\n", 0o600, "line 1 of"),
        (f"{ONE}\n", 0o644, "others may read"),
        (f"{ONE}\n", 0o660, "others may read"),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_its_content_is_not_repeated(
    tmp_path: Path, text: str, mode: int, said: str
) -> None:
    keys = KeyFile(a_file(tmp_path, text, mode))

    with pytest.raises(SealingKeyUnavailable, match=said) as refused:
        keys.check()
    assert VARIABLE in str(refused.value)
    assert "not base64!" not in str(refused.value)
    assert ONE[:20] not in str(refused.value)


def test_a_file_that_is_not_there_or_not_named_is_refused_when_it_is_needed(tmp_path: Path) -> None:
    KeyFile(None).check()
    for keys in (KeyFile(None), KeyFile(tmp_path / "none")):
        with pytest.raises(SealingKeyUnavailable, match=f"{VARIABLE}.*openssl rand -base64 32"):
            EnvelopeSealer(keys).seal(b"value", HERE)
    with pytest.raises(SealingKeyUnavailable, match="No such file"):
        KeyFile(tmp_path / "none").check()


def test_given_keys_are_not_ours_to_make(tmp_path: Path) -> None:
    path = a_file(tmp_path, f"{ONE}\n")

    for keys in (KeyFile(path), KeyFile(None)):
        with pytest.raises(KeysNotOurs, match=VARIABLE):
            EnvelopeSealer(keys).renew()
    assert path.read_text() == f"{ONE}\n"


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(SealingKeyUnavailable, match=f"{VARIABLE}. cannot be written: No such file"):
        EnvelopeSealer(KeyFile(tmp_path / "none" / "secret.key", ours=True)).seal(b"value", HERE)


def test_keys_do_not_print(tmp_path: Path) -> None:
    keys = KeyFile(a_file(tmp_path, f"{ONE}\n"))
    keys.read()

    assert ONE not in f"{keys!r} {keys}"
