"""`handheld fields …`: which keys seal personal data, and renewing what an earlier key or cipher sealed."""

from typing import Annotated

import typer

from kit import crypto, sealed

cli = typer.Typer(no_args_is_help=True, help="Keys of personal data")


@cli.command("status")
def status() -> None:
    """Which key and cipher is in use where; exits 3 while something still carries an earlier one."""
    from mobileapi.cli import run_in_office

    found = run_in_office(sealed.status)
    wanted = crypto.told(crypto.head_now())
    for use in found:
        mark = "" if (use.cipher, use.key_id) == wanted else "  renew" if use.key_id in crypto.key_ids() else "  LOST"
        typer.echo(f"{use.place:44} {use.cipher:8} {use.key_id:12} {use.values:>9}{mark}")
    earlier = sum(use.values for use in found if (use.cipher, use.key_id) != wanted)
    typer.echo(f"{earlier} values carry an earlier key or cipher; now sealing with {wanted[1]}, {wanted[0]}")
    raise SystemExit(3 if earlier else 0)


@cli.command("rotate")
def rotate(batch: Annotated[int, typer.Option(min=1, max=5000, help="rows in one transaction")] = 500) -> None:
    """
    Seals everything anew with the first key of HANDHELD_FIELD_KEYS, while the office works.

    May be stopped and run again. Give the new key to every process first: as the last of the ring, then as its first.
    """
    from mobileapi.cli import run_in_office, stop

    result = run_in_office(lambda: sealed.reseal(batch=batch, tell=_tell))
    typer.echo(f"{result.done} values are sealed with {crypto.key_ids()[0]} now")
    if result.unreadable:
        places = ", ".join(sorted(set(result.unreadable)))
        stop(f"{len(result.unreadable)} values did not open and stay as they are, in {places}")


def _tell(place: str, done: int) -> None:
    typer.echo(f"  {place}: {done}", err=True)
