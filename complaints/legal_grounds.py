"""The law an infringement rests on, by the register of the right and its kind.

Used in the seller's copy and in the EU record of a statement of reasons, both of which must name
the legal ground relied on (DSA article 17(3)(d)). China's laws are named in the language in use;
laws elsewhere as they name themselves.
"""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_LAWS: Final[dict[tuple[str, str], str | Promise]] = {
    ("CN", "trademark"): _("Trademark Law of the People's Republic of China, art. 57"),
    ("CN", "copyright"): _("Copyright Law of the People's Republic of China, art. 53"),
    ("CN", "design"): _("Patent Law of the People's Republic of China, art. 11"),
    ("CN", "patent"): _("Patent Law of the People's Republic of China, art. 11"),
    ("EU", "trademark"): "Regulation (EU) 2017/1001 on the EU trade mark, art. 9",
    ("EU", "copyright"): "Directive 2001/29/EC as transposed, art. 4",
    ("EU", "design"): "Regulation (EC) No 6/2002 on Community designs, art. 19",
    ("US", "trademark"): "Lanham Act, 15 U.S.C. § 1114",
    ("US", "copyright"): "17 U.S.C. § 106",
    ("US", "design"): "35 U.S.C. § 271",
    ("US", "patent"): "35 U.S.C. § 271",
    ("DE", "trademark"): "Markengesetz, § 14",
    ("DE", "copyright"): "Urheberrechtsgesetz, § 17",
    ("DE", "design"): "Designgesetz, § 38",
    ("DE", "patent"): "Patentgesetz, § 9",
    ("FR", "trademark"): "Code de la propriété intellectuelle, art. L713-2",
    ("GB", "trademark"): "Trade Marks Act 1994, s. 10",
    ("JP", "trademark"): "Trademark Act (Act No. 127 of 1959), art. 25",
}


def ground(jurisdiction: str, kind: str) -> str:
    """Return the law by name and article, or else as the national law on that kind of right."""
    known = _LAWS.get((jurisdiction, kind))
    return str(known) if known else f"National law of {jurisdiction} on the {kind} right"
