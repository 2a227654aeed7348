"""Writes the API reference of a component as Markdown, from its sources, without importing them."""

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from catalog.files import write_whole
from catalog.model import CatalogError, Component

LINE_LENGTH = 80
# Text that Markdown, HTML or MDX would take for markup; what stands in back-ticks is left alone.
CODE = re.compile(r"(`+).+?\1", re.DOTALL)
MARKUP = str.maketrans({"<": "&lt;", "{": "&#123;", "}": "&#125;", "*": "\\*", "_": "\\_", "[": "\\[", "]": "\\]"})
ROLE = re.compile(r":[a-z:]+:(?=`)")


class References:
    """What the docstrings of components say, kept in a file for as long as the sources are the same."""

    def __init__(self, file: Path, components: list[Component]) -> None:
        self.file = file
        try:
            before = json.loads(file.read_bytes())
        except (OSError, ValueError):  # the first time, or cut short
            before = {}
        self.kept = {component.path: {"digest": _digest(component)} for component in components}
        stale = [one for one in components if before.get(one.path, {}).get("digest") != self.kept[one.path]["digest"]]
        for component, text in zip(stale, _references(stale), strict=True):
            before[component.path] = {"text": text}
        for path, kept in self.kept.items():
            kept["text"] = before[path]["text"]

    def of(self, component: Component) -> str:
        return self.kept[component.path]["text"]

    def save(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.file, json.dumps(self.kept))


def _references(components: list[Component]) -> list[str]:
    """The references of components, made on all processors when there are many."""
    if len(components) < 40:
        return list(map(reference, components))
    with ProcessPoolExecutor() as pool:
        return list(pool.map(reference, components, chunksize=8))


def _digest(component: Component) -> str:
    """What the reference depends on: the component's modules, and how they are read."""
    modules = sorted(component.package_folder.rglob("*.py"))
    parts = [each for module in modules for each in (module.name.encode(), module.read_bytes())]
    return hashlib.sha256(b"\0".join([_own_code(), *parts])).hexdigest()


def reference(component: Component) -> str:
    """The section of a component's page about what it exports, empty when it exports nothing."""
    griffe = _griffe()
    source = component.folder / "src"
    loader = griffe.GriffeLoader(
        search_paths=[source],
        extensions=griffe.load_extensions(),
        docstring_parser=griffe.Parser.numpy,
        docstring_options={"warnings": False},
        allow_inspection=False,
    )
    try:
        module = loader.load(component.package)
    except (ImportError, KeyError, SyntaxError, griffe.LoadingError) as error:
        # It passes over modules that are no Python, and then misses them.
        reason = f"no valid Python in {error}" if isinstance(error, KeyError) else str(error).splitlines()[0]
        raise CatalogError(f"{component.path}: its documentation cannot be read ({reason})") from None
    names = module.exports or []
    return "\n\n".join(part for name in map(str, names) for part in _object(name, _find(module, name, component)))


@cache
def _own_code() -> bytes:
    return Path(__file__).read_bytes()


def _griffe():
    try:
        import griffe
    except ImportError:
        raise CatalogError("the reference is read by griffe, which is missing: uv pip install 'griffe>=2.4'") from None
    logging.getLogger("griffe").setLevel(logging.CRITICAL)  # of what lies outside of the component it knows nothing
    # It asks git about every package, which takes longer than reading it.
    griffe.GitInfo.from_package = classmethod(lambda cls, package: None)
    return griffe


def _find(module, name: str, component: Component):
    """What an exported name stands for, wherever the component defines it; None when another package does."""
    found = module.members.get(name)
    if found is None:  # a lazy export without TYPE_CHECKING: look for its definition
        places = [part for part in module.modules.values() if name in part.members and not part.members[name].is_alias]
        if not places:
            raise CatalogError(f"{component.path}: __all__ names {name}, which none of its modules defines")
        found = places[0].members[name]
    if not found.is_alias:
        return found
    inside = found.target_path.startswith(f"{module.path}.")
    return found.final_target if inside else None


def _object(name: str, found) -> Iterator[str]:
    """The heading, the signature and the documentation of an exported name, then those of its methods."""
    yield f"### {_plain(name)}"
    if found is None:
        yield "Comes from another package."
    elif found.is_class:
        yield _signature(name, found.parameters, first="class ")
        yield from _documentation(found)
        for method in _methods(found):
            yield from _function(f"{name}.{method.name}", method, heading="####")
    elif found.is_function:
        yield from list(_function(name, found, heading=""))[1:]
    else:
        value = getattr(found, "value", None)
        yield _as_signature(name, f" = {value}" if value is not None else "")
        yield from _documentation(found)


