"""The courier's bag: what the delivery of notices keeps in memory."""

from dataclasses import dataclass, field

import anyio
import httpx2


@dataclass
class Courier:
    """`flying` holds ids of notices on their way, so that no two attempts of one notice overlap by accident."""

    flying: set[str] = field(default_factory=set)
    client: httpx2.AsyncClient | None = None
    _bell: anyio.Event = field(default_factory=anyio.Event)

    def wake(self) -> None:
        """Make the delivery round look again at once."""
        self._bell.set()

    async def rest(self, most_s: float) -> None:
        with anyio.move_on_after(most_s):
            await self._bell.wait()
        self._bell = anyio.Event()

    def line(self) -> httpx2.AsyncClient:
        """The HTTP client: no proxies from the environment, no redirects, no cookies worth keeping."""
        if self.client is None:
            self.client = httpx2.AsyncClient(trust_env=False, follow_redirects=False, limits=httpx2.Limits())
        return self.client

    async def close(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            await client.aclose()
