"""The letters: which exist, in which languages, and their compiled templates.

One file per language holds the prose of all letters; two layouts (text and HTML) hold what they share.
`[[ ]]` in a layout takes the prose in when a letter is first used; `{{ }}` is filled for each letter.
So the CSS is inlined once per letter and language, not once per mail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from css_inline import CSSInliner
from jinja2 import Environment, StrictUndefined, Template

from channels.wording import one_line
from domain.errors import DomainError
from domain.law.settings import LegalStep

LETTERS: Final = frozenset({"friendly", "firm", "formal", "upcoming", "instalment", "handover", *LegalStep})
"""The letters there are: the three tones of a reminder, three with a purpose, and one for each legal effect."""

_FOLDER: Final = Path(__file__).parent / "templates"
_EXPRESSION: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_STATEMENT: Final = re.compile(r"\{%.*?%\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words of one language. `plurals` holds (for one, for more)."""

    words: Mapping[str, str]
    plurals: Mapping[str, tuple[str, str]]
    letters: Mapping[str, Mapping[str, str]]

    def count(self, key: str, n: int) -> str:
        """`1 dag te laat`, `3 dagen te laat`."""
        one, more = self.plurals[key]
        return (one if n == 1 else more).format(n=n)


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """One letter in one language, ready to be filled."""

    subject: Template
    text: Template
    html: Template


def _environment(*, autoescape: bool) -> Environment:
    return Environment(
        undefined=StrictUndefined,
        autoescape=autoescape,  # noqa: S701 -- off for plain text only
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: one_line(value) if isinstance(value, str) else value,
    )


_TEXT: Final = _environment(autoescape=False)
_HTML: Final = _environment(autoescape=True)
_LAYOUT: Final = Environment(
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 -- what it makes is template source, from our own files
    trim_blocks=True,
    keep_trailing_newline=True,
    variable_start_string="[[",
    variable_end_string="]]",
    block_start_string="[%",
    block_end_string="%]",
    comment_start_string="[#",
    comment_end_string="#]",
)
_LAYOUT.filters["paragraphs"] = lambda prose: prose.split("\n\n")


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of one of `wording.LOCALES`."""
    source = (_FOLDER / f"{language}.yaml").read_text(encoding="utf-8")
    if language == "fr":
        # French sets a space before these marks, which must not begin a line by themselves.
        source = re.sub(" (?=[?!:;])", "\u00a0", source)
    loaded = yaml.safe_load(source)
    plurals = {key: (one, more) for key, (one, more) in loaded["plurals"].items()}
    letters = {
        name: {key: prose.strip("\n") for key, prose in letter.items()}
        for name, letter in loaded["letters"].items()
    }
    return Catalogue(words=loaded["words"], plurals=plurals, letters=letters)


@cache
def letter_template(name: str, language: str) -> LetterTemplate:
    """The letter's templates; raises DomainError `unknown_template` for a name that is not in `LETTERS`."""
    if name not in LETTERS:
        raise DomainError("unknown_template", f"there is no letter {name!r}", template=name)
    known = catalogue(language)
    parts = {**known.words, **known.letters[name], "words": known.words, "language": language}
    html = _LAYOUT.from_string((_FOLDER / "layout.html").read_text(encoding="utf-8")).render(parts)
    text = _LAYOUT.from_string((_FOLDER / "layout.txt").read_text(encoding="utf-8")).render(parts)
    return LetterTemplate(
        subject=_TEXT.from_string(known.letters[name]["subject"]),
        text=_TEXT.from_string(text),
        html=_HTML.from_string(_inline_css(html)),
    )


def _inline_css(source: str) -> str:
    """The template source with its style sheet written into the elements.

    The inliner parses HTML, where a statement between table rows would be moved and a quote in an expression
    escaped; so both wait behind marks that a parser leaves alone.
    """
    kept: list[str] = []

    def keep(mark: str, found: re.Match[str]) -> str:
        kept.append(found.group())
        return mark.format(len(kept) - 1)

    hidden = _STATEMENT.sub(lambda found: keep("<!--{}-->", found), source)
    hidden = _EXPRESSION.sub(lambda found: keep("\ue000{}\ue001", found), hidden)
    inlined = CSSInliner(load_remote_stylesheets=False).inline(hidden)
    return re.sub(r"<!--(\d+)-->|\ue000(\d+)\ue001", lambda mark: kept[int(mark[1] or mark[2])], inlined)
