from pathlib import Path

from runyard.adapters.supervised.program.reserve import Reserve

PIECE = 128 << 10


def size(folder: Path) -> int:
    """What it really takes of the disk."""
    return (folder / "reserve").stat().st_blocks * 512


def test_room_is_given_back_piece_by_piece_and_taken_again(tmp_path: Path) -> None:
    reserve = Reserve(str(tmp_path))
    assert size(tmp_path) == 8 * PIECE

    assert [reserve.spend() for _ in range(3)] == [True] * 3
    assert size(tmp_path) == 5 * PIECE
    assert [reserve.spend() for _ in range(6)] == [True] * 5 + [False]
    assert size(tmp_path) == 0

    reserve.keep()
    assert size(tmp_path) == 8 * PIECE


def test_another_supervisor_takes_over_what_the_last_one_kept(tmp_path: Path) -> None:
    Reserve(str(tmp_path)).spend()

    assert Reserve(str(tmp_path)).spend()
    assert size(tmp_path) == 7 * PIECE


def test_one_that_somebody_removed_is_none(tmp_path: Path) -> None:
    reserve = Reserve(str(tmp_path))
    (tmp_path / "reserve").unlink()

    assert [reserve.spend(), reserve.spend()] == [True, False]
    reserve.keep()
    assert size(tmp_path) == 8 * PIECE
