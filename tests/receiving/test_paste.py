"""Lists of mailboxes as people paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model import Secret
from wizard.receiving.paste import MAX_READ, MAX_ROWS, PastedMailbox, expand, read_list
from wizard.texts import message

DOMAIN = "acme.example"


def locals_of(text: str) -> list[str]:
    return [one.local for one in read_list(text, DOMAIN).mailboxes]


@pytest.mark.parametrize(
    "text",
    [
        "sales\nsupport\njobs",
        "sales@acme.example\r\nsupport@acme.example\r\njobs@acme.example\r\n",
        "sales@acme.example, support@acme.example, jobs@acme.example",
        "Sales Team <sales@acme.example>; support@acme.example; <jobs@acme.example>",
        "\ufeffAdresse\tBenutzername\tPasswort\nsales\t\t\nsupport\t\t\njobs\t\t\n",
        "E-Mail;Kennwort\nsales@acme.example;x\nsupport@acme.example;y\njobs@acme.example;z",
        "sales,,\n\n  support , ,\njobs,\n",
        "SALES@ACME.EXAMPLE\nsales\nsupport@Acme.Example\njobs".replace("SALES", "sales"),
    ],
)
def test_lists_in_many_forms(text: str) -> None:
    pasted = read_list(text, DOMAIN)
    assert [one.local for one in pasted.mailboxes] == ["sales", "support", "jobs"]
    assert pasted.problems == ()


def test_logins_and_passwords_come_along() -> None:
    pasted = read_list('sales\tu1\t"p;a ""b"" "\nsupport@acme.example\tu2\tx', DOMAIN)
    assert pasted.mailboxes == (
        PastedMailbox("sales", "u1", Secret('p;a "b" ')),
        PastedMailbox("support", "u2", Secret("x")),
    )


def test_a_heading_may_be_in_any_order() -> None:
    pasted = read_list("Password,Note,Email\nsecret,hello,sales@acme.example", DOMAIN)
    assert pasted.mailboxes == (PastedMailbox("sales", "", Secret("secret")),)


def test_the_address_as_login_is_no_login_of_its_own() -> None:
    pasted = read_list("sales@acme.example;sales@acme.example;x", DOMAIN)
    assert pasted.mailboxes == (PastedMailbox("sales", "", Secret("x")),)


def test_what_is_there_is_not_added_again() -> None:
    pasted = read_list("sales\nbounce\nsales", DOMAIN, taken=["Bounce "])
    assert [one.local for one in pasted.mailboxes] == ["sales"]
    assert pasted.known == 1


def test_wrong_lines_are_named_and_the_others_taken() -> None:
    pasted = read_list("sales\nanna@other.example\na b\nsupport", DOMAIN)
    assert [one.local for one in pasted.mailboxes] == ["sales", "support"]
    assert [(one.line, one.message.key) for one in pasted.problems] == [
        (2, "paste.other_domain"),
        (3, "input.address.local"),
    ]


def test_umlaut_domains_are_the_same_domain() -> None:
    pasted = read_list("sales@müller.example", "xn--mller-kva.example")
    assert [one.local for one in pasted.mailboxes] == ["sales"]


def test_names_are_made_by_number() -> None:
    assert locals_of("box[1-3]") == ["box1", "box2", "box3"]
    assert locals_of("team[08-10]@acme.example") == ["team08", "team09", "team10"]
    assert list(expand("box[3-1]")) == ["box[3-1]"]


def test_too_many_are_said() -> None:
    pasted = read_list("box[1-9999]\nmore", DOMAIN)
    assert len(pasted.mailboxes) == MAX_ROWS
    assert pasted.problems[-1].message.key == "paste.too_many"
    assert read_list("x" * 300_000, DOMAIN).problems[0].message.key == "paste.too_long"


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    pasted = read_list(text, DOMAIN)
    lower = [one.local.lower() for one in pasted.mailboxes]
    assert len(lower) == len(set(lower))
    assert all("@" not in one or '"' in one for one in lower)


@given(
    st.lists(
        st.from_regex(r"[a-z][a-z0-9._-]{0,10}[a-z0-9]", fullmatch=True).filter(
            lambda name: ".." not in name
        ),
        unique=True,
        max_size=30,
    ),
    st.sampled_from(["\n", ", ", "; ", "\t", "\r\n"]),
)
def test_whole_addresses_survive_any_separator(names: list[str], between: str) -> None:
    text = between.join(f"{name}@{DOMAIN}" for name in names)
    assert sorted(locals_of(text)) == sorted(names)


@pytest.mark.parametrize("row", ["box[1-400]", "no one[1-400]", "taken[1-400]"])
def test_many_ranges_end_the_reading(row: str) -> None:
    """Each row stands for hundreds: twenty thousand of them would hold the window up."""
    taken = [f"taken{number}" for number in range(1, 401)]
    pasted = read_list(f"{row}\n" * 30, DOMAIN, taken)
    assert pasted.problems[-1].message == message("paste.too_many", n=MAX_READ)
    assert pasted.problems[-1].line == MAX_READ // 400 + 1
