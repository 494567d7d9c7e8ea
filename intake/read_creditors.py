"""The creditors of an installation from YAML, as strictly as a policy."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException
from yaml.nodes import MappingNode, Node

from domain.countries import country_code
from domain.new_creditor import NewCreditor
from domain.new_invoice import LANGUAGES
from intake.marked_yaml import (
    Fields,
    InvalidFile,
    Problems,
    Refusal,
    compose,
    email_address,
    items,
    matching,
    one_of,
    text,
)

DEFAULT_POLICY: Final = "standard"


class InvalidCreditors(InvalidFile):
    code_of_file = "invalid_creditors"


def read_creditors(text: str, source: str) -> tuple[NewCreditor, ...]:
    """The list under `creditors`, references unique. Raises InvalidCreditors with every problem."""
    problems = Problems(source)
    root = compose(text, problems)
    creditors = _creditors(root, problems) if root is not None else ()
    if problems:
        raise InvalidCreditors(problems.sorted())
    return creditors


def _creditors(root: Node, problems: Problems) -> tuple[NewCreditor, ...]:
    fields = Fields(root, problems, "the file")
    nodes = fields.required("creditors", _entries, ())
    fields.close()
    read: dict[str, NewCreditor] = {}
    for node in nodes:
        creditor = _creditor(node, problems)
        if creditor.reference in read:
            problems.add(node, f"reference: two creditors are called '{creditor.reference}'")
        if creditor.reference:
            read[creditor.reference] = creditor
    return tuple(read.values())


def _entries(node: Node) -> tuple[Node, ...]:
    nodes = tuple(items(node))
    if not nodes:
        raise Refusal(node, "at least one creditor is needed")
    return nodes


def _creditor(node: Node, problems: Problems) -> NewCreditor:
    fields = Fields(node, problems, "a creditor")
    creditor = NewCreditor(
        reference=fields.required("reference", _reference, ""),
        name=fields.required("name", text, ""),
        company_number=fields.optional("company_number", text, ""),
        iban=fields.required("iban", _iban, ""),
        bic=fields.optional("bic", _bic, ""),
        email=fields.required("email", email_address, ""),
        reply_to=fields.optional("reply_to", email_address, ""),
        phone=fields.optional("phone", text, ""),
        address_line=fields.optional("address_line", text, ""),
        postal_code=fields.optional("postal_code", text, ""),
        city=fields.optional("city", text, ""),
        country=fields.required("country", _country, ""),
        language=fields.required("language", _language, ""),
        policy=fields.optional("policy", _reference, DEFAULT_POLICY),
        segment_policies=fields.optional("segments", partial(_segments, problems=problems), {}),
    )
    fields.close()
    return creditor


def _segments(node: Node, *, problems: Problems) -> Mapping[str, str]:
    """Segment -> policy."""
    if not isinstance(node, MappingNode) or not node.value:
        raise Refusal(node, "segments and their policies expected, such as {key-account: friendly}")
    fields = Fields(node, problems, "the segments")
    names = [text(key) for key, _ in node.value]
    read = {name: fields.optional(name, _reference, "") for name in names}
    fields.close()
    return read


def _iban(node: Node) -> str:
    try:
        return IBAN(text(node)).compact
    except SchwiftyException:
        raise Refusal(node, "is not a valid IBAN: a character is wrong or missing") from None


def _bic(node: Node) -> str:
    try:
        return BIC(text(node)).compact
    except SchwiftyException:
        raise Refusal(node, "is not a valid BIC") from None


def _country(node: Node) -> str:
    code = country_code(text(node))
    if code is None:
        raise Refusal(node, "is not a two-letter country code such as NL or BE")
    return code


_reference = matching(r"[a-z0-9][a-z0-9-]{0,62}", "a name of small letters, digits and hyphens")
_language = one_of({language: language for language in sorted(LANGUAGES)})
