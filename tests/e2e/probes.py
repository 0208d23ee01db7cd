"""What is measured on every page: axe, targets, width, language, headings."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.patience import WAIT_MS

FACES = Path(__file__).resolve().parents[2] / "miniapp_stub"


@cache
def axe() -> str:
    """axe-core's source. Injected by evaluation it is not stopped by the page's policy."""
    places = [FACES / face / "node_modules/axe-core/axe.min.js" for face in ("citizen", "web")]
    return next(place for place in places if place.is_file()).read_text("utf-8")


AXE = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .map(v => `${v.id}: ${v.nodes[0].html.slice(0, 160)} (${v.nodes.length})`)"""

SHOWN = """const shown = e => { const r = e.getBoundingClientRect();
    return r.width > 1 && r.height > 1 && getComputedStyle(e).visibility !== 'hidden' && !e.closest('.hh-quiet') };"""

PRESSED = "button, a[href], input, textarea, [role=button], [role=link], [role=radio], [role=checkbox]"

# MIIT's general design rules for elder-friendly apps, 2021: 44 × 44 at least, 60 × 60 for the large-print version.
TARGETS = f"""least => {{ {SHOWN} return [...document.querySelectorAll('{PRESSED}')].filter(shown)
    .map(e => [e, e.getBoundingClientRect()]).filter(([, r]) => r.width < least - .5 || r.height < least - .5)
    .map(([e, r]) => `${{(e.getAttribute('aria-label') || e.innerText || e.id).slice(0, 24)}} ${{r.width}}×${{r.height}}`) }}"""

WIDE = f"""width => {{ {SHOWN} return [...document.querySelectorAll('body *')]
    .filter(e => shown(e) && e.getBoundingClientRect().right > width + 1)
    .map(e => `${{e.className}} ${{e.innerText?.slice(0, 20)}} → ${{Math.round(e.getBoundingClientRect().right)}}`) }}"""

CHINESE = f"""() => {{ {SHOWN} const found = [];
    const han = {{test: words => /[\\u3400-\\u9fff]/.test(words.replace(/[\\u3400-\\u9fff]\\*+[\\u3400-\\u9fff]?/g, ''))}};  // but 吴*轩
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {{ const at = walk.currentNode;
      if (han.test(at.data) && shown(at.parentElement) && !at.parentElement.closest('[lang=zh-CN]')) found.push(at.data); }}
    for (const e of document.querySelectorAll('[aria-label], [placeholder], [alt]'))
      for (const a of ['aria-label', 'placeholder', 'alt'])
        if (han.test(e.getAttribute(a) || '') && !e.closest('[lang=zh-CN]')) found.push(`${{a}}=${{e.getAttribute(a)}}`);
    return found }}"""

HEADINGS = f"""() => {{ {SHOWN} const n = [...document.querySelectorAll('h1, [role=heading][aria-level="1"]')].filter(shown).length;
    return n === 1 ? [] : [`${{n}} headings of level one`] }}"""

# The skeleton is drawn after 200 ms; the words "loading" are there for screen readers from the beginning.
STILL = """page => (!page || document.querySelector(`uni-page[data-page="${page}"]`))
    && document.querySelector('[data-heading], main h1')
    && ![...document.querySelectorAll('[role=status]')].some(e => /^(加载中|正在加载|Loading)/.test(e.textContent.trim()))"""

# Drawn on the element or, for a field in a frame, around the frame: at least two pixels.
RING = """() => { const frames = [document.activeElement, document.activeElement.parentElement, document.activeElement.parentElement?.parentElement];
    return frames.filter(e => e).map(e => getComputedStyle(e)).some(s => (s.outlineStyle === 'solid' && parseFloat(s.outlineWidth) >= 2)
      || [...s.boxShadow.matchAll(/0px 0px 0px (\\d+)px/g)].some(([, spread]) => spread >= 2)) }"""

RESTED = """Promise.allSettled(document.getAnimations().filter(a => a.effect.getTiming().iterations < 9).map(a => a.finished))"""


async def settled(page: Page, route: str = "") -> None:
    """The page (`route`: and no other) has what it asked for, and nothing is moving."""
    await page.wait_for_function(STILL, arg=route, timeout=WAIT_MS)
    await page.wait_for_load_state("networkidle")
    await page.evaluate(RESTED)


async def faults(page: Page, *, least: int, english: bool = False) -> list[str]:
    """Everything wrong with the page as it stands; `least`: how large a target must be, in pixels."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(axe())
    found: list[Any] = await page.evaluate(AXE)
    found += [f"small: {one}" for one in await page.evaluate(TARGETS, least)]
    found += await page.evaluate(HEADINGS)
    if english:
        found += [f"Chinese: {one}" for one in await page.evaluate(CHINESE)]
    return found
