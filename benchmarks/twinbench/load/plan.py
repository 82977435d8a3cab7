"""What the generator is told to do, and what it reports back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import isclose
from pathlib import Path
from typing import Any, Self

import orjson

from twinbench.load.arrivals import Process, Segment, fixed


@dataclass(frozen=True, slots=True)
class Customer:
    """A seeded account that is already signed in."""

    email: str
    password: str
    token: str


@dataclass(frozen=True, slots=True)
class Shop:
    """What journeys need to know about the shop before the clock starts.

    `products` are ids from the most to the least popular.
    """

    base_url: str
    customers: tuple[Customer, ...]
    staff_token: str
    categories: tuple[str, ...]
    search_terms: tuple[str, ...]
    products: tuple[int, ...]

    def with_customers(self, customers: tuple[Customer, ...]) -> Self:
        return replace(self, customers=customers)


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """One trial's load. Durations in seconds, `rate` in journeys per second.

    `course` is how the rate goes through the measured window where it is not `rate` throughout; it
    must fill that window. Warm-up and tail are at `rate` in any case.

    Arrivals go on through `tail_s`, so that the last measured journeys still run under load, and
    what is unfinished `drain_s` after that is recorded as such.
    """

    trial: int
    rate: float
    warmup_s: float
    measure_s: float
    tail_s: float
    drain_s: float
    seed: int
    mix: dict[str, float]
    zipf: float
    think_s: float
    cores: tuple[int, ...]
    requests_path: str
    shop: Shop
    process: Process = "poisson"
    course: tuple[Segment, ...] = ()

    def __post_init__(self) -> None:
        seconds = sum(segment.seconds for segment in self.course)
        if self.course and not isclose(seconds, self.measure_s):
            raise ValueError(
                f"the course takes {seconds:g} s, the measured window {self.measure_s:g}"
            )

    @property
    def whole_course(self) -> tuple[Segment, ...]:
        """From the first moment of the warm-up to the end of the tail."""
        measured = self.course or fixed(self.rate, self.measure_s)
        return (*fixed(self.rate, self.warmup_s), *measured, *fixed(self.rate, self.tail_s))

    def write(self, path: Path) -> None:
        """The file holds access tokens: only its owner may read it."""
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(orjson.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Self:
        data = orjson.loads(path.read_bytes())
        shop = data.pop("shop")
        shop["customers"] = tuple(Customer(**customer) for customer in shop["customers"])
        for name in ("categories", "search_terms", "products"):
            shop[name] = tuple(shop[name])
        data["cores"] = tuple(data["cores"])
        data["course"] = tuple(Segment(**segment) for segment in data["course"])
        return cls(**data, shop=Shop(**shop))


@dataclass(frozen=True, slots=True)
class Told:
    """The Server-Timing header of one answer, which ended at `finished` (time.monotonic)."""

    journey_id: int
    step: int
    request: str
    finished: float
    header: str


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """How one generator process fared in the measured window.

    `cpu` is the share of one core it used, `wait` the share of time it was runnable but not
    running. `in_flight_mean` is sampled, not computed from rows. `shared_customers` is how often,
    in the whole trial, a journey had to act for a customer who was busy with another. `told` is
    what answers told of their own making, in a traced run.
    """

    cpu: float
    wait: float
    in_flight_mean: float
    shared_customers: int
    told: tuple[Told, ...] = ()

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Self:
        """From the plain values that the process has said."""
        return cls(**{**message, "told": tuple(Told(**one) for one in message["told"])})


@dataclass(frozen=True, slots=True)
class GeneratorReport:
    """The measured window in sum, and how the generator itself fared in it.

    `arrivals` journeys were due in it and `achieved_rate` of them per second were begun. They made
    `requests`, of which `failed` did. `transactions` is the work done inside the window, whenever
    begun: each journey counts by the share of its requests that ended there.

    `lag_p99_ms` is how late requests left, over the requests of all processes; `cpu` and `wait` are
    those of the process that fared worst, for one that is late spoils the trial. `in_flight_mean`
    and `shared_customers` are sums over `processes`.
    """

    arrivals: int
    achieved_rate: float
    requests: int
    failed: int
    transactions: float
    lag_p99_ms: float
    cpu: float
    wait: float
    in_flight_mean: float
    shared_customers: int
    processes: tuple[ProcessReport, ...] = ()
