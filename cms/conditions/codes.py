"""Classifications in which a condition may have a code, and how their codes look."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db import models


class CodeSystem(models.TextChoices):
    ICD_10_CM = "icd-10-cm", "ICD-10-CM"
    ICD_11 = "icd-11", "ICD-11"
    MESH = "mesh", "MeSH"
    HPO = "hpo", "Human Phenotype Ontology"
    DOID = "doid", "Disease Ontology"
    SNOMED_CT = "snomed-ct", "SNOMED CT"


# (how a code looks, an example). Form only: whether the code exists is for the editor to know.
_FORMS = {
    CodeSystem.ICD_10_CM: (re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?"), "G25.3"),
    CodeSystem.ICD_11: (
        re.compile(r"[0-9A-HJ-NP-Z][A-HJ-NP-Z][0-9][0-9A-HJ-NP-Z](\.[0-9A-HJ-NP-Z]{1,2})?"),
        "8A06.0",
    ),
    CodeSystem.MESH: (re.compile(r"[DC][0-9]{6,9}"), "D009207"),
    CodeSystem.HPO: (re.compile(r"HP:[0-9]{7}"), "HP:0001336"),
    CodeSystem.DOID: (re.compile(r"DOID:[0-9]{1,10}"), "DOID:0060046"),
    # Of a concept: the two digits before the last say so.
    CodeSystem.SNOMED_CT: (re.compile(r"[1-9][0-9]{2,14}[01]0[0-9]"), "17450006"),
}

# Verhoeff's check digit: multiplication in the dihedral group of order ten, and what a digit becomes by its place.
_TIMES = [
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
]
_BECOMES = [
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
]


def check_code(system: str, code: str) -> None:
    """Raise ValidationError unless `code` looks like one of `system`."""
    if system not in _FORMS or not code:
        return  # said by the field itself
    pattern, example = _FORMS[CodeSystem(system)]
    if not pattern.fullmatch(code):
        label = CodeSystem(system).label
        raise ValidationError({"code": f"This is not the form of a code of {label}, such as {example}."})
    if system == CodeSystem.SNOMED_CT and not _has_check_digit(code):
        raise ValidationError(
            {"code": "One of its digits is wrong: the last, which checks the others, does not fit."}
        )


def _has_check_digit(digits: str) -> bool:
    remainder = 0
    for place, digit in enumerate(reversed(digits)):
        remainder = int(_TIMES[remainder][int(_BECOMES[place % 8][int(digit)])])
    return remainder == 0
