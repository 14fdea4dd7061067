"""The answer in the form in which the hooks read it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from envd.core.answer import Answer, SyncState, Verdict, decode_answer, encode_answer

FULL = Answer(Verdict.ACTIVE, "/p", "7", "seal", "/p/.venv", "/p/.venv/bin", "acme", SyncState.STALE, "n", "some text")


def test_the_fields_stand_in_the_order_of_the_hooks() -> None:
    expected = b"1\x007\x00active\0/p\0seal\0/p/.venv\0/p/.venv/bin\0acme\0stale\0n\0some text\0"
    assert encode_answer(FULL) == expected


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(FULL, id="full"),
        pytest.param(Answer(Verdict.NONE, "/p", ""), id="empty"),
        pytest.param(replace(FULL, root="/p\n$(id)'\"\\"), id="hostile"),
        pytest.param(replace(FULL, root="/\udcff\udc80/p"), id="not UTF-8"),
        pytest.param(replace(FULL, label="grüße 🐍"), id="other scripts"),
        *(pytest.param(replace(FULL, verdict=verdict), id=f"verdict {verdict.value}") for verdict in Verdict),
        *(pytest.param(replace(FULL, state=state), id=f"state {state.value}") for state in SyncState),
    ],
)
def test_an_answer_is_read_back_as_it_was_written(answer: Answer) -> None:
    assert decode_answer(encode_answer(answer)) == answer


@pytest.mark.parametrize("field", ["root", "stamp", "seal", "venv", "bin", "label", "notice", "text"])
def test_a_nul_in_a_field_is_refused(field: str) -> None:
    broken = Answer(Verdict.NONE, **{"root": "/p", "stamp": "1", field: "a\0b"})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="NUL"):
        encode_answer(broken)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\0" * 11, id="only ends"),
        pytest.param(b"\xff" * 100, id="binary"),
        pytest.param(b"2" + encode_answer(FULL)[1:], id="another format"),
        pytest.param(encode_answer(FULL) + b"\0", id="a field more"),
        pytest.param(encode_answer(FULL).replace(b"active", b"actives"), id="an unknown verdict"),
        pytest.param(encode_answer(FULL).replace(b"stale", b"stales"), id="an unknown state"),
    ],
)
def test_what_is_not_an_answer_is_none(data: bytes) -> None:
    assert decode_answer(data) is None


def test_no_beginning_of_an_answer_is_an_answer() -> None:
    data = encode_answer(FULL)
    assert [length for length in range(len(data)) if decode_answer(data[:length]) is not None] == []


def test_random_bytes_never_raise() -> None:
    source = random.Random(2)
    for _ in range(500):
        decode_answer(b"\0".join(source.randbytes(source.randrange(6)) for _ in range(source.randrange(14))))
