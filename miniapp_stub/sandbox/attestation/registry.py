"""The register: whose name belongs to which number. It knows who was put in, and nobody else."""

from miniapp_stub.sandbox.world import World


def enter(world: World, *, name: str, number: str) -> None:
    world.store.run(
        "INSERT INTO registry (number, name) VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET name = excluded.name",
        number.upper(), name,
    )  # fmt: skip


def name_of(world: World, number: str) -> str | None:
    row = world.store.one("SELECT name FROM registry WHERE number = ?", number.upper())
    return None if row is None else str(row["name"])
