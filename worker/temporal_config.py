"""How to reach Temporal: the SDK's own profiles and TEMPORAL_* variables, from the environment and `.env`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from temporalio.envconfig import ClientConfig, ClientConnectConfig

from worker.settings import ENV_FILE, Settings, SettingsError, load_settings


@dataclass(frozen=True, slots=True)
class Configuration:
    """All a process is told from outside. `temporal` is None when the embedded server is meant."""

    settings: Settings
    temporal: ClientConnectConfig | None


def load_configuration(*required: str, **overrides: Any) -> Configuration:
    """Settings and Temporal's own variables together; SettingsError with the problems of both at once.

    `required` are fields of Settings, or `temporal_address`, that must have a value for this process.
    """
    problems: list[str] = []
    settings, temporal = None, None
    try:
        settings = load_settings(**overrides)
        settings.require(*(name for name in required if name != "temporal_address"))
    except SettingsError as refused:
        problems += refused.problems
    try:
        temporal = temporal_connect_config()
        if temporal is None and "temporal_address" in required:
            problems.append("TEMPORAL_ADDRESS: is required here")
    except SettingsError as refused:
        problems += refused.problems
    if problems or settings is None:
        raise SettingsError(problems)
    return Configuration(settings, temporal)


def temporal_connect_config() -> ClientConnectConfig | None:
    """Arguments for `Client.connect`, or None when nothing names a server: then the embedded one is meant.

    Raises SettingsError where the SDK would quietly connect elsewhere: a configuration file that does not
    exist, or a namespace or key without an address.
    """
    values = {key: value for key, value in dotenv_values(ENV_FILE).items() if value} | dict(os.environ)
    temporal = {key: value for key, value in values.items() if key.startswith("TEMPORAL_") and value}
    named = temporal.get("TEMPORAL_CONFIG_FILE")
    if named and not Path(named).is_file():
        raise SettingsError(["TEMPORAL_CONFIG_FILE: no such file"])
    try:
        config = ClientConfig.load_client_connect_config(override_env_vars=values)
    except (OSError, RuntimeError, ValueError) as refused:
        raise SettingsError([f"TEMPORAL_*: {refused}"]) from refused
    if "target_host" in config:
        return config
    if orphans := sorted(key for key in temporal if key != "TEMPORAL_CONFIG_FILE"):
        raise SettingsError([f"TEMPORAL_ADDRESS: is required with {', '.join(orphans)}"])
    return None
