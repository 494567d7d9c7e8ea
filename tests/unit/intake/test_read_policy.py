"""The policy language: what is read, and what is refused on which line."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.policy import Anchor, Channel, ContactBudget, Duration, Policy, SendWindow, Step, Tone
from intake.find_policies import load_policies
from intake.marked_yaml import Problems, compose
from intake.read_policy import OFFICE_HOURS, InvalidPolicy, read_policy, read_policy_node
from tests.unit.intake.policy_texts import BY_THE_BOOK, HEAD, STEP, ladder, reasons

WHOLE = BY_THE_BOOK + "law: {contractual_rate: 8, safety_buffer: 3d}\n"
FULL = """\
name: whole
version: 12
time_zone: Europe/Amsterdam
send_window: {days: [mon, sat], from: 08:30, to: "12:00", holidays: send}
promise_grace: 1d
plan_grace: 3s
instalment_notice: 5d
agency: {email: intake@agency.example}
steps:
  - {key: soon, after: -3d, anchor: due, channel: email, template: upcoming}
  - key: on
    after: 0d
    anchor: enrolled
    channel: call_task
    tone: firm
    requires_approval: true
  - {key: notice, after: 5s, channel: email, tone: formal, template: reminder}
  - {key: out, after: 16d, anchor: previous, channel: hand_over}
