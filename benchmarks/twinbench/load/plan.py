"""What one generator process is told to do, and what it reports back."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import orjson


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


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """One trial's load. Durations in seconds, `rate` in journeys per second.

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

    @property
    def segments(self) -> tuple[float, float, float]:
        return (self.warmup_s, self.measure_s, self.tail_s)

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
        return cls(**data, shop=Shop(**shop))


@dataclass(frozen=True, slots=True)
class GeneratorReport:
    """The measured window in sum, and how the generator itself fared in it.

    `arrivals` journeys were due in it and `achieved_rate` of them per second were begun. They made
    `requests`, of which `failed` did. `transactions` is the work done inside the window, whenever
    begun: each journey counts by the share of its requests that ended there.

    `lag_p99_ms` is how late requests left; `cpu` is the share of one core it used, `wait` the share
    of time it was runnable but not running; `in_flight_mean` is sampled, not computed from rows.
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
