"""`termijn reconcile`: bring Temporal in line with PostgreSQL by hand."""

from __future__ import annotations

from datetime import timedelta

from activities import reconcile as activity
from cli.output import Advance, progress, show_json
from cli.session import configuration, open_engine, reach_temporal, run
from domain.contract import Reconcile, Reconciled
from worker.temporal_config import Configuration


def reconcile(*, everything: bool, as_json: bool = False) -> None:
    config = configuration("database_url", "temporal_address")
    with progress("cases", None, quiet=as_json) as advance:
        done = run(_reconcile(config, Reconcile(everything), advance))
    if as_json:
        show_json(done)
        return
    print(f"cases started: {done.started}, plans: {done.plans_started}, messages delivered: {done.delivered}")
    if done.examples:
        print(f"for example: {', '.join(done.examples)}")


async def _reconcile(config: Configuration, request: Reconcile, advance: Advance) -> Reconciled:
    async with open_engine(config.settings) as engine:
        client = await reach_temporal(config)
        # Who asks by hand need not wait for what others may be delivering: twice does no harm.
        return await activity.reconcile(
            engine,
            client,
            config.settings.task_queue,
            request,
            advance,
            patience=timedelta(0),
            again=timedelta(0),
        )
