"""docs/privacy.md: what is kept of people, generated from what every package hands in and from the models."""

import importlib
import inspect

from tortoise.fields import BinaryField
from tortoise.models import Model

from auth.privacy.config import PrivacySettings
from auth.privacy.notices import versions
from auth.privacy.purposes import PURPOSES
from mobileapi.personal import CONTRIBUTORS, EXEMPT
from mobileapi.settings import APPS

HEAD = """# Personal data

Generated from the code by `make docs`: from what each package hands in (`personal.py`), the purposes
(`auth/privacy/purposes.py`) and the models. How the flows run stands in `docs/identity.md` under "Personal data".
PIPL is the Personal Information Protection Law.

## What is kept, why, for how long

"At closure" is what closing the account does: *deleted*; *pseudonymised*, which leaves the row under the account's
opaque id, names and numbers gone; or *kept*, which holds nothing that leads to a person but that id. People read the
same table in the app, and get it with the copy of their data.

| table | what | why | ground | kept for | at closure |
|---|---|---|---|---|---|"""

EXEMPTED = """
## Tables that are in no copy and are not forgotten

| table | why |
|---|---|"""

PURPOSE_HEAD = """
## Purposes and consent

Statutory duty needs a notice and no consent (PIPL art. 13 (1)(3), 34, 35); a separate consent is asked where it is
needed and nowhere else (art. 16, 29).

| purpose | ground | what | withdrawing |
|---|---|---|---|"""

SEALED_HEAD = """
## Sealed columns

AES-256-GCM or SM4-GCM (`HANDHELD_FIELD_CIPHER`), bound to table, column and row, the key's id in the header. Files of
certificates and of exports are sealed in the store as well; photographs are not, they lie behind signed links.
`handheld fields status` counts what each key seals, `handheld fields rotate` seals anew while the office works.

| table | column |
|---|---|"""

KEYS = """
## Keys

- **Changing the key of personal data.** Add the new key at the end of `HANDHELD_FIELD_KEYS` and restart every process;
  put it first and restart; run `handheld fields rotate`; when `handheld fields status` exits 0, take the old key out.
  `handheld doctor` refuses a ring that lacks a key some value needs. Old backups need the old key: keep it as long as
  they are kept, apart from them; destroying it shreds what they hold of the sealed columns.
- **The key of the blind indexes** (`HANDHELD_INDEX_KEY`) cannot be changed while the office works: a bill keeps the
  index of its payer's numbers and not the numbers, so that it can only be made anew from the department's own file.
  The way would be a second index column beside the first, filled from the sealed numbers and from a new import, read
  together until the first is dropped. It is not built. The audit log's keyed digests rest on the same key.
"""


def privacy_page() -> str:
    """The whole page."""
    kept = [entry for contributor in CONTRIBUTORS for entry in contributor.kept]
    lines = [HEAD]
    lines += [
        f"| `{k.table}` | {k.what.en} | {k.why.en} | {k.ground} | {k.kept_for.en} | {k.at_closure} |"
        for k in sorted(kept, key=lambda k: k.table)
    ]
    lines += [EXEMPTED, *(f"| `{table}` | {why} |" for table, why in sorted(EXEMPT.items()))]
    lines += [PURPOSE_HEAD]
    lines += [f"| `{p.code}` | {p.ground.value} | {p.what.en} | {p.effect.en} |" for p in PURPOSES.values()]
    lines += [f"\nVersions of the notice: {', '.join(n.version for n in versions())}.", SEALED_HEAD]
    lines += [f"| `{table}` | `{column}` |" for table, column in sorted(sealed_columns())]
    lines += [KEYS, "## Limits\n", *_limits()]
    return "\n".join(lines) + "\n"


def _limits() -> list[str]:
    fields = PrivacySettings.model_fields
    own = [name for name in fields if name in PrivacySettings.__annotations__]
    return [f"- `HANDHELD_{name.upper()}` ({fields[name].default}): {fields[name].description}" for name in own]


def sealed_columns() -> set[tuple[str, str]]:
    found = set()
    for module in {importlib.import_module(path) for path in APPS.values()}:
        for _, model in inspect.getmembers(module, inspect.isclass):
            if issubclass(model, Model) and model is not Model:
                extra = getattr(model, "sealed", {})
                names = [n for n, f in model._meta.fields_map.items() if isinstance(f, BinaryField)]
                found |= {(model._meta.db_table, n) for n in names if n.endswith("_sealed") or n in extra}
    return found
