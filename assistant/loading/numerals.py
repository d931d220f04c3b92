"""Numbers as Word prints them in automatic labels: Chinese, circled, Roman, lettered."""

from __future__ import annotations

from collections.abc import Callable

DIGITS = "零一二三四五六七八九"
LEGAL = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
STEMS = "甲乙丙丁戊己庚辛壬癸"
BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


def chinese(number: int) -> str:
    """一, 十二, 二十, 一百零一, 一百一十."""
    text = _spelled(number)
    return text.removeprefix("一") if text.startswith("一十") else text


def legal(number: int) -> str:
    """壹, 壹拾贰, 贰拾: the figures of receipts."""
    return _spelled(number).translate(LEGAL)


def _spelled(number: int) -> str:
    if not 0 < number < 10_000:
        return str(number)
    text, pending = "", False
    for value, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, value)
        if not digit:
            pending = bool(text)
            continue
        text += ("零" if pending else "") + DIGITS[digit] + unit
        pending = False
    return text


def roman(number: int) -> str:
    """Roman capitals."""
    text = ""
    for value, letters in _ROMAN:
        while number >= value:
            text += letters
            number -= value
    return text


def letter(number: int) -> str:
    """A … Z, AA, BB … as Word counts."""
    return chr(65 + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _digits(alphabet: str) -> Callable[[int], str]:
    return lambda number: "".join(alphabet[int(digit)] for digit in str(number))


def _series(alphabet: str) -> Callable[[int], str]:
    return lambda number: alphabet[number - 1] if number <= len(alphabet) else str(number)


def _run(first: str, length: int) -> Callable[[int], str]:
    return _series("".join(chr(ord(first) + offset) for offset in range(length)))


_CIRCLED = _series("".join(chr(c) for c in (*range(0x2460, 0x2474), *range(0x3251, 0x3260))))

FORMATS: dict[str, Callable[[int], str]] = {
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "koreanCounting": chinese,
    "ideographDigital": _digits("〇一二三四五六七八九"),
    "japaneseDigitalTenThousand": _digits("〇一二三四五六七八九"),
    "taiwaneseDigital": _digits("○一二三四五六七八九"),
    "chineseLegalSimplified": legal,
    "ideographLegalTraditional": legal,
    "japaneseLegal": legal,
    "ideographTraditional": _series(STEMS),
    "ideographZodiac": _series(BRANCHES),
    "ideographEnclosedCircle": _run("㈠", 10),
    "decimalEnclosedCircle": _CIRCLED,
    "decimalEnclosedCircleChinese": _CIRCLED,
    "decimalEnclosedParen": _run("⑴", 20),
    "decimalEnclosedFullstop": _run("⒈", 20),
    "decimalFullWidth": _digits("０１２３４５６７８９"),
    "decimalFullWidth2": _digits("０１２３４５６７８９"),
    "decimalZero": lambda number: f"{number:02d}",
    "upperRoman": roman,
    "lowerRoman": lambda number: roman(number).lower(),
    "upperLetter": letter,
    "lowerLetter": lambda number: letter(number).lower(),
    "none": lambda number: "",
    "bullet": lambda number: "",
}


def render_number(number: int, name: str) -> str:
    """Print `number` in the numbering format Word calls `name`; unknown formats as digits."""
    if number < 1 and name not in ("decimalZero", "none", "bullet"):
        return str(number)
    return FORMATS.get(name, str)(min(number, 100_000))
