"""Packets of any shape: whatever a server sends, it is read or passed over, never an error."""

import struct

import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard import delegation, exchange
from wizard.answers import (
    PARSERS,
    Absent,
    Found,
    NoAnswer,
    is_referral,
    negative_ttl,
    read_response,
    shown,
)
from wizard.resolver import read_resolved

NAME = dns.name.from_text("acme.test")
RECORDS = {
    "TXT": '"v=spf1 -all" "more"',
    "SPF": '"v=spf1 -all"',
    "MX": "10 mail.acme.test.",
    "SRV": "0 1 993 mail.acme.test.",
    "CNAME": "other.test.",
    "NS": "ns1.acme.test.",
    "A": "192.0.2.1",
    "AAAA": "2001:db8::1",
    "PTR": "host.acme.test.",
}


def question(kind: str) -> exchange._Query:
    rdtype = dns.rdatatype.from_text(kind)
    return exchange._Query(4711, 0, NAME.to_digestable() + struct.pack("!HH", rdtype, 1))


def packet(kind: str) -> bytes:
    query = dns.message.make_query(NAME, kind)
    query.id = 4711
    response = dns.message.make_response(query)
    response.answer.append(dns.rrset.from_text(NAME, 300, "IN", kind, RECORDS[kind]))
    soa = "ns1.acme.test. hostmaster.acme.test. 1 2 3 4 5"
    response.authority.append(dns.rrset.from_text("test.", 60, "IN", "SOA", soa))
    response.authority.append(dns.rrset.from_text("sub.test.", 60, "IN", "NS", "ns.sub.test."))
    response.additional.append(dns.rrset.from_text("ns.sub.test.", 60, "IN", "A", "192.0.2.53"))
    return response.to_wire()


def read_all(data: bytes, kind: str) -> None:
    response = exchange._read(data, question(kind))
    if response is None:
        return
    for answer in (read_response(response, kind), read_resolved(response, kind)):
        assert isinstance(answer, Found | Absent | NoAnswer)
        if isinstance(answer, Found):
            assert all(isinstance(shown(value), str) for value in answer.values)
    negative_ttl(response)
    is_referral(response, "test", "acme.test")
    delegation._glue(response, dns.name.from_text("test"))


@given(st.sampled_from(sorted(PARSERS)), st.binary(max_size=600))
def test_any_octets_behind_a_right_header_and_question(kind: str, rest: bytes) -> None:
    asked = question(kind)
    header = struct.pack("!6H", asked.id, 0x8400, 1, 2, 1, 1)
    read_all(header + asked.question + rest, kind)


EDITS = st.lists(st.tuples(st.integers(2, 400), st.integers(0, 255)), max_size=6)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(sorted(PARSERS)), EDITS, st.integers(0, 400))
def test_a_good_packet_with_octets_changed_or_lost(
    kind: str, edits: list[tuple[int, int]], kept: int
) -> None:
    data = bytearray(packet(kind))
    for place, octet in edits:
        if place < len(data):
            data[place] = octet
    read_all(bytes(data), kind)
    read_all(bytes(data[:kept]), kind)


def test_records_of_another_class_are_not_there() -> None:
    query = dns.message.make_query(NAME, "A")
    query.id = 4711
    response = dns.message.make_response(query)
    record = dns.rrset.from_text(NAME, 300, "CLASS257", "A", r"\# 4 c0000201")
    response.answer.append(record)
    read = exchange._read(response.to_wire(), question("A"))
    assert read is not None
    assert read_response(read, "A") == Absent(name_exists=True)


def test_the_good_packets_are_read() -> None:
    for kind in PARSERS:
        response = exchange._read(packet(kind), question(kind))
        assert response is not None
        assert isinstance(read_response(response, kind), Found), kind
