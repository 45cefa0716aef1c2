"""Other people's XML: read when it is plain, refused when it is anything else."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.discovery.markup import MAX_DEPTH, MAX_ELEMENTS, MAX_TEXT, MarkupError, read

LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">' for n in range(1, 10))
    + "]><a>&a9;</a>"
)
HOSTILE = {
    "nothing": "",
    "text": "not found",
    "html": "<html><body><p>Welcome<br></body></html>",
    "a document type": "<!DOCTYPE clientConfig><clientConfig/>",
    "an external document type": '<!DOCTYPE a SYSTEM "https://evil.test/a.dtd"><a/>',
    "an entity": '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    "a billion laughs": LAUGHS,
    "an external entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/">%x;]><a/>',
    "an unknown entity": "<a>&nbsp;</a>",
    "two roots": "<a/><b/>",
    "half a document": "<a><b>",
    "too deep": "<a>" * (MAX_DEPTH + 1) + "</a>" * (MAX_DEPTH + 1),
    "too many": "<a>" + "<b/>" * MAX_ELEMENTS + "</a>",
    "a control character": "<a>\x01</a>",
    "an unknown encoding": '<?xml version="1.0" encoding="klingon"?><a/>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_plain_document_is_refused(name: str) -> None:
    with pytest.raises(MarkupError):
        read(HOSTILE[name].encode())


def test_a_tree_without_namespaces() -> None:
    root = read(
        b'\n <?xml version="1.0"?><x:a xmlns:x="urn:x" x:k="v"> t <b> one </b><!-- no --><b/></x:a>'
    )
    assert (root.name, root.attributes, root.text) == ("a", {"k": "v"}, "t")
    assert [child.text for child in root.all("b")] == ["one", ""]
    assert root.text_of("b") == "one"
    assert root.text_of("c") == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>Müller</a>'
    assert read(text.encode(encoding)).text == "Müller"


def test_a_byte_order_mark_is_no_problem() -> None:
    assert read(b"\xef\xbb\xbf<a>x</a>").text == "x"


def test_text_and_attributes_are_bounded() -> None:
    root = read(f'<a k="{"v" * 9_000}">{"x" * 9_000}</a>'.encode())
    assert len(root.text) == MAX_TEXT
    assert len(root.attributes["k"]) == MAX_TEXT


def test_the_largest_documents_allowed_are_read() -> None:
    assert read(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).name == "a"
    assert len(read(b"<a>" + b"<b/>" * (MAX_ELEMENTS - 1) + b"</a>").children) == MAX_ELEMENTS - 1


@given(st.binary(max_size=300))
def test_any_octets_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(MarkupError):
        read(content)


@given(st.text(max_size=100))
def test_any_text_within_a_document_is_read_or_refused(text: str) -> None:
    try:
        root = read(f"<a>{text}</a>".encode("utf-8", "surrogatepass"))
    except MarkupError:
        return
    assert root.name == "a"
