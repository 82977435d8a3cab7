"""Figures of coupling against small packages that were worked out by hand."""

import pytest

from twinbench.analysis.coupling import (
    Coupling,
    Edge,
    breaches,
    counts,
    couplings,
    cycles,
    waiting,
)

# A shop of four: the till asks shelf and bank, the shelf asks the bank twice, mail hears the till.
SHOP = (
    Edge("till", "shelf", "import", "till.a -> shelf.b"),
    Edge("till", "bank", "call", "bank POST /x"),
    Edge("shelf", "bank", "call", "bank POST /x"),
    Edge("shelf", "bank", "foreign key", "shelf_x: bank_y"),
    Edge("mail", "till", "event", "till.sold"),
)


def test_a_shop_by_hand() -> None:
    assert couplings(("bank", "mail", "shelf", "till"), SHOP) == (
        Coupling("bank", afferent=2, efferent=0, edges=3, instability=0.0),
        Coupling("mail", afferent=0, efferent=1, edges=1, instability=1.0),
        Coupling("shelf", afferent=1, efferent=1, edges=3, instability=0.5),
        Coupling("till", afferent=1, efferent=2, edges=3, instability=2 / 3),
    )


def test_martins_own_example() -> None:
    """The figure of the paper: four classes outside depend on what is in the middle, which depends
    on three; I = 3 / (4 + 3)."""
    outside = [Edge(part, "middle", "import") for part in "qrst"]
    needed = [Edge("middle", part, "import") for part in "uvw"]
    [middle] = couplings(("middle", *"qrstuvw"), outside + needed)[:1]
    assert (middle.afferent, middle.efferent) == (4, 3)
    assert middle.instability == pytest.approx(3 / 7)


def test_what_is_no_part_and_a_part_itself_do_not_count() -> None:
    edges = [Edge("a", "a", "import"), Edge("a", "elsewhere", "call")]
    assert couplings(("a",), edges) == (Coupling("a", 0, 0, 0, None),)


def test_one_more_edge_moves_the_figure_and_a_second_of_the_same_pair_does_not() -> None:
    def bank(*more: Edge) -> Coupling:
        return couplings(("bank", "mail", "shelf", "till"), [*SHOP, *more])[0]

    assert bank(Edge("bank", "mail", "query")).efferent == 1
    again = bank(Edge("till", "bank", "query"))
    assert (again.afferent, again.edges) == (2, 4)


@pytest.mark.parametrize(
    ("pairs", "groups"),
    [
        ("ab bc", ()),
        ("aa ab", ()),
        ("ab ba", (("a", "b"),)),
        ("ab bc ca cd", (("a", "b", "c"),)),
        ("ab ba cd dc bc", (("a", "b"), ("c", "d"))),
        ("ab bc cb ba", (("a", "b", "c"),)),
    ],
)
def test_cycles_are_groups_that_reach_each_other(
    pairs: str, groups: tuple[tuple[str, ...], ...]
) -> None:
    assert cycles(Edge(pair[0], pair[1], "import") for pair in pairs.split()) == groups


def test_a_cycle_through_events_is_told_apart() -> None:
    closed = [*SHOP, Edge("till", "mail", "import")]
    assert cycles(closed) == (("mail", "till"),)
    assert cycles(waiting(closed)) == ()


def test_edges_by_kind_and_those_that_nobody_declared() -> None:
    assert list(counts(SHOP).items()) == [
        ("call", 2),
        ("event", 1),
        ("foreign key", 1),
        ("import", 1),
    ]
    odd = Edge("bank", "mail", "query", declared=False)
    assert breaches([*SHOP, odd]) == (odd,)
