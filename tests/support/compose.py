"""docker-compose.yml as Docker Compose reads it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

PROJECT: Final = Path(__file__).parents[2]
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())


def interpolated(text: str) -> str:
    """With defaults filled in, required variables as `secret`, and `$$` as `$`."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        return found[3] if found[2] == ":-" else "secret"

    return re.sub(r"\$\$|\$\{(\w+)(:[-?])([^}]*)\}", value, text)


def inline_file(name: str) -> str:
    """The content of one of the `configs`, as it arrives in the container."""
    return interpolated(COMPOSE["configs"][name]["content"])
