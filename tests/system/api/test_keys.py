"""Who may ask what."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from api.keys import create_key
from api.tools import ApiTools
from domain.errors import DomainError
from store.api_keys import revoke_api_key
from store.tables import api_keys
from tests.support.calling import Service, invoice_body, problem, talking_to


async def ask(service: Service, key: str) -> httpx.Response:
    return await service.http.get("/v1/policies", headers={"Authorization": key})


async def test_without_a_known_key_nothing_is_told(service: Service) -> None:
    good = service.http.headers["authorization"]
    assert (await ask(service, good)).status_code == 200
    assert (await ask(service, good.replace("Bearer", "bearer"))).status_code == 200
    problem(await ask(service, ""), 401, "key_missing")
    problem(await ask(service, good.replace("Bearer", "Basic")), 401, "key_missing")
    changed = good[:-1] + ("A" if good[-1] != "A" else "B")
    refused = await ask(service, changed)
    problem(refused, 401, "key_invalid")
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    problem(await ask(service, f"Bearer trm_{'a' * 8}_{'b' * 43}"), 401, "key_invalid")
    problem(await ask(service, "Bearer nonsense"), 401, "key_invalid")
    problem(await service.http.get("/v1/nowhere", headers={"Authorization": ""}), 401, "key_missing")


async def test_a_revoked_or_expired_key_is_none(service: Service, database: AsyncEngine) -> None:
    revoked = await create_key(database, "gone", ["read"])
    expired = await create_key(database, "old", ["read"], expires_in_days=1)
    async with database.begin() as tx:
        assert await revoke_api_key(tx, revoked.split("_")[1], datetime.now(UTC))
        past = datetime(2026, 1, 1, tzinfo=UTC)
        await tx.execute(
            update(api_keys).where(api_keys.c.prefix == expired.split("_")[1]).values(expires_at=past)
        )
    problem(await ask(service, f"Bearer {revoked}"), 401, "key_invalid")
    problem(await ask(service, f"Bearer {expired}"), 401, "key_invalid")


async def test_reading_does_not_allow_writing_and_admin_allows_both(
    service: Service, database: AsyncEngine
) -> None:
    async with talking_to(service.tools, await create_key(database, "looker", ["read"])) as http:
        assert (await http.get("/v1/invoices")).status_code == 200
        refused = await http.post("/v1/invoices", json=invoice_body())
        problem(refused, 403, "scope_missing")
        assert 'scope="write"' in refused.headers["www-authenticate"]
    async with talking_to(service.tools, await create_key(database, "boss", ["admin"])) as http:
        assert (await http.get("/v1/invoices")).json()["items"] == []
        assert (await http.post("/v1/invoices", json=invoice_body())).status_code == 201


async def test_only_a_hash_is_kept_and_use_is_noted(database: AsyncEngine) -> None:
    key = await create_key(database, "the bank", ["read"])
    async with database.connect() as connection:
        before = (await connection.execute(select(api_keys))).mappings().one()
    assert key.split("_", 2)[2] not in str(dict(before))
    assert before["last_used_at"] is None
    tools = ApiTools(database, None, "none")  # type: ignore[arg-type]
    async with talking_to(tools, key) as http:
        assert (await http.get("/v1/policies")).status_code == 200
    async with database.connect() as connection:
        assert (await connection.execute(select(api_keys.c.last_used_at))).scalar_one()


@pytest.mark.parametrize("scopes", [[], ["root"]])
async def test_a_key_needs_scopes_that_exist(database: AsyncEngine, scopes: list[str]) -> None:
    with pytest.raises(DomainError, match="scopes are"):
        await create_key(database, "x", scopes)


async def test_every_answer_has_an_id_and_says_how_it_may_be_used(service: Service) -> None:
    answer = await service.http.get("/v1/policies", headers={"X-Request-Id": "abc-1"})
    assert answer.headers["x-request-id"] == "abc-1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    refused = await service.http.get("/v1/policies/none", headers={"X-Request-Id": "a b"})
    assert problem(refused, 404, "unknown_policy")["request_id"] == refused.headers["x-request-id"] != "a b"
