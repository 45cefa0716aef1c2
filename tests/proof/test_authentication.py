"""Reading what the receiving server wrote into the message."""

import pytest

from wizard.proof.authentication import (
    Authentication,
    Method,
    MethodResult,
    Verdict,
    read_authentication,
    read_trace,
)
from wizard.proof.letter import TraceLine

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


RECEIVED, RESULTS = "received", "authentication-results"


def trace(*lines: tuple[str, str]) -> tuple[TraceLine, ...]:
    return tuple(TraceLine(name, value) for name, value in lines)


def test_believes_only_what_stands_above_the_place_where_it_came_in() -> None:
    read = read_trace(
        trace(
            (RECEIVED, "by 2002:a05:6a10:1 with SMTP id x; Thu, 26 Nov 2026"),
            (RESULTS, "mx.google.com; spf=pass smtp.mailfrom=acme.example"),
            (RECEIVED, "from out.hoster.example by mx.google.com with ESMTPS; Thu"),
            # Nobody of the receiver's wrote these.
            (RECEIVED, "from [192.0.2.1] by out.hoster.example with ESMTPSA; Thu"),
            (RESULTS, "mx.google.com; dkim=pass; dmarc=pass"),
        )
    )
    assert read is not None
    assert [one.method for one in read.results] == [Method.SPF]


def test_a_receiver_of_several_hosts_is_one() -> None:
    read = read_trace(
        trace(
            (RECEIVED, "from mx2.acme.co.uk by store.acme.co.uk with LMTP; Thu"),
            (RECEIVED, "from filter.acme.co.uk by mx2.acme.co.uk with ESMTP; Thu"),
            (RESULTS, "mx2.acme.co.uk; dmarc=fail header.from=acme.example"),
            (RECEIVED, "from x by mx.other.co.uk with ESMTP; Thu"),
            (RESULTS, "mx2.acme.co.uk; spf=pass"),
        )
    )
    assert read is not None
    assert [(one.method, one.verdict) for one in read.results] == [(Method.DMARC, Verdict.FAIL)]


def test_only_foreign_results_are_none() -> None:
    assert (
        read_trace(
            trace(
                (RECEIVED, "from a by mx.acme.example with ESMTP; Thu"),
                (RECEIVED, "from b by relay.other.example with ESMTP; Thu"),
                (RESULTS, "relay.other.example; spf=pass"),
            )
        )
        is None
    )


def test_microsoft_leaves_its_name_out() -> None:
    read = read_authentication(
        (
            "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=acme.example; dkim=none "
            "(message not signed) header.d=none;dmarc=pass action=none header.from=acme.example",
        )
    )
    assert read is not None
    assert read.server == ""
    assert [one.method for one in read.results] == [Method.SPF, Method.DKIM, Method.DMARC]