"""


def test_a_whole_policy_is_read() -> None:
    assert read_policy(FULL, "p.yaml") == Policy(
        name="whole",
        version=12,
        time_zone="Europe/Amsterdam",
        window=SendWindow(frozenset({0, 5}), time(8, 30), time(12), skip_holidays=False),
        promise_grace=Duration(1, "d"),
        plan_grace=Duration(3, "s"),
        instalment_notice=Duration(5, "d"),
        agency_email="intake@agency.example",
        budget=ContactBudget(),
        steps=(
            Step("soon", Duration(-3, "d"), Anchor.DUE, Channel.EMAIL, template="upcoming"),
            Step(
                "on", Duration(0, "d"), Anchor.ENROLLED, Channel.CALL_TASK, Tone.FIRM, requires_approval=True
            ),
            Step("notice", Duration(5, "s"), Anchor.PREVIOUS, Channel.EMAIL, Tone.FORMAL),
            Step("out", Duration(16, "d"), Anchor.PREVIOUS, Channel.HAND_OVER, requires_approval=True),
        ),
    )


def test_what_is_left_out_has_the_domains_defaults() -> None:
    policy = read_policy(HEAD + "steps:\n" + STEP + "  - {key: b, after: 1d, channel: internal}\n", "p.yaml")
    first, second = policy.steps
    assert policy == Policy(
        "p", 1, "Europe/Brussels", policy.steps, window=OFFICE_HOURS, budget=ContactBudget()
    )
    assert first == Step("a", Duration(7, "d"), Anchor.DUE, Channel.EMAIL)
    assert second.anchor is Anchor.PREVIOUS


def test_a_window_can_be_always_and_states_only_what_differs() -> None:
    assert read_policy(HEAD + "send_window: always\nsteps:\n" + STEP, "p").window is None
    window = read_policy(HEAD + "send_window: {to: 16:00}\nsteps:\n" + STEP, "p").window
    assert window == SendWindow(OFFICE_HOURS.days, time(9), time(16), skip_holidays=True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "1: the file is empty"),
        ("- a\n", "1: a policy must be a mapping of keys and values"),
        ("name: [", "1: not YAML: expected the node content, but found '<stream end>'"),
        (HEAD + "a: b: c\n", "4: not YAML: mapping values are not allowed here"),
        (HEAD + "steps: \x07\n", "4: not YAML: a character that YAML does not allow"),
        ("[" * 500, "1: not YAML that a person writes: nested too deeply"),
        (HEAD + "version: 2\nsteps:\n" + STEP, "4: duplicate key 'version', first on line 2"),
        (HEAD, "1: a policy has no 'steps'"),
        (HEAD + "steps: []\n", "4: steps: a policy needs at least one step"),
        (HEAD + "steps: on\n", "4: steps: a list expected"),
        (HEAD + "agency: {mail: a@b.example}\nsteps:\n" + STEP, "4: an agency has no 'email'"),
        (HEAD + "agency: {email: nobody}\nsteps:\n" + STEP, "4: email: is not one e-mail address"),
        (HEAD + "send_window: {days: []}\nsteps:\n" + STEP, "4: days: a window needs at least one day"),
        (HEAD + "send_window: {days: [monday]}\nsteps:\n" + STEP, "4: days: 'monday' is not one of mon, tue"),
        (HEAD + "send_window: never\nsteps:\n" + STEP, "4: send_window: 'never' is not one of always"),
        (HEAD + "send_window: {from: 9:00}\nsteps:\n" + STEP, "4: from: '9:00' is not a time such as"),
        (
            HEAD + "send_window:\n  to: 09:00\nsteps:\n" + STEP,
            "5: the window closes at 09:00, not after it opens",
        ),
        (HEAD + "promise_grace: -1d\nsteps:\n" + STEP, "4: promise_grace: '-1d' is negative"),
        (HEAD.replace("1\n", "1.0\n") + "steps:\n" + STEP, "2: version: '1.0' is not a whole number"),
        (
            HEAD.replace("Brussels", "Brussel") + "steps:\n" + STEP,
            "3: time_zone: 'Europe/Brussel' is not a known",
        ),
        (
            HEAD.replace("Europe/Brussels", "../etc/passwd") + "steps:\n" + STEP,
            "3: time_zone: '../etc/passwd' is",
        ),
        (HEAD.replace("name: p", "name: ~") + "steps:\n" + STEP, "1: name: is empty"),
    ],
)
def test_each_mistake_in_the_head_is_told_with_its_line(text: str, reason: str) -> None:
    assert any(told.startswith(f"p.yaml:{reason}") for told in reasons(text)), reasons(text)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("key: B, after: 1d, channel: email", "key: 'B' is not a key of small letters"),
        ("key: a, after: 1d, channel: email", "key: two steps are called 'a'"),
        ("key: b, channel: email", "a step has no 'after'"),
        ("key: b, after: 1, channel: email", "after: '1' is not a duration such as 7d"),
        ("key: b, after: 9999d, channel: email", "after: '9999d' is longer than 3650 days"),
        (
            "key: b, after: -1d, channel: email",
            "after: only a step anchored on 'due' can lie before its anchor",
        ),
        (
            "key: b, after: -1d, anchor: due, channel: email",
            "after: a step before the due date cannot follow",
        ),
        ("key: b, after: 6d, anchor: due, channel: email", "after: 6d comes before 7d of a step above it"),
        (
            "key: b, after: 1d, anchor: enroled, channel: email",
            "anchor: 'enroled' is not one of due, previous",
        ),
        ("key: b, after: 1d, channel: sms", "channel: 'sms' is not supported by this version"),
        ("key: b, after: 1d, channel: fax", "channel: 'fax' is not one of email, letter, call_task"),
        ("key: b, after: 1d, channel: email, tone: on", "tone: 'on' is not one of friendly, firm, formal"),
        ("key: b, after: 1d, channel: email, template: letter", "template: 'letter' is not one of reminder"),
        (
            "key: b, after: 1d, channel: internal, template: upcoming",
            "template: only an e-mail has a template",
        ),
        ("key: b, after: 1d, channel: email, template: upcoming", "template: 'upcoming' announces the due"),
        (
            "key: b, after: 1d, channel: email, requires_approval: yes",
            "requires_approval: 'yes' is not one of",
        ),
        (
            "key: b, after: 1d, channel: hand_over, requires_approval: false",
            "requires_approval: a hand-over always",
        ),
        (
            "key: b, after: 1d, channel: email, afer: 2d",
            "afer: unknown key; known are key, after, anchor, channel",
        ),
    ],
)
def test_each_mistake_in_a_step_is_told_once(step: str, reason: str) -> None:
    told = reasons(ladder("key: a, after: 7d, channel: email", step))
    assert len(told) == 1
    assert told[0].startswith(f"p.yaml:6: {reason}")


def test_nothing_follows_a_hand_over() -> None:
    text = ladder("key: out, after: 7d, channel: hand_over", "key: late, after: 7d, channel: email")
    assert reasons(text) == [
        "p.yaml:5: channel: nothing can follow a hand-over: the case is out of our hands"
    ]


def test_every_problem_is_told_at_once_in_the_order_of_lines() -> None:
    told = reasons(FULL.replace("12", "0").replace("-3d", "x").replace("formal", "loud").replace("5d", "-5d"))
    assert [line.split(":")[1] for line in told] == ["2", "4", "7", "10", "17"]


def test_a_refusal_counts_its_problems_and_prints_them() -> None:
    with pytest.raises(InvalidPolicy) as caught:
        read_policy("name: P\n", "mine.yaml")
    assert caught.value.code == "invalid_policy"
    assert caught.value.values == {"problems": 4}
    assert "mine.yaml:1: name: 'P' is not a name" in caught.value.message


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    with suppress(InvalidPolicy):
        read_policy(text, "p.yaml")


_MARKS = r"""name steps key after 7d 9 : - { } [ ] , &a *a << !! !x %YAML --- ... | > " ' \ \U # ? ~ @"""
_words = st.sampled_from([*_MARKS.split(), ": ", "- ", "\n", "  ", "\t", "\ufeff"])


