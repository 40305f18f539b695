"""Stripe's API description, read from the installed SDK's source.

Stripe generates the SDK from its OpenAPI document, so the TypedDicts (parameters), the StripeObject
classes (answers) and the services (paths) carry the same contract at the version the SDK pins. Only
the syntax tree is read; nothing of the SDK is imported or trusted to behave.
"""

import ast
import importlib.util
import re
from functools import cached_property
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
Place = tuple["Module", ast.ClassDef, tuple[ast.ClassDef, ...]]

_PLAIN: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "Decimal": {"type": "string"},
    "datetime": {"type": "string"},
    "Any": {},
    "object": {},
    "None": {"type": "null"},
    "StripeObject": {"type": "object"},
    "UntypedStripeObject": {"type": "object"},
    "ListObject": {"type": "object"},
    "dict": {"type": "object"},
    "Dict": {"type": "object"},
}
_STOP = {"RequestOptions", "StripeObject"}


def sdk_root() -> Path:
    spec = importlib.util.find_spec("stripe")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


class Module:
    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.tree = ast.parse(path.read_text())
        self.imports = {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stripe")
            for alias in node.names
        }
        self.aliases = {
            node.targets[0].id: node.value
            for node in self.tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }


class Description:
    """Schemas are built when first asked for and kept under `$defs`."""

    def __init__(self) -> None:
        self.root = sdk_root()
        self.defs: dict[str, Schema] = {}
        self._modules: dict[str, Module] = {}
        self.unresolved: set[str] = set()

    def module(self, name: str) -> Module:
        if name not in self._modules:
            base = self.root.parent.joinpath(*name.split("."))
            path = base.with_suffix(".py")
            self._modules[name] = Module(path if path.exists() else base / "__init__.py", name)
        return self._modules[name]

    @cached_property
    def version(self) -> str:
        source = (self.root / "_api_version.py").read_text()
        found = re.search(r'CURRENT = "([^"]+)"', source)
        assert found
        return found[1]

    # -- names ---------------------------------------------------------------------------------
    def find(self, name: str, module: Module, scope: tuple[ast.ClassDef, ...]) -> Place | None:
        first, *rest = name.split(".")
        for depth in range(len(scope), -1, -1):
            body = scope[depth - 1].body if depth else module.tree.body
            for node in body:
                if isinstance(node, ast.ClassDef) and node.name == first:
                    return self._inside(module, node, scope[:depth], rest)
        if first in module.imports:
            elsewhere, original = module.imports[first]
            return self.find(".".join([original, *rest]), self.module(elsewhere or "stripe"), ())
        return None

    def _inside(
        self, module: Module, node: ast.ClassDef, scope: tuple[ast.ClassDef, ...], rest: list[str]
    ) -> Place | None:
        for part in rest:
            scope = (*scope, node)
            inner = [n for n in node.body if isinstance(n, ast.ClassDef) and n.name == part]
            if not inner:
                return None
            node = inner[0]
        return module, node, scope

    # -- classes -------------------------------------------------------------------------------
    def reference(self, place: Place) -> Schema:
        module, node, scope = place
        name = ".".join([module.name, *(s.name for s in scope), node.name])
        if name not in self.defs:
            self.defs[name] = {}  # stops recursion
            self.defs[name] = self._class(place)
        return {"$ref": f"#/$defs/{name}"}

    def _class(self, place: Place) -> Schema:
        properties: dict[str, Schema] = {}
        required: list[str] = []
        object_name = self._absorb(place, properties, required)
        if object_name and "object" in properties:
            properties["object"] = {"const": object_name}
        return {
            "type": "object",
            "properties": properties,
            "required": sorted(set(required)),
            "additionalProperties": False,
        }

    def _absorb(
        self, place: Place, properties: dict[str, Schema], required: list[str]
    ) -> str | None:
        module, node, scope = place
        object_name: str | None = None
        for base in node.bases:
            found = self.find(ast.unparse(base), module, scope) if _named(base) else None
            if found and found[1].name not in _STOP and not found[1].name.endswith("APIResource"):
                self._absorb(found, properties, required)
        for line in node.body:
            if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name):
                continue
            field = line.target.id
            if field == "OBJECT_NAME" and isinstance(line.value, ast.Constant):
                object_name = str(line.value.value)
            if field.startswith("_") or ast.unparse(line.annotation).startswith("ClassVar"):
                continue
            schema, optional = self.annotation(line.annotation, module, (*scope, node))
            properties[field] = schema
            if not optional:
                required.append(field)
        return object_name

    # -- annotations ---------------------------------------------------------------------------
    def annotation(  # noqa: PLR0911 - one return for each kind of annotation
        self, hint: ast.expr, module: Module, scope: tuple[ast.ClassDef, ...]
    ) -> tuple[Schema, bool]:
        """The schema, and whether the field may be absent."""
        if isinstance(hint, ast.Constant):
            if hint.value is None:
                return {"type": "null"}, True
            return self.annotation(ast.parse(str(hint.value), mode="eval").body, module, scope)
        if isinstance(hint, ast.BinOp):
            return self._union([hint.left, hint.right], module, scope)
        if isinstance(hint, ast.Subscript):
            return self._generic(hint, module, scope)
        name = ast.unparse(hint)
        if name in _PLAIN:
            return dict(_PLAIN[name]), False
        found = self.find(name, module, scope)
        if found:
            return self.reference(found), False
        if name in module.aliases:
            return self.annotation(module.aliases[name], module, scope)
        self.unresolved.add(f"{module.name}:{name}")
        return {}, False

    def _generic(  # noqa: PLR0911 - one return for each kind of annotation
        self, hint: ast.Subscript, module: Module, scope: tuple[ast.ClassDef, ...]
    ) -> tuple[Schema, bool]:
        head = ast.unparse(hint.value)
        inner = hint.slice.elts if isinstance(hint.slice, ast.Tuple) else [hint.slice]
        if head in ("NotRequired", "Optional"):
            schema, _ = self.annotation(inner[0], module, scope)
            return (schema if head == "NotRequired" else _nullable(schema)), True
        if head == "Literal":
            return {"enum": [x.value for x in inner if isinstance(x, ast.Constant)]}, False
        if head == "Union":
            return self._union(inner, module, scope)
        last, _ = self.annotation(inner[-1], module, scope)
        if head in ("List", "list", "Sequence"):
            return {"type": "array", "items": last}, False
        if head in ("Dict", "dict", "Mapping", "UntypedStripeObject"):
            return {"type": "object", "additionalProperties": last}, False
        if head == "ExpandableField":
            return {"anyOf": [{"type": "string"}, last]}, False
        if head == "ListObject":
            return _listing(last, v2=module.name.startswith("stripe.v2")), False
        self.unresolved.add(f"{module.name}:{ast.unparse(hint)}")
        return {}, False

    def _union(
        self, parts: list[ast.expr], module: Module, scope: tuple[ast.ClassDef, ...]
    ) -> tuple[Schema, bool]:
        schemas = [self.annotation(part, module, scope)[0] for part in parts]
        null = {"type": "null"} in schemas
        schemas = [s for s in schemas if s != {"type": "null"}]
        enums = [s for s in schemas if "enum" in s and s["enum"] != [""]]
        if enums and {"type": "string"} in schemas:
            # an open list: Stripe may add words, this version's are the ones to be met
            schemas = [s for s in schemas if s != {"type": "string"}]
        whole = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        return (_nullable(whole), True) if null else (whole, False)

    # -- operations ----------------------------------------------------------------------------
    @cached_property
    def operations(self) -> dict[tuple[str, str], tuple[Schema | None, Schema]]:
        """(METHOD, path pattern) to the schemas of parameters and answer."""
        found: dict[tuple[str, str], tuple[Schema | None, Schema]] = {}
        for file in sorted(self.root.rglob("_*_service.py")):
            if _RELEVANT.search(str(file.relative_to(self.root))):
                parts = file.relative_to(self.root).with_suffix("").parts
                self._service(self.module("stripe." + ".".join(parts)), found)
        return found

    def _service(
        self, module: Module, found: dict[tuple[str, str], tuple[Schema | None, Schema]]
    ) -> None:
        for cls in (n for n in module.tree.body if isinstance(n, ast.ClassDef)):
            for function in (n for n in cls.body if isinstance(n, ast.FunctionDef)):
                call = _request_call(function)
                if call is None or function.returns is None:
                    continue
                method, path = call
                hints = [a.annotation for a in function.args.args if a.arg == "params"]
                params = (
                    self.annotation(_without_none(hints[0]), module, ())[0]
                    if hints and hints[0]
                    else None
                )
                answer, _ = self.annotation(function.returns, module, ())
                found[method.upper(), path] = (params, answer)


