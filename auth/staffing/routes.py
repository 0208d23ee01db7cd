"""Organisation, duties, rosters and leave."""

from kit.web import Endpoint

ROUTES: list[Endpoint] = []
