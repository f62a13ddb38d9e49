"""What a section of an article may be about. Imported by the settings: no Django here."""

from __future__ import annotations

# schema.org's HealthAspectEnumeration, in the words and the order of an article.
HEALTH_ASPECTS = [
    ("overview", "Overview"),
    ("types", "Types"),
    ("symptoms", "Symptoms"),
    ("causes", "Causes"),
    ("risk-factors", "Risk factors"),
    ("contagiousness", "Contagiousness"),
    ("diagnosis", "Diagnosis"),
    ("screening", "Screening"),
    ("stages", "Stages"),
    ("treatments", "Treatments"),
    ("side-effects", "Side effects"),
    ("self-care", "Self-care"),
    ("living-with", "Living with it"),
    ("prevention", "Prevention"),
    ("complications", "Complications"),
    ("prognosis", "Prognosis"),
    ("when-to-see-a-doctor", "When to see a doctor"),
    ("children", "In children"),
    ("pregnancy", "In pregnancy"),
    ("effectiveness", "Effectiveness"),
    ("safety", "Safety"),
    ("usage", "Usage"),
    ("misconceptions", "Misconceptions"),
    ("related-topics", "Related topics"),
]
