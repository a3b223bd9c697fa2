"""Rules for single parameters, shared by the operations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from akool_contract.oracle.verdict import Judgement

HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}(?::\d{1,5})?")
REST = re.compile(r"(?:[/?#][!-~]*)?")
NUMBER = r"-?\d{1,5}(?:\.\d{1,6})?"
OPTS = re.compile(rf"{NUMBER},{NUMBER}(?::{NUMBER},{NUMBER}){{3}}")
NO_PATH = re.compile(r"data:.*|https?://|https?://\S+\s+\S.*", re.IGNORECASE | re.DOTALL)
"""Texts like URLs that the contract's pattern surely forbids: inline data, no host, spaces."""
LONG = 2_000
NULL_HOOK = "webhookUrl is null"
MISSING = object()

Body = dict[str, Any]


def url_kind(text: str) -> str:
    """Good (surely a valid web address), bad (surely not), or open."""
    if not text.strip():
        return "bad"
    head, mark, rest = text.partition("://")
    if mark and head.lower() in ("http", "https"):
        host = re.match(r"[^/?#]*", rest)
        name = host.group() if host else ""
        plain = HOST.fullmatch(name) and REST.fullmatch(rest[len(name) :]) and len(text) < LONG
        return "good" if plain else "open"
    if text != text.strip() or text.lower().startswith(("data:", "http:", "https:", "//")):
        return "open"
    return "bad"


def is_loopback(text: str) -> bool:
    """Whether the address is this machine's."""
    try:
        return (urlsplit(text).hostname or "") in ("127.0.0.1", "localhost", "::1")
    except ValueError:
        return False


def web_address(value: object, name: str, found: Judgement, *, strict: bool) -> None:
    """An address. `strict`: the documentation says that others than http(s) are rejected."""
    if value is MISSING:
        found.breaks("required", f"{name} is missing")
    elif value is None or value == "":
        found.breaks("not-empty", f"{name} is empty")
    elif not isinstance(value, str):
        found.breaks("type", f"{name} is not a string")
    else:
        kind = url_kind(value)
        if strict and (kind == "bad" or NO_PATH.fullmatch(value)):
            found.breaks("path-is-url", f"{name} is not an http(s) URL")
        elif kind != "good":
            found.open(f"{name} may not be a valid URL")


def choice(body: Body, name: str, values: tuple[str, ...], found: Judgement) -> None:
    """An optional string with documented values."""
    value = body.get(name, MISSING)
    if value is MISSING or (isinstance(value, str) and value in values):
        return
    if value in (None, ""):
        found.open(f"{name} is empty")
    elif isinstance(value, str):
        found.breaks("enum", f"{name} is none of {', '.join(values)}")
    else:
        found.breaks("type", f"{name} is not a string")


def flag(body: Body, name: str, found: Judgement, *, strict: bool = False) -> bool:
    """A boolean; returns its value (False if unclear). `strict`: documented as required."""
    value = body.get(name, MISSING)
    if value is MISSING:
        return False
    if value is None:
        found.open(f"{name} is null")
        return False
    if not strict and (value in ("", "true", "false") or (type(value) is int and value in (0, 1))):
        found.open(f"{name} is a boolean in another type")
        return False
    if not isinstance(value, bool):
        found.breaks("type", f"{name} is not a boolean")
        return False
    return value


def switch(body: Body, name: str, found: Judgement) -> None:
    """V3's 0/1 switch."""
    value = body.get(name, MISSING)
    if value is MISSING or (type(value) is int and value in (0, 1)):
        return
    if value is None or isinstance(value, bool) or value in ("0", "1", "", 0, 1):
        found.open(f"{name} is 0 or 1 in another type")
    elif type(value) is int:
        found.breaks("enum", f"{name} is neither 0 nor 1")
    else:
        found.breaks("type", f"{name} is not an integer")


def webhook(body: Body, found: Judgement) -> None:
    """webhookUrl: a string, and empty for none; that null is taken was seen in one client only."""
    value = body.get("webhookUrl", "")
    if value == "":
        return
    if value is None:
        found.open(NULL_HOOK)
        return
    if not isinstance(value, str):
        found.breaks("type", "webhookUrl is not a string")
    elif url_kind(value) != "good" and not is_loopback(value):
        found.open("webhookUrl may not be a valid URL")


def unknown_fields(body: Body, known: set[str], found: Judgement) -> None:
    """Fields that nobody documented."""
    extra = sorted(set(body) - known)
    if extra:
        found.open(f"unknown parameter {extra[0]}")


def faces(body: Body, name: str, found: Judgement) -> list[Any]:
    """An array of faces; the elements, for the rules over several."""
    value = body.get(name, MISSING)
    if value is MISSING:
        found.breaks("required", f"{name} is missing")
    elif value is None or value == []:
        found.breaks("not-empty", f"{name} is empty")
    elif not isinstance(value, list):
        found.breaks("type", f"{name} is not an array")
    else:
        for index, item in enumerate(value):
            _face(item, f"{name}[{index}]", found)
        return value
    return []


def _face(item: object, name: str, found: Judgement) -> None:
    if not isinstance(item, dict):
        found.breaks("type", f"{name} is not an object")
        return
    web_address(item.get("path", MISSING), f"{name}.path", found, strict=True)
    opts = item.get("opts", MISSING)
    if opts is None:
        found.open(f"{name}.opts is null")
    elif opts is not MISSING and not isinstance(opts, str):
        found.breaks("opts-is-string", f"{name}.opts is not a string")
    elif isinstance(opts, str) and not OPTS.fullmatch(opts):
        found.open(f"{name}.opts is not four points")
    unknown_fields(item, {"path", "opts"}, found)


def opts_when_many(lists: tuple[list[Any], ...], found: Judgement) -> None:
    """Opts on every element once either array is longer than one."""
    if not any(len(items) > 1 for items in lists):
        return
    for items in lists:
        for item in items:
            if isinstance(item, dict) and "opts" not in item:
                found.breaks("opts-required-when-many", "an element has no opts")
                return