@given(st.lists(_words, max_size=40).map("".join), st.sampled_from(["", HEAD, HEAD + "steps:\n" + STEP]))
def test_anything_like_yaml_is_a_policy_or_refused(text: str, head: str) -> None:
    with suppress(InvalidPolicy):
        read_policy(head + text, "p.yaml")


_VALUES = (
    "~ null on off true 0 -1 1.005 9999999999999999 5wd -3d 0s 9d EUR NL email hand_over receipt formal a.1"
)
_values = st.sampled_from([*_VALUES.split(), "[]", "{}", "[email, letter]", "{above: {EUR: 1}}"])
_PLACES = tuple(re.finditer(r"(?<=: )[^\s,{}\[\]]+", WHOLE))


@given(st.sampled_from(_PLACES), _values)
def test_any_value_in_the_place_of_another_is_read_or_refused_on_its_line(
    place: re.Match[str], value: str
) -> None:
    text = WHOLE[: place.start()] + value + WHOLE[place.end() :]
    try:
        assert read_policy(text, "p.yaml").steps
    except InvalidPolicy as refused:
        lines = [problem.line for problem in refused.problems]
        assert 1 <= min(lines) <= max(lines) <= WHOLE.count("\n")


def test_a_policy_inside_another_file_is_read_with_the_lines_of_that_file() -> None:
    problems = Problems("story.yaml")
    root = compose("policy:\n  name: p\n  version: 0\n  time_zone: UTC\n  steps:\n  " + STEP, problems)
    assert root is not None
    policy = read_policy_node(root.value[0][1], problems)
    assert [step.key for step in policy.steps] == ["a"]
    assert [str(p).partition(" '0'")[0] for p in problems.sorted()] == ["story.yaml:3: version:"]


def test_a_folder_of_policies_is_read_whole_or_refused_with_all_problems(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(HEAD + "steps:\n" + STEP)
    assert load_policies(tmp_path).keys() == {"p"}
    (tmp_path / "q.yaml").write_text(HEAD + "steps:\n" + STEP)
    (tmp_path / "r.yaml").write_bytes(b"name: r\nversion: \xff\n")
    with pytest.raises(InvalidPolicy) as caught:
        load_policies(tmp_path)
    assert [(Path(p.source).name, p.line, p.reason) for p in caught.value.problems] == [
        ("q.yaml", 1, "policy 'p' must be in a file called p.yaml"),
        ("r.yaml", 2, "not UTF-8 at byte 17"),
    ]


def test_a_folder_without_policies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidPolicy, match="no policies here"):
        load_policies(tmp_path)
