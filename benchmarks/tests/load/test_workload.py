from pathlib import Path

import pytest

from twinbench.load.workload import WorkloadError, default_workload, read_workload


def write(folder: Path, text: str) -> Path:
    path = folder / "workload.toml"
    path.write_text(text)
    return path


def test_the_default_holds_all_four_journeys() -> None:
    assert set(default_workload().mix) == {"browse", "buy", "account", "operate"}


def test_what_a_file_leaves_out_is_as_in_the_default_and_its_mix_is_whole(tmp_path: Path) -> None:
    workload = read_workload(write(tmp_path, "zipf = 0\n[mix]\nbuy = 3\nbrowse = 0\n"))
    assert (workload.mix, workload.zipf) == ({"buy": 3.0}, 0.0)
    assert workload.customers == default_workload().customers


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("zipf = ", "Invalid value"),
        ("zipff = 1", "unknown zipff"),
        ("think_s = -1", "think_s is -1, not a number of at least 0"),
        ("zipf = nan", "zipf is nan"),
        ("customers = 0", "customers is 0, not a number of at least 1"),
        ("zipf = true", "zipf is True"),
        ("mix = 3", "mix is not a table"),
        ("[mix]\nsell = 3", "no journey 'sell' in the mix, only browse, buy, account, operate"),
        ("[mix]\nbuy = 'much'", "buy is 'much'"),
        ("[mix]\nbuy = 0", "the mix has no weight above 0"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(WorkloadError) as told:
        read_workload(path)
    assert str(told.value).startswith(f"{path}: {complaint}")
    assert "\n" not in str(told.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkloadError, match="No such file"):
        read_workload(tmp_path / "none.toml")
