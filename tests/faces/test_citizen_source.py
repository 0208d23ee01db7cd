"""What must hold for the citizen mini-app's source, whether or not it has been built."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FACES = Path(__file__).resolve().parents[2] / "miniapp_stub"
CITIZEN = FACES / "citizen"
SOURCE = CITIZEN / "src"
TOOLS = FACES / "tools"
HAN = re.compile(r"[\u3400-\u9fff]")
TEMPLATE = re.compile(r"<template>(.*)</template>", re.DOTALL)
OWN_TAGS = re.compile(r"<(button|input|textarea|image|img|navigator|picker|a)[\s>/]")
WORD_USED = re.compile(r"""\bt\(\s*(["'])([\w.]+)\1\s*[,)]""")
HOME_ADDRESS = re.compile(r"https?://(?!www\.w3\.org|office\.example\.gov\.cn)[\w.-]+")


def words(language: str) -> dict[str, str]:
    book: dict[str, str] = json.loads((SOURCE / "i18n" / f"{language}.json").read_text("utf-8"))
    return book


def vue_files(*, kit: bool) -> Iterator[Path]:
    for path in sorted(SOURCE.rglob("*.vue")):
        if ("kit" in path.relative_to(SOURCE).parts) is kit:
            yield path


def run_tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(TOOLS / name), *arguments], capture_output=True, text=True, check=False)


def test_both_languages_hold_the_same_sentences():
    assert list(words("zh")) == list(words("en"))


def test_english_holds_no_chinese():
    assert {key: text for key, text in words("en").items() if HAN.search(text)} == {}


def test_placeholders_are_the_same_in_both_languages():
    def holes(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    english = words("en")
    assert {key for key, text in words("zh").items() if holes(text) != holes(english[key])} == set()


def test_every_sentence_a_page_asks_for_is_written():
    asked = {
        match[2]
        for path in SOURCE.rglob("*")
        if path.suffix in {".vue", ".ts"}
        for match in WORD_USED.finditer(path.read_text("utf-8"))
    }
    assert len(asked) > 200
    assert asked - set(words("zh")) == set()


def test_no_chinese_sentence_stands_in_a_template_outside_the_word_books():
    allowed = {"中文"}
    found = []
    for kit in (True, False):
        for path in vue_files(kit=kit):
            template = TEMPLATE.search(path.read_text("utf-8"))
            text = re.sub(r"<!--.*?-->", "", template[1] if template else "", flags=re.DOTALL)
            found += [f"{path.name}: {one}" for one in re.findall(rf"{HAN.pattern}+", text) if one not in allowed]
    assert found == []


def test_only_the_kit_uses_the_platforms_own_controls():
    offenders = [
        f"{path.relative_to(SOURCE)}: <{match[1]}>"
        for path in vue_files(kit=False)
        for match in OWN_TAGS.finditer(path.read_text("utf-8"))
    ]
    assert offenders == []


def test_no_template_carries_a_static_style():
    offenders = [
        str(path.relative_to(SOURCE))
        for kit in (True, False)
        for path in vue_files(kit=kit)
        if re.search(r'(?<!:)\bstyle="', path.read_text("utf-8"))
    ]
    assert offenders == []


def test_every_page_has_its_file_and_every_file_its_page():
    declared = json.loads((SOURCE / "pages.json").read_text("utf-8"))
    pages = [page["path"] for page in declared["pages"]]
    pages += [f"{part['root']}/{page['path']}" for part in declared["subPackages"] for page in part["pages"]]
    present = [
        str(path.relative_to(SOURCE).with_suffix(""))
        for path in vue_files(kit=False)
        if path.name != "App.vue" and path.parent.name != "parts"
    ]
    assert sorted(pages) == sorted(present)


def test_every_page_opened_exists():
    declared = json.loads((SOURCE / "pages.json").read_text("utf-8"))
    pages = {f"{part['root']}/{page['path']}" for part in declared["subPackages"] for page in part["pages"]}
    opened = {
        match
        for path in SOURCE.rglob("*.vue")
        for match in re.findall(r"""["'](sub/[a-z]+/[a-z]+)["']""", path.read_text("utf-8"))
    }
    assert len(opened) > 15
    assert opened - pages == set()


def test_no_outside_address_is_named():
    found = {
        match
        for path in SOURCE.rglob("*")
        if path.suffix in {".vue", ".ts", ".css"}
        for match in HOME_ADDRESS.findall(path.read_text("utf-8"))
    }
    assert found == set()


def test_the_stylesheet_is_made_from_the_tokens_as_they_are():
    checked = run_tool("make_tokens.py", "--check")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_lock_can_be_installed_anywhere():
    checked = run_tool("check_lock.py", str(CITIZEN / "package-lock.json"))
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_lock_that_names_its_registry_or_misses_a_platform_is_refused(tmp_path: Path):
    broken = {
        "packages": {
            "": {"name": "x"},
            "node_modules/rollup": {
                "version": "1.0.0",
                "resolved": "https://registry.invalid/rollup.tgz",
                "optionalDependencies": {"@rollup/rollup-linux-x64-gnu": "1.0.0"},
            },
        }
    }
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps(broken), "utf-8")
    checked = run_tool("check_lock.py", str(lock))
    assert checked.returncode == 1
    assert "misses node_modules/rollup -> @rollup/rollup-linux-x64-gnu" in checked.stderr
    assert "names the registry" in checked.stderr


def test_versions_are_exact_pins():
    package = json.loads((CITIZEN / "package.json").read_text("utf-8"))
    pinned = {**package["dependencies"], **package["devDependencies"], **package["overrides"]}
    assert {
        name: version for name, version in pinned.items() if not re.fullmatch(r"\d+\.\d+\.\d+(-\d+)?", version)
    } == {}


@pytest.mark.parametrize("platform", ["weixin", "alipay"])
def test_the_mini_program_package_loads_and_registers_every_page(platform: str):
    package = CITIZEN / "dist" / f"mp-{platform}"
    node = shutil.which("node")
    if not (package / "app.json").is_file() or node is None:
        pytest.skip("web not built")
    done = subprocess.run(
        [node, str(TOOLS / "mp_smoke.cjs"), platform, str(package)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ", 0 faults" in done.stdout


def test_the_built_h5_holds_no_inline_script_and_no_inline_style():
    page = CITIZEN / "dist" / "h5" / "index.html"
    if not page.is_file():
        pytest.skip("web not built")
    html = page.read_text("utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == []
    assert re.findall(r"<style|\sstyle=", html) == []
