"""`run consistency` from end to end, on a real arm."""

from pathlib import Path

from tests.experiments.test_latency import LENIENT, Notes
from tests.kills.copies import Copied
from twinbench.analysis.consistency import consistency
from twinbench.experiments.consistency import run_consistency
from twinbench.experiments.profiles import CONSISTENCY_PROFILES
from twinbench.experiments.settings import ConsistencySettings
from twinbench.results.store import Run

ASYNCHRONOUS = ("order: told", "order: bestsellers", "order: recommendations")


def test_a_sound_arm_is_consistent_in_the_end(copied: Copied, tmp_path: Path) -> None:
    smoke = CONSISTENCY_PROFILES["smoke"]
    settings = ConsistencySettings(smoke, (copied.arm,), seed=1, out=tmp_path, gates=LENIENT)
    notes = Notes()
    run = Run.open(run_consistency(copied.engine, settings, notes))
    found = consistency(run)
    assert found.sound
    windows = {(one.effect, one.part): one for one in found.windows}
    for effect in ASYNCHRONOUS:
        assert windows[effect, "idle"].unseen == 0
        assert windows[effect, "idle"].p50 < 5000
    assert any(one.part == "load" for one in found.windows)
    assert [one for one in found.effects if one.lost or one.doubled] == []
    assert all(one.due for one in found.effects if one.effect == "orders acknowledged")
    assert [row.findings for row in notes.audits] == [(), (), (), ()]
    assert {one.read for one in found.reads} >= {"catalog", "catalog and inventory"}
