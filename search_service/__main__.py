"""`python -m search_service <command>`: the service's management commands."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    # This is the search service, whatever the shell has set for the other.
    os.environ["DJANGO_SETTINGS_MODULE"] = "search_service.settings"
    execute_from_command_line(["python -m search_service", *sys.argv[1:]])
