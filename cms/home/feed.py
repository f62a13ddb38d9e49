from __future__ import annotations

from cms.feed.kinds import leave_out
from cms.home.models import HomePage

leave_out(HomePage)
