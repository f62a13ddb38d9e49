from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from cms.conditions.codes import CodeSystem, check_code


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("icd-10-cm", "G25.3"),
        ("icd-10-cm", "G25.81"),
        ("icd-10-cm", "I10"),
        ("icd-10-cm", "C7A.010"),
        ("icd-10-cm", "S72.001A"),
        ("icd-11", "8A06"),
        ("icd-11", "8A06.0Y"),
        ("icd-11", "MB24.5"),
        ("mesh", "D009207"),
        ("mesh", "C535576"),
        ("hpo", "HP:0001336"),
        ("doid", "DOID:4"),
        ("snomed-ct", "17450006"),
        ("snomed-ct", "32914008"),
        ("snomed-ct", "22298006"),
        ("snomed-ct", "999000041000000102"),
    ],
)
def test_a_code_of_the_right_form_is_taken(system: str, code: str) -> None:
    check_code(system, code)


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("icd-10-cm", "g25.3"),
        ("icd-10-cm", "G25.3\n"),
        ("icd-10-cm", "G253"),
        ("icd-10-cm", "HP:0001336"),
        ("icd-11", "8I06"),
        ("mesh", "D12"),
        ("hpo", "HP:1336"),
        ("doid", "0060046"),
        ("snomed-ct", "12345"),
        ("snomed-ct", "01745006"),
        ("snomed-ct", "1234567890123456789"),
        ("snomed-ct", "17450016"),  # of a description
    ],
)
def test_a_code_of_another_form_is_refused_with_an_example(system: str, code: str) -> None:
    with pytest.raises(ValidationError, match="such as"):
        check_code(system, code)


@pytest.mark.parametrize("code", ["17450001", "17540006", "71450006", "22298106"])
def test_a_slip_in_a_snomed_code_is_found(code: str) -> None:
    with pytest.raises(ValidationError, match="One of its digits is wrong"):
        check_code(CodeSystem.SNOMED_CT, code)


def test_what_the_fields_themselves_refuse_is_left_to_them() -> None:
    check_code("", "G25.3")
    check_code("no-such-system", "G25.3")
    check_code(CodeSystem.HPO, "")