def _function(name: str, function, heading: str) -> Iterator[str]:
    yield f"{heading} {_plain(name)}"
    if "property" in function.labels:
        yield _as_signature(name, f": {function.annotation or function.returns}")
    else:
        yield _signature(name, function.parameters, returns=function.returns)
    yield from _documentation(function)


def _methods(found) -> Iterable:
    """The public methods and properties, with those of the component's own base classes."""
    members = dict(found.inherited_members)  # resolves base classes of this component only: no other is loaded
    members.update(found.members)
    for name, member in members.items():
        target = member.final_target if member.is_alias else member
        if name.startswith("_"):
            continue
        if target.is_function or (target.is_attribute and "property" in target.labels):
            yield target


def _signature(name: str, parameters: Iterable, returns: object = None, first: str = "") -> str:
    """A signature as one writes it, on one line where it fits."""
    written, star_seen, slash_due = [], False, False
    for parameter in parameters:
        kind = parameter.kind.value
        if parameter.name in ("self", "cls") and not written:
            continue
        if slash_due and kind != "positional-only":
            written.append("/")
        slash_due = kind == "positional-only"
        if kind == "keyword-only" and not star_seen:
            written.append("*")
        star_seen = star_seen or kind in ("keyword-only", "variadic positional")
        stars = {"variadic positional": "*", "variadic keyword": "**"}.get(kind, "")
        annotation = f": {parameter.annotation}" if parameter.annotation is not None else ""
        equals = " = " if annotation else "="
        default = f"{equals}{parameter.default}" if parameter.default is not None and not stars else ""
        written.append(f"{stars}{parameter.name}{annotation}{default}")
    end = f") -> {returns}" if returns is not None else ")"
    line = f"({', '.join(written)}{end}"
    if len(first + name + line) > LINE_LENGTH and written:
        line = "(\n" + "".join(f"    {each},\n" for each in written) + end
    return _as_signature(name, line, first)


def _as_signature(name: str, rest: str, first: str = "") -> str:
    """A signature in HTML: thousands of them would keep the highlighter of code busy for longer than all the rest."""
    return f'<pre class="signature"><code>{first}<b>{_entities(name)}</b>{_entities(rest)}</code></pre>'


def _entities(text: str) -> str:
    """Text that neither Markdown nor MDX takes for markup, with its line breaks."""
    return re.sub(r"[^\w ,.:;=()|'\"/@%+-]|_", lambda match: f"&#{ord(match[0])};", text)


def _documentation(found) -> Iterator[str]:
    for section in found.docstring.parsed if found.docstring else []:
        yield from _section(section)


def _section(section) -> Iterator[str]:
    kind, value = section.kind.value, section.value
    title = section.title or kind.capitalize()
    if kind == "text":
        yield as_prose(value)
    elif kind == "examples":
        yield f"**{title}**"
        for part, text in value:
            yield _code(text) if part.value == "examples" else as_prose(text)
    elif kind == "admonition":
        yield f"**{title}**"
        yield as_prose(value.description)
    elif kind == "deprecated":
        yield f"**Deprecated** since {value.version}: {as_prose(value.description)}"
    elif isinstance(value, list):
        yield f"**{title}**"
        yield "\n".join(_item(each) for each in value)


def _item(each) -> str:
    """One parameter, attribute, result or error: name and type, then what it is."""
    name = getattr(each, "name", "") or ""
    annotation = " ".join(str(each.annotation).split()) if getattr(each, "annotation", None) is not None else ""
    # A type in the words of the field is no code: it keeps its own back-ticks, if it has any.
    term = " : ".join(part for part in (f"`{name}`" if name else "", as_prose(annotation)) if part)
    text = as_prose(each.description or "").replace("\n", "\n  ")
    return f"- {term}\n\n  {text}\n".rstrip() + "\n"


def as_prose(text: str) -> str:
    """Text of a docstring as Markdown that means the same in `.md` and `.mdx`."""
    text = ROLE.sub("", text.strip())
    done, position = [], 0
    for code in CODE.finditer(text):
        done += [text[position : code.start()].translate(MARKUP), code[0]]
        position = code.end()
    return "".join([*done, text[position:].translate(MARKUP)])


def _plain(name: str) -> str:
    return name.replace("_", "\\_")


def _code(text: str) -> str:
    return f"```python\n{text}\n```"
