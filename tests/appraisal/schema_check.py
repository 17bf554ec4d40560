"""A small validator for the parts of JSON Schema that `card.schema.json` uses; an unknown keyword is an error of the schema."""

from __future__ import annotations

import re
from typing import Any

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
SEEN = {
    "$schema", "$defs", "$ref", "title", "description", "type", "const", "enum", "anyOf", "properties", "required",
    "additionalProperties", "items", "minItems", "maxItems", "minLength", "pattern",
}  # fmt: skip


def faults(value: Any, schema: Any, root: dict[str, Any], where: str = "card") -> list[str]:
    """Everything in which a value does not fit a schema."""
    unknown = set(schema) - SEEN
    if len(unknown) > 0:
        return [f"{where}: the schema has unknown keywords {sorted(unknown)}"]
    if "$ref" in schema:
        return faults(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, where)
    own = _own_faults(value, schema, root, where)
    if len(own) > 0 or "anyOf" in schema:
        return own
    return [*_text(value, schema, where), *_array(value, schema, root, where), *_object(value, schema, root, where)]


def _own_faults(value: Any, schema: Any, root: dict[str, Any], where: str) -> list[str]:
    """Faults of the value itself."""
    if "anyOf" in schema:
        every = [faults(value, each, root, where) for each in schema["anyOf"]]
        return [] if any(len(each) == 0 for each in every) else every[0]
    if "const" in schema and value != schema["const"]:
        return [f"{where}: {value!r} is not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is not one of {schema['enum']}"]
    if "type" in schema and not any(_is(value, kind) for kind in _listed(schema["type"])):
        return [f"{where}: {value!r} is not {schema['type']}"]
    return []


def _listed(kinds: str | list[str]) -> list[str]:
    return [kinds] if isinstance(kinds, str) else kinds


def _is(value: Any, kind: str) -> bool:
    if kind in {"number", "integer"}:
        fits = (int, float) if kind == "number" else int
        return isinstance(value, fits) and not isinstance(value, bool)
    return isinstance(value, TYPES[kind])


def _text(value: Any, schema: Any, where: str) -> list[str]:
    if not isinstance(value, str):
        return []
    short = len(value) < schema.get("minLength", 0)
    odd = "pattern" in schema and re.search(schema["pattern"], value) is None
    return [f"{where}: {value!r} does not fit"] if short or odd else []


def _array(value: Any, schema: Any, root: dict[str, Any], where: str) -> list[str]:
    if not isinstance(value, list):
        return []
    found = []
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        found.append(f"{where}: {len(value)} items")
    for place, each in enumerate(value):
        found += faults(each, schema.get("items", {}), root, f"{where}[{place}]")
    return found


def _object(value: Any, schema: Any, root: dict[str, Any], where: str) -> list[str]:
    if not isinstance(value, dict):
        return []
    found = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, each in value.items():
        if name in properties:
            found += faults(each, properties[name], root, f"{where}.{name}")
        elif others is False:
            found.append(f"{where}: {name} is unknown")
        elif others is not True:
            found += faults(each, others, root, f"{where}.{name}")
    return found
