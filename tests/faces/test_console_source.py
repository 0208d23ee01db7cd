"""The console's source keeps what its pages promise: two languages, a strict content policy, a lock anybody can install."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

WEB = Path(__file__).resolve().parents[2] / "miniapp_stub" / "web"
HAN = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")
PLACES = re.compile(r"\{(\w+)\}")
# Texts named by a code of the server: t(`family.${code}`) and named('family', code).
BY_CODE = re.compile(r"\bt\(`([a-z_]+)\.\$\{|\bnamed\('([a-z_]+)',")
BY_NAME = re.compile(r"'([a-z_]+\.[a-z_]+)'")


def words(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((WEB / "src" / "i18n" / f"{language}.json").read_text("utf-8"))
    return found


def sources() -> list[Path]:
    return sorted(path for path in (WEB / "src").rglob("*") if path.suffix in {".ts", ".vue", ".css"})


def source() -> str:
    return "\n".join(path.read_text("utf-8") for path in sources())


def with_match(pattern: str) -> list[str]:
    return [path.name for path in sources() if re.search(pattern, path.read_text("utf-8"))]


def lock() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    return found


def test_both_languages_say_the_same_things() -> None:
    zh, en = words("zh"), words("en")
    assert list(zh) == list(en)
    assert [key for key in zh if not zh[key].strip() or not en[key].strip()] == []


def test_no_chinese_stands_in_the_english_words() -> None:
    assert {key: said for key, said in words("en").items() if HAN.search(said)} == {}


def test_chinese_words_use_chinese_punctuation() -> None:
    mixed = re.compile(r"[\u4e00-\u9fff](?:[,;?()]|:(?!\d))")
    assert {key: said for key, said in words("zh").items() if mixed.search(said)} == {}


def test_a_text_has_the_same_places_in_both_languages() -> None:
    zh, en = words("zh"), words("en")
    assert [key for key in zh if set(PLACES.findall(zh[key])) != set(PLACES.findall(en[key]))] == []


def test_every_text_the_pages_ask_for_exists() -> None:
    asked = set(re.findall(r"\bt\('([a-z_]+\.[a-z_]+)'", source()))
    assert len(asked) > 200
    assert sorted(asked - set(words("zh"))) == []


def test_no_text_is_left_that_no_page_asks_for() -> None:
    text = source()
    families = {first or second for first, second in BY_CODE.findall(text)}
    unasked = {key for key in words("zh") if key.split(".")[0] not in families} - set(BY_NAME.findall(text))
    assert sorted(unasked) == []


def test_what_a_page_says_stands_in_the_word_files() -> None:
    said = [path for path in sources() if HAN.search(path.read_text("utf-8"))]
    assert [path.name for path in said if path.name != "words.ts"] == []


def test_the_words_of_a_part_of_the_console_are_in_both_languages() -> None:
    own = [path.read_text("utf-8") for path in sources() if path.name == "words.ts"]
    assert len(own) > 2
    # The type makes every key of the one a key of the other.
    assert ["const en: Record<keyof typeof zh, string> = {" in text for text in own] == [True] * len(own)
    english = [re.split(r"^}$", text.split("const en: ")[1], maxsplit=1, flags=re.MULTILINE)[0] for text in own]
    assert [HAN.findall(text) for text in english] == [[]] * len(own)


@pytest.mark.parametrize(
    "stopped", [r"(?<![:\w-])style=\"", r"\bv-html\b", r"\binnerHTML\b", r"\beval\(", r"https?://"]
)
def test_nothing_stands_in_the_source_that_a_strict_content_policy_stops(stopped: str) -> None:
    # Vue turns a static style attribute into innerHTML, which `style-src 'self'` blocks; a bound :style is set by script.
    assert with_match(stopped) == []


@pytest.mark.parametrize("page", ["console.html", "preview.html"])
def test_a_page_holds_no_inline_script_or_style(page: str) -> None:
    html = (WEB / page).read_text("utf-8")
    assert re.findall(r"<style|\sstyle=|\son\w+=|https?://", html) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", html) == []


def test_the_session_is_kept_in_the_tab_alone() -> None:
    session = (WEB / "src" / "api" / "session.ts").read_text("utf-8")
    assert "sessionStorage.setItem(KEPT" in session
    assert "localStorage." not in session


def test_the_lock_names_no_registry() -> None:
    text = (WEB / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in text
    hosts = set(re.findall(r"https?://([^/\"]+)", text))
    assert hosts <= {"github.com", "opencollective.com", "tidelift.com"}, "only authors' funding links stay in a lock"
    assert [at for at, held in lock()["packages"].items() if at and "integrity" not in held] == []


def test_the_lock_holds_the_native_parts_of_every_platform() -> None:
    packages = lock()["packages"]
    optional = [(at, name) for at, held in packages.items() for name in held.get("optionalDependencies", {})]
    assert len(optional) > 20
    missing = [
        (at, name)
        for at, name in optional
        if f"node_modules/{name}" not in packages and f"{at}/node_modules/{name}" not in packages
    ]
    assert missing == []


def test_the_package_pins_exact_versions_and_its_lock_follows() -> None:
    package = json.loads((WEB / "package.json").read_text("utf-8"))
    named = package["dependencies"] | package["devDependencies"]
    assert {name: pin for name, pin in named.items() if not re.fullmatch(r"\d+\.\d+\.\d+", pin)} == {}
    packages = lock()["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in named} == named
    assert "omit-lockfile-registry-resolved=true" in (WEB / ".npmrc").read_text("utf-8")


def test_what_is_built_is_not_kept() -> None:
    assert {"node_modules/", "dist/"} <= set((WEB / ".gitignore").read_text("utf-8").split())
