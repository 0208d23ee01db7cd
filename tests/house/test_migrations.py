"""Models and migrations say the same, so that a changed model cannot be forgotten."""

from typing import Any

import pytest
from tortoise.cli.cli import tortoise_cli_context
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.operations import AlterModelOptions

from mobileapi.settings import tables

pytestmark = pytest.mark.anyio


async def test_no_model_was_changed_without_a_migration() -> None:
    config: dict[str, Any] = tables("postgres://nobody@127.0.0.1/nothing")  # only described, never opened
    async with tortoise_cli_context(config) as context:
        assert context.apps is not None
        found = await MigrationAutodetector(context.apps, config["apps"]).changes()
    changes = [
        f"{written.app_label}: {type(operation).__name__} {vars(operation)}"
        for written in found
        for operation in written.operations
        if not isinstance(operation, AlterModelOptions)  # how Tortoise names a key that is a relation; no column
    ]
    assert changes == []
