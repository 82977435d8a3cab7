"""The problems of the contract, read from openapi.yaml."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from driver.http import Answer
from driver.openapi import document

PROBLEM: Final = "application/problem+json"
_RETRY_AFTER: Final = {
    "order-unsettled": "5",
    "idempotency-key-in-use": "1",
    "dependency-unavailable": "1",
}
_CHALLENGED: Final = {"unauthenticated", "invalid-credentials"}


@dataclass(frozen=True, slots=True)
class Problem:
    type: str
    title: str
    status: int
    detail: str

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Content-Type": PROBLEM}
        if self.type in _RETRY_AFTER:
            headers["Retry-After"] = _RETRY_AFTER[self.type]
        if self.type in _CHALLENGED:
            headers["WWW-Authenticate"] = "Bearer"
        return headers

    def body(self, **extra: Any) -> dict[str, Any]:
        return {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **extra,
        }


@cache
def problems() -> dict[str, Problem]:
    found: dict[str, Problem] = {}
    for name, schema in document()["components"]["schemas"].items():
        if name.endswith("Problem"):
            constants = {
                key: value["const"]
                for key, value in schema["properties"].items()
                if "const" in value
            }
            found[constants["type"]] = Problem(**constants)
    return found


def differences(answer: Answer, problem_type: str, **extra: Any) -> list[str]:
    """How an answer differs from the problem it must be, member for member."""
    problem = problems()[problem_type]
    found = []
    if answer.status != problem.status:
        found.append(f"status {answer.status}, not {problem.status}")
    for name, value in problem.headers.items():
        actual = answer.headers.get(name)
        if actual != value:
            found.append(f"{name}: {actual}, not {value}")
    if not found and answer.body != problem.body(**extra):
        found.append(f"not {problem.body(**extra)}")
    return [f"{answer}: {text}" for text in found]


def expect_problem(answer: Answer, problem_type: str, **extra: Any) -> None:
    found = differences(answer, problem_type, **extra)
    if found:
        raise AssertionError("; ".join(found))


def expect_invalid(answer: Answer, **errors: str) -> None:
    """validation-failed with just these errors; `__` in a name stands for a dot."""
    fields = {name.replace("__", "."): message for name, message in errors.items()}
    expect_errors(answer, sorted(fields.items()))


def expect_errors(answer: Answer, errors: list[tuple[str, str]]) -> None:
    listed = [{"field": field, "message": message} for field, message in errors]
    expect_problem(answer, "validation-failed", errors=listed)
