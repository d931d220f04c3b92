"""What a page shows, read off the browser: words that are not Chinese, text too faint to read."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page

ALLOWED = frozenset(
    {
        *("Word", "Excel", "PDF", "JSON", "CSV", "ODT", "RTF", "OFD", "OCR", "API", "AI", "MB"),
        *("OpenAI", "DeepSeek", "GLM", "Ollama", "vLLM", "llama", "cpp", "server", "Tesseract"),
        *("docx", "doc", "pdf", "txt", "xlsx", "yaml", "jsonl", "rerank", "nDCG", "MRR", "KB"),
    }
)
"""Names of formats, products and measures that have no Chinese."""
_WORD = re.compile(r"[A-Za-z]{2,}")

_VISIBLE = """
const seen = e => { const r = e.getBoundingClientRect(), s = getComputedStyle(e);
  return r.width > 0 && r.height > 0 && s.visibility !== "hidden" && s.opacity !== "0" &&
    parseFloat(s.fontSize) > 0; };
"""
_TEXTS = (
    "() => {"
    + _VISIBLE
    + """
const skip = "script,style,code,textarea,[data-testid=stIconMaterial],[data-testid=stCode]";
const out = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const e = walk.currentNode.parentElement;
  if (!e || e.closest(skip) || !seen(e)) continue;
  out.push(walk.currentNode.textContent.trim());
}
for (const e of document.querySelectorAll("[aria-label],[title],[placeholder],[alt]"))
  if (!e.closest("code"))
    for (const a of ["aria-label", "title", "placeholder", "alt"])
      out.push(e.getAttribute(a) || "");
return out; }"""
)
_FAINT = (
    "() => {"
    + _VISIBLE
    + """
const rgb = c => { const cv = window.__cv || (window.__cv = document.createElement("canvas")
    .getContext("2d", {willReadFrequently: true}));
  cv.clearRect(0, 0, 1, 1); cv.fillStyle = c; cv.fillRect(0, 0, 1, 1);
  return [...cv.getImageData(0, 0, 1, 1).data]; };
const over = (top, under) => { const a = top[3] / 255;
  return [0, 1, 2].map(i => top[i] * a + under[i] * (1 - a)).concat(255); };
const ground = e => { const stack = [];
  for (let p = e; p; p = p.parentElement) { const c = rgb(getComputedStyle(p).backgroundColor);
    if (c[3]) { stack.push(c); if (c[3] === 255) break; } }
  return stack.reverse().reduce((under, top) => over(top, under),
    rgb(getComputedStyle(document.querySelector(".stApp")).backgroundColor)); };
const light = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255;
  return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const alpha = e => { let a = 1; for (let p = e; p; p = p.parentElement)
  a *= parseFloat(getComputedStyle(p).opacity); return a; };
const out = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const text = walk.currentNode.textContent.trim(), e = walk.currentNode.parentElement;
  if (!text || !e || e.closest("script,style,.sheet") || !seen(e)) continue;
  if (e.closest("[disabled],[aria-disabled=true],[aria-hidden=true]")) continue;
  const s = getComputedStyle(e), under = ground(e), ink = rgb(s.color);
  ink[3] *= alpha(e);
  if (!ink[3]) continue;
  const [a, b] = [light(over(ink, under)), light(under)].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05), size = parseFloat(s.fontSize);
  const large = size >= 24 || (size >= 18.66 && parseInt(s.fontWeight) >= 700);
  if (ratio < (large ? 3 : 4.5))
    out.push([Math.round(ratio * 100) / 100, text.slice(0, 30),
      (e.closest("[class*=st-key-],[data-testid]") || e).className.toString().slice(0, 60)]);
}
return out; }"""
)


def foreign_words(page: Page, *, besides: str = "") -> list[str]:
    """Give texts and labels of a page that hold Latin words which are no names; sorted."""
    found = []
    for text in page.evaluate(_TEXTS):
        words = set(_WORD.findall(str(text)))
        if words - ALLOWED - set(_WORD.findall(besides)):
            found.append(str(text))
    return sorted(set(found))


def faint_texts(page: Page) -> list[Any]:
    """Give (contrast, text, where) of texts below 4.5, or below 3 where they are large."""
    return list(page.evaluate(_FAINT))
