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
    CodeSystem.SNOMED_CT: (re.compile(r"[0-9]{6,18}"), "17450006"),
}


def check_code(system: str, code: str) -> None:
    """Raise ValidationError unless `code` looks like one of `system`."""
    if system not in _FORMS or not code:
        return  # said by the field itself
    pattern, example = _FORMS[CodeSystem(system)]
    if not pattern.fullmatch(code):
        label = CodeSystem(system).label
        raise ValidationError({"code": f"This is not the form of a code of {label}, such as {example}."})
