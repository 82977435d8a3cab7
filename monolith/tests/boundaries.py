"""The contract type that pyproject.toml names for the boundaries between capabilities."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PublicDoorContract(Contract):
    """A subpackage imports another one's door, or what is shared, and nothing else of it.

    Unlike a list of protected modules it holds for modules that are added later, and it
    offers no way to except an import.
    """

    package = fields.StringField()
    shared = fields.StringField()
    door = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        trespasses = [
            f"{importer} -> {imported}"
            for room in sorted(graph.find_children(self._text("package")))
            for importer in sorted(graph.find_descendants(room) | {room})
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if self._trespasses(room, imported)
        ]
        return ContractCheck(kept=not trespasses, metadata={"trespasses": trespasses})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for trespass in check.metadata["trespasses"]:
            output.print_error(trespass)

    def _trespasses(self, room: str, imported: str) -> bool:
        package = self._text("package")
        if not imported.startswith(f"{package}."):
            return False
        other = ".".join(imported.split(".")[: package.count(".") + 2])
        return other not in {room, self._text("shared")} and imported != f"{other}.{self.door}"

    def _text(self, name: str) -> str:
        return str(getattr(self, name))
