"""The embedded servers keep what they promise: ready when started, nothing lost, nothing left behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import psycopg
import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from tests.support.compose import inline_file
from tests.support.embedded import scratch_dir
from tests.support.waiting import until
from worker.embedded.child import EmbeddedServerError, free_port
from worker.embedded.maildir import read_mails
from worker.embedded.postgres import EmbeddedPostgres, postgres_binary
from worker.embedded.smtp_sink import EmbeddedSmtpSink
from worker.embedded.temporal import SEARCH_ATTRIBUTES, EmbeddedTemporal, temporal_binary


@pytest.fixture
def place() -> Iterator[Path]:
    with scratch_dir() as path:
        yield path


def connect(server: EmbeddedPostgres, database: str = "termijn") -> psycopg.Connection:
    return psycopg.connect(server.url_of(database).replace("+psycopg", ""), autocommit=True)


def a_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Bakkerij Jansen <facturen@jansen.example>"
    mail["To"] = "administratie@devries.example"
    mail["Subject"] = "Herinnering: factuur 2026-0042 <spoed>"
    mail.set_content("Beste mevrouw De Vries,\n\nEr staat nog € 120,00 open.\n")
    mail.add_alternative("<p>Er staat nog <b>€ 120,00</b> open.</p><script>alert(1)</script>", subtype="html")
    mail.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="dossier €.zip")
    return mail


async def send(sink: EmbeddedSmtpSink, mail: EmailMessage) -> None:
    await aiosmtplib.send(
        mail, hostname="127.0.0.1", port=sink.port, start_tls=False, sender="notice+7@jansen.example"
    )


def test_postgres_keeps_what_was_committed_over_a_kill_and_a_restart(place: Path) -> None:
    with EmbeddedPostgres(place / "postgres") as server:
        url = server.url
        with connect(server) as connection:
            connection.execute("CREATE TABLE kept (number int)")
            connection.execute("INSERT INTO kept VALUES (42)")
        server.kill()
        server.start()
        server.restart()
        assert server.url == url
        with connect(server) as connection:
            assert connection.execute("SELECT number FROM kept").fetchall() == [(42,)]
            assert connection.execute("SHOW timezone").fetchone() == ("UTC",)


def test_postgres_works_under_a_path_too_long_for_a_socket(place: Path) -> None:
    with (
        EmbeddedPostgres(place / ("long" * 30) / "postgres", durable=False) as server,
        connect(server) as connection,
    ):
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_two_servers_never_share_a_directory(place: Path) -> None:
    postgres = EmbeddedPostgres(place / "postgres", durable=False)
    postgres.patience = 0.2
    with (
        EmbeddedPostgres(place / "postgres", durable=False),
        pytest.raises(EmbeddedServerError, match="in use by another PostgreSQL"),
    ):
        postgres.start()
    temporal = EmbeddedTemporal(place / "temporal", log_file=place / "second.log")
    temporal.patience = 0.2
    with (
        EmbeddedTemporal(place / "temporal", log_file=place / "temporal.log"),
        pytest.raises(EmbeddedServerError, match="in use by another Temporal"),
    ):
        temporal.start()


def test_a_database_is_never_made_over_files_of_somebody_else(place: Path) -> None:
    (place / "postgres").mkdir()
    (place / "postgres" / "letter.txt").write_text("mine")
    with pytest.raises(EmbeddedServerError, match="cannot create a database"):
        EmbeddedPostgres(place / "postgres").start()
    assert (place / "postgres" / "letter.txt").read_text() == "mine"
    assert [path.name for path in place.iterdir()] == ["postgres"]


async def test_temporal_keeps_workflows_over_a_kill_and_a_restart(place: Path) -> None:
    with EmbeddedTemporal(place / "temporal", log_file=place / "temporal.log") as server:
        client = await Client.connect(server.address)
        await client.start_workflow("Sleeper", id="sleeper", task_queue="nobody")
        server.kill()
        server.start()
        server.restart()
        again = await Client.connect(server.address)
        assert (
            await again.get_workflow_handle("sleeper").describe()
        ).status is WorkflowExecutionStatus.RUNNING


async def test_temporal_searches_by_our_attributes_and_shows_its_pages(place: Path) -> None:
    with EmbeddedTemporal(log_file=place / "temporal.log", ui_port=free_port()) as server:
        client = await Client.connect(server.address)
        assert [
            run async for run in client.list_workflows("Stage = 'chasing' AND NextActionAt IS NULL")
        ] == []
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(server.ui_url, follow_redirects=True)).status_code == 200


def test_a_taken_port_is_named(place: Path) -> None:
    with EmbeddedSmtpSink(place / "mail") as sink:
        with pytest.raises(EmbeddedServerError, match=f"port {sink.port} is taken"):
            EmbeddedSmtpSink(place / "other", port=sink.port).start()
        with pytest.raises(EmbeddedServerError, match=f"port {sink.port} is taken"):
            EmbeddedTemporal(log_file=place / "temporal.log", port=sink.port).start()


async def test_the_sink_keeps_mails_as_they_arrived_and_shows_them(place: Path) -> None:
    with EmbeddedSmtpSink(place / "mail", page_port=free_port()) as sink:
        await send(sink, a_mail())
        (mail,) = read_mails(sink.maildir)
        assert mail.envelope_from == "notice+7@jansen.example"
        assert mail.envelope_to == ("administratie@devries.example",)
        assert mail.message["Subject"] == a_mail()["Subject"]
        async with httpx.AsyncClient(base_url=sink.page_url) as browser:
            overview = (await browser.get("/")).text
            assert "factuur 2026-0042 &lt;spoed&gt;" in overview
            shown = await browser.get(f"/mails/{mail.key}")
            assert "Er staat nog € 120,00 open." in shown.text
            assert "<script>" not in shown.text
            assert 'sandbox title="The mail as HTML"' in shown.text
            attachment = await browser.get(f"/mails/{mail.key}/attachments/0")
            assert attachment.content == b"PK\x03\x04"
            assert "dossier%20%E2%82%AC.zip" in attachment.headers["Content-Disposition"]
            assert (await browser.get(f"/mails/{mail.key}/source")).content == mail.raw
            for missing in (
                "/mails/..%2f..%2fetc%2fpasswd",
                "/mails/none",
                f"/mails/{mail.key}/attachments/1",
            ):
                assert (await browser.get(missing)).status_code == 404


async def test_the_sink_fails_as_often_as_asked(place: Path) -> None:
    with EmbeddedSmtpSink(place / "failing", fail_share=1.0) as sink:
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await send(sink, a_mail())
        assert refused.value.code == 451
        assert read_mails(sink.maildir) == []
    with EmbeddedSmtpSink(place / "dropping", drop_share=1.0, seed=1) as sink:
        for _ in range(20):
            with pytest.raises(aiosmtplib.SMTPServerDisconnected):
                await send(sink, a_mail())
        assert 0 < len(read_mails(sink.maildir)) < 20  # cut off before storing, and after


async def test_no_server_outlives_a_killed_parent(place: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PARENT.format(place=str(place)), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout
    children = [int(pid) for pid in (await parent.stdout.readline()).split()]
    assert len(children) == 3
    assert all(map(_runs, children))
    parent.kill()
    await parent.wait()
    await until(lambda: not any(map(_runs, children)), what="end of the servers of a killed parent")
    with EmbeddedPostgres(place / "postgres") as server, connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_compose_namespace_job_can_run_again(place: Path) -> None:
    with EmbeddedTemporal(log_file=place / "temporal.log", search_attributes={}) as server:
        temporal = [temporal_binary(), "--address", server.address, "--namespace", "termijn"]
        tools = os.pathsep.join([str(Path(temporal_binary()).parent), os.defpath])
        settings = {"PATH": tools, "TEMPORAL_ADDRESS": server.address, "TEMPORAL_NAMESPACE": "termijn"}
        for _ in range(2):
            subprocess.run(
                ["/bin/sh", "-c", inline_file("temporal-namespace")], env=settings, check=True, timeout=60
            )
        listed = subprocess.run(
            [*temporal, "operator", "search-attribute", "list"], capture_output=True, text=True, check=True
        )
        assert all(name in listed.stdout for name in SEARCH_ATTRIBUTES)


def test_the_compose_database_script_keeps_the_parts_apart(place: Path) -> None:
    with EmbeddedPostgres(place / "postgres", durable=False) as server:
        with connect(server, "postgres") as connection:
            connection.execute("DROP DATABASE termijn")
        settings = {
            "PATH": os.pathsep.join([str(Path(postgres_binary("psql")).parent), os.defpath]),
            "PGHOST": str(place / "postgres"),
            "TERMIJN_DB_PASSWORD": "it's",
            "TEMPORAL_DB_PASSWORD": "two",
        }
        subprocess.run(
            ["/bin/sh", "-c", inline_file("create-databases")], env=settings, check=True, timeout=60
        )
        as_termijn = server.url_of("termijn").replace("+psycopg", "").replace("postgres@", "termijn@")
        with psycopg.connect(as_termijn) as connection:
            connection.execute("CREATE TABLE mine (number int)")
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(as_termijn.replace("/termijn?", "/temporal?"))


_PARENT = """
import signal
from pathlib import Path
from worker.embedded.postgres import EmbeddedPostgres
from worker.embedded.smtp_sink import EmbeddedSmtpSink
from worker.embedded.temporal import EmbeddedTemporal
place = Path({place!r})
servers = [
    EmbeddedPostgres(place / "postgres"),
    EmbeddedTemporal(place / "temporal", log_file=place / "temporal.log"),
    EmbeddedSmtpSink(place / "mail"),
]
for server in servers:
    server.start()
print(*(server.pid for server in servers), flush=True)
signal.pause()
"""


def _runs(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
