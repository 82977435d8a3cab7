"""Settings, read once from the environment; a bad value stops the start."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    journal_file: Path = Path("journal.jsonl")
    delay_median_ms: float = Field(default=30.0, ge=0)
    delay_sigma: float = Field(default=0.4, ge=0)
    slow_seconds: float = Field(default=1.0, ge=0)
    hold_seconds: float = Field(default=30.0, ge=0)
    seed: int = 1
    revision: str = "unknown"
