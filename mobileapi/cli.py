"""The operator's commands: `handheld …`. Every failure is one sentence that says what to do."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError
from yaml import YAMLError

from kit import config, db
from mobileapi import fields, keys
from mobileapi.settings import OfficeSettings, load

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Handheld Office 掌上办"
)
staff = typer.Typer(no_args_is_help=True, help="Accounts of staff")
audit_log = typer.Typer(no_args_is_help=True, help="The audit log")
cli.add_typer(staff, name="staff")
cli.add_typer(audit_log, name="audit")
cli.add_typer(keys.cli, name="keys")
cli.add_typer(fields.cli, name="fields")

T = TypeVar("T")


class Importable(StrEnum):
    regions = "regions"
    staff = "staff"
    items = "items"
    bills = "bills"
    calendar = "calendar"
    replies = "replies"
    words = "words"
    windows = "windows"


class Channel(StrEnum):
    wechat = "wechat"
    alipay = "alipay"


def main() -> None:
    """Entry point of the console script."""
    try:
        cli()
    except (config.BadConfiguration, ValidationError) as error:
        stop(f"the settings are not right: {_named(error)}")


def stop(sentence: str, *, code: int = 1) -> None:
    """Ends the command with one clear sentence."""
    print(f"handheld: {sentence}", file=sys.stderr)
    raise SystemExit(code)


def _named(error: Exception) -> str:
    if isinstance(error, ValidationError):  # names the keys, never the values
        return "; ".join(
            f"HANDHELD_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors(include_input=False)
        )
    return str(error)


def _on_one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def with_database(settings: OfficeSettings) -> OfficeSettings:
    """The settings with a database in them: the one that is named, or the embedded one, started or joined."""
    if settings.database_url is None:
        url = db.start_embedded(settings.data_dir)
        db.url_for_children(url)
        settings = settings.model_copy(update={"database_url": url})
        config.install(settings)
    asyncio.run(db.require(settings.database_url or ""))
    return settings


def with_schema(settings: OfficeSettings) -> OfficeSettings:
    """The same, with its schema as new as the program."""
    from mobileapi import tables as schema

    settings = with_database(settings)
    missing = asyncio.run(schema.not_applied(settings.database_url or ""))
    if missing:
        stop(f"the schema is older than the program ({missing[0]} is missing); run `handheld migrate`")
    return settings


def run_in_office(work: Callable[[], Awaitable[T]]) -> T:
    """Runs `work` with the database open, the rooms connected and the outside world at hand."""
    from kit.log import configure

    settings = with_schema(load())
    configure(settings.log_level)  # masked, and on standard error: standard output is the command's own

    async def inside() -> T:
        from mobileapi import app

        async with app.opened(settings, serving=False):
            return await work()

    return asyncio.run(inside())


@cli.command()
def serve(host: str = "127.0.0.1", port: int = 8000, workers: int = 1) -> None:
    """Serve the API, the sockets and the faces."""
    import uvicorn

    from chat.frames import FRAME_CAP

    os.environ.setdefault("HANDHELD_ENV", with_schema(load()).env)
    uvicorn.run(
        "mobileapi.app:create_app", factory=True, host=host, port=port, workers=workers, loop="uvloop",
        http="kit.patience:PatientHttp", ws="kit.patience:PatientSocket", ws_per_message_deflate=False,
        ws_max_size=2 * FRAME_CAP,  # a frame over our cap is answered with an error; far over it, the socket closes
        proxy_headers=False, server_header=False, access_log=False, log_config=None,
        timeout_graceful_shutdown=10, timeout_keep_alive=30,
    )  # fmt: skip


@cli.command()
def worker() -> None:
    """Run background jobs and schedules."""
    settings = with_schema(load())
    asyncio.run(_work(settings))


async def _work(settings: OfficeSettings) -> None:
    import signal

    from kit import jobs
    from kit.log import configure
    from mobileapi import app

    configure(settings.log_level)
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    async with app.opened(settings, serving=False):
        await jobs.work(jobs.worker_app(settings.database_url or ""), stop=stopping)


@cli.command()
def demo(
    port: int = 8000,
    sandbox_port: int = 8001,
    data: Annotated[Path, typer.Option(help="folder of everything the demonstration keeps")] = Path("data/demo"),
    reset: Annotated[bool, typer.Option("--reset", help="begin anew")] = False,
) -> None:
    """Start everything on this machine: database, demonstration district, platform sandbox, server and worker."""
    from mobileapi.demo import run

    run.demonstrate(port=port, sandbox_port=sandbox_port, data=data, reset=reset)


@cli.command()
def migrate(
    app_role: Annotated[str, typer.Option(help="role the program runs as, when it does not own the tables")] = "",
) -> None:
    """Bring the database's schema up to date."""
    from mobileapi import grants
    from mobileapi import tables as schema

    settings = with_database(load())
    asyncio.run(schema.migrate(settings.database_url or ""))
    print("the schema is up to date")
    from auth.privacy import deletions

    undone = run_in_office(deletions.replay)
    if undone:
        print(f"{undone} deletions the database did not know are carried out again")
    if app_role:
        guarded = asyncio.run(grants.grant(settings.database_url or "", app_role))
        print(f"{app_role} may use the tables; rows are only ever added to {', '.join(guarded)}")


