"""Turns links between the Markdown files of the repository into links between the pages of the site."""

import re
from pathlib import Path
from posixpath import dirname, normpath, relpath

from catalog.model import CatalogError

GUIDES = {"README.md": "", "CONTRIBUTING.md": "contributing"}  # what the site has a guide for
PICTURE_TYPES = (".svg", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif")
CODE = re.compile(r"^ *(```+|~~~+)[^\n]*\n.*?^ *\1[`~]*$|(?<!`)(`+)(?!`).*?(?<!`)\2(?!`)", re.DOTALL | re.MULTILINE)
# A link or a picture; the text of a link may hold a picture, and its target balanced parentheses.
LINK = re.compile(
    r"(?P<mark>!?)\[(?P<text>(?:[^\[\]]|!?\[[^\[\]]*\](?:\([^()]*\))?)*)\]"
    r"\((?P<target>(?:[^\s()]|\([^\s()]*\))+)(?P<title>\s+\"[^\"]*\")?\)"
)
DEFINITION = re.compile(r"(?m)^(?P<start> {0,3}\[[^\]]+\]: +)(?P<target>\S+)")


class Links:
    """Knows the page of every Markdown file, and remembers the pictures that pages show."""

    def __init__(self, root: Path, pages: dict[str, str], source: str | None) -> None:
        self.root, self.source = root, source.rstrip("/") if source else None
        self.places = GUIDES | pages
        for file, page in pages.items():
            if file.rsplit("/", 1)[-1].startswith("README."):
                self.places[dirname(file)] = page
        self.pictures: dict[str, Path] = {}  # their copies, relative to the folder of collected pictures

    def rewrite(self, file: str, page: str) -> str:
        """The Markdown of a file with links that hold on the page."""
        try:
            text = (self.root / file).read_text(encoding="utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise CatalogError(f"{file} is no UTF-8 text: save it as UTF-8.") from None
        code: list[str] = []
        text = CODE.sub(lambda match: code.append(match[0]) or f"\0{len(code) - 1}\0", text)
        text = self._rewrite_text(text, file, page)
        text = DEFINITION.sub(lambda match: match["start"] + (self._target(match["target"], file, page) or "#"), text)
        return re.sub(r"\0(\d+)\0", lambda match: code[int(match[1])], text)

    def between(self, page: str, other: str) -> str:
        """The relative link from one page to another; a page is a folder that ends with a slash."""
        return relpath(f"/{other}", f"/{page}") + "/"

    def address(self, path: str) -> str | None:
        """Where people look at a file or folder of the repository, when that is known."""
        return f"{self.source}/{path}" if self.source else None

    def _rewrite_text(self, text: str, file: str, page: str) -> str:
        def replaced(match: re.Match) -> str:
            inner = self._rewrite_text(match["text"], file, page)
            if match["mark"]:
                return f"![{inner}]({self._picture(match['target'], file, page)}{match['title'] or ''})"
            target = self._target(match["target"], file, page)
            # What the site does not hold, and nobody can look at, is named all the same.
            return f"[{inner}]({target}{match['title'] or ''})" if target else inner

        return LINK.sub(replaced, text)

    def _target(self, target: str, file: str, page: str) -> str | None:
        """The link on the page; None for what exists in the repository only."""
        path, hash_sign, anchor = target.partition("#")
        if not path or path.startswith("/") or re.match(r"[a-z][a-z0-9+.-]*:", path, re.IGNORECASE):
            return target
        place = self._place(path, file)
        if place in self.places:
            return self.between(page, self.places[place]) + hash_sign + anchor
        if place.endswith("/CHANGELOG.md") and dirname(place) in self.places:
            return self.between(page, self.places[dirname(place)]) + "#changelog"
        return self.address(place)

    def _picture(self, target: str, file: str, page: str) -> str:
        """The picture's copy beside the collected pages, which Astro takes from there."""
        if target.startswith(("http:", "https:", "//")):
            raise CatalogError(
                f"{file} shows {target}: keep pictures in the folder, pages fetch nothing from elsewhere."
            )
        place = self._place(target, file)
        if not place.lower().endswith(PICTURE_TYPES):
            raise CatalogError(f"{file} shows {target}, which is no picture: use {', '.join(PICTURE_TYPES)}.")
        self.pictures[place] = self.root / place
        return relpath(f"/src/assets/collected/{place}", dirname(f"/src/content/docs/{page}"))

    def _place(self, path: str, file: str) -> str:
        place = normpath(f"{dirname(file)}/{path}")
        if place.startswith("..") or not (self.root / place).exists():
            raise CatalogError(f"{file} links to {path}, which is not there: correct the link.")
        return place
