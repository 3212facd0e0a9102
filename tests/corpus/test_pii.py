"""Personal information: numbers with valid check digits are found, numbers without are not."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mofang.corpus.pii import MASKS, find, is_bank_card, is_id_card, keyed, mask

KEY = b"k" * 32
WEIGHTS = [2 ** (17 - n) % 11 for n in range(17)]
CHINESE = st.text(st.sampled_from("的一是在电话号码：，。（）姓名张李王身份证银行卡 \n"), max_size=12)


def id_card(region: str, born: date, order: int) -> str:
    digits = f"{region}{born:%Y%m%d}{order:03}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def luhn(digits: str) -> str:
    """``digits`` with the digit that makes them pass."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return digits + str(-total % 10)


ID_CARDS = st.builds(
    id_card,
    st.sampled_from(["110101", "310115", "440305", "510104", "650102", "820000"]),
    st.dates(date(1920, 1, 1), date(2025, 12, 31)),
    st.integers(0, 999),
)
BANK_CARDS = st.builds(
    lambda length, tail: luhn(("62" + tail)[: length - 1]),
    st.integers(16, 19),
    st.text(string.digits, min_size=17, max_size=17),
)
MOBILES = st.builds(
    lambda start, rest: f"{start}{rest:08}",
    st.sampled_from(["138", "159", "186", "199", "166"]),
    st.integers(0, 99999999),
)


@given(ID_CARDS, CHINESE, CHINESE)
def test_a_valid_identity_card_is_found_between_chinese(number: str, before: str, after: str) -> None:
    found = find(before + number + after, KEY)
    assert [(f.kind, f.start, f.end) for f in found] == [("id_card", len(before), len(before) + 18)]
    assert found[0].digest == keyed("id_card", number, KEY)


@given(ID_CARDS, st.integers(1, 9))
def test_a_wrong_check_digit_is_no_identity_card(number: str, shift: int) -> None:
    order = "0123456789X"
    wrong = number[:17] + order[(order.index(number[17]) + shift) % 11]
    assert not is_id_card(wrong)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (id_card("110101", date(2000, 2, 29), 1)[:10] + "0230" + "0017", "30 February"),
        (id_card("990101", date(2000, 1, 1), 1), "no such province"),
        ("1" + id_card("110101", date(2000, 1, 1), 1), "one digit too many before"),
        (id_card("110101", date(2000, 1, 1), 1) + "1", "one digit too many after"),
        ("3." + id_card("110101", date(2000, 1, 1), 1), "decimals"),
    ],
)
def test_what_is_no_identity_card(number: str, why: str) -> None:
    assert [f for f in find(f"编号{number}。", KEY) if f.kind == "id_card"] == [], why


@pytest.mark.parametrize("written", ["11010119900307{}", "110101 19900307 {}", "110101-19900307-{}"])
def test_an_identity_card_in_groups_has_the_same_digest(written: str) -> None:
    number = id_card("110101", date(1990, 3, 7), 771)
    found = find(f"身份证：{written.format(number[14:])}", KEY)
    assert [(f.kind, f.digest) for f in found] == [("id_card", keyed("id_card", number, KEY))]


@given(BANK_CARDS)
def test_a_bank_card_is_found_plain_and_in_groups(number: str) -> None:
    groups = " ".join(number[n : n + 4] for n in range(0, len(number), 4))
    assert is_bank_card(number)
    for written in (number, groups):
        if len(number) == 18 and is_id_card(number):
            continue
        assert [(f.kind, f.digest) for f in find(f"卡号{written}，", KEY)] == [
            ("bank_card", keyed("bank_card", number, KEY))
        ]


@given(BANK_CARDS, st.integers(1, 9))
def test_a_card_that_fails_luhn_is_none(number: str, shift: int) -> None:
    assert not is_bank_card(number[:-1] + str((int(number[-1]) + shift) % 10))


@pytest.mark.parametrize("number", [luhn("123456789012345"), luhn("6" * 14), luhn("62" + "1" * 18)])
def test_an_unknown_issuer_or_length_is_no_card(number: str) -> None:
    assert find(number, KEY) == []


@given(MOBILES, CHINESE)
def test_a_mobile_number_is_found(number: str, around: str) -> None:
    for written in (number, f"+86 {number}", f"86{number}", f"{number[:3]}-{number[3:7]}-{number[7:]}"):
        found = find(f"{around}电话{written}，", KEY)
        assert [(f.kind, f.digest) for f in found] == [("mobile", keyed("mobile", number, KEY))]


@pytest.mark.parametrize(
    "text",
    [
        "12345678901",
        "营收13800138000元",
        "13800138000.25",
        "0.13800138000",
        "113800138000",
        "138001380001",
        "12000138000",
    ],
)
def test_what_is_no_mobile_number(text: str) -> None:
    assert find(text, KEY) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("联系zhang.san+a@mail.example.com.cn，谢谢", "zhang.san+a@mail.example.com.cn"),
        ("邮箱13800138000@163.com", "13800138000@163.com"),
        ("A＠B-c.ORG。", "a@b-c.org"),
    ],
)
def test_an_address_is_found(text: str, value: str) -> None:
    assert [(f.kind, f.digest) for f in find(text, KEY)] == [("email", keyed("email", value, KEY))]


@pytest.mark.parametrize(
    "text", ["@", "甲@乙", "a@b", "a@b.c", "@example.com", "a @ example.com", "weibo @user.name"]
)
def test_what_is_no_address(text: str) -> None:
    assert find(text, KEY) == []


def test_a_long_run_of_letters_and_ats_does_not_stall() -> None:
    assert find("a" * 200_000 + "@" * 2_000, KEY) == []


def test_another_key_makes_another_digest() -> None:
    text = "电话13800138000"
    assert find(text, KEY)[0].digest != find(text, b"o" * 32)[0].digest


def test_findings_never_hold_the_value() -> None:
    assert "13800138000" not in repr(find("电话13800138000", KEY))


@given(
    st.lists(
        st.one_of(ID_CARDS, BANK_CARDS, MOBILES, CHINESE.filter(lambda t: t.strip(" \n") != "")),
        max_size=8,
    )
)
def test_masks_leave_no_value_and_everything_else(parts: list[str]) -> None:
    text = "。".join(parts)
    found = find(text, KEY)
    masked = mask(text, [(f.kind, f.start, f.end) for f in found])
    assert find(masked, KEY) == []
    rest, at = [], 0
    for f in found:
        rest.append(text[at : f.start])
        at = f.end
    rest.append(text[at:])
    expected = rest[0]
    for f, part in zip(found, rest[1:], strict=True):
        expected += f"[{MASKS[f.kind]}]{part}"
    assert masked == expected
