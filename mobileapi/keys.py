"""`handheld keys …`: the keys that sign access tokens, changed while the office works."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from auth.errors import NoSuchKey
from auth.keyring import ring, rotation
from auth.keyring.models import SigningKey
from auth.keys import Algorithm

cli = typer.Typer(no_args_is_help=True, help="Keys that sign access tokens")


class Kind(StrEnum):
    EdDSA = "EdDSA"
    ES256 = "ES256"


@cli.command("list")
def list_keys() -> None:
    """Every key with its standing: next, signs, verifies, ended, withdrawn."""
    from mobileapi.cli import run_in_office

    for line in run_in_office(_lines):
        typer.echo(line)


async def _lines() -> list[str]:
    rows = await rotation.keys_kept()
    await ring.refresh()
    return [_line(row) for row in rows]


def _line(row: SigningKey) -> str:
    until = f"  until {_minute(row.verifies_until)}" if row.verifies_until else ""
    return f"{row.id}  {row.algorithm:5}  {rotation.standing(row):9}  from {_minute(row.signs_from)}{until}"


def _minute(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%SZ")


@cli.command("rotate")
def rotate(algorithm: Annotated[Kind, typer.Option(help="the new key's type")] = Kind.EdDSA) -> None:
    """Publish a new key; every process signs with it some seconds later, and nobody is signed out."""
    from mobileapi.cli import run_in_office

    kind: Algorithm = "EdDSA" if algorithm is Kind.EdDSA else "ES256"
    row = run_in_office(lambda: rotation.rotate(algorithm=kind))
    typer.echo(f"{row.id} is published and signs from {_minute(row.signs_from)}")


@cli.command("withdraw")
def withdraw(kid: Annotated[str, typer.Argument(help="id of the key, as `handheld keys list` shows it")]) -> None:
    """Refuse every token of a key at once; whoever holds one refreshes, and stays signed in."""
    from mobileapi.cli import run_in_office, stop

    try:
        made = run_in_office(lambda: rotation.withdraw(kid))
    except NoSuchKey:
        stop(f"there is no key {kid}; `handheld keys list` shows them")
        return
    typer.echo(f"{kid} is withdrawn" + (f"; {made} signs in its place" if made else ""))
