"""Reading what the receiving server wrote into the message."""

import pytest

from wizard.proof.authentication import (
    Authentication,
    Method,
    MethodResult,
    Verdict,
    read_authentication,
)

GOOGLE = (
    "mx.google.com;\r\n"
    "       dkim=pass header.i=@acme.example header.s=ihrerp header.b=AbC1;\r\n"
    "       spf=softfail (google.com: domain of transitioning bounce@acme.example does not"
    " designate 192.0.2.1 as permitted sender) smtp.mailfrom=bounce@acme.example;\r\n"
    "       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=acme.example"
)


def test_reads_every_method_of_the_topmost_server() -> None:
    read = read_authentication((GOOGLE,))
    assert read == Authentication(
        "mx.google.com",
        (
            MethodResult(Method.DKIM, Verdict.PASS, "pass", "acme.example"),
            MethodResult(Method.SPF, Verdict.SOFTFAIL, "softfail", "acme.example"),
            MethodResult(Method.DMARC, Verdict.PASS, "pass", "acme.example"),
        ),
    )


def test_does_not_believe_a_server_below_the_topmost() -> None:
    read = read_authentication(
        ("mx.acme.example; spf=fail smtp.mailfrom=acme.example", "evil.example; dkim=pass")
    )
    assert read is not None
    assert [(one.method, one.verdict) for one in read.results] == [(Method.SPF, Verdict.FAIL)]


def test_joins_several_headers_of_one_server() -> None:
    read = read_authentication(("mx.example 1; spf=none", "MX.example; dkim=permerror"))
    assert read is not None
    assert [one.verdict for one in read.results] == [Verdict.NONE, Verdict.PERMERROR]


def test_keeps_a_word_that_is_not_registered() -> None:
    read = read_authentication(("mx.example; dkim=discarded; spf=other",))
    assert read is not None
    assert [(one.verdict, one.word) for one in read.results] == [
        (Verdict.OTHER, "discarded"),
        (Verdict.OTHER, "other"),
    ]


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("",),
        (";;;",),
        ("mx.example; none",),
        ("mx.example (spf=pass; dkim=pass",),
        ("(" * 100_000,),
    ],
)
def test_nothing_said_is_nothing(values: tuple[str, ...]) -> None:
    assert read_authentication(values) is None
