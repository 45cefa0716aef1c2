"""Both languages are complete and fit each other."""

import ast
import string
from pathlib import Path

import pytest

from wizard.diagnosis.cause import Cause
from wizard.discovery.opinion import Sign
from wizard.discovery.report import Source, Verdict
from wizard.discovery.web import Trouble
from wizard.flow import Step, StepState
from wizard.model import Route, Stage, Who
from wizard.resolver import Silence
from wizard.store.vault import Place
from wizard.texts import LANGUAGES, Message, Texts, duration, flatten, message, system_language

ROOT = Path(__file__).parent.parent.parent


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_language_has_every_text() -> None:
    english = Texts.load("en").keys()
    for code in LANGUAGES:
        assert Texts.load(code).keys() == english, code


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_texts_name_the_same_values(code: str) -> None:
    english, other = Texts.load("en"), Texts.load(code)
    wrong = {
        key
        for key in english.keys()  # noqa: SIM118 - not a dict
        if fields(english.raw(key)) != fields(other.raw(key))
    }
    assert not wrong


@pytest.mark.parametrize("code", LANGUAGES)
def test_texts_are_clean(code: str) -> None:
    texts = Texts.load(code)
    for key in texts.keys():  # noqa: SIM118
        raw = texts.raw(key)
        assert raw == raw.strip(), key
        assert raw, key
        assert "  " not in raw, key
    assert code != "de" or not any('"' in texts.raw(key) for key in texts.keys())  # noqa: SIM118


def literal_keys() -> dict[str, str]:
    """Every key that stands as a literal in a call that makes or renders a message."""
    found: dict[str, str] = {}
    for folder in ("wizard", "ui"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and node.args):
                    continue
                name = (
                    node.func.attr
                    if isinstance(node.func, ast.Attribute)
                    else (node.func.id if isinstance(node.func, ast.Name) else "")
                )
                first = node.args[0]
                if (
                    name in {"message", "text", "texts", "Message"}
                    and isinstance(first, ast.Constant)
                    and isinstance(first.value, str)
                ):
                    found[first.value] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def test_every_key_in_the_code_has_its_text() -> None:
    texts = Texts.load("en")
    missing = {f"{key} ({where})" for key, where in literal_keys().items() if key not in texts}
    assert not missing


def test_keys_made_from_vocabularies_have_their_text() -> None:
    texts = Texts.load("en")
    wanted = (
        [f"step.{step}" for step in Step]
        + [f"step_state.{state}" for state in StepState]
        + [f"who.{who}" for who in Who]
        + [f"stage.{stage}" for stage in Stage]
        + [f"route.{route}" for route in Route]
        + [f"resolver.{reason}" for reason in Silence]
        + [f"vault.{place}" for place in Place]
        + [f"cause.{cause}.title" for cause in Cause]
        + [f"discovery.source.{source}" for source in Source]
        + [f"discovery.verdict.{verdict}" for verdict in Verdict]
        + [f"discovery.trouble.{trouble}" for trouble in Trouble]
        + [f"discovery.sign.{sign.name.lower()}" for sign in Sign]
    )
    assert [key for key in wanted if key not in texts] == []


def test_values_may_be_messages() -> None:
    texts = Texts("en", {"outer": "a {inner} c", "inner": "b{n}"})
    assert texts("outer", inner=message("inner", n=1)) == "a b1 c"


def test_a_count_changes_the_wording() -> None:
    texts = Texts("en", flatten({"boxes": {"one": "one box", "other": "{n} boxes"}}))
    assert texts("boxes", n=1) == "one box"
    assert texts("boxes", n=3) == "3 boxes"


def test_values_with_braces_stay_as_they_are() -> None:
    assert Texts("en", {"said": "it said {words}"})("said", words="{0.__class__}") == (
        "it said {0.__class__}"
    )


def test_an_unknown_key_shows_itself() -> None:
    assert Texts("en", {}).render(Message("no.such")) == "no.such"


def test_the_language_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert system_language() == "de"
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert system_language() == "en"


@pytest.mark.parametrize(
    ("milliseconds", "english", "german"),
    [
        (0, "less than 1 s", "weniger als 1 s"),
        (1, "1 ms", "1 ms"),
        (999, "999 ms", "999 ms"),
        (1000, "1.0 s", "1,0 s"),
        (3160, "3.1 s", "3,1 s"),
        (99_999, "99.9 s", "99,9 s"),
        (100_000, "1 min 40 s", "1 min 40 s"),
        (3_600_000, "60 min 0 s", "60 min 0 s"),
    ],
)
def test_a_duration_reads_well_in_both_languages(
    milliseconds: int, english: str, german: str
) -> None:
    said = duration(milliseconds)
    assert Texts.load("en").render(said) == english
    assert Texts.load("de").render(said) == german
