"""Lists of domains as people have them: CSV of every kind, stray quotes, other encodings."""

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.cli import domain_file
from wizard.cli.domain_file import MAX_LINE_OCTETS, Form, NoColumnError, Row, read_rows
from wizard.cli.domain_source import Source


def rows(content: str | bytes, form: Form = Form.UNKNOWN) -> list[tuple[int, str]]:
    octets = content if isinstance(content, bytes) else content.encode()
    return [(row.line, row.text) for row in read_rows(octets.splitlines(keepends=True), form)]


def problems(content: str) -> list[tuple[int, str]]:
    read = read_rows(content.encode().splitlines(keepends=True), Form.CSV)
    return [(row.line, row.problem.key) for row in read if row.problem]


@pytest.mark.parametrize("form", [Form.LINES, Form.UNKNOWN])
def test_one_a_line(form: Form) -> None:
    text = "\ufeffacme.example\r\n\n  büro.example \nlast.example"
    assert rows(text, form) == [(1, "acme.example"), (3, "büro.example"), (4, "last.example")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_file_with_any_delimiter(delimiter: str) -> None:
    text = '\ufeffName,Domain ,Note\r\nA,a.example,\r\n"B, Inc","b.example",x\r\n'
    text = text.replace(",", delimiter).replace(f"B{delimiter} Inc", "B, Inc")
    assert rows(text) == [(2, "a.example"), (3, "b.example")]
    assert rows(text, Form.CSV) == rows(text)


def test_a_column_alone_and_excels_first_line() -> None:
    assert rows("domain\na.example\n", Form.CSV) == [(2, "a.example")]
    assert rows("sep=;\nid;domain\n1;a.example\n") == [(3, "a.example")]


def test_what_windows_writes() -> None:
    assert rows("domain\nbüro.example\n".encode("cp1252")) == [(2, "büro.example")]


def test_cells_over_several_lines_and_doubled_quotes() -> None:
    text = 'note,domain\n"one\ntwo ""three""",a.example\nx,b.example\n'
    assert rows(text) == [(2, "a.example"), (4, "b.example")]


def test_a_stray_quotation_mark_does_not_swallow_what_follows() -> None:
    text = 'note,domain\nx,"a.example\ny,b.example\nz,c.example\n'
    assert problems(text) == [(2, "cli.check.quotes")]
    assert rows(text)[1:] == [(3, "b.example"), (4, "c.example")]
    again = 'note,domain\nx,"a.example\ny,b.example\nz,"c.example\nz,d.example\n'
    assert rows(again)[1] == (3, "b.example")
    assert rows(again)[-1] == (5, "d.example")


def test_lines_without_a_domain() -> None:
    assert problems("note,domain\nx\n,\ny,\n") == [
        (2, "cli.check.no_cell"),
        (4, "cli.check.no_cell"),
    ]


def test_no_column() -> None:
    with pytest.raises(NoColumnError):
        read_rows([b"name,host\n"], Form.CSV)
    assert rows("name,host\n") == [(1, "name,host")]
    assert rows("", Form.CSV) == []


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    long = list(read_rows([b"x" * (MAX_LINE_OCTETS + 1), b"a.example"], Form.LINES))
    assert [row.problem is None for row in long] == [False, True]
    monkeypatch.setattr(domain_file, "MAX_LINES", 2)
    many = list(read_rows([b"a.example\n"] * 9, Form.LINES))
    assert [row.problem.key if row.problem else "" for row in many] == [
        "",
        "",
        "cli.check.too_many",
    ]


@given(st.lists(st.binary(max_size=60), max_size=30), st.sampled_from(list(Form)))
def test_any_octets_are_read(lines: list[bytes], form: Form) -> None:
    try:
        read = list(read_rows(lines, form))
    except NoColumnError:
        return
    assert [row.line for row in read] == sorted({row.line for row in read})


@given(st.lists(st.from_regex(r"[a-z]{1,9}\.example", fullmatch=True), max_size=20))
def test_no_domain_is_lost(names: list[str]) -> None:
    assert [text for _, text in rows("\n".join(names), Form.LINES)] == names
    quoted = "\n".join(["id;domain", *(f'{n};"{name}"' for n, name in enumerate(names))])
    assert [text for _, text in rows(quoted)] == names


async def read_source(source: Source) -> list[Row]:
    return [row async for row in source.rows()]


async def test_excels_unicode_text(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes("name\tdomain\r\nA\tbüro.example\r\n".encode("utf-16"))
    read = await read_source(Source.open(str(file)))
    assert [(row.line, row.text) for row in read] == [(2, "büro.example")]


async def test_a_line_without_end_is_cut(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_bytes(b"x" * 1_000_000 + b"\na.example\n")
    source = Source.open(str(file))
    read = await read_source(source)
    assert [(row.line, bool(row.problem)) for row in read] == [(1, True), (2, False)]
    assert source.octets_read == source.size


async def test_rows_come_as_they_are_written(tmp_path: Path) -> None:
    fifo = tmp_path / "list.txt"
    os.mkfifo(fifo)
    opened = asyncio.create_task(asyncio.to_thread(Source.open, str(fifo)))
    writer = await asyncio.to_thread(fifo.open, "wb", buffering=0)
    source = await opened
    assert source.size is None
    rows = source.rows()
    writer.write(b"a.example\n")
    assert (await anext(rows)).text == "a.example"
    writer.write(b"b.example\n")
    assert (await anext(rows)).text == "b.example"
    writer.close()
    assert await anext(rows, None) is None
    source.file.close()
