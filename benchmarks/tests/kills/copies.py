"""An arm that runs from a copy of the tree, so that its code can be changed under it."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.kills.mutants import Edit, Mutant
from twinbench.engines.process import ProcessEngine
from twinbench.load.shoppers import Shop, open_shop
from twinbench.load.traffic import Request, Traffic
from twinbench.paths import CHECKOUT

FOLDERS = ("monolith", "microservices", "contract", "acquirer", "deploy")
LEFT_OUT = shutil.ignore_patterns(".venv", "node_modules", "tests", ".*_cache", ".hypothesis")


@dataclass(frozen=True)
class Copied:
    """An arm that runs from a tree of its own."""

    arm: str
    tree: Path
    engine: ProcessEngine

    @property
    def broker(self) -> str:
        return f"{self.arm}-broker"

    def opened(self) -> Shop:
        """With the data as they were seeded, and known stock: one of the first product."""
        self.engine.reset(self.arm)
        shop = open_shop(Traffic(self.engine.gateway(self.arm)), products=3)
        last_one = Request("PUT", f"/inventory/{shop.products[0]}", {"on_hand": 1}, shop.staff)
        shop.traffic.insist(last_one, lambda answer: answer.status == 200)
        return shop

    @contextlib.contextmanager
    def changed(self, mutant: Mutant) -> Iterator[None]:
        originals = {edit.file: (self.tree / edit.file).read_text() for edit in mutant.edits}
        try:
            for edit in mutant.edits:
                self._apply(edit)
            self._restart(mutant)
            if mutant.schema is not None:
                place, statement = mutant.schema
                url = self.engine.database_url(place.component, database=place.database)
                with psycopg.connect(url) as connection:
                    connection.execute(statement)
            yield
        finally:
            for file, text in originals.items():
                (self.tree / file).write_text(text)
            self._restart(mutant)

    def _apply(self, edit: Edit) -> None:
        path = self.tree / edit.file
        text = path.read_text()
        assert text.count(edit.old) == 1, f"{edit.file} has changed: mend the mutant"
        path.write_text(text.replace(edit.old, edit.new))

    def _restart(self, mutant: Mutant) -> None:
        for component in mutant.components:
            self.engine.replace(component)


def copied_tree(folder: Path) -> Path:
    """With the environments of the original."""
    for name in FOLDERS:
        shutil.copytree(CHECKOUT / name, folder / name, ignore=LEFT_OUT)
    for environment in (*CHECKOUT.glob("*/.venv"), *CHECKOUT.glob("microservices/*/.venv")):
        copy = folder / environment.relative_to(CHECKOUT)
        if copy.parent.is_dir():
            copy.symlink_to(environment)
    shutil.copy(CHECKOUT / "docker-compose.yml", folder)
    return folder
