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
