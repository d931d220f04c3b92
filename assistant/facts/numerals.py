"""Numbers as people write them, in Arabic digits and in Chinese numerals. Pure."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

# Bounded, so that a line of nothing but digits costs no more than its length.
ARABIC = r"\d{1,3}(?:[,，]\d{3}){1,5}(?!\d)(?:\.\d{1,8})?|\d{1,18}(?:\.\d{1,8})?"
CHINESE = r"[〇零一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟点]"

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2} | {d: v for v, d in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG = {"万": 10_000, "亿": 100_000_000}
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．", "0123456789.")


def read_number(text: str) -> Decimal | None:
    """The value of a number with its multipliers (`2.6854万`, `二万六千`), or nothing."""
    text = text.translate(_FULL_WIDTH).replace(",", "").replace("，", "").strip()
    factor = Decimal(1)
    while text and text[-1] in _BIG and len(text) > 1 and _is_arabic(text.rstrip("万亿千百")):
        factor *= _BIG[text[-1]]
        text = text[:-1]
    if text and text[-1] in "千百" and _is_arabic(text[:-1]):
        factor *= _TENS[text[-1]]
        text = text[:-1]
    if _is_arabic(text):
        return Decimal(text) * factor
    value = _read_chinese(text)
    return None if value is None else value * factor


def plain(value: Decimal) -> str:
    """Digits without exponent or trailing zeros: the normalised form of a value."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_arabic(text: str) -> bool:
    if not text or not text[0].isascii():
        return False
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _read_chinese(text: str) -> Decimal | None:
    whole, _, fraction = text.partition("点")
    value = _whole(whole)
    if value is None or (fraction and any(char not in _DIGITS for char in fraction)):
        return None
    if not fraction:
        return Decimal(value)
    return Decimal(value) + Decimal("0." + "".join(str(_DIGITS[char]) for char in fraction))


def _whole(text: str) -> int | None:
    if not text or text[0] in "百千万亿佰仟":
        return None  # a unit (万元), not a number
    if len(text) > 1 and all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))  # 二〇二三
    total, section, digit = 0, 0, 0
    last = 1
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _TENS:
            section += (digit or 1) * _TENS[char]
            last, digit = _TENS[char], 0
        elif char in _BIG:
            part = section + digit
            # 亿 multiplies what stands before it, 万 only its own section: 一亿二千万.
            total = (total + part) * _BIG[char] if char == "亿" else total + part * _BIG[char]
            section, digit, last = 0, 0, _BIG[char]
        else:
            return None
    if digit and last >= 100 and "零" not in text[-2:] and text[-1] in _DIGITS:
        digit *= last // 10  # 二万六 is 26,000
    return total + section + digit
