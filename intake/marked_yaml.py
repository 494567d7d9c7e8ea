"""YAML read strictly: scalars stay the text that was written, and every problem knows its line.

PyYAML's loaders turn `on`, `09:00` and dates into other things and lose where they stood, so values are taken
from the node graph, one key at a time, by small readers that raise `Refusal`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from domain.errors import DomainError
from domain.plain_text import is_email, text_fault

T = TypeVar("T")
D = TypeVar("D")
Read = Callable[[Node], T]

LARGEST: Final = 64 * 1024
"""Characters in one file."""
NOT_YET: Final = "not supported by this version"


@dataclass(frozen=True, slots=True, order=True)
class FileProblem:
    """One mistake in a file. `line` counts from 1."""

    source: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.reason}"


class InvalidFile(DomainError):  # noqa: N818 -- reads as a sentence where it is raised
    """A file that is refused whole, with every problem in it."""

    code_of_file = "invalid_file"

    def __init__(self, problems: tuple[FileProblem, ...]) -> None:
        super().__init__(self.code_of_file, "\n".join(map(str, problems)), problems=len(problems))
        self.problems = problems


class Refusal(Exception):  # noqa: N818 -- never leaves this package
    """A value that a reader does not take."""

    def __init__(self, node: Node, reason: str) -> None:
        super().__init__(reason)
        self.node = node
        self.reason = reason


class Problems:
    """What was found in one file so far."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._found: set[FileProblem] = set()

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, where: Node | int, reason: str) -> None:
        """`where` is a node or a line counted from 1."""
        line = where if isinstance(where, int) else line_of(where)
        self._found.add(FileProblem(self._source, line, reason))

    def sorted(self) -> tuple[FileProblem, ...]:
        return tuple(sorted(self._found))


class Fields:
    """The keys of one mapping. Each is read once, by name; `close` refuses what nobody asked for."""

    def __init__(self, node: Node, problems: Problems, what: str) -> None:
        self.node = node
        self._problems = problems
        self._what = what
        self.refused: set[str] = set()
        """Keys that are missing or whose value was not taken, so that nothing more is said about them."""
        self._asked: list[str] = []
        self._values: dict[str, tuple[Node, Node]] = {}
        if not isinstance(node, MappingNode):
            problems.add(node, f"{what} must be a mapping of keys and values")
            return
        for key_node, value in node.value:
            if not isinstance(key_node, ScalarNode):
                problems.add(key_node, f"a key of {what} must be a plain name")
            elif key_node.value in self._values:
                first = line_of(self._values[key_node.value][0])
                problems.add(key_node, f"duplicate key '{shown(key_node.value)}', first on line {first}")
            else:
                self._values[key_node.value] = (key_node, value)

    def line(self, key: str) -> int:
        return line_of(self._values[key][0]) if key in self._values else line_of(self.node)

    def optional(self, key: str, read: Read[T], default: D) -> T | D:
        """The value of `key`, or `default` where it is absent or refused."""
        self._asked.append(key)
        if key not in self._values:
            return default
        try:
            return read(self._values[key][1])
        except Refusal as refusal:
            self._problems.add(refusal.node, f"{key}: {refusal.reason}")
            self.refused.add(key)
            return default

    def required(self, key: str, read: Read[T], placeholder: D) -> T | D:
        """As `optional`; absence is a problem, and `placeholder` only lets the reading go on."""
        if key not in self._values and isinstance(self.node, MappingNode):
            self._problems.add(self.node, f"{self._what} has no '{key}'")
            self.refused.add(key)
        return self.optional(key, read, placeholder)

    def close(self) -> None:
        for key, (key_node, _) in self._values.items():
            if key not in self._asked:
                known = ", ".join(self._asked)
                self._problems.add(key_node, f"{shown(key)}: unknown key; known are {known}")


def compose(text: str, problems: Problems) -> Node | None:
    """The root node, or None after noting why there is none."""
    if len(text) > LARGEST:
        problems.add(1, f"the file is larger than {LARGEST // 1024} KiB")
        return None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.add(mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}")
    except yaml.reader.ReaderError as error:
        position = error.position if isinstance(error.position, int) else 0
        problems.add(text.count("\n", 0, position) + 1, "not YAML: a character that YAML does not allow")
    except RecursionError:
        problems.add(1, "not YAML that a person writes: nested too deeply")
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        problems.add(1, f"not YAML: {error}")
    else:
        if root is None:
            problems.add(1, "the file is empty")
        return root
    return None


def line_of(node: Node) -> int:
    return int(node.start_mark.line) + 1


def shown(text: str) -> str:
    """A value fit for a message: clipped, control characters escaped."""
    return repr(text[:60])[1:-1]


def is_null(node: Node) -> bool:
    """Whether `null` or `~` was written. A value left out altogether is not null but a mistake."""
    return isinstance(node, ScalarNode) and node.style is None and node.value in ("~", "null")


def text(node: Node) -> str:
    """A non-empty scalar without spaces around it or hidden characters."""
    if not isinstance(node, ScalarNode):
        raise Refusal(node, "one value expected, not a list or mapping")
    value = str(node.value)
    if not value.strip() or is_null(node):
        raise Refusal(node, "is empty")
    if fault := text_fault(value):
        raise Refusal(node, fault[1])
    if len(value) > 500:
        raise Refusal(node, "is longer than 500 characters")
    return value.strip()


def email_address(node: Node) -> str:
    value = text(node)
    if not is_email(value):
        raise Refusal(node, "is not one e-mail address such as name@example.com")
    return value


def one_of(choices: Mapping[str, T], not_yet: frozenset[str] = frozenset()) -> Read[T]:
    """Reads one of the words of `choices`."""

    def read(node: Node) -> T:
        word = text(node)
        if word in choices:
            return choices[word]
        if word in not_yet:
            raise Refusal(node, f"'{word}' is {NOT_YET}")
        raise Refusal(node, f"'{shown(word)}' is not one of {', '.join(choices)}")

    return read


def nullable(read: Read[T]) -> Read[T | None]:
    """Reads null as None, else as `read`."""
    return lambda node: None if is_null(node) else read(node)


def matching(pattern: str, example: str) -> Read[str]:
    """Reads a text that is `pattern` from end to end; `example` says what was expected."""
    compiled = re.compile(pattern, re.ASCII)

    def read(node: Node) -> str:
        value = text(node)
        if not compiled.fullmatch(value):
            raise Refusal(node, f"'{shown(value)}' is not {example}")
        return value

    return read


def items(node: Node) -> Iterator[Node]:
    """The entries of a list."""
    if not isinstance(node, SequenceNode):
        raise Refusal(node, "a list expected")
    return iter(node.value)


def one_or_more(read: Read[T]) -> Read[frozenset[T]]:
    """Reads one value or a list of them."""

    def read_all(node: Node) -> frozenset[T]:
        if not isinstance(node, SequenceNode):
            return frozenset({read(node)})
        if not node.value:
            raise Refusal(node, "the list is empty")
        return frozenset(read(item) for item in node.value)

    return read_all