@cli.command()
def doctor() -> None:
    """Check every setting and every outside party, and say what to do."""
    from mobileapi import doctor as examination

    raise SystemExit(examination.examine())


@cli.command("import")
def import_file(
    what: Importable,
    file: Path,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check only, write nothing")] = False,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="import the good rows, report the bad ones")] = False,
) -> None:
    """Import a YAML or CSV file; a bad row is reported with its line."""
    from kit.imports import NothingToImport
    from mobileapi import imports

    if not file.exists():
        stop(f"there is no file {file}")
    try:
        report = run_in_office(lambda: imports.import_file(what.value, file, dry_run=dry_run, keep_going=keep_going))
    except (UnicodeDecodeError, YAMLError) as error:
        stop(f"{file} cannot be read as {'YAML' if isinstance(error, YAMLError) else 'UTF-8'}: {_on_one_line(error)}")
        return
    except NothingToImport as missing:
        stop(f"{missing}, so nothing was imported as {what.value}")
        return
    print(report.summary())
    for problem in report.problems:
        print(f"  {problem}", file=sys.stderr)
    if report.problems and not keep_going:
        raise SystemExit(1)


@staff.command("add")
def staff_add(
    name: Annotated[str, typer.Argument(help="user name to sign in with")],
    role: Annotated[str, typer.Option(help="clerk, supervisor, finance, auditor, admin; several with commas")],
    department: Annotated[str, typer.Option(help="code of the department")],
    full_name: Annotated[str, typer.Option(help="the person's name")] = "",
) -> None:
    """Make an account; its one-time password is printed once, and changed at the first sign-in."""
    from auth.errors import UnknownDepartment, UnknownRole, UsernameTaken
    from auth.staff import add_staff

    try:
        made = run_in_office(
            lambda: add_staff(name, name=full_name or name, roles=role.split(","), department=department)
        )
    except (UnknownDepartment, UnknownRole, UsernameTaken) as error:
        stop(error.detail.in_language("en"))
        return
    print(f"user name  {name}\npassword   {made.password}   (good once: the first sign-in asks for another)")
    print("The authenticator is enrolled at the first sign-in. The password is not shown again.")


@cli.command()
def reconcile(
    channel: Annotated[Channel, typer.Option()],
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="the channel's day, Beijing time")],
) -> None:
    """Run or re-run one day; exits 0 balanced, 3 with differences, 1 when it could not run."""
    from payments.reconciliation import run_day

    raise SystemExit(run_in_office(lambda: _reconciled(run_day, channel.value, day.date())))


async def _reconciled(run_day: Callable[..., Awaitable[object]], channel: str, day: date) -> int:
    outcome = await run_day(channel, day)
    print(outcome)
    return int(getattr(outcome, "exit_code", 1))


@audit_log.command("verify")
def audit_verify() -> None:
    """Prove the audit chain, or name the first row that does not hold."""
    from kit import anchors

    rows, broken = run_in_office(anchors.proven)
    if broken is not None:
        stop(f"the audit chain breaks at row {broken.seq}: {broken.why} ({rows} rows before it hold)")
    print(f"the audit chain holds: {rows} rows")


if __name__ == "__main__":
    main()
