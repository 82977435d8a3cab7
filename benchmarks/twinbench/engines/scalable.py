"""Of which components there may be several replicas."""

from twinbench.topology import Component, Kind


def why_single(component: Component) -> str | None:
    """Why there may be only one of it; `None` where there may be several."""
    if component.kind is Kind.GATEWAY:
        return "its arm has one published address, and one gateway listens there"
    if component.kind is not Kind.APP or component.listen is None:
        return "only components that serve requests can"
    return None
