"""The documented request rules of the four submits, read from the facts, by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akool_contract_proof.reference.variant import Variant

MAX_FACES = 8
MAX_PRO = 50
NUMBER = r"-?\d+(\.\d+)?"
OPTS = re.compile(rf"{NUMBER},{NUMBER}(:{NUMBER},{NUMBER}){{3,}}")


class RuleError(Exception):
    """A request that the documentation forbids; `code` is the business code of the refusal."""

    def __init__(self, text: str, code: int = 1003) -> None:
        super().__init__(text)
        self.code = code


def _require(ok: object, text: str, code: int = 1003) -> None:
    if not ok:
        raise RuleError(text, code)


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    _require(isinstance(value, str) and value, f"{name} must be a string that is not empty")
    return str(value)


def _web(value: object, name: str) -> str:
    text = value if isinstance(value, str) else ""
    url = re.fullmatch(r"https?://[^\s/]+\S*", text, re.IGNORECASE)
    _require(url, f"{name} must be an http(s) URL")
    return text


def _url(body: dict[str, Any], name: str, variant: Variant) -> str:
    value = _text(body, name)
    return _web(value, name) if variant.strict_urls else value


def _faces(body: dict[str, Any], name: str, variant: Variant) -> list[dict[str, Any]]:
    value = body.get(name)
    if not isinstance(value, list) or not value:
        raise RuleError(f"{name} must be a list that is not empty")
    for item in value:
        _require(isinstance(item, dict), f"{name} must hold objects")
        _web(item.get("path"), f"{name}.path")
        opts = item.get("opts")
        if opts is not None:
            _require(isinstance(opts, str), f"{name}.opts must be a string")
            if variant.strict_opts and opts:
                _require(OPTS.fullmatch(opts), f"{name}.opts must be x,y:x,y:x,y:x,y")
    return value


def _opts_rule(*lists: list[dict[str, Any]]) -> None:
    if any(len(faces) > 1 for faces in lists):
        for faces in lists:
            _require(all(f.get("opts") for f in faces), "opts is required on every element")


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise RuleError(f"{name} must be a boolean")
    return value


def _common(body: dict[str, Any], known: set[str], variant: Variant) -> None:
    hook = body.get("webhookUrl", "")
    _require(hook is None or isinstance(hook, str), "webhookUrl must be a string")
    if variant.strict_unknown_fields:
        _require(set(body) <= known | {"webhookUrl"}, "unknown parameter")


def check_v3(body: dict[str, Any], target: str, variant: Variant) -> str:
    """Checks an image or video swap; answers the address of what is to be changed."""
    _common(body, {"sourceImage", "targetImage", "face_enhance", target}, variant)
    url = _url(body, target, variant)
    enhance = body.get("face_enhance", 0)
    _require(not isinstance(enhance, bool) and enhance in (0, 1), "face_enhance must be 0 or 1")
    source, old = _faces(body, "sourceImage", variant), _faces(body, "targetImage", variant)
    _require(max(len(source), len(old)) <= MAX_FACES, "more than 8 faces", 1007)
    _require(len(source) == len(old), "sourceImage and targetImage must correspond")
    _opts_rule(source, old)
    return url


def check_pro(body: dict[str, Any], variant: Variant) -> str:
    """Checks Face Swap Pro; answers the address of what is to be changed."""
    known = {"sourceImage", "targetImage", "face_enhance", "single_face_mode", "model_name"}
    _common(body, known, variant)
    source, old = _faces(body, "sourceImage", variant), _faces(body, "targetImage", variant)
    longest = max(len(source), len(old))
    _require(longest <= MAX_PRO, "at most 50 faces")
    _require(longest <= MAX_FACES or variant.pro_over_8 == "accept", "more than 8 faces", 1007)
    model = body.get("model_name", "akool_faceswap_image_hq")
    _require(model == "akool_faceswap_image_hq", "model_name is unknown")
    _flag(body, "face_enhance")
    _flag(body, "single_face_mode")
    _opts_rule(source, old)
    return str(old[0]["path"])


def check_plus(body: dict[str, Any], variant: Variant) -> str:
    """Checks Face Swap Plus; answers the address of what is to be changed."""
    known = {"source_url", "target_url", "face_mapping", "single_face_mode", "model_style"}
    _common(body, known | {"face_enhance"}, variant)
    _url(body, "source_url", variant)
    url = _url(body, "target_url", variant)
    _flag(body, "face_enhance")
    style = body.get("model_style", "realistic")
    _require(style in ("realistic", "beautify", "lossless"), "model_style is unknown")
    single, mapping = _flag(body, "single_face_mode"), body.get("face_mapping")
    if mapping is None:
        _require(single, "face_mapping is required unless single_face_mode")
        return url
    _require(isinstance(mapping, list) and mapping, "face_mapping must be a list")
    _require(len(mapping) <= MAX_FACES, "more than 8 faces", 1007)
    _require(len(mapping) > 1 or variant.one_pair_mapping or single, "more than one pair needed")
    for pair in mapping:
        _require(isinstance(pair, dict), "face_mapping must hold objects")
        source, old = pair.get("source_face_info"), pair.get("target_face_info")
        _require(isinstance(source, dict) and source.get("face_url"), "source_face_info.face_url")
        _require(isinstance(old, dict), "target_face_info is required")
        for info in (source, old):
            _face_info(info)
    return url


def _face_info(info: dict[str, Any]) -> None:
    face, box = info.get("face_url"), info.get("bbox")
    if face is not None:
        _web(face, "face_url")
    if box is not None:
        numbers = isinstance(box, list) and all(
            isinstance(n, (int, float)) and not isinstance(n, bool) for n in box
        )
        _require(numbers and len(box) == 4, "bbox must be four numbers")  # noqa: PLR2004 - documented
