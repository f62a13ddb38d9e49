"""Django's management commands of the CMS: `python -m cms migrate`."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    # Not setdefault(): a shell set up for the other service must not make this one run as it.
    os.environ["DJANGO_SETTINGS_MODULE"] = "cms.settings"
    execute_from_command_line(["python -m cms", *sys.argv[1:]])
