"""Skeletons of names: what passes for another is one, what differs stays apart."""

import pytest

from portal.core import names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("राम", "रूम"),
        ("กิน", "กัน"),
        ("かき", "がき"),
        ("한국", "하국"),
        ("שָׁלוֹם", "שָׂלוֹם"),
        ("உமி", "உமீ"),
    ],
)
def test_marks_that_make_another_word_of_other_scripts_count(one, other) -> None:
    assert names.skeleton(one) != names.skeleton(other)
    assert names.skeleton(one)


@pytest.mark.parametrize(
    ("fake", "real"),
    [
        ("\u0261ucci", "gucci"),
        ("\u0251didas", "adidas"),
        ("\u1d00\u1d05\u026a\u1d05\u1d00\ua731", "adidas"),
        ("\ua4ee\ua4d3\ua4f2\ua4d3\ua4ee\ua4e2", "adidas"),
        ("Levi\u02bcs", "Levis"),
        ("Yahoo\u01c3", "Yahoo"),
        ("Yahoo!", "Yahoo"),
        ("N\u0323ike\u0301", "nike"),
        ("Ёлка", "Елка"),
        ("Ελλάς", "Ελλας"),
        ("ＣＯＣＡ", "coca"),
        ("ｶﾞﾝﾀﾞﾑ", "ガンダム"),
    ],
)
def test_letters_that_look_alike_are_one(fake, real) -> None:
    assert names.skeleton(fake) == names.skeleton(real)


@pytest.mark.parametrize("word", ["a\ua4d3idas", "a\u2c81b", "a\U00010428b"])
def test_scripts_that_look_like_latin_are_not_mixed_with_it(word) -> None:
    assert names.mixed_word(f"The {word} company") == word


@pytest.mark.parametrize("name", ["🍎🍎", "\u0301\u0301", "!!!", "\u02bc", "\u200d"])
def test_a_name_without_a_letter_or_digit_has_no_skeleton(name) -> None:
    assert names.skeleton(name) == ""
