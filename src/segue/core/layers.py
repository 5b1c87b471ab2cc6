"""Settings that come from several places, the later ones winning, where each value can say which place it came from.

A model is nested pydantic models whose leaves are made with `setting(…)`. A layer is a flat table of dotted keys with, for
each, where a person wrote it, so that whatever is wrong can be named in one line: the place, the key, what is wrong with
it, and the nearest thing that would have been right.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, NoReturn, Union, get_args, get_origin

from pydantic import BaseModel, Field, SecretStr, TypeAdapter, ValidationError
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

from segue.core.errors import SegueError

DEFAULT = "default"
MASK = "********"


class SettingsError(SegueError):
    """A setting that cannot be used. The message is one line that names it; a program stops with exit code 2."""

    def __init__(self, message: str, *, code: str = "bad_setting", hint: str | None = None, **params: Any) -> None:
        super().__init__(code, " ".join(message.split()), hint=hint, **params)


class UnknownSetting(SettingsError):
    def __init__(self, written: str, where: str = "", near: str | None = None) -> None:
        place = f" ({where})" if where and where != written else ""
        meant = f" Did you mean {near}?" if near else ""
        super().__init__(
            f"There is no setting {written}{place}.{meant}", code="unknown_setting", key=written, near=near
        )


class WrongValue(SettingsError):
    def __init__(self, leaf: Leaf, value: Any, where: str, problem: str, near: str | None) -> None:
        name = f"{where} ({leaf.key})" if where and where != leaf.key else leaf.key
        shown = "this value" if leaf.secret else repr(value)
        meant = f" Did you mean {near}?" if near else ""
        super().__init__(f"{name} cannot be {shown}: {problem}{meant}", code="wrong_setting", key=leaf.key, near=near)
        self.problem = f"{problem}{meant}"


def setting(
    default: Any,
    description: str,
    *,
    editable: bool = True,
    restart: bool = True,
    hide: bool = False,
    **constraints: Any,
) -> Any:
    """A leaf of a settings model; a callable `default` is asked at every start.

    `editable` settings may be changed while running, in the settings table; `restart` says that a change counts from the
    next start; `hide` masks the value wherever settings are shown.
    """
    extra: JsonDict = {"editable": editable, "restart": restart, "hide": hide}
    if callable(default):
        return Field(default_factory=default, description=description, json_schema_extra=extra, **constraints)
    return Field(default, description=description, json_schema_extra=extra, **constraints)


@dataclass(frozen=True)
class Leaf:
    """One setting: its dotted key, its type, and what a person should know about it."""

    key: str
    info: FieldInfo

    @property
    def description(self) -> str:
        return self.info.description or ""

    @property
    def editable(self) -> bool:
        return bool(self._extra["editable"])

    @property
    def restart(self) -> bool:
        return bool(self._extra["restart"])

    @property
    def secret(self) -> bool:
        return bool(self._extra["hide"]) or SecretStr in self._alternatives

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(c for kind in self._alternatives if get_origin(kind) is Literal for c in get_args(kind))

    @property
    def type_name(self) -> str:
        """The type in words: `integer`, `true or false`, `text`, `list`, or the choices as `a, b or c`."""
        if self.choices:
            return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
        if self._is_list:
            return "list"
        names = {bool: "true or false", int: "integer", float: "number"}
        return next((names[kind] for kind in self._alternatives if kind in names), "text")

    def default(self) -> Any:
        """The default; a fresh one where it depends on the machine."""
        return self.info.get_default(call_default_factory=True)

    def validate(self, value: Any, where: str = "") -> Any:
        """`value` as the leaf's type. Raises WrongValue."""
        try:
            return self._adapter.validate_python(self._parsed(value))
        except ValidationError as error:
            first = error.errors()[0]
            raise WrongValue(self, value, where, self._sentence(first), self._near(value, first)) from None

    def shown(self, value: Any) -> Any:
        """`value` as JSON may show it: secrets masked, None where there is none."""
        if value is None:
            return None
        if self.secret:
            return masked_url(value) if isinstance(value, str) and "://" in value else MASK
        return self._adapter.dump_python(value, mode="json")

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        kind: Any = self.info.annotation
        return TypeAdapter(Annotated[kind, *self.info.metadata] if self.info.metadata else kind)

    @cached_property
    def _alternatives(self) -> tuple[Any, ...]:
        kind = self.info.annotation
        return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)

    @property
    def _is_list(self) -> bool:
        return any(get_origin(kind) in (tuple, list) for kind in self._alternatives)

    @property
    def _extra(self) -> dict[str, Any]:
        assert isinstance(self.info.json_schema_extra, dict)
        return self.info.json_schema_extra

    def _parsed(self, value: Any) -> Any:
        """Text from the environment or a flag as what it stands for: a list is JSON, or words with commas between."""
        if not isinstance(value, str):
            return value
        if self._is_list:
            if value.lstrip().startswith("["):
                try:
                    return json.loads(value)
                except ValueError:
                    return value
            return [word.strip() for word in value.split(",") if word.strip()]
        return value.strip().lower() if self.choices else value

    def _sentence(self, problem: Mapping[str, Any]) -> str:
        if self.choices:
            return f"it must be {self.type_name}."
        if problem["type"] == "value_error":
            words = str(problem["ctx"]["error"])
            return words if words.endswith("?") else f"{words}."
        if problem["type"].endswith(("_parsing", "_type", "_from_float")):
            names = {"integer": "a whole number", "number": "a number", "text": "text", "list": "a list"}
            return f"it must be {names.get(self.type_name, self.type_name)}."
        words = str(problem["msg"]).removeprefix("Input should be ").removeprefix("a valid ")
        return f"it must be {words.split(', unable')[0]}."

    def _near(self, value: Any, problem: Mapping[str, Any]) -> str | None:
        if self.secret:
            return None
        if self.choices:
            return nearest(str(value).lower(), self.choices)
        if bool in self._alternatives:
            return nearest(str(value).lower(), ("true", "false", "yes", "no", "on", "off"))
        context = problem.get("ctx") or {}
        bound = context.get("ge", context.get("le"))
        return None if bound is None else str(bound)


