"""The official description of the protocol as something to hold answers against.

Read from `SEGUE_REFERENCE/opensubsonic` at test time. JSON answers are validated with the schema of their endpoint's
success. XML answers are validated with the XSD of Subsonic 1.16.1, which knows nothing of OpenSubsonic: attributes and
elements it has never heard of are taken out first, so what remains to be found is only what is missing or ill-typed.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from lxml import etree
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

XS = "{http://www.w3.org/2001/XMLSchema}"
NAMESPACE = "{http://subsonic.org/restapi}"

TYPE_BY_XSD_OVERRULED_BY_OPENAPI = {("playQueue", "current")}
"""The XSD wants an xs:int where OpenSubsonic says that ids are strings; the newer one counts."""


class Specification:
    """The description below one folder."""

    def __init__(self, folder: Path) -> None:
        self.openapi = folder / "openapi"
        self._xsd = etree.parse(folder / "subsonic-rest-api-1.16.1.xsd").getroot()
        self._xml_schema = etree.XMLSchema(self._xsd)
        self._types = {node.get("name"): node for node in self._xsd.iter(f"{XS}complexType")}

    @cached_property
    def endpoints(self) -> list[str]:
        """The names of the methods, sorted."""
        return sorted(path.name.removesuffix(".json") for path in (self.openapi / "endpoints").glob("*.json"))

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the names and the text of every file of the OpenAPI description."""
        digest = hashlib.sha256()
        for path in sorted(self.openapi.rglob("*.json")):
            digest.update(path.relative_to(self.openapi).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def required_parameters(self, method: str) -> list[str]:
        """The names of the parameters that a GET of the method cannot do without."""
        described = json.loads((self.openapi / "endpoints" / f"{method}.json").read_text())
        return [p["name"] for p in described.get("get", {}).get("parameters", []) if p.get("required")]

    def json_problems(self, method: str, answer: dict[str, Any]) -> list[str]:
        """What the schema of this method's success finds wrong with an answer."""
        reference = self._success_schema(method)
        validator = Draft202012Validator(
            {"$ref": reference}, registry=self._registry, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        body = answer["subsonic-response"]
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]

    def failure_problems(self, answer: dict[str, Any]) -> list[str]:
        """What the schema of a failure finds wrong with an answer."""
        path = self.openapi / "schemas/SubsonicResponse/SubsonicFailureResponse.json"
        validator = Draft202012Validator({"$ref": path.as_uri()}, registry=self._registry)
        return [
            f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(answer["subsonic-response"])
        ]

    def xml_problems(self, answer: bytes) -> list[str]:
        """What the XSD finds missing or ill-typed in an answer."""
        root = etree.fromstring(answer)
        self._prune(root, self._types["Response"])
        self._xml_schema.validate(root)
        return [str(error.message) for error in self._xml_schema.error_log]

    @cached_property
    def _registry(self) -> Registry[Any]:
        resources = [
            (path.as_uri(), Resource(json.loads(path.read_text()), DRAFT202012))
            for path in self.openapi.rglob("*.json")
        ]
        return Registry().with_resources(resources)

    def _success_schema(self, method: str) -> str:
        described_in = self.openapi / "endpoints" / f"{method}.json"
        described = json.loads(described_in.read_text())
        ok = next(iter(described.values()))["responses"]["200"]
        if "$ref" in ok:
            return (self.openapi / "schemas/SubsonicResponse/SubsonicSuccessResponse.json").as_uri()
        file = (described_in.parent / ok["content"]["application/json"]["schema"]["$ref"]).resolve()
        body = json.loads(file.read_text())["properties"]["subsonic-response"]
        success = next(option["$ref"] for option in body["oneOf"] if "Failure" not in option["$ref"])
        return (file.parent / success).resolve().as_uri()

    def _prune(self, node: Any, described: Any) -> None:
        """Take out of `node` what its type in the XSD does not mention."""
        attributes, children = self._members(described)
        tag = etree.QName(node).localname
        for name in list(node.attrib):
            if name not in attributes or (tag, name) in TYPE_BY_XSD_OVERRULED_BY_OPENAPI:
                del node.attrib[name]
        for child in list(node):
            kind = children.get(etree.QName(child).localname)
            if kind is None:
                node.remove(child)
            elif kind.startswith("sub:"):
                self._prune(child, self._types[kind.removeprefix("sub:")])

    def _members(self, described: Any) -> tuple[set[str], dict[str, str]]:
        attributes: set[str] = set()
        children: dict[str, str] = {}
        for extension in described.iter(f"{XS}extension"):
            inherited, below = self._members(self._types[extension.get("base").removeprefix("sub:")])
            attributes |= inherited
            children |= below
        attributes |= {node.get("name") for node in described.iter(f"{XS}attribute")}
        children |= {node.get("name"): node.get("type") for node in described.iter(f"{XS}element")}
        return attributes, children