_RELEVANT = re.compile(
    r"^_(customer|customer_payment_method|payment_method|payment_intent|setup_intent|charge|refund"
    r"|balance|balance_transaction|balance_settings|event|transfer|transfer_reversal|payout|dispute"
    r"|account|account_login_link|webhook_endpoint)_service|^checkout/_session"
    r"|^v2/core/_(event|account|account_link|event_destination)_service"
)


def _named(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute)


def _without_none(hint: ast.expr) -> ast.expr:
    if isinstance(hint, ast.Constant):
        hint = ast.parse(str(hint.value), mode="eval").body
    if isinstance(hint, ast.Subscript) and ast.unparse(hint.value) == "Optional":
        hint = hint.slice
    return hint


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema


def _listing(item: Schema, *, v2: bool) -> Schema:
    data = {"type": "array", "items": item}
    if v2:
        url = {"type": ["string", "null"]}
        properties = {"data": data, "next_page_url": url, "previous_page_url": url}
        return {"type": "object", "properties": properties, "required": ["data"]}
    properties = {
        "object": {"const": "list"},
        "data": data,
        "has_more": {"type": "boolean"},
        "url": {"type": "string"},
        "total_count": {"type": "integer"},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": ["object", "data", "has_more", "url"],
        "additionalProperties": False,
    }


def _request_call(function: ast.FunctionDef) -> tuple[str, str] | None:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_request":
            method, path = node.args[0], node.args[1]
            if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute):
                path = path.func.value  # "...".format(...)
            if isinstance(method, ast.Constant) and isinstance(path, ast.Constant):
                return str(method.value), str(path.value)
    return None
