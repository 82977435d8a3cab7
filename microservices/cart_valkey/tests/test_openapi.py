from pathlib import Path

from kit.openapi import rendered


def test_the_committed_document_is_current() -> None:
    committed = Path(__file__).parents[1] / "openapi.json"
    assert committed.read_bytes() == rendered("cart"), "run: python -m kit.openapi cart"
