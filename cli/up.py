"""`termijn up`: the service on one machine, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cli.furnish import first_key, furnish
from cli.house import Addresses, House
from worker.temporal_config import load_configuration


def up() -> None:
    config = load_configuration()

    def prepare(database_url: str) -> None:
        furnish(database_url, config.settings.policies_dir, Path("creditors.yaml"))

    with until_told_to_stop():
        print("starting ...", flush=True)
        with House(config, config.settings.var_dir, prepare) as house:
            print("\n".join(where(house.addresses)))
            if key := first_key(house.environment["DATABASE_URL"]):
                print(f"API key       {key}\n              shown this once; `termijn key create` makes more")
            print("Ctrl-C stops everything; what was stored is kept", flush=True)
            threading.Event().wait()


def where(addresses: Addresses) -> list[str]:
    """The addresses to look at, one a line."""
    told = [f"API docs      {addresses.api}/docs"]
    if addresses.temporal_ui:
        told.append(f"Temporal UI   {addresses.temporal_ui}")
    if addresses.mailbox:
        told.append(f"mailbox       {addresses.mailbox}  (nothing leaves this machine)")
    return told


@contextmanager
def until_told_to_stop() -> Iterator[None]:
    """Ctrl-C and SIGTERM both end the block in order, and are no error."""
    # Shells start what runs in the background with SIGINT ignored, so both are set.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with suppress(KeyboardInterrupt):
        yield
