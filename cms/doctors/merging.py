"""Merging practices that are one and the same: the doctors move, and nothing that names the other one breaks.

The revisions of doctors' pages name practices by primary key, in JSON, thousands of them. They stay as they are: what
became of a practice is noted (`PracticeMerge`), and followed whenever a revision is read.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.forms import model_to_dict
from wagtail.log_actions import log
from wagtail.models import ReferenceIndex
from wagtail.signal_handlers import disable_reference_index_auto_update

from cms.doctors.models import DoctorPractice
from cms.doctors.practices import Practice, PracticeMerge

MERGE = "doctors.merge_practice"
MERGED = "doctors.practice_merged"
AT_ONCE = 500

User = AbstractBaseUser | AnonymousUser


def merge(kept: Practice, others: Sequence[Practice], user: User) -> int:
    """Have all who work at `others` work at `kept`, and delete `others`, all of it or nothing. The number of doctors'
    pages that moved is returned, drafts included.

    A doctor who works at both keeps the row of `kept`. The queries are some for each of `others`, not for each doctor.
    """
    with transaction.atomic():
        # Whoever sends a doctor to one of them meanwhile waits, and is refused then.
        pks = [kept.pk, *(other.pk for other in others)]
        list(Practice.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
        return sum(_merge_one(kept, other, user) for other in others)


def _merge_one(kept: Practice, other: Practice, user: User) -> int:
    assert other.pk != kept.pk
    rows = DoctorPractice.objects.filter(practice=other)
    earlier = Q(practice=kept) | Q(practice=other, pk__lt=OuterRef("pk"))
    repeated = rows.filter(Exists(DoctorPractice.objects.filter(earlier, page=OuterRef("page"))))
    references = ReferenceIndex.objects.filter(
        to_content_type=ContentType.objects.get_for_model(Practice), to_object_id=str(other.pk)
    )
    gone = [f"practices.{pk}.practice" for pk in repeated.values_list("pk", flat=True)]
    for start in range(0, len(gone), AT_ONCE):
        references.filter(content_path__in=gone[start : start + AT_ONCE]).delete()
    with disable_reference_index_auto_update():
        repeated.delete()
    moved: int = rows.update(practice=kept)
    references.update(to_object_id=str(kept.pk))

    PracticeMerge.objects.filter(kept=other).update(kept=kept)
    PracticeMerge.objects.create(former_pk=other.pk, former_uuid=other.uuid, kept=kept)
    facts = {name: str(value) for name, value in model_to_dict(other).items() if value}
    facts["opening_hours"] = "; ".join(map(str, other.opening_hours.all()))
    log(kept, MERGE, user=user, data={"other": str(other), "facts": facts, "doctors": moved + len(gone)})
    log(other, MERGED, user=user, data={"kept": str(kept), "kept_pk": kept.pk}, deleted=True)
    other.delete()
    return moved + len(gone)