def leaves_of(model: type[BaseModel]) -> dict[str, Leaf]:
    """Every leaf of `model` by its dotted key, in the order they are declared."""

    def walk(part: type[BaseModel], prefix: str) -> Iterator[Leaf]:
        for name, info in part.model_fields.items():
            kind = info.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from walk(kind, f"{prefix}{name}.")
            else:
                yield Leaf(f"{prefix}{name}", info)

    return {leaf.key: leaf for leaf in walk(model, "")}


@dataclass(frozen=True, slots=True)
class Written:
    """A value as someone wrote it, and where: `SEGUE_PORT`, `segue.yaml`, `--port`."""

    value: Any
    where: str


@dataclass(frozen=True, slots=True)
class Layer:
    """One place that settings come from. `lenient` layers drop what is wrong with `complain` instead of raising."""

    name: str
    values: Mapping[str, Written]
    complain: Callable[[SettingsError], None] | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """The winning values as nested dicts for the model, and which layer won for every leaf that has one."""

    tree: dict[str, Any]
    winners: dict[str, str]


def merge(leaves: Mapping[str, Leaf], layers: Sequence[Layer]) -> Merged:
    """The values of `layers`, later ones winning. Every value is checked, also one that loses.

    Raises UnknownSetting and WrongValue, except for layers that only complain.
    """
    tree: dict[str, Any] = {}
    winners: dict[str, str] = {}
    for layer in layers:
        for key, written in layer.values.items():
            try:
                if key not in leaves:
                    raise UnknownSetting(key, written.where, nearest(key, leaves))
                value = leaves[key].validate(written.value, written.where)
            except SettingsError as error:
                if layer.complain is None:
                    raise
                layer.complain(error)
                continue
            _put(tree, key.split("."), value)
            winners[key] = layer.name
    return Merged(tree, winners)


def flatten(document: Mapping[Any, Any], leaves: Mapping[str, Leaf], where: str) -> dict[str, Written]:
    """A nested document (of a YAML file) as a layer's values. A key that is no setting raises UnknownSetting."""
    branches = {key.rsplit(".", depth)[0] for key in leaves for depth in range(1, key.count(".") + 1)}
    values: dict[str, Written] = {}

    def walk(part: Mapping[Any, Any], prefix: str) -> None:
        for name, value in part.items():
            key = f"{prefix}{name}"
            if key in leaves:
                values[key] = Written(value, where)
            elif key in branches and isinstance(value, Mapping):
                walk(value, f"{key}.")
            elif key in branches and value is not None:
                raise SettingsError(f"{key} ({where}) is a group of settings, not one value.", key=key)
            elif key not in branches:
                raise UnknownSetting(key, where, nearest(key, [*leaves, *branches]))

    walk(document, "")
    return values


def from_environment(
    environ: Mapping[str, str],
    leaves: Mapping[str, Leaf],
    *,
    prefix: str,
    short: Mapping[str, str],
    ignored: Iterable[str],
) -> dict[str, Written]:
    """The settings in environment variables `PREFIX` + key with `__` for the dot; `short` names map to keys.

    An empty variable counts as absent (compose files write `${NAME:-}`). A secret may also be in a file named by its
    variable with `_FILE` behind it. Variables that begin with a member of `ignored` are somebody else's.
    """
    names = {f"{prefix}{key.replace('.', '__')}".upper(): key for key in leaves} | dict(short)
    passed_over = tuple(ignored)
    values: dict[str, Written] = {}
    for name, value in environ.items():
        if not name.startswith(prefix) or name.startswith(passed_over) or not value:
            continue
        key = names.get(name)
        if key is not None:
            values[key] = Written(value, name)
        elif (key := names.get(name.removesuffix("_FILE"))) and leaves[key].secret:
            values[key] = Written(_read_secret(name, value), name)
        else:
            raise UnknownSetting(name, near=nearest(name, names))
    return values


def masked_url(url: str) -> str:
    """`url` with its password replaced, for logs and pages."""
    head, at, tail = url.rpartition("@")
    scheme, slashes, user = head.partition("://")
    shown = f"{scheme}{slashes}{user.partition(':')[0]}:***@{tail}" if at and ":" in user else url
    before, question, query = shown.partition("?")
    kept = ["password=***" if pair.startswith("password=") else pair for pair in query.split("&")]
    return f"{before}{question}{'&'.join(kept)}"


def nearest(word: str, among: Iterable[str]) -> str | None:
    """The member of `among` that `word` is most likely a slip of, or None where none is near (under 60 of 100)."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(word, list(among), scorer=fuzz.ratio, score_cutoff=60)
    return found[0] if found else None


def _read_secret(name: str, path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        _refuse(f"{name}: the file {path} cannot be read ({error.__class__.__name__}).")


def _refuse(message: str) -> NoReturn:
    raise SettingsError(message) from None


def _put(tree: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value
